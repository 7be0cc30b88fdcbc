// The kinds of tasks and outbox rows: one name each, used by flows, workers and tests.
#pragma once

#include <string_view>

namespace wefee::server {

namespace task {
inline constexpr std::string_view exchange_code = "exchange_code";  // authorisation: code to permanent code
inline constexpr std::string_view read_corp = "read_corp";          // authorisation: admins, seats
inline constexpr std::string_view mandate_step = "mandate_step";  // mandate: asks the provider while signing
inline constexpr std::string_view close_period = "close_period";  // subscription
inline constexpr std::string_view bill_opening =
    "bill_opening";                                         // subscription: fees in advance after a trial
inline constexpr std::string_view bill_late = "bill_late";  // subscription that has ended: late usage
inline constexpr std::string_view begin_terms =
    "begin_terms";  // subscription: planned terms begin, a trial is over
inline constexpr std::string_view charge_step = "charge_step";    // charge: notice, window, attempt
inline constexpr std::string_view attempt_step = "attempt_step";  // attempt: send, query, send again
inline constexpr std::string_view refund_step = "refund_step";    // refund: send, query
inline constexpr std::string_view invoice_paid =
    "invoice_paid";                                             // invoice: drops plans, recovers the service
inline constexpr std::string_view invoice_due = "invoice_due";  // invoice: the due day passed
inline constexpr std::string_view service_grace =
    "service_grace";                                              // subscription: restriction after the grace
inline constexpr std::string_view budget_check = "budget_check";  // subscription: thresholds, after usage
inline constexpr std::string_view threshold_check =
    "threshold_check";  // subscription: metered amounts, after usage
inline constexpr std::string_view refresh_keys = "refresh_keys";          // provider certificates, hourly
inline constexpr std::string_view seal_audit = "seal_audit";              // hourly
inline constexpr std::string_view check_invariants = "check_invariants";  // every 10 minutes
}  // namespace task

namespace notice {
inline constexpr std::string_view fee_reminder = "fee_reminder";  // upcoming deduction: I-21
inline constexpr std::string_view fee_reminder_again = "fee_reminder_again";
inline constexpr std::string_view charge_succeeded = "charge_succeeded";
inline constexpr std::string_view charge_failed = "charge_failed";
inline constexpr std::string_view charge_gave_up = "charge_gave_up";
inline constexpr std::string_view payment_due = "payment_due";            // to be paid by a person
inline constexpr std::string_view payment_received = "payment_received";  // a person paid
inline constexpr std::string_view consent_ended = "consent_ended";
inline constexpr std::string_view budget = "budget";              // a threshold was crossed
inline constexpr std::string_view plan_changed = "plan_changed";  // what the tenant has, or will have
}  // namespace notice

}  // namespace wefee::server
