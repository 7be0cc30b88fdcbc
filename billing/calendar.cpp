// Day and minute arithmetic in Asia/Shanghai; every function is pure.
#include "billing/calendar.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "billing/period.hpp"

namespace wefee {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr DeductionWindow any_day{};

int day_number(CivilDay day) { return static_cast<int>(static_cast<unsigned>(day.day())); }

/// The first instant at or after `t` whose time of day is in [opens, closes).
Instant within_hours(Instant t, minutes opens, minutes closes) {
    const auto day = civil_day(t);
    const auto minute = minute_of_day(t);
    if (minute < opens) return at_local(day, opens);
    if (minute >= closes) return at_local(add_days(day, 1), opens);
    return t;
}

bool in_hours(Instant t, minutes opens, minutes closes) { return within_hours(t, opens, closes) == t; }

/// 0 or 1 hour, from other bits of the key than the minute.
minutes spread_hour(std::uint64_t key) { return hours{static_cast<int>((key / 50) % 2)}; }

constexpr std::array retry_table{
    RetryRow{FailureCause::balance_not_enough, RetryAction::retry, false},
    RetryRow{FailureCause::payment_limit, RetryAction::retry, false},
    RetryRow{FailureCause::account_abnormal, RetryAction::stop, false},
    RetryRow{FailureCause::mandate_ended, RetryAction::stop, false},
    RetryRow{FailureCause::amount_above_mandate, RetryAction::stop, true},
    RetryRow{FailureCause::outside_window, RetryAction::retry, true},
    RetryRow{FailureCause::channel_busy, RetryAction::retry, false},
    RetryRow{FailureCause::merchant_blocked, RetryAction::hold, true},
    RetryRow{FailureCause::bad_request, RetryAction::hold, true},
    RetryRow{FailureCause::closed_unpaid, RetryAction::retry, false},
    RetryRow{FailureCause::unlisted, RetryAction::retry, true},
};

}  // namespace

CivilDay planned_deduction_day(int deduction_day, CivilDay final_on, int lead_days) {
    if (deduction_day < 1 || deduction_day > 28) throw std::domain_error("planned_deduction_day: 1-28");
    return boundary_at_or_after(add_days(final_on, lead_days), {.day = deduction_day});
}

std::optional<Instant> next_chargeable_instant(const DeductionWindow& window, Instant not_before) {
    const auto at = within_hours(std::max(not_before, window_opens_at(window)), window.opens, window.closes);
    if (at >= latest_moment(window)) return std::nullopt;
    return at;
}

bool is_chargeable(const DeductionWindow& window, Instant at) {
    return next_chargeable_instant(window, at) == at;
}

Instant window_opens_at(const DeductionWindow& window) { return at_local(window.days.start, window.opens); }

Instant latest_moment(const DeductionWindow& window) {
    return at_local(add_days(window.days.end, -1), window.closes);
}

DeductionWindow window_from(const DeductionWindow& window, CivilDay day) {
    auto rest = window;
    rest.days.start = std::min(std::max(window.days.start, day), window.days.end);
    return rest;
}

CivilDay wechat_announce_latest(CivilDay day, const WechatCalendar& calendar) {
    return add_days(day, -(calendar.waiting_days + 1));
}

DeductionWindow wechat_window(CivilDay announced, const WechatCalendar& calendar) {
    const auto first = add_days(announced, calendar.waiting_days + 1);
    return {{first, add_days(first, calendar.chargeable_days)}};
}

bool wechat_announcing_hours(Instant at) { return in_hours(at, any_day.opens, any_day.closes); }

std::optional<Instant> next_announcing_instant(Instant not_before) {
    return within_hours(not_before, any_day.opens, any_day.closes);
}

bool wechat_free_after_signing(Instant signed_at, Instant at, bool announced_since,
                               const WechatCalendar& calendar) {
    return !announced_since && at >= signed_at && at < signed_at + calendar.free_after_signing;
}

Instant wechat_executes_at(Instant applied, const WechatCalendar& calendar) {
    return applied + calendar.applied_before;
}

bool within_announced(Fen announced, Fen amount) { return amount <= announced; }

