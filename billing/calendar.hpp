// When we may notify, announce, wait, deduct and try again (rule R15, the providers' windows, quiet hours). All
// in Asia/Shanghai; pure functions of the times given.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "billing/facts.hpp"
#include "billing/time.hpp"

namespace wefee {

/// [from, to) within a day, as minutes since midnight.
struct DayHours {
    std::chrono::minutes from{};
    std::chrono::minutes to{};
    constexpr bool contains(std::chrono::minutes minute) const { return minute >= from && minute < to; }
};

/// Providers take notices and deductions only then; whether 22:00 itself counts is not known, so it does not.
inline constexpr DayHours provider_hours{std::chrono::hours{7}, std::chrono::hours{22}};
/// People are left alone outside these hours.
inline constexpr DayHours notice_hours{std::chrono::hours{8}, std::chrono::hours{22}};
/// When planned deductions and retries are made.
inline constexpr std::chrono::minutes deduction_minute = std::chrono::hours{10};
/// No deduction sooner after the first delivered notice.
inline constexpr std::chrono::hours notice_to_deduction{24};

/// A7: the first date of `deduction_day` (1-28) that lies at least `lead_days` after the invoice became final.
CivilDay planned_deduction_day(CivilDay final_day, int deduction_day, int lead_days);

/// Alipay: the execute day registered with the agreement for a deduction day (R15).
constexpr int execute_day_of(int deduction_day) { return deduction_day + 2 > 28 ? 28 : deduction_day + 2; }
/// The execute date that belongs to a planned deduction on `planned`; never before it.
CivilDay execute_date(CivilDay planned);

/// The first instant at or after `t` that lies in `hours`.
Instant next_within(Instant t, DayHours hours);

/// Minutes 3-27 and 33-57 of an hour, spread by a hash of the receiver.
std::chrono::minutes spread_minute(std::uint64_t hash);

/// When a deadline notice goes out: `lead_days` before `planned` at 10:xx, so never in the quiet hours; when that
/// is past, at once, or at 08:xx after quiet hours. Too late for the deduction? Then the deduction moves.
Instant notice_instant(CivilDay planned, int lead_days, std::uint64_t receiver_hash, Instant now);

/// When money may be taken: [from, to), inside provider_hours on each day.
struct DeductionWindow {
    Instant from{};
    Instant to{};
    friend bool operator==(const DeductionWindow&, const DeductionWindow&) = default;
};

/// WeChat with its pre-deduction notice taken at `announced`: that day and the next are waiting days, then
/// `deduct_days` chargeable ones.
DeductionWindow wechat_window(Instant announced, int deduct_days);
/// WeChat template that executes 24 h after apply: no notice of its own, four days to apply.
DeductionWindow wechat_delayed_window(CivilDay planned);
/// Alipay: from `window_days` before the agreement's next date to that date.
DeductionWindow alipay_window(CivilDay next_date, int window_days);
/// The latest notice day for a deduction on `day` (R15): two days before.
constexpr CivilDay latest_announcement_day(CivilDay day) { return add_days(day, -2); }

/// The first instant at or after `now` at which this deduction may be made: not before the planned day 10:00, nor
/// 24 h after the notice, inside the window and its hours. nullopt: the window is over before.
std::optional<Instant> next_deduction(Instant now, const DeductionWindow& window, CivilDay planned,
                                      Instant notified_at);

/// Whether waiting can heal a failure, and who has to know.
struct RetryRule {
    FailureCause cause{};
    bool retry = false;
    bool tell_operator = false;
};
inline constexpr std::array retry_rules{
    RetryRule{FailureCause::balance_not_enough, true, false},
    RetryRule{FailureCause::payment_limit, true, false},
    RetryRule{FailureCause::account_abnormal, false, false},
    RetryRule{FailureCause::mandate_ended, false, false},
    RetryRule{FailureCause::amount_above_mandate, false, true},
    RetryRule{FailureCause::outside_window, true, true},
    RetryRule{FailureCause::channel_busy, true, false},
    RetryRule{FailureCause::merchant_blocked, false, true},
    RetryRule{FailureCause::bad_request, false, true},
    RetryRule{FailureCause::closed_unpaid, true, false},
    RetryRule{FailureCause::unlisted, true, true},
};
const RetryRule& retry_rule(FailureCause cause);

/// The next try after failure number `failures` (1 = the first): the next day at 10:00 inside the window.
/// nullopt: given up (cause, number of retries, or window).
std::optional<Instant> next_retry(Instant failed_at, FailureCause cause, std::int64_t failures,
                                  std::int64_t retries_max, const DeductionWindow& window);

}  // namespace wefee
