// Prometheus text on its own listener: what the store counts and what the HTTP listener saw. No tenant and no
// user ever becomes a label.
#pragma once

#include <memory>
#include <string>

namespace wefee::io {
class HttpServer;
}

namespace wefee::server {

struct App;

class MetricsServer {
public:
    /// `http` may be null (a worker without a listener).
    MetricsServer(App& app, const io::HttpServer* http, const std::string& address);
    ~MetricsServer();
    void start();
    void stop();

private:
    struct Held;
    std::unique_ptr<Held> held_;
};

}  // namespace wefee::server
