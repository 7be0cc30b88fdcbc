// When we may plan, tell, announce and deduct (R15): the providers' windows as data, the notice rules,
// retries. Sources: WeChat Pay papay pre-deduction notice (2025), Alipay periodic agreement FAQ (2024-05).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "billing/facts.hpp"
#include "billing/time.hpp"

namespace wefee {

// ---- the planned day ----

/// First date with day-of-month `deduction_day` (1-28) that lies at least `lead_days` after the invoice is
/// final.
CivilDay planned_deduction_day(int deduction_day, CivilDay final_on, int lead_days);

// ---- windows ----

/// Days [days.start, days.end), each from `opens` to before `closes`.
struct DeductionWindow {
    DaySpan days;
    std::chrono::minutes opens{7 * 60};
    std::chrono::minutes closes{22 * 60};
    friend bool operator==(const DeductionWindow&, const DeductionWindow&) = default;
};

/// The first instant at or after `not_before` that lies in the window; nullopt when the window is over.
std::optional<Instant> next_chargeable_instant(const DeductionWindow& window, Instant not_before);
bool is_chargeable(const DeductionWindow& window, Instant at);
/// First and past-the-last instant of the window.
Instant window_opens_at(const DeductionWindow& window);
Instant latest_moment(const DeductionWindow& window);
/// The part of a window that is not before `at` (from the day of `at` on).
DeductionWindow window_from(const DeductionWindow& window, CivilDay day);

// ---- WeChat ----

struct WechatCalendar {
    int waiting_days = 1;     // D and the day after: no charge
    int chargeable_days = 7;  // N: D+2 ... D+1+N
    std::chrono::hours free_after_signing{12};
    std::chrono::hours applied_before{24};  // mode 1: the provider executes this long after the apply
};

/// Mode 2: the last day to announce for a deduction on `day`.
CivilDay wechat_announce_latest(CivilDay day, const WechatCalendar& calendar = {});
/// Mode 2: chargeable after an announcement on `announced`.
DeductionWindow wechat_window(CivilDay announced, const WechatCalendar& calendar = {});
/// The provider takes announcements between 07:00 and 22:00.
bool wechat_announcing_hours(Instant at);
std::optional<Instant> next_announcing_instant(Instant not_before);
/// Both modes: in the first hours after signing an apply executes at once, unless a notice was already sent
/// in them.
bool wechat_free_after_signing(Instant signed_at, Instant at, bool announced_since,
                               const WechatCalendar& calendar = {});
/// Mode 1: when an apply at `applied` is executed.
Instant wechat_executes_at(Instant applied, const WechatCalendar& calendar = {});
/// The deduction may not exceed the notified amount.
bool within_announced(Fen announced, Fen amount);

// ---- Alipay ----

inline constexpr int alipay_last_day = 28;
/// Executable days are 1-28.
constexpr int alipay_execute_day(int day_of_month) {
    return day_of_month < alipay_last_day ? day_of_month : alipay_last_day;
}
/// Registered with the agreement: min(deduction day + 2, 28).
constexpr int alipay_registered_day(int deduction_day) { return alipay_execute_day(deduction_day + 2); }
/// The registered execute date that goes with a deduction on `day`: same month.
CivilDay alipay_execute_date(CivilDay deduction_day);
/// [D - window_days, D], both included, as a half-open span.
DaySpan alipay_allowed(CivilDay execute_date, int window_days = 5);
/// What we use of it: from the deduction day to the execute date.
DeductionWindow alipay_window(CivilDay deduction_day, CivilDay execute_date, int window_days = 5);
/// The date moves only after success.
CivilDay alipay_next_date(CivilDay execute_date, bool succeeded, int months = 1);

// ---- retries ----

enum class RetryAction {
    retry,  // another number, next day
    stop,   // cannot heal by waiting: manual payment
    hold    // our side: no further attempt until an operator has looked
};

struct RetryRow {
    FailureCause cause;
    RetryAction action;
    bool alert_operator;
};
std::span<const RetryRow> retry_rows();
const RetryRow& retry_row(FailureCause cause);

struct RetryPolicy {
    int retries_max = 3;
    std::chrono::minutes at{10 * 60};
};
/// WeChat 3, Alipay 2; the internal providers never retry.
RetryPolicy default_retry_policy(Provider provider);

/// The next attempt after `failures` failed ones (this one included), or nullopt: given up. Next day 10:00
/// inside the window.
std::optional<Instant> plan_retry(FailureCause cause, int failures, Instant failed_at,
                                  const DeductionWindow& window, const RetryPolicy& policy);

// ---- notices ----

struct NoticePolicy {
    std::vector<int> lead_days{5, 1};
    std::chrono::hours minimum_wait{24};  // between the first delivered notice and the deduction
    std::chrono::minutes quiet_from{22 * 60};
    std::chrono::minutes quiet_to{8 * 60};
    std::chrono::minutes send_at{10 * 60};  // hour of planned notices; the minute is spread
};

/// Minutes 3-27 and 33-57, by a hash of the corp.
std::chrono::minutes spread_minute(std::uint64_t key);
/// FNV-1a: the same on every machine and for ever.
std::uint64_t spread_key(std::string_view corp);

bool is_quiet(Instant at, const NoticePolicy& policy = {});
/// A deadline notice inside the quiet hours moves to 20:00-21:59 the evening before, another one to
/// 08:00-09:59.
Instant deadline_notice_at(Instant wanted, std::uint64_t key, const NoticePolicy& policy = {});
Instant ordinary_notice_at(Instant wanted, std::uint64_t key, const NoticePolicy& policy = {});

struct NoticePlan {
    Instant first;
    std::vector<Instant> reminders;  // rising, after `first`, before the planned day
};
/// Notices for a deduction on `day`, planned at `now`. nullopt: too late for that day; the deduction moves,
/// not the notice.
std::optional<NoticePlan> plan_notices(CivilDay day, Instant now, std::uint64_t key,
                                       const NoticePolicy& policy = {});

/// Not before this may be deducted after the first notice was delivered.
Instant deductible_after(Instant first_delivered, const NoticePolicy& policy = {});

}  // namespace wefee
