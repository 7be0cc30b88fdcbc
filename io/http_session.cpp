// One connection: read a head, check it, ask for admission, read the body, call the handler, write the
// answer.
#include "io/http_session.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "io/crypto.hpp"
#include "io/forwarded.hpp"
#include "io/http_connection.hpp"
#include "io/http_parser.hpp"

namespace wefee::io::listener {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// Room behind the largest head, so that common bodies are read in place and cost no copy.
constexpr std::size_t body_room = 4 * 1024;
constexpr std::size_t spare_body_max = 64 * 1024;  // a connection does not keep a larger buffer

enum class Next { serve, close, linger };  // what follows an answer

template <class Stream>
class Session {
public:
    Session(Part& part, Control& control, Stream stream, const IpAddress& peer)
        : part_(part),
          options_(part.shared.options),
          connection_(part, control, std::move(stream)),
          peer_(peer),
          behind_proxy_(contains(options_.trusted_proxies, peer)),
          capacity_(options_.head.block_bytes_max + body_room) {}

    awaitable<void> run();
    awaitable<void> refuse_connection();

private:
    awaitable<Next> serve_one();
    awaitable<std::optional<Next>> read_head();
    awaitable<std::optional<Next>> decide_after_interruption();
    awaitable<Next> serve_checked();
    awaitable<int> read_body(std::size_t body_bytes_max);
    awaitable<int> read_sized_body(std::size_t size);
    awaitable<int> read_chunked_body(std::size_t body_bytes_max);
    awaitable<Response> call_handler();
    awaitable<bool> fill();
    awaitable<Next> refuse(int status, std::string_view why);
    awaitable<Next> answer(Response response, bool keep_alive);

    void describe_request();
    void make_request_id();
    void forget_request();
    std::optional<Response> admit(RouteLimits& limits);
    std::optional<Response> check_rate(int rate_class);
    bool drops_body_cheaply() const;
    void finish_message();
    Control& control() { return connection_.control(); }
    std::string_view received() const { return {buffer_.get(), size_}; }
    bool has_body() const { return facts_.chunked() || facts_.body_bytes() > 0; }