CivilDay alipay_execute_date(CivilDay deduction_day) {
    const auto day = std::max(day_number(deduction_day), alipay_registered_day(day_number(deduction_day)));
    return clamped_day({deduction_day.year(), deduction_day.month()}, day);
}

DaySpan alipay_allowed(CivilDay execute_date, int window_days) {
    return {add_days(execute_date, -window_days), add_days(execute_date, 1)};
}

DeductionWindow alipay_window(CivilDay deduction_day, CivilDay execute_date, int window_days) {
    return window_from({alipay_allowed(execute_date, window_days)}, deduction_day);
}

CivilDay alipay_next_date(CivilDay execute_date, bool succeeded, int months) {
    return succeeded ? add_months(execute_date, months) : execute_date;
}

std::span<const RetryRow> retry_rows() { return retry_table; }

const RetryRow& retry_row(FailureCause cause) {
    const auto* row = std::ranges::find(retry_table, cause, &RetryRow::cause);
    if (row == retry_table.end()) throw std::logic_error("a failure cause without a retry row");
    return *row;
}

RetryPolicy default_retry_policy(Provider provider) {
    RetryPolicy policy;
    switch (provider) {
        case Provider::wechat:
            policy.retries_max = 3;
            break;
        case Provider::alipay:
            policy.retries_max = 2;
            break;
        case Provider::transfer:
        case Provider::balance:
        case Provider::credit_note:
            policy.retries_max = 0;
            break;
    }
    return policy;
}

std::optional<Instant> plan_retry(FailureCause cause, int failures, Instant failed_at,
                                  const DeductionWindow& window, const RetryPolicy& policy) {
    if (retry_row(cause).action != RetryAction::retry || failures > policy.retries_max) return std::nullopt;
    return next_chargeable_instant(window, at_local(add_days(civil_day(failed_at), 1), policy.at));
}

minutes spread_minute(std::uint64_t key) {
    const auto slot = static_cast<int>(key % 50);
    return minutes{slot < 25 ? 3 + slot : 33 + (slot - 25)};
}

std::uint64_t spread_key(std::string_view corp) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char c : corp) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    return hash;
}

bool is_quiet(Instant at, const NoticePolicy& policy) {
    const auto minute = minute_of_day(at);
    return minute >= policy.quiet_from || minute < policy.quiet_to;
}

Instant deadline_notice_at(Instant wanted, std::uint64_t key, const NoticePolicy& policy) {
    if (!is_quiet(wanted, policy)) return wanted;
    const auto day = civil_day(wanted);
    const auto evening = minute_of_day(wanted) >= policy.quiet_from ? day : add_days(day, -1);
    return at_local(evening, policy.quiet_from - hours{2}) + spread_hour(key) + spread_minute(key);
}

Instant ordinary_notice_at(Instant wanted, std::uint64_t key, const NoticePolicy& policy) {
    if (!is_quiet(wanted, policy)) return wanted;
    const auto day = civil_day(wanted);
    const auto morning = minute_of_day(wanted) >= policy.quiet_from ? add_days(day, 1) : day;
    return at_local(morning, policy.quiet_to) + spread_hour(key) + spread_minute(key);
}

std::optional<NoticePlan> plan_notices(CivilDay day, Instant now, std::uint64_t key,
                                       const NoticePolicy& policy) {
    if (policy.lead_days.empty()) throw std::domain_error("plan_notices: no lead days");
    const auto wanted = [&](int lead) {
        return deadline_notice_at(at_local(add_days(day, -lead), policy.send_at) + spread_minute(key), key,
                                  policy);
    };
    NoticePlan plan{wanted(policy.lead_days.front()), {}};
    if (plan.first < now) plan.first = ordinary_notice_at(now, key, policy);
    if (deductible_after(plan.first, policy) >= at_local(day, any_day.closes)) return std::nullopt;
    for (std::size_t i = 1; i < policy.lead_days.size(); ++i) {
        const auto reminder = wanted(policy.lead_days[i]);
        if (reminder > plan.first) plan.reminders.push_back(reminder);
    }
    std::ranges::sort(plan.reminders);
    return plan;
}

Instant deductible_after(Instant first_delivered, const NoticePolicy& policy) {
    return first_delivered + policy.minimum_wait;
}

}  // namespace wefee
