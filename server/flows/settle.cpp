#include "server/flows/settle.hpp"

#include <algorithm>

#include "billing/calendar.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/invoice.hpp"
#include "billing/machines/refund.hpp"
#include "billing/query_ladder.hpp"
#include "billing/settle.hpp"
#include "server/app.hpp"
#include "server/flows/approvals.hpp"
#include "server/flows/books.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"
#include "server/flows/plan.hpp"
#include "server/flows/refund_request.hpp"
#include "server/flows/windows.hpp"

namespace wefee::server {
namespace {

std::string provider_actor(Provider provider) { return "provider:" + std::string{provider_name(provider)}; }

std::string op_of(std::int64_t inbox_id, const storage::AttemptRow& attempt, std::string_view what) {
    if (inbox_id != 0) return "inbox:" + std::to_string(inbox_id);
    return std::string{what} + ":" + attempt.id.text() + ":" + std::to_string(attempt.version);
}

AttemptState state_of(const storage::AttemptRow& attempt) {
    return parse_state<AttemptState>(attempt.state).value();
}

Fen owed_room(const storage::ConsentCycleRow& cycle, Fen own) {
    return cycle.cap_fen - cycle.taken_fen - (cycle.reserved_fen - own);
}

AttemptView attempt_view(const storage::AttemptRow& row) {
    AttemptView view;
    view.state = state_of(row);
    view.provider = parse_provider(row.provider).value();
    view.mchid = row.mchid;
    view.out_trade_no = row.out_trade_no;
    view.amount = row.amount_fen;
    view.provider_txn = row.provider_txn.value_or("");
    return view;
}

/// open_flag and won_flag follow the state; a closed attempt is not asked about any more.
void set_flags(storage::AttemptRow& attempt) {
    const auto state = state_of(attempt);
    attempt.open_flag = is_open(state) ? std::optional<std::int64_t>{1} : std::nullopt;
    attempt.won_flag = is_won(state) ? std::optional<std::int64_t>{1} : std::nullopt;
    if (!is_open(state)) attempt.next_query_at.reset();
}

/// Applies the deltas of a decision to the guard counters of invoice and cycle.
void apply_deltas(storage::InvoiceRow& invoice, std::optional<storage::ConsentCycleRow>& cycle, Fen paid,
                  Fen reserved) {
    invoice.paid_fen += paid;
    invoice.reserved_fen += reserved;
    if (!cycle) return;
    cycle->taken_fen += paid;
    cycle->reserved_fen += reserved;
}

void note_payment(storage::AttemptRow& attempt, const PaymentSucceeded& fact) {
    attempt.provider_txn = fact.transaction_id;
    attempt.paid_at_bj = format_local(fact.paid_at);
    attempt.cause.clear();
}

/// Every row follows the decision: machines, counters, flags.
void follow(Unit& unit, storage::SettlementView& view, const Settlement& decision,
            const PaymentSucceeded& fact) {
    auto& attempt = view.attempt;
    auto& charge = view.charge;
    auto& invoice = view.invoice;
    auto& cycle = view.consent_cycle;
    if (decision.attempt) {
        unit.move<AttemptState>(attempt, *decision.attempt);
        set_flags(attempt);
        if (is_captured(state_of(attempt))) note_payment(attempt, fact);
        unit.unschedule(task::attempt_step, attempt.id.text());
        unit.save(attempt);
    }
    if (decision.charge) {
        unit.move<ChargeState>(charge, *decision.charge);
        unit.unschedule(task::charge_step, charge.id.text());
        unit.save(charge);
    }
    if (decision.invoice) unit.move<InvoiceState>(invoice, *decision.invoice);
    apply_deltas(invoice, cycle, decision.paid_delta, decision.reserved_delta);
    const bool counters = decision.paid_delta != Fen{} || decision.reserved_delta != Fen{};
    if (decision.invoice || counters) unit.save(invoice);
    if (cycle && counters) unit.save(*cycle);
}

/// Does anything wait for this payment beside its own charge: a planned deduction to drop, a service to bring
/// back?
bool others_wait(const storage::SettlementView& view) {
    return view.other_charge_open || view.service_state == "PAST_DUE" || view.service_state == "RESTRICTED";
}

/// Books, the notice, and what a payment by a person has to stop.
void after_win(Unit& unit, const storage::SettlementView& view, PaymentOutcome outcome) {
    const auto& attempt = view.attempt;
    const auto& charge = view.charge;
    const auto& invoice = view.invoice;
    post_all(unit, post_capture(attempt.id.text(), attempt.amount_fen), attempt.tenant_id);
    const bool by_person = charge.way != "deduction";
    unit.changes().outbox.push_back(
        notice_row(by_person ? notice::payment_received : notice::charge_succeeded, charge.id.text(),
                   charge.tenant_id, "", unit.at()));
    if (invoice.state == "PAID") unit.unschedule(task::invoice_due, invoice.id.text());
    if (others_wait(view)) unit.schedule(task::invoice_paid, invoice.id.text(), invoice.tenant_id, unit.at());
    if (outcome == PaymentOutcome::late_success)
        unit.person_task("late_success", attempt.id.text(), attempt.tenant_id,
                         "Money came for an order that had been given up; it was booked.");
}

/// Nothing is owed for this money: it is booked apart and goes back in full.
void give_back(const Rules& rules, Unit& unit, const storage::AttemptRow& attempt) {
    post_all(unit, post_surplus(attempt.id.text(), attempt.amount_fen), attempt.tenant_id);
    auto refund = new_refund(unit, attempt, attempt.amount_fen, "重复支付退款", "system");
    if (needs_second_person(rules, refund.amount_fen)) {
        unit.person_task("approve_refund", refund.id.text(), refund.tenant_id,
                         "A surplus payment above the approval limit waits for approval.");
        ask_to_return_surplus(unit, refund);
    } else {
        approve_refund(unit, refund);
    }
    unit.insert(std::move(refund));
}

std::string_view outcome_text(PaymentOutcome outcome) {
    switch (outcome) {
        case PaymentOutcome::succeeded:
        case PaymentOutcome::late_success:
        case PaymentOutcome::surplus:
            return "applied";
        case PaymentOutcome::duplicate:
            return "duplicate";
        case PaymentOutcome::mismatch:
            return "mismatch";
    }
    return "mismatch";
}

}  // namespace

wefee::InvoiceView invoice_view(const storage::InvoiceRow& row, Instant now) {
    return {parse_state<InvoiceState>(row.state).value(),
            row.total_fen,
            row.paid_fen,
            row.reserved_fen,
            row.refunded_fen,
            row.due_day && civil_day(now) > *row.due_day};
}

Unit settle_payment(const Rules& rules, storage::SettlementView view, const PaymentSucceeded& fact,
                    std::int64_t inbox_id, Instant now) {
    const auto state = parse_state<ChargeState>(view.charge.state).value();
    auto invoice = invoice_view(view.invoice, now);
    if (view.consent_cycle) {
        const auto own = is_open(state_of(view.attempt)) ? view.attempt.amount_fen : Fen{};
        invoice.cycle_room = owed_room(*view.consent_cycle, own);
    }
    const auto decision = decide_payment(fact, attempt_view(view.attempt), state, invoice);
    Unit unit{op_of(inbox_id, view.attempt, "settle"), now, provider_actor(fact.provider)};
    follow(unit, view, decision, fact);
    if (decision.outcome == PaymentOutcome::succeeded || decision.outcome == PaymentOutcome::late_success)
        after_win(unit, view, decision.outcome);
    if (decision.refund_in_full) give_back(rules, unit, view.attempt);
    if (decision.outcome == PaymentOutcome::mismatch)
        unit.person_task(
            "payment_differs", view.attempt.id.text(), view.attempt.tenant_id,
            "A verified payment differs from what was asked for in: " + std::string{decision.mismatch});
    unit.end_inbox(inbox_id, outcome_text(decision.outcome));
    return unit;
}

Unit foreign_payment(const PaymentSucceeded& fact, std::int64_t inbox_id, Instant now) {
    Unit unit{"inbox:" + std::to_string(inbox_id), now, provider_actor(fact.provider)};
    unit.person_task("foreign_payment", fact.out_trade_no, {},
                     "A verified payment names an order number that is not ours.");
    unit.end_inbox(inbox_id, "mismatch");
    return unit;
}

io::awaitable<void> apply_payment(App& app, PaymentSucceeded fact, std::int64_t inbox_id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto& mchid = app.gateway(fact.provider).mchid();
        std::vector<storage::OrderNumber> number{
            {std::string{provider_name(fact.provider)}, mchid, fact.out_trade_no}};
        auto views = co_await app.store.load_settlements(std::move(number));
        if (!views.front()) co_return foreign_payment(fact, inbox_id, app.clock.now());
        co_return settle_payment(app.rules, std::move(*views.front()), fact, inbox_id, app.clock.now());
    });
}

