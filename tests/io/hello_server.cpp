// Answers "hello" on a port until its input ends: with our listener, or with bare Beast as its examples write
// it. The ratio of the two under wrk says what our checks and limits cost. Usage: io_hello ours|bare PORT
// [loops]
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <iostream>
#include <string>

#include "io/http_server.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

asio::awaitable<void> bare_session(beast::tcp_stream stream) {
    beast::flat_buffer buffer;
    try {
        for (;;) {
            stream.expires_after(std::chrono::seconds(30));
            http::request<http::string_body> request;
            co_await http::async_read(stream, buffer, request, asio::use_awaitable);
            http::response<http::string_body> response(http::status::ok, request.version());
            response.set(http::field::content_type, "text/plain");
            response.keep_alive(request.keep_alive());
            response.body() = "hello";
            response.prepare_payload();
            co_await http::async_write(stream, response, asio::use_awaitable);
        }
    } catch (const boost::system::system_error&) {
        co_return;  // the client left
    }
}

asio::awaitable<void> bare_listen(tcp::endpoint endpoint) {
    tcp::acceptor acceptor(co_await asio::this_coro::executor, endpoint);
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        co_spawn(acceptor.get_executor(), bare_session(beast::tcp_stream(std::move(socket))), asio::detached);
    }
}

int run_bare(unsigned short port) {
    asio::io_context context(1);
    co_spawn(context, bare_listen({asio::ip::make_address("127.0.0.1"), port}), asio::detached);
    context.run();
    return 0;
}

wefee::io::awaitable<wefee::io::Response> hello(wefee::io::Request&) {
    wefee::io::Response response;
    response.content_type = "text/plain";
    response.body = "hello";
    co_return response;
}

int run_ours(unsigned short port, unsigned loops) {
    wefee::io::HttpServer server(
        {.name = "hello",
         .address = "127.0.0.1:" + std::to_string(port),
         .loops = loops,
         .requests_per_connection = 1'000'000'000,
         .connections = {.all_max = 100'000, .per_address_max = 100'000},
         .rate_classes = {{.rate = {.tokens = 10'000'000, .burst = 10'000'000}}}},
        [](std::string_view, std::string_view) { return wefee::io::RouteLimits{.rate_class = 0}; }, hello);
    server.start();
    while (std::cin.get() != EOF) {
    }
    server.stop(std::chrono::seconds(1));
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) return 2;
    const auto port = static_cast<unsigned short>(std::stoi(arguments[2]));
    if (std::string(arguments[1]) == "bare") return run_bare(port);
    return run_ours(port, count > 3 ? static_cast<unsigned>(std::stoi(arguments[3])) : 1);
}