    Part& part_;
    const ServerOptions& options_;
    Connection<Stream> connection_;
    IpAddress peer_, client_ = peer_;
    bool behind_proxy_;
    std::size_t capacity_, size_ = 0;  // of buffer_: allocated, filled
    std::unique_ptr<char[]> buffer_;   // starts with the head of the current request
    std::size_t head_size_ = 0, message_size_ = 0;
    RequestParser parser_;
    HeadFacts facts_;
    Request request_;
    std::string body_;
    Time started_at_{};
    unsigned requests_ = 0;
};

template <class Stream>
awaitable<void> Session<Stream>::run() {
    // Time-outs and the end of the grace arrive as cancellation of one wait; what follows is decided here.
    co_await asio::this_coro::throw_if_cancelled(false);
    if (!co_await connection_.open()) co_return;
    buffer_.reset(new char[capacity_]);  // not zeroed: idle connections touch no memory
    request_.peer = peer_.to_string();
    auto next = Next::serve;
    while (next == Next::serve && !part_.shared.cutting) next = co_await serve_one();
    co_await connection_.close(next == Next::linger);
}

template <class Stream>
awaitable<void> Session<Stream>::refuse_connection() {
    co_await asio::this_coro::throw_if_cancelled(false);
    if (!co_await connection_.open()) co_return;
    auto response = problem(503);
    response.headers.emplace_back("Retry-After", "1");
    co_await connection_.write(response, {.request_id = {}, .keep_alive = false});
    co_await connection_.close(true);
}

/// Reads behind what the buffer holds. False: nothing more will come.
template <class Stream>
awaitable<bool> Session<Stream>::fill() {
    std::size_t count = 0;
    const bool more = co_await connection_.read_some(buffer_.get() + size_, capacity_ - size_, count);
    size_ += count;
    co_return more;
}

template <class Stream>
awaitable<Next> Session<Stream>::serve_one() {
    if (const auto ended = co_await read_head()) co_return *ended;
    const auto* violation = parser_.parse_head(received().substr(0, head_size_), request_.headers, facts_);
    if (violation) co_return co_await refuse(violation->status, violation->name);
    co_return co_await serve_checked();
}

/// nullopt when a head lies complete at the start of the buffer.
template <class Stream>
awaitable<std::optional<Next>> Session<Stream>::read_head() {
    HeadScanner scanner(options_.head);
    forget_request();
    control().idle = size_ == 0;
    started_at_ = Clock::now();
    connection_.set_deadline(started_at_ + (control().idle ? options_.idle_limit : options_.head_deadline));
    if (control().idle && part_.shared.draining) co_return Next::close;
    for (;;) {
        if (size_ > 0) {
            const auto state = scanner.scan(received());
            if (state == HeadScanner::State::complete) break;
            if (state == HeadScanner::State::refused)
                co_return co_await refuse(scanner.violation().status, scanner.violation().name);
        }
        if (!co_await fill()) {
            if (const auto ended = co_await decide_after_interruption()) co_return ended;
        }
        if (control().idle && size_ > 0) {
            control().idle = false;
            started_at_ = Clock::now();
            connection_.set_deadline(started_at_ + options_.head_deadline);
        }
    }
    head_size_ = scanner.size();
    co_return std::nullopt;
}

/// A read of the head ended early: decides what that means. nullopt: read on.
template <class Stream>
awaitable<std::optional<Next>> Session<Stream>::decide_after_interruption() {
    const bool interrupted = co_await connection_.wake();
    if (control().timed_out && size_ > 0) co_return co_await refuse(408, "head_deadline");
    if (!interrupted || control().timed_out || part_.shared.cutting) co_return Next::close;
    // The server drains. A request that has reached the kernel is still served: closing now would reset it.
    if (size_ == 0 && connection_.available() == 0) co_return Next::close;
    co_return std::nullopt;
}

template <class Stream>
void Session<Stream>::describe_request() {
    request_.method = facts_.head.method;
    request_.target = facts_.head.target;
    const auto origin = origin_form(request_.target);
    const auto question = origin.find('?');
    request_.path = origin.substr(0, question);
    request_.query = question == origin.npos ? std::string_view{} : origin.substr(question + 1);
    if (behind_proxy_) {
        client_ = client_address(peer_, request_.headers, options_.trusted_proxies);
        request_.peer = client_.to_string();
    }
    if (const auto given = request_.header("X-Request-Id"); is_request_id(given))
        request_.request_id = given;
    else
        make_request_id();
}

template <class Stream>
void Session<Stream>::make_request_id() {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, ++part_.request_number, 16).ptr;
    request_.request_id.assign(part_.request_prefix).append(digits, end);
}

/// Nothing of the request before may be taken for a part of the next one, least of all its views.
template <class Stream>
void Session<Stream>::forget_request() {
    request_.method = request_.target = request_.path = request_.query = request_.body = {};
    request_.headers.clear();
    request_.request_id.clear();
    request_.route = -1;
    facts_ = {};
}

template <class Stream>
std::optional<Response> Session<Stream>::check_rate(int rate_class) {
    if (rate_class < 0) return std::nullopt;
    const auto& limit = options_.rate_classes.at(static_cast<std::size_t>(rate_class));
    const auto network = client_.network(limit.v4_bits, limit.v6_bits);
    std::array<char, 17> key{static_cast<char>(rate_class)};
    std::memcpy(key.data() + 1, network.bytes().data(), network.bytes().size());
    const auto wait = part_.shared.rates.take({key.data(), key.size()}, limit.rate, started_at_);
    if (!wait) return std::nullopt;
    auto response = problem(429);
    response.headers.emplace_back("Retry-After",
                                  std::to_string(std::chrono::ceil<std::chrono::seconds>(*wait).count()));
    return response;
}

