// Instants are UTC milliseconds; billed days are civil days in Asia/Shanghai, a fixed +08:00 since 1992.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace wefee {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using CivilDay = std::chrono::year_month_day;

inline constexpr std::chrono::hours shanghai_offset{8};

constexpr CivilDay civil_day(Instant t) {
    return CivilDay{std::chrono::floor<std::chrono::days>(t + shanghai_offset)};
}
constexpr Instant day_start(CivilDay day) { return Instant{std::chrono::sys_days{day}} - shanghai_offset; }
constexpr Instant at_local(CivilDay day, std::chrono::minutes since_midnight) {
    return day_start(day) + since_midnight;
}
constexpr CivilDay add_days(CivilDay day, int count) {
    return CivilDay{std::chrono::sys_days{day} + std::chrono::days{count}};
}
constexpr int days_between(CivilDay from, CivilDay to) {
    return static_cast<int>((std::chrono::sys_days{to} - std::chrono::sys_days{from}).count());
}

/// Minutes since local midnight of the day that `t` lies in.
constexpr std::chrono::minutes minute_of_day(Instant t) {
    return std::chrono::floor<std::chrono::minutes>(t - day_start(civil_day(t)));
}

constexpr std::int64_t to_millis(Instant t) { return t.time_since_epoch().count(); }
constexpr Instant from_millis(std::int64_t millis) { return Instant{std::chrono::milliseconds{millis}}; }

/// Half-open [start, end) in whole civil days.
struct DaySpan {
    CivilDay start;
    CivilDay end;
    friend bool operator==(const DaySpan&, const DaySpan&) = default;
    constexpr int days() const { return days_between(start, end); }
};

std::string format_day(CivilDay day);                      // 2026-01-31
std::optional<CivilDay> parse_day(std::string_view text);  // real dates in 1970-2100 only
std::string format_instant(Instant t);                     // RFC 3339 in Shanghai: 2026-01-31T10:00:00+08:00
std::optional<Instant> parse_instant(
    std::string_view text);           // RFC 3339 with any offset or Z, optional fraction
std::string format_local(Instant t);  // yyyy-MM-dd HH:mm:ss in Shanghai
std::optional<Instant> parse_local(std::string_view text);  // the same back (a fraction is cut)
std::string format_compact(Instant t);                      // yyyyMMddHHmmss in Shanghai (WeChat Pay v2)
std::optional<Instant> parse_compact(std::string_view text);

}  // namespace wefee
