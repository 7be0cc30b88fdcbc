// When to stop calling a peer that fails: a pure state machine, time is an argument.
#pragma once

#include <chrono>
#include <deque>

namespace wefee::io {

struct BreakerPolicy {
    std::size_t failures = 5;                  // in a row ...
    std::chrono::milliseconds window{10'000};  // ... within this time open it
    std::chrono::milliseconds open_time{30'000};
};

/// Closed: calls pass. Open: none. After open_time half-open: one call probes, its result closes or opens
/// again.
class Breaker {
public:
    using Time = std::chrono::steady_clock::time_point;
    explicit Breaker(BreakerPolicy policy = {}) : policy_(policy) {}

    /// True: the call may go, and success() or failure() must follow.
    bool allow(Time now);
    void success();
    void failure(Time now);
    /// How long calls are refused from `now` on; zero when the next allow() says yes.
    std::chrono::milliseconds wait(Time now) const;

private:
    void open(Time now);

    BreakerPolicy policy_;
    std::deque<Time> failures_;
    bool open_ = false;
    Time retry_at_{};  // of an open breaker: the next probe
};

}  // namespace wefee::io
