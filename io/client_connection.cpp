// Beast reads the answers; requests are bytes already. See client_connection.hpp.
#include "io/client_connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/system_error.hpp>
#include <optional>
#include <vector>

namespace wefee::io {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using TlsStream = asio::ssl::stream<tcp::socket>;
using ResponseParser = http::response_parser<http::string_body>;

constexpr int interim_answers_max = 8;  // 100, 103 before the answer itself

tcp::endpoint to_endpoint(const IpAddress& address, std::uint16_t port) {
    if (!address.is_v4()) return {asio::ip::make_address_v6(address.bytes()), port};
    asio::ip::address_v4::bytes_type bytes;
    std::copy_n(address.bytes().begin() + 12, bytes.size(), bytes.begin());
    return {asio::ip::make_address_v4(bytes), port};
}

void check(int result, const char* call) {
    if (result != 1) throw std::runtime_error(std::string(call) + " failed");
}

ClientResponse to_response(const http::response<http::string_body>& message) {
    ClientResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message)
        response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    response.body = message.body();
    return response;
}

template <class Stream>
class StreamConnection final : public ClientConnection {
public:
    template <class... Arguments>
    explicit StreamConnection(Arguments&&... arguments) : stream_(std::forward<Arguments>(arguments)...) {}

    awaitable<void> connect(std::span<const IpAddress> addresses, std::uint16_t port) override {
        std::vector<tcp::endpoint> endpoints;
        for (const auto& address : addresses) endpoints.push_back(to_endpoint(address, port));
        co_await asio::async_connect(socket(), endpoints, asio::use_awaitable);
        socket().set_option(tcp::no_delay(true));
    }

    awaitable<void> shake_hands(const std::string& host) override {
        if constexpr (is_tls) {
            auto* ssl = stream_.native_handle();
            auto* parameters = SSL_get0_param(ssl);
            X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            if (IpAddress::parse(host)) {
                check(X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()),
                      "X509_VERIFY_PARAM_set1_ip_asc");
            } else {
                check(X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()),
                      "X509_VERIFY_PARAM_set1_host");
                check(static_cast<int>(SSL_set_tlsext_host_name(ssl, host.c_str())),
                      "SSL_set_tlsext_host_name");
            }
            co_await stream_.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
        }
        co_return;
    }

    awaitable<ClientResponse> exchange(std::string_view request, bool head_only,
                                       ResponseLimits limits) override {
        keep_ = false;
        co_await asio::async_write(stream_, asio::buffer(request), asio::use_awaitable);
        for (int i = 0; i < interim_answers_max; ++i) {
            ResponseParser parser;
            parser.body_limit(limits.body_bytes_max);
            parser.header_limit(static_cast<std::uint32_t>(limits.head_bytes_max));
            parser.skip(head_only);
            co_await read(parser);
            if (parser.get().result_int() / 100 == 1) continue;
            // Bytes behind the answer belong to no request of ours.
            keep_ = parser.keep_alive() && buffer_.size() == 0;
            co_return to_response(parser.get());
        }
        throw boost::system::system_error(make_error_code(http::error::bad_status),
                                          "too many interim answers");
    }

    bool can_be_kept() const override { return keep_; }

    bool is_stale() override {
        char byte = 0;
        const auto count = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return !(count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
    }

private:
    static constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;
    tcp::socket& socket() {
        if constexpr (is_tls)
            return stream_.next_layer();
        else
            return stream_;
    }

    awaitable<void> read(ResponseParser& parser) {
        error_code error;
        co_await http::async_read(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
        // A peer that closes TCP without closing TLS may have been cut off: only an answer that says its own
        // length counts as whole then.
        if (error == asio::ssl::error::stream_truncated && parser.is_done()) error = {};
        if (error) throw boost::system::system_error(error, "reading the answer");
    }

    Stream stream_;
    beast::flat_buffer buffer_;
    bool keep_ = false;
};

}  // namespace

std::unique_ptr<ClientConnection> make_plain_connection(const asio::any_io_executor& executor) {
    return std::make_unique<StreamConnection<tcp::socket>>(executor);
}

std::unique_ptr<ClientConnection> make_tls_connection(const asio::any_io_executor& executor,
                                                      asio::ssl::context& context) {
    return std::make_unique<StreamConnection<TlsStream>>(executor, context);
}

}  // namespace wefee::io
