// Calls: allowed? breaker? its turn? a place? a connection, kept or new; exchange; keep. See http_client.hpp.
#include "io/http_client.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/system_error.hpp>
#include <list>
#include <map>

#include "io/client_connection.hpp"
#include "io/client_url.hpp"
#include "io/log.hpp"
#include "io/resolver.hpp"
#include "io/tls.hpp"

namespace wefee::io {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// What the client remembers of one peer.
struct Peer {
    Peer(const Executor& executor, BreakerPolicy policy) : breaker(policy), freed(executor) {}
    Breaker breaker;
    std::size_t in_flight = 0;
    Signal freed;
    std::list<std::unique_ptr<ClientConnection>> idle;  // the one used last in front
};

struct Call {
    ClientRequest request;
    ClientUrl url;
    std::string bytes;
    std::chrono::milliseconds limit{};
    Clock::time_point started{};
    std::shared_ptr<Peer> peer = nullptr;
    bool admitted = false;  // by the breaker: it must hear how the call ended
    ClientResponse response = {};
};

/// A place among the calls in flight; gives it back, whatever happens.
class Place {
public:
    explicit Place(std::shared_ptr<Peer> peer) : peer_(std::move(peer)) { ++peer_->in_flight; }
    ~Place() {
        --peer_->in_flight;
        peer_->freed.notify_one();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

private:
    std::shared_ptr<Peer> peer_;
};

bool is_peer_trouble(int status) { return status == 502 || status == 503 || status == 504; }

asio::ssl::context share_context(const std::shared_ptr<SSL_CTX>& context) {
    SSL_CTX_up_ref(context.get());
    return asio::ssl::context(context.get());
}

}  // namespace

struct NetHttpClient::State {
    explicit State(ClientOptions settings)
        : options(std::move(settings)),
          tls(share_context(make_tls_client(options.ca_pem))),
          tasks(loop.executor()),
          resolver(loop.executor(), options.resolve_ttl) {}

    void check_allowed(const ClientUrl& url) const;
    void check_addresses(std::vector<IpAddress>& addresses, const std::string& host) const;
    std::shared_ptr<Peer> peer_of(const ClientUrl& url);
    awaitable<void> run(std::shared_ptr<Call> call, Done done);
    awaitable<void> perform(Call& call);
    awaitable<void> wait_for_turn(const Call& call);
    awaitable<void> wait_for_place(Peer& peer);
    std::unique_ptr<ClientConnection> take_idle(Peer& peer);
    awaitable<std::unique_ptr<ClientConnection>> connect(const ClientUrl& url);
    void keep(Peer& peer, std::unique_ptr<ClientConnection> connection);
    void tell_breaker(Call& call, bool failed);

