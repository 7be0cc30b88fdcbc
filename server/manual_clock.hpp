// The test clock: stands still until it is advanced. Test environment only.
#pragma once

#include <atomic>

#include "io/clock.hpp"

namespace wefee::server {

class ManualClock final : public io::Clock {
public:
    explicit ManualClock(Instant start) : millis_(start.time_since_epoch().count()) {}
    Instant now() const override { return Instant{std::chrono::milliseconds{millis_.load()}}; }
    /// Never goes back.
    void advance_to(Instant to) {
        auto current = millis_.load();
        const auto wanted = to.time_since_epoch().count();
        while (wanted > current && !millis_.compare_exchange_weak(current, wanted)) {
        }
    }

private:
    std::atomic<std::int64_t> millis_;
};

}  // namespace wefee::server
