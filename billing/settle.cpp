// The rules of the money protocol: success always wins, money is kept once, nothing is believed twice.
#include "billing/settle.hpp"

#include <algorithm>
#include <array>

namespace wefee {
namespace {

constexpr std::array<std::string_view, 5> outcome_names{"succeeded", "late_success", "surplus", "duplicate",
                                                        "mismatch"};

bool differs(const std::string& known, const std::string& told) {
    return !known.empty() && !told.empty() && known != told;
}

/// Fields that say whose message this is: a difference means that it is not ours, and nothing moves.
std::string_view foreign_field(const PaymentSucceeded& fact, const AttemptView& attempt) {
    if (fact.provider != attempt.provider) return "provider";
    if (differs(attempt.mchid, fact.mchid)) return "mchid";
    if (differs(attempt.app_id, fact.app_id)) return "app_id";
    if (differs(attempt.out_trade_no, fact.out_trade_no)) return "out_trade_no";
    if (fact.transaction_id.empty()) return "transaction_id";
    return {};
}

/// Fields of our own order that came back otherwise: the attempt waits for a person.
std::string_view differing_field(const PaymentSucceeded& fact, const AttemptView& attempt) {
    if (fact.amount != attempt.amount) return "amount";
    if (differs(attempt.contract_id, fact.contract_id)) return "contract_id";
    if (differs(attempt.payer, fact.payer)) return "payer";
    return {};
}

std::optional<AttemptEvent> legal(AttemptState from, AttemptEvent event) {
    return next(from, event) ? std::optional{event} : std::nullopt;
}
std::optional<ChargeEvent> legal(ChargeState from, ChargeEvent event) {
    return next(from, event) ? std::optional{event} : std::nullopt;
}
std::optional<InvoiceEvent> legal(InvoiceState from, InvoiceEvent event) {
    return next(from, event) ? std::optional{event} : std::nullopt;
}

bool takes_late_money(InvoiceState state) {
    switch (state) {
        case InvoiceState::final:
        case InvoiceState::processing:
        case InvoiceState::partly_paid:
        case InvoiceState::overdue:
        case InvoiceState::written_off:
            return true;
        case InvoiceState::draft:
        case InvoiceState::paid:
        case InvoiceState::voided:
            return false;
    }
    return false;
}

/// The counters' guard for this attempt, its own reservation counted once.
bool fits(const AttemptView& attempt, const InvoiceView& invoice) {
    const auto own = is_open(attempt.state) ? attempt.amount : Fen{};
    if (invoice.paid + invoice.reserved - own - invoice.refunded + attempt.amount > invoice.total)
        return false;
    return !invoice.cycle_room || attempt.amount <= *invoice.cycle_room;
}

Settlement kept(const AttemptView& attempt, ChargeState charge, const InvoiceView& invoice) {
    const bool open = is_open(attempt.state);
    Settlement settlement;
    settlement.outcome = open ? PaymentOutcome::succeeded : PaymentOutcome::late_success;
    settlement.attempt = legal(attempt.state, open ? AttemptEvent::succeeded : AttemptEvent::late_success);
    settlement.charge = legal(charge, ChargeEvent::collected);
    settlement.invoice = event_of_settlement(invoice, attempt.amount);
    settlement.paid_delta = attempt.amount;
    if (open) settlement.reserved_delta = -attempt.amount;
    return settlement;
}

Settlement surplus(const AttemptView& attempt, ChargeState charge, const InvoiceView& invoice) {
    const bool open = is_open(attempt.state);
    Settlement settlement;
    settlement.outcome = PaymentOutcome::surplus;
    settlement.attempt = legal(attempt.state, AttemptEvent::surplus);
    settlement.refund_in_full = true;
    if (open) {
        settlement.charge =
            charge == ChargeState::collecting ? legal(charge, ChargeEvent::paid_elsewhere) : std::nullopt;
        settlement.invoice = collection_ended(invoice);
        settlement.reserved_delta = -attempt.amount;
    }
    return settlement;
}

Settlement mismatch(std::string_view field, std::optional<AttemptEvent> event) {
    Settlement settlement;
    settlement.outcome = PaymentOutcome::mismatch;
    settlement.attempt = event;
    settlement.mismatch = field;
    return settlement;
}

AnswerEffect effect_on_open(CallAnswer answer, AttemptState state, std::int64_t sends) {
    using enum CallAnswer;
    switch (answer) {
        case succeeded:
            return {legal(state, AttemptEvent::succeeded), NextStep::book};
        case accepted:
        case in_progress:
            return {legal(state, AttemptEvent::accepted), NextStep::query};
        case refused:
            // After a second send an earlier one may have been taken: only a query tells.
            if (sends <= 1 && state == AttemptState::sent)
                return {AttemptEvent::refused, NextStep::retry_calendar};
            return {legal(state, AttemptEvent::unknown), NextStep::query};
        case failed:
            return {legal(state, AttemptEvent::failed), NextStep::retry_calendar};
        case already:
            return {std::nullopt, NextStep::query};
        case not_found:
            return {legal(state, AttemptEvent::unknown), NextStep::send_again};
        case CallAnswer::differs:
            return {legal(state, AttemptEvent::differs), NextStep::person};
        case unknown:
            return {legal(state, AttemptEvent::unknown), NextStep::query};
        case window_closed:
            return {legal(state, AttemptEvent::window_closed), NextStep::person};
    }
    return {std::nullopt, NextStep::person};
}

}  // namespace

std::string_view payment_outcome_name(PaymentOutcome outcome) {
    return outcome_names.at(static_cast<std::size_t>(outcome));
}

Settlement decide_payment(const PaymentSucceeded& fact, const AttemptView& attempt, ChargeState charge,
                          const InvoiceView& invoice) {
    if (const auto field = foreign_field(fact, attempt); !field.empty()) return mismatch(field, std::nullopt);
    if (is_captured(attempt.state) && differs(attempt.provider_txn, fact.transaction_id))
        return mismatch("transaction_id", std::nullopt);
    if (const auto field = differing_field(fact, attempt); !field.empty())
        return mismatch(field, legal(attempt.state, AttemptEvent::differs));
    if (is_captured(attempt.state)) {
        Settlement known;
        known.outcome = PaymentOutcome::duplicate;
        return known;
    }
    const bool owed = is_open(attempt.state) || takes_late_money(invoice.state);
    // A charge that was collected by another attempt keeps that one.
    if (!owed || charge == ChargeState::collected || !fits(attempt, invoice))
        return surplus(attempt, charge, invoice);
    return kept(attempt, charge, invoice);
}

Fen room_of(const InvoiceView& invoice) {
    if (!takes_late_money(invoice.state) || invoice.state == InvoiceState::written_off) return {};
    const auto owed = invoice.total - invoice.paid - invoice.reserved + invoice.refunded;
    return std::max(Fen{}, invoice.cycle_room ? std::min(owed, *invoice.cycle_room) : owed);
}

Release decide_release(AttemptEvent event, AttemptState attempt, Fen amount, ChargeState charge,
                       const InvoiceView& invoice, bool retry) {
    const auto after = next(attempt, event);
    if (!after || !is_open(attempt) || is_open(*after) || is_captured(*after)) return {};
    const auto charge_event = event == AttemptEvent::cancelled ? ChargeEvent::attempt_withdrawn
                              : retry                          ? ChargeEvent::attempt_failed_retry
                                                               : ChargeEvent::attempt_failed_final;
    return {legal(charge, charge_event), collection_ended(invoice), -amount};
}

std::optional<InvoiceEvent> collection_ended(const InvoiceView& invoice) {
    if (invoice.state != InvoiceState::processing) return std::nullopt;
    if (invoice.overdue) return InvoiceEvent::collection_ended_overdue;
    return invoice.paid > invoice.refunded ? InvoiceEvent::collection_ended_partly
                                           : InvoiceEvent::collection_ended;
}

std::optional<InvoiceEvent> event_of_refund(const InvoiceView& invoice, Fen amount) {
    const bool nothing_kept = invoice.paid - invoice.refunded <= amount;
    return legal(invoice.state,
                 nothing_kept ? InvoiceEvent::refunded_in_full : InvoiceEvent::refunded_in_part);
}

std::optional<InvoiceEvent> event_of_settlement(const InvoiceView& invoice, Fen amount) {
    const bool whole = invoice.paid - invoice.refunded + amount >= invoice.total;
    return legal(invoice.state, whole ? InvoiceEvent::paid_in_full : InvoiceEvent::paid_in_part);
}

AnswerEffect effect_of(CallAnswer answer, AttemptState state, std::int64_t sends) {
    if (!is_open(state)) return {std::nullopt, NextStep::none};
    auto effect = effect_on_open(answer, state, sends);
    // In review a person already looks; only a final word moves it.
    if (state == AttemptState::review && effect.next != NextStep::book &&
        effect.next != NextStep::retry_calendar)
        effect.next = NextStep::person;
    return effect;
}

}  // namespace wefee
