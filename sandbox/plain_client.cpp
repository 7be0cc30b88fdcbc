#include "sandbox/plain_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "io/loop.hpp"

namespace wefee::sandbox {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

struct Address {
    std::string host;
    std::string port;
    std::string target;
};

Address address_of(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme))
        throw boost::system::system_error(asio::error::invalid_argument, "not http://");
    url.remove_prefix(scheme.size());
    const auto slash = url.find('/');
    const auto authority = url.substr(0, slash);
    const auto colon = authority.rfind(':');
    return {std::string(authority.substr(0, colon)),
            colon == std::string_view::npos ? "80" : std::string(authority.substr(colon + 1)),
            slash == std::string_view::npos ? "/" : std::string(url.substr(slash))};
}

io::awaitable<io::ClientResponse> exchange(io::ClientRequest request) {
    const auto executor = co_await asio::this_coro::executor;
    const auto address = address_of(request.url);
    tcp::socket socket(executor);
    boost::system::error_code no_literal;
    const auto host =
        asio::ip::make_address(address.host == "localhost" ? "127.0.0.1" : address.host, no_literal);
    if (no_literal) {
        tcp::resolver resolver(executor);
        const auto found = co_await resolver.async_resolve(address.host, address.port, asio::use_awaitable);
        co_await socket.async_connect(found.begin()->endpoint(), asio::use_awaitable);
    } else {
        const tcp::endpoint endpoint(host, static_cast<unsigned short>(std::stoi(address.port)));
        co_await socket.async_connect(endpoint, asio::use_awaitable);
    }
    socket.set_option(tcp::no_delay(true));
    http::request<http::string_body> message;
    message.method_string(request.method);
    message.target(address.target);
    message.version(11);
    message.set(http::field::host, address.host + ":" + address.port);
    message.set(http::field::accept, "*/*");
    message.set(http::field::connection, "close");
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.body() = std::move(request.body);
    if (request.method != "GET") message.prepare_payload();
    co_await http::async_write(socket, message, asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> answer;
    co_await http::async_read(socket, buffer, answer, asio::use_awaitable);
    io::ClientResponse response;
    response.status = static_cast<int>(answer.result_int());
    for (const auto& field : answer) response.headers.emplace_back(field.name_string(), field.value());
    response.body = std::move(answer.body());
    co_return response;
}

}  // namespace

io::awaitable<io::ClientResponse> PlainClient::send(io::ClientRequest request,
                                                    std::chrono::milliseconds total_limit) {
    auto response = co_await io::within(total_limit, exchange(std::move(request)));
    co_return response;
}

}  // namespace wefee::sandbox
