// Access tokens: cached under their full key, with one fetch in flight per key however many ask, from
// whichever loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "io/async.hpp"
#include "io/clock.hpp"
#include "wecom/errors.hpp"

namespace wefee::wecom {

struct Token {
    std::string text;
    io::Clock::Instant expires_at{};  // absolute, the margin already taken off
};

/// Received-at plus life, less 300 s (or half of a life that is shorter than twice that).
io::Clock::Instant token_expiry(io::Clock::Instant received_at, std::chrono::seconds expires_in);

/// Thread-safe; waiters resume on their own loop.
class TokenCache {
public:
    explicit TokenCache(const io::Clock& clock);

    using Fetch = std::function<io::awaitable<Result<Token>>()>;
    /// The cached token, else that of the one running fetch, else `fetch`'s. A failed fetch fails all who
    /// waited for it and is not cached. When the fetching coroutine is cancelled, one of the waiters takes
    /// over.
    io::awaitable<Result<std::string>> get(std::string key, Fetch fetch);

    /// Forgets `token` if the cache still holds this very one: a newer one of another caller stays.
    void drop(std::string_view key, std::string_view token);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace wefee::wecom