/// The answer when the request is not admitted; else fills `limits`.
template <class Stream>
std::optional<Response> Session<Stream>::admit(RouteLimits& limits) {
    try {
        auto verdict = part_.shared.admission(request_.method, request_.path);
        if (auto* response = std::get_if<Response>(&verdict)) return std::move(*response);
        limits = std::get<RouteLimits>(verdict);
        request_.route = limits.route;
        return check_rate(limits.rate_class);
    } catch (const std::exception& error) {
        log(Level::error, "admission_failed", {{"request_id", request_.request_id}, {"error", error.what()}});
        return problem(500);
    }
}

/// A refused request keeps its connection when its body fits behind its head: reading it costs less than the
/// client's next TLS handshake.
template <class Stream>
bool Session<Stream>::drops_body_cheaply() const {
    if (!has_body()) return true;
    return !facts_.chunked() && !facts_.expects_continue() && facts_.body_bytes() <= capacity_ - head_size_;
}

template <class Stream>
awaitable<Next> Session<Stream>::serve_checked() {
    describe_request();
    ++requests_;
    RouteLimits limits;
    auto refusal = admit(limits);
    connection_.set_deadline(started_at_ + limits.deadline);
    if (refusal) {
        Counters::add(part_.counters.requests_refused);
        const bool keep = drops_body_cheaply() && co_await read_body(capacity_) == 0;
        co_return co_await answer(std::move(*refusal), keep);
    }
    if (const int status = co_await read_body(limits.body_bytes_max); status != 0) {
        if (status < 0) co_return Next::close;
        co_return co_await refuse(status, "body");
    }
    Counters::add(part_.counters.requests);
    auto response = co_await call_handler();
    if (part_.shared.cutting) co_return Next::close;
    co_return co_await answer(std::move(response), !control().timed_out);
}

/// 0: the body is complete. Below 0: the connection is lost. Else the status to refuse with.
template <class Stream>
awaitable<int> Session<Stream>::read_body(std::size_t body_bytes_max) {
    message_size_ = head_size_;
    if (!has_body()) co_return 0;
    if (!facts_.chunked() && facts_.body_bytes() > body_bytes_max) co_return 413;
    if (facts_.expects_continue() && size_ == head_size_ && !co_await connection_.write_continue())
        co_return -1;
    const int status = facts_.chunked()
                           ? co_await read_chunked_body(body_bytes_max)
                           : co_await read_sized_body(static_cast<std::size_t>(facts_.body_bytes()));
    co_return status < 0 && control().timed_out ? 408 : status;
}

template <class Stream>
awaitable<int> Session<Stream>::read_sized_body(std::size_t size) {
    if (size <= capacity_ - head_size_) {  // in place, behind the head
        while (size_ < head_size_ + size)
            if (!co_await fill()) co_return -1;
        request_.body = {buffer_.get() + head_size_, size};
        message_size_ = head_size_ + size;
        co_return 0;
    }
    // Not zeroed: pages that no byte arrives for are never touched.
    body_.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
    std::size_t filled = size_ - head_size_;
    std::memcpy(body_.data(), buffer_.get() + head_size_, filled);
    size_ = head_size_;
    while (filled < size) {
        std::size_t count = 0;
        if (!co_await connection_.read_some(body_.data() + filled, size - filled, count)) co_return -1;
        filled += count;
    }
    request_.body = body_;
    co_return 0;
}

template <class Stream>
awaitable<int> Session<Stream>::read_chunked_body(std::size_t body_bytes_max) {
    body_.clear();
    for (;;) {
        const auto [state, consumed] =
            parser_.decode_chunked(received().substr(head_size_), body_, body_bytes_max);
        auto* const at = buffer_.get() + head_size_;
        std::memmove(at, at + consumed, size_ - head_size_ - consumed);
        size_ -= consumed;
        if (state == RequestParser::BodyState::complete) break;
        if (state == RequestParser::BodyState::too_large) co_return 413;
        if (state == RequestParser::BodyState::malformed || size_ == capacity_) co_return 400;
        if (!co_await fill()) co_return -1;
    }
    request_.body = body_;
    co_return 0;
}

