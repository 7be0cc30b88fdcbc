// wefee-ceiling: what the same third-party parts reach when a server does nothing but verify, decrypt, insert
// one row and update one under group commit; with --hello not even that. The yardstick of scripts/bench.
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <optional>
#include <thread>

#include "tests/bench/ceiling/committer.hpp"
#include "tests/bench/ceiling/notify.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using namespace wefee::bench::ceiling;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

struct Options {
    std::uint16_t port = 0;
    std::string keys, sqlite, socket, database;
    std::size_t batch_max = 256;
    int loops = 1;
    bool hello = false;
};

/// One event loop with its own acceptor on the shared port.
class Loop {
public:
    Loop(const Options& options, Committer* committer) : committer_(committer), acceptor_(context_) {
        if (!options.hello) verifier_.emplace(options.keys);
        const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), options.port);
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true));
        acceptor_.bind(endpoint);
        acceptor_.listen(1024);
        asio::co_spawn(context_, accept(), asio::detached);
    }
    void run() { context_.run(); }
    void stop() { context_.stop(); }
    asio::io_context& context() { return context_; }

private:
    asio::awaitable<void> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            socket.set_option(tcp::no_delay(true));
            asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        beast::tcp_stream stream(std::move(socket));
        beast::flat_buffer buffer;
        const auto quiet = asio::as_tuple(asio::use_awaitable);
        for (;;) {
            stream.expires_after(std::chrono::seconds(30));
            Request request;
            const auto [read_error, read_bytes] = co_await http::async_read(stream, buffer, request, quiet);
            if (read_error) co_return;
            Response response;
            response.result(co_await answer(request, response.body()));
            response.version(request.version());
            response.keep_alive(request.keep_alive());
            response.set(http::field::content_type, "text/plain");
            response.prepare_payload();
            const auto [write_error, written] = co_await http::async_write(stream, response, quiet);
            if (write_error || !request.keep_alive()) co_return;
        }
    }

    /// Waits for the commit; resumes on this loop.
    asio::awaitable<bool> committed(Payment payment) {
        return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
            [this](auto handler, Payment item) {
                auto shared = std::make_shared<decltype(handler)>(std::move(handler));
                auto resume = [this, shared](bool ok) {
                    asio::post(context_, [shared, ok] { std::move (*shared)(ok); });
                };
                if (!committer_->submit(std::move(item), resume)) resume(false);
            },
            asio::use_awaitable, std::move(payment));
    }

    std::optional<Payment> verified(const Request& request) {
        const auto view = [&](const char* name) {
            const auto value = request[name];
            return std::string_view(value.data(), value.size());
        };
        if (request.target() == "/webhooks/alipay") return verifier_->alipay(request.body());
        if (request.target() != "/webhooks/wechatpay") return std::nullopt;
        return verifier_->wechat({view("Wechatpay-Timestamp"), view("Wechatpay-Nonce"),
                                  view("Wechatpay-Serial"), view("Wechatpay-Signature")},
                                 request.body());
    }

    asio::awaitable<http::status> answer(const Request& request, std::string& body) {
        body = "success";
        if (!verifier_) co_return http::status::ok;
        auto payment = verified(request);
        const bool accepted = payment.has_value();
        bool stored = false;
        if (accepted) stored = co_await committed(std::move(*payment));
        if (stored) co_return http::status::ok;
        body = "failure";
        co_return accepted ? http::status::service_unavailable : http::status::unauthorized;
    }

    Committer* committer_;
    asio::io_context context_{1};
    std::optional<Verifier> verifier_;
    tcp::acceptor acceptor_;
};

void serve(const Options& options) {
    std::optional<Committer> committer;
    if (!options.hello)
        committer.emplace(
            [options] {
                return options.sqlite.empty() ? open_mariadb(options.socket, options.database)
                                              : open_sqlite(options.sqlite);
            },
            options.batch_max);
    std::vector<std::unique_ptr<Loop>> loops;
    for (int i = 0; i < options.loops; ++i)
        loops.push_back(std::make_unique<Loop>(options, committer ? &*committer : nullptr));
    asio::signal_set signals(loops.front()->context(), SIGTERM, SIGINT);
    signals.async_wait([&](const boost::system::error_code&, int) {
        for (auto& loop : loops) loop->stop();
    });
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < loops.size(); ++i) threads.emplace_back([&, i] { loops[i]->run(); });
    std::puts("ceiling: ready");
    std::fflush(stdout);
    loops.front()->run();
    threads.clear();
    committer.reset();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"The ceiling of scripts/bench: the same parts with nothing else around them"};
    Options options;
    app.add_option("--port", options.port, "on 127.0.0.1")->required();
    app.add_option("--keys", options.keys, "folder made by wefee-load gen");
    app.add_option("--sqlite", options.sqlite, "file to write to");
    app.add_option("--socket", options.socket, "MariaDB's socket");
    app.add_option("--database", options.database, "MariaDB's database");
    app.add_option("--batch-max", options.batch_max, "most notifications in one commit; 1: no group commit");
    app.add_option("--loops", options.loops, "event loops");
    app.add_flag("--hello", options.hello, "answer every request at once");
    CLI11_PARSE(app, argc, argv);
    try {
        serve(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wefee-ceiling: %s\n", error.what());
        return 2;
    }
    return 0;
}
