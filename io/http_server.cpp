// Loops, acceptors and the two-phase stop. A connection's own life is in http_session.cpp.
#include "io/http_server.hpp"

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "io/http_session.hpp"
#include "io/log.hpp"

namespace wefee::io {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using listener::Control;
using listener::Socket;
using Acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// Connections that are told 503 at a time; further ones are closed without a word.
constexpr std::size_t refusals_max = 64;

tcp::endpoint parse_endpoint(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) throw std::invalid_argument("listen address " + address + " has no port");
    auto host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    const auto port = address.substr(colon + 1);
    error_code error;
    const auto ip = asio::ip::make_address(host, error);
    if (error || port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != port.npos ||
        std::stoi(port) > 65'535)
        throw std::invalid_argument("listen address " + address + " is not IP:port");
    return {ip, static_cast<asio::ip::port_type>(std::stoi(port))};
}

IpAddress to_address(const asio::ip::address& address) {
    return address.is_v4() ? IpAddress::from_v4(address.to_v4().to_bytes())
                           : IpAddress::from_v6(address.to_v6().to_bytes());
}

/// One loop with its acceptor and connections.
class LoopPart {
public:
    explicit LoopPart(listener::Shared& shared) : shared_(shared), part_(shared), tasks_(loop_.executor()) {}

    void listen(const tcp::endpoint& endpoint) {
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        // Not with one loop: a second server on the same port then is a mistake that shows.
        if (shared_.options.loops > 1) acceptor_.set_option(ReusePort(true));
        acceptor_.bind(endpoint);
        acceptor_.listen(SOMAXCONN);
    }
    tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

    void start(const std::string& name) {
        tasks_.start(name + "_accept", accept());
        tasks_.start(name + "_sweep", sweep());
        loop_.start(name);
    }
    void close_acceptor() {
        loop_.post([this] {
            error_code ignored;
            acceptor_.close(ignored);
            for (auto at = part_.controls.begin(); at != part_.controls.end();) {
                auto& control = *at++;
                if (control.idle) control.interrupt();
            }
        });
    }
    void finish() {
        loop_.run(tasks_.stop(std::chrono::milliseconds(0)));
        loop_.stop();
        loop_.join();
    }

    Executor executor() const { return loop_.executor(); }
    const listener::Counters& counters() const { return part_.counters; }

private:
    awaitable<void> accept();
    awaitable<void> sweep();
    void open(Socket socket, const IpAddress& peer);
    void refuse(Socket socket);
    void run(awaitable<void> session, std::list<Control>::iterator control,
             std::move_only_function<void()> ended);

    listener::Shared& shared_;
    Loop loop_;
    listener::Part part_;
    TaskGroup tasks_;
    Acceptor acceptor_{loop_.context()};
};

awaitable<void> LoopPart::accept() {
    while (acceptor_.is_open()) {
        error_code error;
        auto socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted || shared_.draining) co_return;
        if (error) {  // out of descriptors or memory: give connections time to end
            log(Level::warning, "accept_failed",
                {{"server", shared_.options.name}, {"error", error.message()}});
            co_await sleep_for(std::chrono::milliseconds(50));
            continue;
        }
        const auto peer = socket.remote_endpoint(error);
        if (!error) open(std::move(socket), to_address(peer.address()));
    }
}

void LoopPart::open(Socket socket, const IpAddress& peer) {
    listener::Counters::add(part_.counters.connections);
    auto lease = shared_.connections.admit(peer);
    if (!lease) return refuse(std::move(socket));
    const auto control = part_.controls.emplace(part_.controls.end());
    run(listener::run_session(part_, *control, std::move(socket), peer), control,
        [lease = std::move(*lease)] {});  // the lease ends with the session
}

void LoopPart::refuse(Socket socket) {
    listener::Counters::add(part_.counters.connections_refused);
    // A TLS client could not read the answer without a handshake, which is what there is no room for.
    if (part_.tls || part_.refusals_open >= refusals_max) return;
    ++part_.refusals_open;
    const auto control = part_.controls.emplace(part_.controls.end());
    run(listener::run_refusal(part_, *control, std::move(socket)), control,
        [this] { --part_.refusals_open; });
}

