// Bytes of one connection, plain or TLS: reads, answers, the end. Deadlines are swept by the loop (see
// Control). Inside io/ only.
#pragma once

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

#include "io/http_response.hpp"
#include "io/http_session.hpp"
#include "io/log.hpp"

namespace wefee::io::listener {

using TlsStream = boost::asio::ssl::stream<Socket>;

template <class Stream>
class Connection {
public:
    Connection(Part& part, Control& control, Stream stream)
        : part_(part), options_(part.shared.options), control_(control), stream_(std::move(stream)) {}

    /// Socket options and the TLS handshake. False: the connection is of no use.
    awaitable<bool> open();
    /// Reads what is there, at most `room` bytes. False: nothing more will come (closed, lost, timed out,
    /// cut).
    awaitable<bool> read_some(char* at, std::size_t room, std::size_t& count);
    /// Sends a whole answer. False: the peer is gone or does not read.
    awaitable<bool> write(const Response& response, const ResponseFrame& frame);
    awaitable<bool> write_continue();
    /// `linger`: lets the peer finish sending first, so that it can read the answer.
    awaitable<void> close(bool linger);
    /// Ends the effect of an interruption: what follows can wait again. True when there was one.
    awaitable<bool> wake();

    void set_deadline(Time deadline) { control_.deadline = deadline; }
    Control& control() { return control_; }
    /// Bytes that the kernel holds for us.
    std::size_t available();

private:
    static constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;
    /// Bodies up to this size leave in one buffer with their head: cheaper than a second one, and one TLS
    /// record.
    static constexpr std::size_t joined_body_max = 16 * 1024;
    static constexpr std::size_t spare_bytes_max = 64 * 1024;    // a connection does not keep larger buffers
    static constexpr std::size_t linger_bytes_max = 256 * 1024;  // what a refused client may still send

    std::string_view render(const Response& response, const ResponseFrame& frame);
    awaitable<bool> write_rest(std::string_view first, std::string_view second);
    Socket& socket() {
        if constexpr (is_tls)
            return stream_.next_layer();
        else
            return stream_;
    }

    Part& part_;
    const ServerOptions& options_;
    Control& control_;
    Stream stream_;
    std::string out_;
    Response replaced_;  // stands in for an answer that cannot be sent
};

template <class Stream>
awaitable<bool> Connection<Stream>::open() {
    boost::system::error_code error;
    socket().set_option(boost::asio::ip::tcp::no_delay(true), error);
    socket().non_blocking(true, error);
    if constexpr (is_tls) {
        set_deadline(std::chrono::steady_clock::now() + options_.tls_handshake_limit);
        co_await stream_.async_handshake(boost::asio::ssl::stream_base::server,
                                         boost::asio::redirect_error(boost::asio::use_awaitable, error));
        if (error)
            log(Level::debug, "tls_handshake_failed",
                {{"server", options_.name}, {"error", error.message()}});
    }
    co_return !error;
}

template <class Stream>
awaitable<bool> Connection<Stream>::read_some(char* at, std::size_t room, std::size_t& count) {
    boost::system::error_code error;
    count = co_await stream_.async_read_some(boost::asio::buffer(at, room),
                                             boost::asio::redirect_error(boost::asio::use_awaitable, error));
    co_return !error && !control_.timed_out && !part_.shared.cutting;
}

template <class Stream>
std::size_t Connection<Stream>::available() {
    boost::system::error_code error;
    const auto count = socket().available(error);
    return error ? 0 : count;
}

template <class Stream>
awaitable<bool> Connection<Stream>::wake() {
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() == boost::asio::cancellation_type::none) co_return false;
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_terminal_cancellation());
    co_return true;
}

/// Head and small bodies go to out_; returns the body that is still to be sent.
template <class Stream>
std::string_view Connection<Stream>::render(const Response& response, const ResponseFrame& frame) {
    if (out_.capacity() > spare_bytes_max) std::string().swap(out_);
    out_.clear();
    const auto* sent = &response;
    try {
        append_response_head(out_, response, frame);
    } catch (const std::invalid_argument& error) {
        log(Level::error, "response_refused", {{"request_id", frame.request_id}, {"error", error.what()}});
        out_.clear();
        replaced_ = problem(500);
        sent = &replaced_;
        append_response_head(out_, replaced_, frame);
    }
    if (!sends_body(*sent, frame)) return {};
    if (sent->body.size() > joined_body_max) return sent->body;
    out_.append(sent->body);
    return {};
}

template <class Stream>
awaitable<bool> Connection<Stream>::write(const Response& response, const ResponseFrame& frame) {
    const auto body = render(response, frame);
    std::size_t sent = 0;
    if constexpr (!is_tls) {
        // Nearly always the kernel takes all of it at once, and no waiting has to be set up.
        boost::system::error_code error;
        sent = stream_.write_some(
            std::array<boost::asio::const_buffer, 2>{boost::asio::buffer(out_), boost::asio::buffer(body)},
            error);
        if (sent == out_.size() + body.size()) co_return true;
        if (error && error != boost::asio::error::would_block) co_return false;
    }
    const auto from_head = std::min(sent, out_.size());
    co_return co_await write_rest(std::string_view(out_).substr(from_head), body.substr(sent - from_head));
}

template <class Stream>
awaitable<bool> Connection<Stream>::write_continue() {
    co_return co_await write_rest("HTTP/1.1 100 Continue\r\n\r\n", {});
}

template <class Stream>
awaitable<bool> Connection<Stream>::write_rest(std::string_view first, std::string_view second) {
    const auto deadline = control_.deadline;
    set_deadline(std::chrono::steady_clock::now() + options_.write_limit);
    boost::system::error_code error;
    for (const auto part : {first, second}) {
        if (part.empty() || error) continue;
        co_await boost::asio::async_write(stream_, boost::asio::buffer(part),
                                          boost::asio::redirect_error(boost::asio::use_awaitable, error));
    }
    set_deadline(deadline);  // "100 Continue" does not prolong its request
    co_return !error && !control_.timed_out;
}

template <class Stream>
awaitable<void> Connection<Stream>::close(bool linger) {
    co_await wake();
    control_.timed_out = false;
    set_deadline(std::chrono::steady_clock::now() + options_.linger_limit);
    boost::system::error_code error;
    if (part_.shared.cutting) {
        socket().close(error);
        co_return;
    }
    if constexpr (is_tls)
        co_await stream_.async_shutdown(boost::asio::redirect_error(boost::asio::use_awaitable, error));
    socket().shutdown(Socket::shutdown_send, error);
    // Closing with unread bytes would reset the connection and take the answer away from the client.
    if (out_.size() < 4096) out_.resize(4096);
    for (std::size_t dropped = 0; linger && dropped < linger_bytes_max && !control_.timed_out;) {
        dropped += co_await socket().async_read_some(
            boost::asio::buffer(out_), boost::asio::redirect_error(boost::asio::use_awaitable, error));
        if (error) break;
    }
    socket().close(error);
}

}  // namespace wefee::io::listener
