// When an open order is queried again: 5 s, 15 s, 30 s, 1, 3, 5, 10, 30 minutes, then hourly; it never stops
// by itself.
#pragma once

#include <array>

#include "billing/time.hpp"

namespace wefee {

inline constexpr std::array query_waits{
    std::chrono::seconds{5},   std::chrono::seconds{15},   std::chrono::seconds{30},
    std::chrono::seconds{60},  std::chrono::seconds{180},  std::chrono::seconds{300},
    std::chrono::seconds{600}, std::chrono::seconds{1800}, std::chrono::seconds{3600}};

/// The wait before query number `queries_so_far` + 1.
constexpr std::chrono::seconds query_wait(std::int64_t queries_so_far) {
    const auto last = static_cast<std::int64_t>(query_waits.size()) - 1;
    const auto step = queries_so_far < 0 ? 0 : queries_so_far > last ? last : queries_so_far;
    return query_waits[static_cast<std::size_t>(step)];
}

constexpr Instant next_query_at(Instant now, std::int64_t queries_so_far) {
    return now + query_wait(queries_so_far);
}

/// A person looks at what is still open by then; mode 1 orders run 24 hours before they have a result.
constexpr std::chrono::hours person_after(bool wechat_mode_1) {
    return std::chrono::hours{wechat_mode_1 ? 48 : 24};
}

}  // namespace wefee
