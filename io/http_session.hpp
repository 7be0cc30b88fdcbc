// One connection of the listener, and what the connections of one loop share. Inside io/ only.
#pragma once

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>

#include "io/http_server.hpp"

namespace wefee::io::listener {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
using Time = std::chrono::steady_clock::time_point;

/// The handle by which the loop ends what a connection waits for. Instead of a timer for each read and write,
/// the loop sweeps all deadlines a few times a second: a request costs no timer at all.
struct Control {
    Time deadline = Time::max();
    bool idle = false;       // between two requests
    bool timed_out = false;  // the deadline has passed
    boost::asio::cancellation_signal signal;
    void interrupt() { signal.emit(boost::asio::cancellation_type::terminal); }
};

/// Written by one loop, read by any thread.
struct Counters {
    std::atomic<std::uint64_t> connections = 0, connections_refused = 0, requests = 0, requests_refused = 0;
    std::array<std::atomic<std::uint64_t>, 6> answers_by_class{};
    static void add(std::atomic<std::uint64_t>& counter) {
        counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // one writer
    }
};

/// What all loops of a server share: constant after the start, or made for several threads.
struct Shared {
    Shared(ServerOptions settings, Admission admit, Handler handle);
    ServerOptions options;
    Admission admission;
    Handler handler;
    RateLimiter rates;
    ConnectionLimiter connections;
    std::atomic<bool> draining = false, cutting = false;

    std::mutex mutex;
    std::condition_variable session_ended;
    std::size_t sessions_open = 0;
};

/// What the connections of one loop share; touched by its thread only (counters excepted).
struct Part {
    explicit Part(Shared& server);
    Shared& shared;
    Counters counters;
    std::list<Control> controls;
    std::size_t refusals_open = 0;
    std::string request_prefix;  // request ids: prefix and number
    std::uint64_t request_number = 0;
    std::optional<boost::asio::ssl::context> tls;
};

/// Serves a connection to its end.
awaitable<void> run_session(Part& part, Control& control, Socket socket, IpAddress peer);
/// Tells a connection that there is no room: 503, then close.
awaitable<void> run_refusal(Part& part, Control& control, Socket socket);

}  // namespace wefee::io::listener
