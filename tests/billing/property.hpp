// Seeded loops for properties: one seed a test, printed with every failure, WEFEE_SEED replays it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace wefee::testing {

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>{low, high}(engine_);
    }
    bool chance(int percent) { return between(1, 100) <= percent; }

private:
    std::mt19937_64 engine_;
};

inline std::uint64_t seed_of_run() {
    const char* given = std::getenv("WEFEE_SEED");
    return given ? std::strtoull(given, nullptr, 10) : 20'261'124;
}

/// Calls `body(random)` with `count` seeds that follow the run's one; stops at the first failing seed.
template <class Body>
void for_seeds(int count, const Body& body) {
    for (int i = 0; i < count; ++i) {
        const auto seed = seed_of_run() + static_cast<std::uint64_t>(i);
        SCOPED_TRACE("WEFEE_SEED=" + std::to_string(seed));
        Random random(seed);
        body(random);
        if (::testing::Test::HasFailure()) return;
    }
}

}  // namespace wefee::testing
