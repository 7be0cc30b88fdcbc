// What a provider's word does to an attempt: pure decisions, the tables of the money protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "billing/facts.hpp"
#include "billing/machines/attempt.hpp"
#include "billing/money.hpp"

namespace wefee {

/// The attempt and the room around it, as loaded.
struct SettlementState {
    AttemptState attempt{};
    std::string mchid;
    Fen amount;
    std::string transaction_id;  // as recorded, or empty
    bool charge_won = false;     // another attempt of the charge has won
    Fen invoice_total;
    Fen invoice_paid;
    Fen invoice_reserved;        // includes this attempt while it is open
    Fen invoice_refunded;
    std::optional<Fen> cycle_cap;  // of the consent, for deductions
    Fen cycle_taken;
    Fen cycle_reserved;            // includes this attempt while it is open
};

enum class Settlement {
    succeeded,
    late_success,  // we had given it up, and the invoice still has room
    surplus,       // money came, nothing is owed: goes back
    duplicate,     // known already
    mismatch       // not what we asked for: a person
};

struct SettlementDecision {
    Settlement settlement{};
    std::string_view field;  // with mismatch: what differs
};

/// Success always wins over a failure that we believed; an amount that differs is never applied.
SettlementDecision decide_settlement(const SettlementState& state, const PaymentSucceeded& fact);

/// An answer of the provider about a number, in the classes of the money protocol.
enum class CallAnswer { accepted, in_progress, refused, failed, already, not_found, differs, unknown };

enum class NextStep {
    none,
    query,       // ask on the ladder
    query_now,
    send_again,  // same number, same business fields
    person       // nobody but a person can go on
};

struct AnswerDecision {
    std::optional<AttemptEvent> event;  // none: the attempt stays as it is
    NextStep next{};
};

struct AnswerContext {
    AttemptState attempt{};
    std::int64_t sends = 0;
    bool window_open = false;     // the calendar still lets us send this number
    bool appears_late = false;    // orders that exist at the provider only once the payer acts (QR, page)
    bool expired = false;         // a manual order that nobody can pay any more
};

/// Not for successes: those are settlements.
AnswerDecision decide_answer(CallAnswer answer, const AnswerContext& context);

}  // namespace wefee