namespace {

/// The same classes on both sides; a success without its fact proves nothing.
CallAnswer answer_of(payment::ResultClass result) {
    using enum payment::ResultClass;
    switch (result) {
        case accepted:
            return CallAnswer::accepted;
        case in_progress:
            return CallAnswer::in_progress;
        case refused:
            return CallAnswer::refused;
        case failed:
            return CallAnswer::failed;
        case already:
            return CallAnswer::already;
        case not_found:
            return CallAnswer::not_found;
        case differs:
            return CallAnswer::differs;
        case succeeded:
        case unknown:
            return CallAnswer::unknown;
    }
    return CallAnswer::unknown;
}

/// A manual order can be paid until then; a little longer for money on its way.
bool manual_expired(const Rules& rules, const storage::AttemptRow& attempt, Instant now) {
    const auto life = std::chrono::minutes{rules.collection.manual_order_minutes + 5};
    return attempt.intent_at && now >= *attempt.intent_at + life;
}

/// A failed deduction is tried again by the calendar; nullopt: given up.
std::optional<Instant> retry_of(const Rules& rules, const storage::ChargeRow& charge, FailureCause cause,
                                Instant now) {
    if (charge.way != "deduction" || !charge.window_from || !charge.window_to) return std::nullopt;
    return plan_retry(cause, static_cast<int>(charge.failures) + 1, now, window_of(charge),
                      retry_policy(rules, charge));
}

/// What a failed deduction tells whom: the first failure and the last, nothing in between.
void tell_failure(Unit& unit, const storage::ChargeRow& charge, FailureCause cause, bool again) {
    if (retry_row(cause).alert_operator)
        unit.person_task("deduction_failed", charge.id.text(), charge.tenant_id,
                         "A deduction failed for a cause on our side: " + charge.last_cause);
    if (again && charge.failures > 1) return;
    unit.changes().outbox.push_back(notice_row(again ? notice::charge_failed : notice::charge_gave_up,
                                               charge.id.text(), charge.tenant_id, "", unit.at()));
}

/// The attempt ended without money: reservations go back, the charge is tried again or given up.
void close_failed(const Rules& rules, Unit& unit, storage::ChargeView& view, storage::AttemptRow& attempt,
                  AttemptState before, AttemptEvent event, FailureCause cause) {
    auto& charge = view.charge;
    // "Closed" says that, not why: the failure notice that led to the query may have told the cause.
    if (cause == FailureCause::closed_unpaid || cause == FailureCause::unlisted)
        cause = parse_failure_cause(attempt.cause).value_or(cause);
    const auto again = retry_of(rules, charge, cause, unit.at());
    const auto release =
        decide_release(event, before, attempt.amount_fen, parse_state<ChargeState>(charge.state).value(),
                       invoice_view(view.invoice, unit.at()), again.has_value());
    attempt.cause = failure_cause_name(cause);
    apply_deltas(view.invoice, view.consent_cycle, Fen{}, release.reserved_delta);
    if (release.invoice) unit.move<InvoiceState>(view.invoice, *release.invoice);
    if (release.charge) unit.move<ChargeState>(charge, *release.charge);
    charge.failures += 1;
    charge.last_cause = attempt.cause;
    if (charge.way == "deduction") tell_failure(unit, charge, cause, again.has_value());
    if (again)
        unit.schedule(task::charge_step, charge.id.text(), charge.tenant_id, *again);
    else if (charge.way == "deduction")
        unit.schedule(task::invoice_due, charge.invoice_id.text(), charge.tenant_id, unit.at());
    unit.unschedule(task::attempt_step, attempt.id.text());
    unit.save(view.invoice);
    unit.save(charge);
    if (view.consent_cycle) unit.save(*view.consent_cycle);
}

/// Plans the next look at an open attempt.
void look_again(Unit& unit, storage::AttemptRow& attempt, NextStep step) {
    if (step == NextStep::person) {
        attempt.next_query_at.reset();
        unit.unschedule(task::attempt_step, attempt.id.text());
        return;
    }
    attempt.next_query_at = next_query_at(unit.at(), attempt.queries);
    unit.schedule(task::attempt_step, attempt.id.text(), attempt.tenant_id, *attempt.next_query_at);
}

void tell_person_when_stuck(Unit& unit, const Rules& rules, const storage::AttemptRow& attempt) {
    const bool delayed = attempt.provider == "wechat" && rules.wechat_deduct_mode == 1;
    if (attempt.sent_at && unit.at() - *attempt.sent_at >= person_after(delayed))
        unit.person_task("attempt_unresolved", attempt.id.text(), attempt.tenant_id,
                         "The provider has not told the result of this order for a day.");
}

/// What "no such order" means here: a manual order past its life is over; one that appears only when the
/// payer acts is waited for; else the calendar tells whether the number may go out again.
CallAnswer absence(const Rules& rules, const storage::ChargeView& view, const storage::AttemptRow& attempt,
                   Instant now) {
    if (view.charge.way != "deduction") {
        if (manual_expired(rules, attempt, now)) return CallAnswer::failed;
        return attempt.provider == "alipay" ? CallAnswer::in_progress : CallAnswer::not_found;
    }
    const bool may_send = view.mandate && view.mandate->state == "ACTIVE" && view.charge.window_to &&
                          now < *view.charge.window_to;
    return may_send ? CallAnswer::not_found : CallAnswer::window_closed;
}

std::optional<Unit> answered(const Rules& rules, storage::ChargeView view, AttemptId id,
                             const payment::OrderResult& result, bool queried, Instant now) {
    const auto found = std::ranges::find(view.attempts, id, &storage::AttemptRow::id);
    if (found == view.attempts.end()) return std::nullopt;
    auto attempt = *found;
    const auto before = state_of(attempt);
    auto answer = answer_of(result.result);
    auto cause = result.cause;
    if (answer == CallAnswer::not_found) answer = absence(rules, view, attempt, now);
    if (result.result == payment::ResultClass::not_found) cause = FailureCause::closed_unpaid;
    const auto effect = effect_of(answer, before, attempt.sends);
    if (!is_open(before)) return std::nullopt;  // closed: only money moves it

    Unit unit{op_of(0, attempt, queried ? "queried" : "called"), now, "provider:" + attempt.provider};
    if (queried) attempt.queries += 1;
    attempt.provider_code = result.code;
    if (effect.event) unit.move<AttemptState>(attempt, *effect.event);
    set_flags(attempt);
    if (!is_open(state_of(attempt))) {
        close_failed(rules, unit, view, attempt, before, *effect.event, cause);
    } else {
        look_again(unit, attempt, effect.next);
        tell_person_when_stuck(unit, rules, attempt);
    }
    if (effect.next == NextStep::person)
        unit.person_task("attempt_review", attempt.id.text(), attempt.tenant_id,
                         "This order needs a person: " + result.code);
    unit.save(attempt);
    return unit;
}

}  // namespace

io::awaitable<void> record_result(App& app, AttemptId id, payment::OrderResult result, bool queried) {
    if (result.result == payment::ResultClass::succeeded && result.payment)
        co_return co_await apply_payment(app, *result.payment, 0);
    const auto attempt = co_await app.store.find_attempt(id);
    if (!attempt) throw Error(Errc::not_found, "there is no attempt " + id.text());
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await app.store.load_charge(attempt->charge_id);
        if (!view) co_return std::nullopt;
        co_return answered(app.rules, std::move(*view), id, result, queried, app.clock.now());
    });
}

}  // namespace wefee::server