void LoopPart::run(awaitable<void> session, std::list<Control>::iterator control,
                   std::move_only_function<void()> ended) {
    {
        const std::lock_guard lock(shared_.mutex);
        ++shared_.sessions_open;
    }
    auto slot = control->signal.slot();
    asio::co_spawn(loop_.context(), std::move(session),
                   asio::bind_cancellation_slot(slot, [this, control, ended = std::move(ended)](
                                                          const std::exception_ptr& failure) mutable {
                       part_.controls.erase(control);
                       ended();
                       ended = nullptr;
                       try {
                           if (failure) std::rethrow_exception(failure);
                       } catch (const std::exception& error) {
                           log(Level::error, "session_failed",
                               {{"server", shared_.options.name}, {"error", error.what()}});
                       }
                       const std::lock_guard lock(shared_.mutex);
                       if (--shared_.sessions_open == 0) shared_.session_ended.notify_all();
                   }));
}

/// Ends what is over its deadline; once the grace is over, everything. Repeats until the connection is gone,
/// since a handler may catch one interruption and wait anew.
awaitable<void> LoopPart::sweep() {
    for (;;) {
        co_await sleep_for(shared_.options.timer_resolution);
        const auto now = std::chrono::steady_clock::now();
        const bool cutting = shared_.cutting;
        for (auto at = part_.controls.begin(); at != part_.controls.end();) {
            auto& control = *at++;
            if (now >= control.deadline) control.timed_out = true;
            if (now >= control.deadline || cutting) control.interrupt();
        }
    }
}

}  // namespace

struct HttpServer::State {
    State(ServerOptions options, Admission admission, Handler handler)
        : shared(std::move(options), std::move(admission), std::move(handler)) {}
    listener::Shared shared;
    std::vector<std::unique_ptr<LoopPart>> parts;
    std::uint16_t port = 0;
    bool started = false;
};

HttpServer::HttpServer(ServerOptions options, Admission admission, Handler handler)
    : state_(std::make_unique<State>(std::move(options), std::move(admission), std::move(handler))) {}

HttpServer::~HttpServer() { stop(std::chrono::milliseconds(0)); }

void HttpServer::start() {
    auto endpoint = parse_endpoint(state_->shared.options.address);
    std::vector<std::unique_ptr<LoopPart>> parts;
    for (unsigned i = 0; i < std::max(state_->shared.options.loops, 1U); ++i) {
        parts.push_back(std::make_unique<LoopPart>(state_->shared));
        parts.back()->listen(endpoint);
        endpoint.port(parts.back()->endpoint().port());  // port 0: the others join the one that was found
    }
    state_->parts = std::move(parts);
    state_->port = endpoint.port();
    state_->started = true;
    for (std::size_t i = 0; i < state_->parts.size(); ++i)
        state_->parts[i]->start(state_->shared.options.name + std::to_string(i));
}

std::uint16_t HttpServer::port() const { return state_->port; }

std::vector<Executor> HttpServer::executors() const {
    std::vector<Executor> all;
    for (const auto& part : state_->parts) all.push_back(part->executor());
    return all;
}

void HttpServer::drain() {
    if (state_->shared.draining.exchange(true)) return;
    for (auto& part : state_->parts) part->close_acceptor();
}

void HttpServer::stop(std::chrono::milliseconds grace) {
    if (!state_->started) return;
    state_->started = false;
    drain();
    auto& shared = state_->shared;
    {
        std::unique_lock lock(shared.mutex);
        const auto ended = [&shared] { return shared.sessions_open == 0; };
        if (!shared.session_ended.wait_for(lock, grace, ended)) {
            log(Level::warning, "connections_cut",
                {{"server", shared.options.name}, {"count", shared.sessions_open}});
            shared.cutting = true;
            shared.session_ended.wait(lock, ended);
        }
    }
    for (auto& part : state_->parts) part->finish();
}

ServerStats HttpServer::stats() const {
    ServerStats total;
    total.connections_open = state_->shared.connections.open();
    for (const auto& part : state_->parts) {
        const auto& counters = part->counters();
        total.connections += counters.connections;
        total.connections_refused += counters.connections_refused;
        total.requests += counters.requests;
        total.requests_refused += counters.requests_refused;
        for (std::size_t i = 0; i < total.answers_by_class.size(); ++i)
            total.answers_by_class[i] += counters.answers_by_class[i];
    }
    return total;
}

}  // namespace wefee::io
