// What a provider's word does to attempt, charge and invoice: decided here, as a value; flows write it down.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "billing/facts.hpp"
#include "billing/machines/attempt.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/invoice.hpp"

namespace wefee {

/// The attempt as stored. Empty texts are not compared.
struct AttemptView {
    AttemptState state{};
    Provider provider{};
    std::string mchid = {};
    std::string app_id = {};
    std::string out_trade_no = {};
    Fen amount = {};
    std::string payer = {};         // of the mandate or session
    std::string contract_id = {};   // deductions only
    std::string provider_txn = {};  // set once captured
};

/// Guard counters: paid + reserved - refunded never above total.
struct InvoiceView {
    InvoiceState state{};
    Fen total = {};
    Fen paid = {};
    Fen reserved = {};
    Fen refunded = {};
    bool overdue = false;  // the due day is over
    std::optional<Fen> cycle_room =
        {};  // what the consent still lets be taken in this cycle; none: no such cap
};

enum class PaymentOutcome {
    succeeded,     // an open attempt won
    late_success,  // a closed one won: the invoice still had room. Alarm
    surplus,       // kept as surplus; refund it in full
    duplicate,     // known already
    mismatch       // not applied: `mismatch` names the field. Alarm
};
std::string_view payment_outcome_name(PaymentOutcome outcome);

/// Events are set only where the machines allow them. Deltas are to be added to the invoice's counters.
struct Settlement {
    PaymentOutcome outcome{};
    std::optional<AttemptEvent> attempt = {};
    std::optional<ChargeEvent> charge = {};
    std::optional<InvoiceEvent> invoice = {};
    Fen paid_delta = {};
    Fen reserved_delta = {};
    bool refund_in_full = false;
    std::string_view mismatch = {};  // "amount", "mchid", ...
};

Settlement decide_payment(const PaymentSucceeded& fact, const AttemptView& attempt, ChargeState charge,
                          const InvoiceView& invoice);

/// The room that a new attempt could reserve. Nothing when the invoice takes no money in its state.
Fen room_of(const InvoiceView& invoice);

/// What an attempt's end without money does. `event`: failed, refused or cancelled; `retry`: another attempt
/// will follow.
struct Release {
    std::optional<ChargeEvent> charge = {};
    std::optional<InvoiceEvent> invoice = {};
    Fen reserved_delta = {};
};
Release decide_release(AttemptEvent event, AttemptState attempt, Fen amount, ChargeState charge,
                       const InvoiceView& invoice, bool retry);

/// The invoice's event when its attempt closed without money.
std::optional<InvoiceEvent> collection_ended(const InvoiceView& invoice);

/// What money that went back without an adjustment does: the invoice is owed again (R7). `invoice`: before
/// the refund.
std::optional<InvoiceEvent> event_of_refund(const InvoiceView& invoice, Fen amount);

/// What `amount` that is there already does: account credit, or a credit note.
std::optional<InvoiceEvent> event_of_settlement(const InvoiceView& invoice, Fen amount);

// ---- answers of a call that moves money ----

/// How an answer counts, in the order of the provider port's result classes, plus what our calendar says.
enum class CallAnswer {
    succeeded,
    accepted,
    in_progress,  // queries only: exists, unpaid or running
    refused,
    failed,
    already,
    not_found,  // queries only
    differs,
    unknown,
    window_closed  // still not found when the calendar is over
};

enum class NextStep {
    book,        // ledger, release the reservation to paid
    query,       // on the ladder
    none,        // the attempt is closed: nothing follows from this answer
    send_again,  // the same number with the same fields, while the window is open
    retry_calendar,
    person  // a task; bills decide
};

struct AnswerEffect {
    std::optional<AttemptEvent> event;  // none: the state stays
    NextStep next;
};

/// `sends`: how often this number was sent. A refusal after a second send proves nothing about the first.
/// The event is left out where the attempt's state does not allow it (a repeat, or an older word).
AnswerEffect effect_of(CallAnswer answer, AttemptState state, std::int64_t sends);

}  // namespace wefee
