// The running server: listener, workers, stop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/config/config.hpp"

namespace wefee::server {

struct ServeOptions {
    bool http = true;
    bool worker = true;
    bool migrate = false;
};

class Server {
public:
    Server(const Config& config, ServeOptions options);
    ~Server();
    /// Listens and starts the workers. Throws with what is wrong.
    void start();
    std::uint16_t port() const;
    /// Two phases: nothing new, what is under way ends within the grace of [limits], the rest is cut.
    /// Idempotent.
    void stop();

private:
    struct Held;
    std::unique_ptr<Held> held_;
};

/// `wefee serve`: runs until SIGTERM or SIGINT; a second one ends at once. The exit code.
int serve(const Config& config, ServeOptions options);

}  // namespace wefee::server
