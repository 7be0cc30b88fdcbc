// Who calls flows by the clock: claims inbox rows, outbox rows and due tasks, in any number of processes.
#pragma once

#include <atomic>
#include <memory>

#include "billing/time.hpp"
#include "io/async.hpp"

namespace wefee::server {

struct App;

class Workers {
public:
    explicit Workers(App& app);
    ~Workers();

    /// Runs on the calling coroutine's loop until stop(). Never throws: what fails is logged and tried again.
    io::awaitable<void> run();
    /// Something was received or scheduled: look now. Any thread.
    void wake();
    /// Stops claiming; run() returns after what is under way.
    void stop();

    /// Does all that is due at the clock's time, also what other claimers hold (test clock).
    io::awaitable<void> drain();
    /// Claims and does one round; how many rows that were.
    io::awaitable<std::size_t> round();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace wefee::server