template <class Stream>
awaitable<Response> Session<Stream>::call_handler() {
    int status = 500;
    // An interruption of the idle wait that came together with a request is not meant for the handler.
    co_await connection_.wake();
    try {
        co_await asio::this_coro::throw_if_cancelled(true);
        auto response = co_await part_.shared.handler(request_);
        co_await asio::this_coro::throw_if_cancelled(false);
        co_return response;
    } catch (const Overloaded& error) {
        status = 503;
        log(Level::warning, "handler_overloaded",
            {{"request_id", request_.request_id}, {"error", error.what()}});
    } catch (const std::exception& error) {
        if (control().timed_out) status = 503;
        log(Level::error, control().timed_out ? "handler_timed_out" : "handler_failed",
            {{"request_id", request_.request_id}, {"path", request_.path}, {"error", error.what()}});
    } catch (...) {
        log(Level::error, "handler_failed", {{"request_id", request_.request_id}, {"path", request_.path}});
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    auto response = problem(status);
    if (status == 503) response.headers.emplace_back("Retry-After", "1");
    co_return response;
}

/// Answers what cannot be trusted to be followed by another request.
template <class Stream>
awaitable<Next> Session<Stream>::refuse(int status, std::string_view why) {
    Counters::add(part_.counters.requests_refused);
    if (request_.request_id.empty()) make_request_id();
    log(Level::debug, "request_refused",
        {{"server", options_.name}, {"request_id", request_.request_id}, {"status", status}, {"why", why}});
    co_return co_await answer(problem(status), false);
}

template <class Stream>
awaitable<Next> Session<Stream>::answer(Response response, bool keep_alive) {
    co_await connection_.wake();  // a deadline did its work; the answer still goes out
    control().timed_out = false;
    keep_alive = keep_alive && facts_.keeps_alive() && requests_ < options_.requests_per_connection &&
                 !part_.shared.draining.load(std::memory_order_relaxed);
    const ResponseFrame frame{.request_id = request_.request_id,
                              .keep_alive = keep_alive,
                              .head_only = facts_.head.method == "HEAD"};
    if (!co_await connection_.write(response, frame)) co_return Next::close;
    Counters::add(
        part_.counters.answers_by_class[static_cast<std::size_t>(std::clamp(response.status / 100, 0, 5))]);
    if (options_.on_done) options_.on_done(request_, response.status, Clock::now() - started_at_);
    if (!keep_alive)
        co_return response.status >= 400 || connection_.available() > 0 ? Next::linger : Next::close;
    finish_message();
    co_return Next::serve;
}

/// Moves what came behind the message to the front, and lets go of a buffer that one large body needed.
template <class Stream>
void Session<Stream>::finish_message() {
    std::memmove(buffer_.get(), buffer_.get() + message_size_, size_ - message_size_);
    size_ -= message_size_;
    if (body_.capacity() > spare_body_max) std::string().swap(body_);
}

}  // namespace

Shared::Shared(ServerOptions settings, Admission admit, Handler handle)
    : options(std::move(settings)),
      admission(std::move(admit)),
      handler(std::move(handle)),
      connections([this] {
          auto quota = options.connections;
          quota.shared_ranges.insert(quota.shared_ranges.end(), options.trusted_proxies.begin(),
                                     options.trusted_proxies.end());
          return quota;
      }()) {}

Part::Part(Shared& server) : shared(server), request_prefix(random_alphanumeric(12) + "-") {
    if (!server.options.tls) return;
    auto* context = server.options.tls.get();
    SSL_CTX_up_ref(context);
    tls.emplace(context);
}

awaitable<void> run_session(Part& part, Control& control, Socket socket, IpAddress peer) {
    if (part.tls) {
        Session<TlsStream> session(part, control, TlsStream(std::move(socket), *part.tls), peer);
        co_await session.run();
    } else {
        Session<Socket> session(part, control, std::move(socket), peer);
        co_await session.run();
    }
}

awaitable<void> run_refusal(Part& part, Control& control, Socket socket) {
    Session<Socket> session(part, control, std::move(socket), IpAddress());
    co_await session.refuse_connection();
}

}  // namespace wefee::io::listener
