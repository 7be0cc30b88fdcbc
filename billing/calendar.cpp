#include "billing/calendar.hpp"

#include <algorithm>

namespace wefee {
namespace {

using std::chrono::minutes;

/// Where notices of a day begin.
constexpr minutes notice_minute = std::chrono::hours{10};
constexpr int delayed_window_days = 4;

}  // namespace

CivilDay planned_deduction_day(CivilDay final_day, int deduction_day, int lead_days) {
    const auto earliest = add_days(final_day, lead_days);
    const std::chrono::day day{static_cast<unsigned>(deduction_day)};
    auto month = earliest.year() / earliest.month();
    if (month / day < earliest) month += std::chrono::months{1};
    return month / day;
}

CivilDay execute_date(CivilDay planned) {
    const auto deduction_day = static_cast<int>(static_cast<unsigned>(planned.day()));
    return planned.year() / planned.month() /
           std::chrono::day{static_cast<unsigned>(std::max(deduction_day, execute_day_of(deduction_day)))};
}

Instant next_within(Instant t, DayHours hours) {
    const auto day = civil_day(t);
    const auto minute = minute_of_day(t);
    if (minute < hours.from) return at_local(day, hours.from);
    if (minute >= hours.to) return at_local(add_days(day, 1), hours.from);
    return t;
}

minutes spread_minute(std::uint64_t hash) {
    const auto slot = static_cast<int>(hash % 50);  // 3..27 and 33..57
    return minutes{slot < 25 ? 3 + slot : 33 + slot - 25};
}

Instant notice_instant(CivilDay planned, int lead_days, std::uint64_t receiver_hash, Instant now) {
    const auto spread = spread_minute(receiver_hash);
    const auto wanted = at_local(add_days(planned, -lead_days), notice_minute + spread);
    if (wanted >= now) return wanted;
    if (notice_hours.contains(minute_of_day(now))) return now;
    return next_within(now, notice_hours) + spread;
}

DeductionWindow wechat_window(Instant announced, int deduct_days) {
    const auto notice_day = civil_day(announced);
    return {at_local(add_days(notice_day, 2), provider_hours.from),
            at_local(add_days(notice_day, 1 + deduct_days), provider_hours.to)};
}

DeductionWindow wechat_delayed_window(CivilDay planned) {
    return {at_local(planned, provider_hours.from),
            at_local(add_days(planned, delayed_window_days - 1), provider_hours.to)};
}

DeductionWindow alipay_window(CivilDay next_date, int window_days) {
    return {at_local(add_days(next_date, -window_days), provider_hours.from), at_local(next_date, provider_hours.to)};
}

std::optional<Instant> next_deduction(Instant now, const DeductionWindow& window, CivilDay planned,
                                      Instant notified_at) {
    auto earliest = std::max({now, window.from, at_local(planned, deduction_minute), notified_at + notice_to_deduction});
    earliest = next_within(earliest, provider_hours);
    if (earliest >= window.to) return std::nullopt;
    return earliest;
}

const RetryRule& retry_rule(FailureCause cause) { return *std::ranges::find(retry_rules, cause, &RetryRule::cause); }

std::optional<Instant> next_retry(Instant failed_at, FailureCause cause, std::int64_t failures,
                                  std::int64_t retries_max, const DeductionWindow& window) {
    if (!retry_rule(cause).retry || failures > retries_max) return std::nullopt;
    const auto at = at_local(add_days(civil_day(failed_at), 1), deduction_minute);
    if (at < window.from || at >= window.to) return std::nullopt;
    return at;
}

}  // namespace wefee
