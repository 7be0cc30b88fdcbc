// When to ask a provider again about a number whose result is not known: it never stops by itself.
#pragma once

#include "billing/time.hpp"

namespace wefee {

/// 5 s, 15 s, 30 s, 1, 3, 5, 10, 30 min, then hourly. `queries`: how many were made.
std::chrono::seconds query_wait(std::int64_t queries);

/// From here on a person is told: 24 h, 48 h where the provider executes a day later.
constexpr std::chrono::hours unresolved_after(bool executes_a_day_later) {
    return std::chrono::hours{executes_a_day_later ? 48 : 24};
}

}  // namespace wefee
