#include "billing/settle.hpp"

namespace wefee {
namespace {

/// Room for this attempt's amount beside everything else that is paid, reserved or taken.
bool has_room(const SettlementState& s) {
    const auto own = is_open(s.attempt) ? s.amount : Fen{};
    if (s.invoice_paid + s.invoice_reserved - own - s.invoice_refunded + s.amount > s.invoice_total) return false;
    return !s.cycle_cap || s.cycle_taken + s.cycle_reserved - own + s.amount <= *s.cycle_cap;
}

std::string_view differing_field(const SettlementState& state, const PaymentSucceeded& fact) {
    if (!fact.mchid.empty() && fact.mchid != state.mchid) return "mchid";
    if (fact.amount != state.amount) return "amount";
    if (fact.transaction_id.empty()) return "transaction_id";
    return {};
}

}  // namespace

SettlementDecision decide_settlement(const SettlementState& state, const PaymentSucceeded& fact) {
    if (const auto field = differing_field(state, fact); !field.empty()) return {Settlement::mismatch, field};
    if (is_captured(state.attempt)) {
        if (state.transaction_id != fact.transaction_id) return {Settlement::mismatch, "transaction_id"};
        return {Settlement::duplicate, {}};
    }
    if (state.charge_won || !has_room(state)) return {Settlement::surplus, {}};
    const bool given_up = state.attempt == AttemptState::failed || state.attempt == AttemptState::cancelled;
    return {given_up ? Settlement::late_success : Settlement::succeeded, {}};
}

AnswerDecision decide_answer(CallAnswer answer, const AnswerContext& context) {
    using enum CallAnswer;
    using Event = AttemptEvent;
    // A closed attempt learns nothing from answers; only money moves it.
    if (!is_open(context.attempt)) return {std::nullopt, NextStep::none};
    const bool in_review = context.attempt == AttemptState::review;
    const auto move_to = [&](Event event) -> std::optional<Event> {
        return next(context.attempt, event) ? std::optional{event} : std::nullopt;
    };
    switch (answer) {
        case accepted:
        case in_progress:
            return {move_to(Event::accepted), in_review ? NextStep::person : NextStep::query};
        case refused:
            // After a second send an earlier one may have been taken.
            if (context.sends <= 1 && context.attempt == AttemptState::sent) return {Event::refused, NextStep::none};
            return {move_to(Event::unknown), in_review ? NextStep::person : NextStep::query};
        case failed:
            return {move_to(Event::failed), NextStep::none};
        case already:
            return {move_to(Event::unknown), in_review ? NextStep::person : NextStep::query_now};
        case not_found:
            if (in_review) return {std::nullopt, NextStep::person};
            if (context.appears_late)
                return context.expired ? AnswerDecision{move_to(Event::failed), NextStep::none}
                                       : AnswerDecision{std::nullopt, NextStep::query};
            if (context.window_open) return {move_to(Event::unknown), NextStep::send_again};
            return {move_to(Event::window_closed), NextStep::person};
        case differs:
            return {move_to(Event::differs), NextStep::person};
        case unknown:
            return {move_to(Event::unknown), in_review ? NextStep::person : NextStep::query};
    }
    return {std::nullopt, NextStep::person};
}

}  // namespace wefee