    ClientOptions options;
    Loop loop;
    asio::ssl::context tls;
    std::map<std::string, std::shared_ptr<Peer>> peers;
    RateLimiter turns;
    TaskGroup tasks;
    Resolver resolver;
    std::atomic<bool> stopping = false;
    std::atomic<std::uint64_t> calls = 0, failures = 0, opened = 0, reused = 0;
};

void NetHttpClient::State::check_allowed(const ClientUrl& url) const {
    if (!url.tls && !options.allow_private) throw NotSent("call refused: http:// to " + url.host);
    const auto& hosts = options.allowed_hosts;
    if (!hosts.empty() && std::ranges::find(hosts, url.host) == hosts.end())
        throw NotSent("call refused: " + url.host + " is not an allowed host");
}

void NetHttpClient::State::check_addresses(std::vector<IpAddress>& addresses, const std::string& host) const {
    if (!options.allow_private)
        std::erase_if(addresses, [](const IpAddress& address) { return !is_public(address); });
    if (addresses.empty()) throw NotSent("call refused: " + host + " has no public address");
}

std::shared_ptr<Peer> NetHttpClient::State::peer_of(const ClientUrl& url) {
    auto& peer = peers[(url.tls ? "https://" : "http://") + url.authority()];
    if (!peer) peer = std::make_shared<Peer>(loop.executor(), options.breaker);
    return peer;
}

/// A call whose time would be up before its turn comes is not made: better than one whose outcome is unknown.
awaitable<void> NetHttpClient::State::wait_for_turn(const Call& call) {
    while (const auto wait = turns.take(call.url.authority(), options.rate, Clock::now())) {
        if (Clock::now() + *wait >= call.started + call.limit)
            throw NotSent("call refused: too many calls to " + call.url.host);
        co_await sleep_for(*wait);
    }
}

awaitable<void> NetHttpClient::State::wait_for_place(Peer& peer) {
    while (peer.in_flight >= options.in_flight_per_host) {
        try {
            co_await peer.freed.wait();
        } catch (...) {
            peer.freed.notify_one();  // the notice may have been for us: another one waits for it
            throw;
        }
    }
}

/// A kept connection that is surely open, or null.
std::unique_ptr<ClientConnection> NetHttpClient::State::take_idle(Peer& peer) {
    const auto oldest = Clock::now() - options.idle_limit;
    std::erase_if(peer.idle, [&](const auto& connection) {
        return connection->idle_since < oldest || connection->is_stale();
    });
    if (peer.idle.empty()) return nullptr;
    auto connection = std::move(peer.idle.front());
    peer.idle.pop_front();
    ++reused;
    return connection;
}

awaitable<std::unique_ptr<ClientConnection>> NetHttpClient::State::connect(const ClientUrl& url) {
    auto addresses = co_await resolver.resolve(url.host);
    check_addresses(addresses, url.host);
    auto connection =
        url.tls ? make_tls_connection(loop.executor(), tls) : make_plain_connection(loop.executor());
    co_await within(options.connect_limit, connection->connect(addresses, url.port));
    if (url.tls) co_await within(options.tls_limit, connection->shake_hands(url.host));
    ++opened;
    co_return connection;
}

void NetHttpClient::State::keep(Peer& peer, std::unique_ptr<ClientConnection> connection) {
    if (!connection->can_be_kept()) return;
    connection->idle_since = Clock::now();
    peer.idle.push_front(std::move(connection));
    if (peer.idle.size() > options.idle_per_host) peer.idle.pop_back();
}

awaitable<void> NetHttpClient::State::perform(Call& call) {
    call.peer = peer_of(call.url);
    auto& peer = *call.peer;
    if (const auto wait = peer.breaker.wait(Clock::now()); wait.count() > 0)
        throw BreakerOpen(call.url.host, wait);
    co_await wait_for_turn(call);
    co_await wait_for_place(peer);
    const Place place(call.peer);
    if (!peer.breaker.allow(Clock::now())) throw BreakerOpen(call.url.host, peer.breaker.wait(Clock::now()));
    call.admitted = true;
    auto connection = take_idle(peer);
    if (!connection) connection = co_await connect(call.url);
    const ResponseLimits limits{.body_bytes_max = options.response_bytes_max,
                                .head_bytes_max = options.response_head_bytes_max};
    call.response = co_await connection->exchange(call.bytes, call.request.method == "HEAD", limits);
    keep(peer, std::move(connection));
}

void NetHttpClient::State::tell_breaker(Call& call, bool failed) {
    if (failed) ++failures;
    if (!call.admitted) return;
    const auto now = Clock::now();
    const bool was_closed = call.peer->breaker.wait(now).count() == 0;
    failed ? call.peer->breaker.failure(now) : call.peer->breaker.success();
    if (was_closed && call.peer->breaker.wait(now).count() > 0)
        log(Level::warning, "breaker_opened", {{"client", options.name}, {"host", call.url.host}});
}

awaitable<void> NetHttpClient::State::run(std::shared_ptr<Call> call, Done done) {
    std::exception_ptr failure;
    bool refused = false;
    try {
        const auto left = call->started + call->limit - Clock::now();
        co_await within(std::max(left, Clock::duration(0)), perform(*call));
    } catch (const NotSent&) {
        failure = std::current_exception();
        refused = true;
    } catch (...) {
        failure = std::current_exception();
    }
    // A refused address says nothing of the peer's health, but its probe has ended.
    if (!stopping) tell_breaker(*call, failure ? !refused : is_peer_trouble(call->response.status));
    done(std::move(failure));
}

NetHttpClient::NetHttpClient(ClientOptions options) : state_(std::make_shared<State>(std::move(options))) {
    state_->loop.start(state_->options.name);
}

NetHttpClient::~NetHttpClient() {
    state_->stopping = true;
    state_->loop.run(state_->tasks.stop(std::chrono::milliseconds(0)));
    state_->loop.run(state_->resolver.stop());
    state_->loop.stop();
    state_->loop.join();
}

awaitable<ClientResponse> NetHttpClient::send(ClientRequest request, std::chrono::milliseconds total_limit) {
    const auto state = state_;
    const auto call = std::make_shared<Call>();
    call->started = Clock::now();
    call->limit = total_limit;
    call->url = parse_client_url(request.url);
    state->check_allowed(call->url);
    call->bytes = render_request(request, call->url);
    call->request = std::move(request);
    ++state->calls;
    co_await wait_for_done([state = state.get(), call](Done done) {
        state->loop.post([state, call, done = std::move(done)]() mutable {
            if (state->stopping)
                done(std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted)));
            else
                state->tasks.start("http_call", state->run(call, std::move(done)));
        });
    });
    co_return std::move(call->response);
}

ClientStats NetHttpClient::stats() const {
    return {.calls = state_->calls,
            .failures = state_->failures,
            .connections_opened = state_->opened,
            .connections_reused = state_->reused};
}

}  // namespace wefee::io
