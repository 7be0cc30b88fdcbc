// HTTP messages as plain structs; Beast stays inside io/*.cpp.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/async.hpp"

namespace wefee::io {

using Headers = std::vector<std::pair<std::string, std::string>>;
/// The first header of that name, case-insensitive; nullptr when there is none.
const std::string* find_header(const Headers& headers, std::string_view name);
std::size_t count_header(const Headers& headers, std::string_view name);

/// A received request. The views live as long as the handler runs.
struct Request {
    std::string_view method;
    std::string_view target;  // as on the request line, query included
    std::string_view path;    // target up to '?'
    std::string_view query;   // after '?', raw
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string_view body;   // raw bytes
    std::string peer;        // client address after trusted proxies
    std::string request_id;  // X-Request-Id of the client when it is well formed, else made here
    int route = -1;          // what the admission called the route

    /// The only header of that name; empty when absent, and when it came more than once.
    std::string_view header(std::string_view name) const;
    std::size_t header_count(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string content_type = {};  // empty: no Content-Type
    std::string body = {};
    Headers headers = {};
};

/// What we send to others.
struct ClientRequest {
    std::string method = {};
    std::string url = {};  // http://host:port/target or https://...
    Headers headers = {};
    std::string body = {};
};

struct ClientResponse {
    int status = 0;
    Headers headers = {};
    std::string body = {};
};

/// The call was refused here: not one byte left for the peer, so nothing can have happened there.
class NotSent : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The peer failed too often of late. Means *wait*, never *failed*.
class BreakerOpen : public NotSent {
public:
    BreakerOpen(const std::string& host, std::chrono::milliseconds wait)
        : NotSent("calls to " + host + " are paused"), retry_after(wait) {}
    std::chrono::milliseconds retry_after;
};

/// Port for outward calls; the real one keeps connections, verifies certificate and host, follows no redirect
/// and never repeats a request by itself.
class HttpClient {
public:
    virtual ~HttpClient() = default;
    /// Throws boost::system::system_error (timed_out, refused, truncated, TLS ...): then the outcome is
    /// unknown; and NotSent (host not allowed, malformed request, open breaker): then nothing was sent.
    virtual awaitable<ClientResponse> send(ClientRequest request, std::chrono::milliseconds total_limit) = 0;
};

}  // namespace wefee::io
