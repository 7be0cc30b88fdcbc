// What is due when on the sandbox's clock: executions, refunds, expiries, deliveries and their retries.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "io/loop.hpp"
#include "sandbox/clock.hpp"

namespace wefee::sandbox {

class Agenda {
public:
    using Task = std::function<io::awaitable<void>()>;
    Agenda(SandboxClock& clock, io::TaskGroup& tasks, io::Executor executor)
        : clock_(clock), tasks_(tasks), changed_(std::move(executor)) {}

    /// The task is started when the clock has reached `when`; tasks of one moment start in the order given.
    void at(Instant when, Task task) { due_.emplace(when, std::move(task)); }
    void call_at(Instant when, std::function<void()> call);
    std::optional<Instant> next_due() const;

    /// Starts all that is due now, without waiting for it.
    void start_due();
    /// Waits until nothing is due now and nothing is under way.
    io::awaitable<void> settle();
    /// Moves the clock to `to`, stopping at each due moment until its tasks have ended. One advance at a
    /// time.
    io::awaitable<void> advance(Instant to);

private:
    io::awaitable<void> run(Task task);

    SandboxClock& clock_;
    io::TaskGroup& tasks_;
    std::multimap<Instant, Task> due_;
    std::size_t under_way_ = 0;
    bool advancing_ = false;
    io::Signal changed_;  // something has ended
};

}  // namespace wefee::sandbox
