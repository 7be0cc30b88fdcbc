// One flight per key. The leader holds a guard that ends the flight even when its coroutine is destroyed;
// waiters sleep on a timer of their own loop that the end of the flight cancels.
#include "wecom/tokens.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace wefee::wecom {
namespace {

namespace asio = boost::asio;
using TimerPointer = std::shared_ptr<asio::steady_timer>;

struct Flight {
    std::optional<Result<std::string>> result;  // empty after the end: the leader was cancelled
    bool ended = false;
    std::vector<TimerPointer> waiters;
};

struct Entry {
    std::optional<Token> token;
    std::shared_ptr<Flight> flight;
};

}  // namespace

struct TokenCache::State {
    explicit State(const io::Clock& clock_in) : clock(clock_in) {}
    const io::Clock& clock;
    std::mutex mutex;
    std::map<std::string, Entry, std::less<>> entries;

    void end(const std::string& key, const std::shared_ptr<Flight>& flight,
             std::optional<Result<Token>> result) {
        const std::lock_guard lock(mutex);
        Entry& entry = entries[key];
        entry.flight.reset();
        flight->ended = true;
        if (result && *result) {
            entry.token = **result;
            flight->result = Result<std::string>{(*result)->text};
        } else if (result) {
            flight->result = Result<std::string>{std::unexpected(result->error())};
        }
        // The cancel runs on the waiter's own loop, so it comes after the waiter went to sleep.
        for (const auto& timer : flight->waiters)
            asio::post(timer->get_executor(), [timer] { timer->cancel(); });
    }
};

namespace {

/// A waiter that goes away takes its timer along: the flight must not outlive the loop with it.
template <class State>
struct Waiting {
    std::shared_ptr<State> state;
    std::shared_ptr<Flight> flight;
    TimerPointer timer;
    Waiting(std::shared_ptr<State> s, std::shared_ptr<Flight> f, TimerPointer t)
        : state(std::move(s)), flight(std::move(f)), timer(std::move(t)) {}
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
        const std::lock_guard lock(state->mutex);
        std::erase(flight->waiters, timer);
    }
};

template <class State>
struct Leading {
    std::shared_ptr<State> state;
    std::string key;
    std::shared_ptr<Flight> flight;
    bool ended = false;
    Leading(std::shared_ptr<State> s, std::string k, std::shared_ptr<Flight> f)
        : state(std::move(s)), key(std::move(k)), flight(std::move(f)) {}
    Leading(const Leading&) = delete;
    Leading& operator=(const Leading&) = delete;
    void end(std::optional<Result<Token>> result) {
        ended = true;
        state->end(key, flight, std::move(result));
    }
    ~Leading() {
        if (!ended) end(std::nullopt);
    }
};

}  // namespace

io::Clock::Instant token_expiry(io::Clock::Instant received_at, std::chrono::seconds expires_in) {
    static constexpr std::chrono::seconds margin{300};
    return received_at + (expires_in > 2 * margin ? expires_in - margin : expires_in / 2);
}

TokenCache::TokenCache(const io::Clock& clock) : state_(std::make_shared<State>(clock)) {}

io::awaitable<Result<std::string>> TokenCache::get(std::string key, Fetch fetch) {
    const auto state = state_;
    const auto executor = co_await asio::this_coro::executor;
    for (;;) {
        std::shared_ptr<Flight> flight;
        TimerPointer timer;
        {
            const std::lock_guard lock(state->mutex);
            Entry& entry = state->entries[key];
            if (entry.token && state->clock.now() < entry.token->expires_at) co_return entry.token->text;
            if (entry.flight) {
                timer = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
                entry.flight->waiters.push_back(timer);
            } else {
                entry.flight = std::make_shared<Flight>();
            }
            flight = entry.flight;
        }
        if (timer) {
            const Waiting<State> waiting(state, flight, timer);
            boost::system::error_code ignored;
            co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            const std::lock_guard lock(state->mutex);
            if (!flight->ended) throw boost::system::system_error(asio::error::operation_aborted);
            if (flight->result) co_return *flight->result;
            continue;  // the leader was cancelled: ask again
        }
        Leading<State> leading(state, key, flight);
        auto result = co_await fetch();
        leading.end(result);
        if (!result) co_return std::unexpected(std::move(result).error());
        co_return std::move(result->text);
    }
}

void TokenCache::drop(std::string_view key, std::string_view token) {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->entries.find(key);
    if (at != state_->entries.end() && at->second.token && at->second.token->text == token)
        at->second.token.reset();
}

}  // namespace wefee::wecom
