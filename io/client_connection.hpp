// One connection to a peer, plain or TLS, for the client only. Its waits are ended by cancellation from
// outside.
#pragma once

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "io/address.hpp"
#include "io/async.hpp"
#include "io/client_url.hpp"
#include "io/http.hpp"

namespace wefee::io {

struct ResponseLimits {
    std::size_t body_bytes_max, head_bytes_max;
};

class ClientConnection {
public:
    virtual ~ClientConnection() = default;
    virtual awaitable<void> connect(std::span<const IpAddress> addresses, std::uint16_t port) = 0;
    virtual awaitable<void> shake_hands(const std::string& host) = 0;
    /// Sends the request's bytes and reads the answer to it.
    virtual awaitable<ClientResponse> exchange(std::string_view request, bool head_only,
                                               ResponseLimits limits) = 0;
    /// After an exchange: another one may follow.
    virtual bool can_be_kept() const = 0;
    /// The peer has closed, or sent what nobody asked for. Looks, waits for nothing.
    virtual bool is_stale() = 0;

    std::chrono::steady_clock::time_point idle_since{};
};

std::unique_ptr<ClientConnection> make_plain_connection(const boost::asio::any_io_executor& executor);
std::unique_ptr<ClientConnection> make_tls_connection(const boost::asio::any_io_executor& executor,
                                                      boost::asio::ssl::context& context);

}  // namespace wefee::io
