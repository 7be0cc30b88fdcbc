// The sandbox's time: standing still until advanced, or the system's plus what was advanced.
#pragma once

#include <optional>

#include "billing/time.hpp"
#include "io/clock.hpp"

namespace wefee::sandbox {

class SandboxClock final : public io::Clock {
public:
    explicit SandboxClock(std::optional<Instant> start) : standing_(start) {}
    Instant now() const override { return standing_ ? *standing_ : system_.now() + ahead_; }
    bool running() const { return !standing_; }
    /// Forward only; an earlier moment changes nothing.
    void set(Instant to) {
        const auto before = now();
        if (to <= before) return;
        if (standing_) {
            standing_ = to;
        } else {
            ahead_ += to - before;
        }
    }

private:
    io::SystemClock system_;
    std::optional<Instant> standing_;
    std::chrono::milliseconds ahead_{0};
};

}  // namespace wefee::sandbox
