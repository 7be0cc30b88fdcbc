#include "sandbox/door.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>

namespace wefee::sandbox {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr std::uint32_t header_bytes_max = 64 * 1024;
constexpr std::uint64_t body_bytes_max = 16 * 1024 * 1024;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

io::Request request_of(const http::request<http::string_body>& message, std::string peer) {
    io::Request request;
    request.method = view(message.method_string());
    request.target = view(message.target());
    const auto question = request.target.find('?');
    request.path = request.target.substr(0, question);
    if (question != std::string_view::npos) request.query = request.target.substr(question + 1);
    for (const auto& field : message)
        request.headers.emplace_back(view(field.name_string()), view(field.value()));
    request.body = message.body();
    request.peer = std::move(peer);
    return request;
}

http::response<http::string_body> response_of(io::Response answer,
                                              const http::request<http::string_body>& message) {
    http::response<http::string_body> response;
    response.version(message.version());
    response.result(static_cast<unsigned>(answer.status));
    response.keep_alive(message.keep_alive());
    if (!answer.content_type.empty()) response.set(http::field::content_type, answer.content_type);
    for (const auto& [name, value] : answer.headers) response.insert(name, value);
    response.body() = std::move(answer.body);
    if (answer.status != 204) response.prepare_payload();
    return response;
}

}  // namespace

struct Door::State {
    io::Executor executor;
    io::TaskGroup& tasks;
    Handler handler;
    std::function<void()> answered;
    std::optional<tcp::acceptor> acceptor;

    io::awaitable<void> accept();
    io::awaitable<void> serve(tcp::socket socket);
    io::awaitable<bool> serve_one(tcp::socket& socket, beast::flat_buffer& buffer);
};

io::awaitable<void> Door::State::accept() {
    for (;;) {
        auto socket = co_await acceptor->async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        tasks.start("sandbox_session", serve(std::move(socket)));
    }
}

/// False when the connection is over.
io::awaitable<bool> Door::State::serve_one(tcp::socket& socket, beast::flat_buffer& buffer) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(header_bytes_max);
    parser.body_limit(body_bytes_max);
    boost::system::error_code ended;
    co_await http::async_read(socket, buffer, parser, asio::redirect_error(asio::use_awaitable, ended));
    if (ended) co_return false;  // closed by the client, or not HTTP
    const auto message = parser.release();
    boost::system::error_code gone;
    const auto peer = socket.remote_endpoint(gone).address().to_string();
    const auto request = request_of(message, peer);
    auto reply = co_await handler(request);
    if (reply.delay.count() > 0) co_await io::sleep_for(reply.delay);
    if (reply.drop) {
        answered();
        co_return false;
    }
    auto response = response_of(std::move(reply.response), message);
    const bool keep = response.keep_alive();
    co_await http::async_write(socket, response, asio::redirect_error(asio::use_awaitable, ended));
    answered();
    co_return keep && !ended;
}

io::awaitable<void> Door::State::serve(tcp::socket socket) {
    beast::flat_buffer buffer;
    while (co_await serve_one(socket, buffer)) {
    }
}

Door::Door(io::Executor executor, io::TaskGroup& tasks, Handler handler, std::function<void()> answered)
    : state_(std::make_unique<State>(
          State{std::move(executor), tasks, std::move(handler), std::move(answered), std::nullopt})) {}

Door::~Door() = default;

void Door::listen(const std::string& address, unsigned short port) {
    const tcp::endpoint endpoint(asio::ip::make_address(address), port);
    state_->acceptor.emplace(state_->executor, endpoint);
    state_->tasks.start("sandbox_accept", state_->accept());
}

unsigned short Door::port() const { return state_->acceptor->local_endpoint().port(); }

}  // namespace wefee::sandbox
