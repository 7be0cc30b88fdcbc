// Neutral notices: what a member is told, in words that fit the cards. How it looks is the messenger's
// matter.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/facts.hpp"

namespace wefee {

enum class NoticeClass {
    must,  // cannot be turned off, only re-addressed
    may
};

struct NoticeFact {
    std::string name;   // at most 5 code points
    std::string value;  // written inside 26
};

/// `path` leads under the public address ("/b/inv_..."); `action` alone calls back: only what makes money
/// stop or be looked at.
struct NoticeLink {
    std::string text;
    std::string path = {};
    std::string action = {};
};

struct Notice {
    std::string
        kind;  // upcoming, succeeded, failed, final_failure, consent_request, consent_ended, manual_paid
    std::string corp;
    std::string subject_id;  // charge, invoice, consent ...
    std::string stage;       // tells repeats of one kind apart: first, reminder, ...
    std::string title;
    std::string lead;
    std::string key_figure = {};  // ¥3,612.50
    std::string key_label = {};   // 预计扣费金额
    std::vector<NoticeFact> facts = {};
    std::string sub = {};
    NoticeLink primary;
    std::vector<NoticeLink> secondary = {};
    NoticeClass notice_class = NoticeClass::must;
};

/// What all bill notices know.
struct BillSubject {
    std::string corp = {};
    std::string corp_name = {};
    std::string charge_id = {};
    std::string invoice_id = {};
    std::string invoice_number = {};
    CivilDay period_start{};
    CivilDay period_end{};  // exclusive
    Fen amount = {};
    std::string account = {};  // 微信支付(尾号 0912)
    Instant now{};             // decides whether a year is shown
};

/// Outbox kind `fee_reminder`. `window`: first and last day on which it may be deducted.
Notice upcoming_notice(const BillSubject& bill, std::string stage, CivilDay planned_day, CivilDay last_day,
                       const std::vector<std::pair<std::string, Fen>>& items, Fen consent_cap);
Notice succeeded_notice(const BillSubject& bill, Instant deducted_at, std::optional<CivilDay> next_day);
/// First failure; another attempt follows at `retry_at`.
Notice failed_notice(const BillSubject& bill, FailureCause cause, Instant retry_at, CivilDay grace_until);
Notice final_failure_notice(const BillSubject& bill, FailureCause cause, CivilDay grace_until);
/// A person paid; sent at once, also at night.
Notice manual_paid_notice(const BillSubject& bill, Instant paid_at, std::string payer_name);
/// A bill that is not deducted automatically: why, and until when to pay.
Notice payment_due_notice(const BillSubject& bill, std::string reason, CivilDay due_day);

struct ConsentSubject {
    std::string corp = {};
    std::string consent_id = {};
    std::string vendor_name = {};
    std::vector<std::string> item_titles = {};
    Fen cap_charge = {};
    std::string cycle = "每月";
    std::optional<CivilDay> valid_until = {};
    Instant now{};
};
Notice consent_request_notice(const ConsentSubject& consent, std::string request_number);
Notice consent_ended_notice(const ConsentSubject& consent, std::string ended_by, Instant ended_at);

/// A change of what the tenant has. `to`: the new plan, "" for a cancellation.
struct PlanChange {
    std::string corp = {};
    std::string subscription_id = {};
    std::string stage = {};  // tells changes apart
    std::string from = {};
    std::string to = {};
    CivilDay day{};  // the first one on the new terms, or the first one without
    Fen charge = {};
    Fen credit = {};
    Instant now{};
};
Notice plan_changed_notice(const PlanChange& change);

/// 账户余额不足, 超过支付限额 ...: the cause, and what a person can do about it.
std::string_view failure_words(FailureCause cause);
std::string_view failure_next_step(FailureCause cause);

/// 12月08日, with the year when it is not that of `now`.
std::string shown_day(CivilDay day, Instant now);
/// 12月08日 10:00
std::string shown_instant(Instant at, Instant now);
/// 11月01日–11月30日, both days included; `end` is exclusive.
std::string shown_period(DaySpan period, Instant now);

}  // namespace wefee
