// The listener: N loops, one thread each, HTTP/1.1 over plain TCP or TLS, with every limit that stands before
// the first line of a handler. Handlers see complete, checked requests only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/address.hpp"
#include "io/async.hpp"
#include "io/http.hpp"
#include "io/http_checks.hpp"
#include "io/limits.hpp"
#include "io/loop.hpp"
#include "io/tls.hpp"

namespace wefee::io {

/// What one route allows. `route` comes back in Request::route, so a router looks a path up once.
struct RouteLimits {
    std::size_t body_bytes_max = 64 * 1024;
    std::chrono::milliseconds deadline{10'000};  // from the first byte to the answer
    int rate_class = -1;                         // index into ServerOptions::rate_classes; -1: no limit
    int route = -1;
};

/// Asked once the header is read, before any body is: the route's limits, or the answer (404, 405 with
/// Allow).
using Admission =
    std::function<std::variant<RouteLimits, Response>(std::string_view method, std::string_view path)>;

/// Answers one request. Runs on the connection's loop and must not block it. What it throws becomes 500
/// (Overloaded: 503) and a log line. It is cancelled at the route's deadline (503) and when the server's
/// grace is over.
using Handler = std::function<awaitable<Response>(Request&)>;

/// Requests of one source address (its network of so many bits) over all routes of the class.
struct RateClass {
    Rate rate;
    unsigned v4_bits = 32, v6_bits = 64;
};

struct ServerOptions {
    std::string name = "http";            // in log lines and thread names
    std::string address = "127.0.0.1:0";  // "host:port", "[::]:port"; port 0: any free one
    unsigned loops = 1;
    std::shared_ptr<SSL_CTX> tls = nullptr;  // null: plain
    HeadLimits head = {};
    std::chrono::milliseconds head_deadline{10'000};  // first byte to complete header
    std::chrono::milliseconds tls_handshake_limit{5'000};
    std::chrono::milliseconds write_limit{5'000};
    std::chrono::milliseconds idle_limit{15'000};
    std::chrono::milliseconds linger_limit{
        1'000};  // for a refused client to stop sending and read the answer
    std::chrono::milliseconds timer_resolution{100};
    unsigned requests_per_connection = 1'000;
    ConnectionQuota connections = {};  // shared_ranges: see trusted_proxies
    std::vector<RateClass> rate_classes = {};
    /// Peers whose X-Forwarded-For is believed; they are not held to connections.per_address_max.
    std::vector<AddressRange> trusted_proxies = {};
    /// Called on the loop after each answered request; for metrics. Must be thread-safe and quick.
    std::function<void(const Request&, int status, std::chrono::nanoseconds took)> on_done = {};
};

struct ServerStats {
    std::uint64_t connections = 0, connections_refused = 0, connections_open = 0;
    std::uint64_t requests = 0;                       // that reached the handler
    std::array<std::uint64_t, 6> answers_by_class{};  // [4]: 4xx
    std::uint64_t requests_refused = 0;               // by the checks and limits here
};

class HttpServer {
public:
    /// `admission` and `handler` are called on all loops at once.
    HttpServer(ServerOptions options, Admission admission, Handler handler);
    ~HttpServer();  // stop() with no grace
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Listens and returns. Throws boost::system::system_error when the address cannot be had.
    void start();
    std::uint16_t port() const;
    /// The loops, for background tasks that belong beside the handlers.
    std::vector<Executor> executors() const;
    /// Phase one of stop(): no new connections, each answer says `Connection: close`. Returns at once.
    void drain();
    /// Drains, lets requests in flight end within `grace`, cuts the rest, joins the threads. Blocks;
    /// idempotent.
    void stop(std::chrono::milliseconds grace);
    ServerStats stats() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wefee::io
