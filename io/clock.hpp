// The one source of "now" for calendars, due rows, query ladders and signatures. Time-outs and leases never
// use it: they run on the monotonic clock.
#pragma once

#include <chrono>

namespace wefee::io {

class Clock {
public:
    using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const override {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

}  // namespace wefee::io
