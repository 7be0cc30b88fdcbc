// The calendars of billing with this installation's rules, and the window that a charge keeps as two
// instants.
#pragma once

#include "billing/calendar.hpp"
#include "server/app.hpp"

namespace wefee::server {

/// The window as stored: [window_from, window_to) on each of its days.
inline DeductionWindow window_of(const storage::ChargeRow& charge) {
    const auto from = charge.window_from.value_or(Instant{}), to = charge.window_to.value_or(Instant{});
    return {{civil_day(from), add_days(civil_day(to - std::chrono::milliseconds{1}), 1)}};
}

inline WechatCalendar wechat_calendar(const Rules& rules) {
    WechatCalendar calendar;
    calendar.chargeable_days = static_cast<int>(rules.wechat_deduct_days);
    return calendar;
}

inline NoticePolicy notice_policy(const Rules& rules) {
    NoticePolicy policy;
    policy.lead_days.assign(rules.notice.lead_days.begin(), rules.notice.lead_days.end());
    return policy;
}

inline RetryPolicy retry_policy(const Rules& rules, const storage::ChargeRow& charge) {
    RetryPolicy policy;
    policy.retries_max = static_cast<int>(charge.provider == "wechat" ? rules.collection.retries_wechat
                                                                      : rules.collection.retries_alipay);
    return policy;
}

/// The first moment for this deduction: in the window, not before 10:00 of the planned day, nor 24 h after
/// the notice.
inline std::optional<Instant> next_deduction(const Rules& rules, const storage::ChargeRow& charge,
                                             const DeductionWindow& window, Instant now) {
    const auto planned = at_local(charge.planned_day.value(), RetryPolicy{}.at);
    const auto after_notice = deductible_after(charge.notified_at.value(), notice_policy(rules));
    return next_chargeable_instant(window, std::max({now, planned, after_notice}));
}

}  // namespace wefee::server
