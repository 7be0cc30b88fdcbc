// The client for calls to providers: verified TLS, kept connections, limits on time, size and number, a
// breaker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/breaker.hpp"
#include "io/http.hpp"
#include "io/limits.hpp"
#include "io/loop.hpp"

namespace wefee::io {

struct ClientOptions {
    std::string name = "http_client";             // in log lines and of its thread
    std::string ca_pem = {};                      // trusted authorities; empty: the system's
    std::vector<std::string> allowed_hosts = {};  // exact names or addresses, without port; empty: any
    /// Test environments only: http:// URLs, and addresses that are not public (loopback, private,
    /// link-local).
    bool allow_private = false;
    std::chrono::milliseconds connect_limit{2'000};  // TCP, over all addresses of the host
    std::chrono::milliseconds tls_limit{5'000};
    std::chrono::milliseconds idle_limit{30'000};  // a kept connection older than that is not used again
    std::chrono::milliseconds resolve_ttl{60'000};
    std::size_t idle_per_host = 8;
    std::size_t in_flight_per_host = 16;  // further calls wait, within their limit
    Rate rate = {};  // of each host; further calls wait, or are not sent if their limit is nearer
    std::size_t response_bytes_max = 4 * 1024 * 1024;
    std::size_t response_head_bytes_max = 64 * 1024;
    BreakerPolicy breaker = {};
};

struct ClientStats {
    std::uint64_t calls = 0, failures = 0, connections_opened = 0, connections_reused = 0;
};

/// Runs on a loop of its own, so any number of loops may share one client and its limits; a call resumes on
/// the caller's loop. A kept connection that the peer has closed is noticed before it is used, so that reuse
/// repeats nothing. The breaker counts broken calls and answers 502, 503, 504.
class NetHttpClient final : public HttpClient {
public:
    explicit NetHttpClient(ClientOptions options);
    ~NetHttpClient()
        override;  // calls in flight end with operation_aborted; waits for a name look-up that runs
    NetHttpClient(const NetHttpClient&) = delete;
    NetHttpClient& operator=(const NetHttpClient&) = delete;

    /// Not interrupted when the caller is cancelled: `total_limit` bounds it.
    awaitable<ClientResponse> send(ClientRequest request, std::chrono::milliseconds total_limit) override;
    ClientStats stats() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace wefee::io
