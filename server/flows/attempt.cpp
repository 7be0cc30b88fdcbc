#include "server/flows/attempt.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "billing/calendar.hpp"
#include "billing/machines/attempt.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/invoice.hpp"
#include "billing/query_ladder.hpp"
#include "io/log.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/consent_view.hpp"
#include "server/flows/names.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/plan.hpp"
#include "server/flows/settle.hpp"
#include "server/flows/windows.hpp"

namespace wefee::server {
namespace {

std::chrono::milliseconds call_limit(const App& app) {
    return std::chrono::milliseconds{app.rules.collection.call_limit_ms};
}

/// Why a due deduction may not be made now; empty when it may.
struct Obstacle {
    enum class Kind { none, wait, hold, drop } kind = Kind::none;
    std::string_view reason;
    FailureCause cause = FailureCause::unlisted;
};

Fen room_of(const storage::InvoiceRow& invoice) {
    return invoice.total_fen - invoice.paid_fen - invoice.reserved_fen + invoice.refunded_fen;
}

bool cycle_has_room(const storage::ChargeView& view) {
    if (!view.consent_cycle) return view.charge.amount_fen <= view.consent->cap_cycle_fen;
    const auto& cycle = *view.consent_cycle;
    return cycle.taken_fen + cycle.reserved_fen + view.charge.amount_fen <= cycle.cap_fen;
}

bool consent_in_force(const storage::ConsentRow& consent, Instant now) {
    return consent.state == "GRANTED" && now >= consent.valid_from &&
           (!consent.valid_to || now < *consent.valid_to);
}

/// Every check of step 1, cheapest first. Pure.
Obstacle obstacle(const storage::ChargeView& view, Instant now) {
    using enum Obstacle::Kind;
    const auto& [tenant, charge, invoice, lines, consent, items, cycle, mandate, attempts, open, stops] =
        view;
    if (invoice.state == "PAID" || room_of(invoice) <= Fen{}) return {drop, "the invoice is paid", {}};
    if (open) return {wait, "another payment of this invoice is under way", {}};
    if (!stops.empty()) return {wait, "deductions are stopped", {}};
    if (tenant.deductions_paused) return {hold, "the tenant paused deductions", {}};
    if (!consent || !consent_in_force(*consent, now))
        return {hold, "the consent is not in force", FailureCause::mandate_ended};
    if (!mandate || mandate->state != "ACTIVE")
        return {hold, "the mandate is not active", FailureCause::mandate_ended};
    if (charge.amount_fen > room_of(invoice)) return {hold, "the amount is above what is owed", {}};
    if (charge.amount_fen > consent->cap_charge_fen || !cycle_has_room(view))
        return {hold, "the amount is above the consented ceiling", FailureCause::amount_above_mandate};
    const auto taken = cycle ? cycle->taken_fen + cycle->reserved_fen : Fen{};
    if (!covers(consent_of(*consent, items), cover_lines_of(lines), charge.amount_fen, taken, now).ok)
        return {hold, "an item is not covered by the consent", FailureCause::amount_above_mandate};
    if (!charge.notified_at || now < deductible_after(*charge.notified_at, NoticePolicy{}))
        return {hold, "no notice was delivered a day before", {}};
    if (!charge.window_from || !charge.window_to || !is_chargeable(window_of(charge), now))
        return {wait, "outside the provider's hours", {}};
    return {};
}

std::string order_number(std::string_view kind, Instant now) {
    // Day for people who read it, then 18 random characters (over 100 bits).
    std::string day = format_day(civil_day(now));
    std::erase(day, '-');
    return std::string{kind} + day + io::random_alphanumeric(18);
}

/// Charge that cannot be collected automatically any more: held, and the tenant is asked to pay by hand.
std::optional<Unit> hold(Unit unit, storage::ChargeRow charge, const Obstacle& why) {
    if (!unit.try_move<ChargeState>(charge, ChargeEvent::held)) return std::nullopt;
    charge.last_cause = failure_cause_name(why.cause);
    unit.person_task("deduction_held", charge.id.text(), charge.tenant_id, std::string{why.reason});
    unit.changes().outbox.push_back(
        notice_row(notice::payment_due, charge.id.text(), charge.tenant_id, "held", unit.at()));
    unit.unschedule(task::charge_step, charge.id.text());
    unit.save(charge);
    return unit;
}

std::optional<Unit> miss_window(Unit unit, storage::ChargeRow charge) {
    if (!unit.try_move<ChargeState>(charge, ChargeEvent::window_missed)) return std::nullopt;
    charge.last_cause = failure_cause_name(FailureCause::outside_window);
    unit.person_task("deduction_missed", charge.id.text(), charge.tenant_id,
                     "The latest moment of this deduction passed; the tenant is asked to pay by hand.");
    unit.changes().outbox.push_back(
        notice_row(notice::charge_gave_up, charge.id.text(), charge.tenant_id, "", unit.at()));
    unit.schedule(task::invoice_due, charge.invoice_id.text(), charge.tenant_id, unit.at());
    unit.unschedule(task::charge_step, charge.id.text());
    unit.save(charge);
    return unit;
}

/// The intent: number, all business fields and their digest are fixed from here on.
Unit intend(App& app, storage::ChargeView view, Instant now) {
    auto& charge = view.charge;
    storage::AttemptRow attempt;
    attempt.id = new_id<AttemptId>("att_");
    attempt.tenant_id = charge.tenant_id;
    attempt.charge_id = charge.id;
    attempt.invoice_id = charge.invoice_id;
    attempt.provider = charge.provider;
    attempt.mchid = app.gateway(charge.provider).mchid();
    attempt.out_trade_no = order_number("D", now);
    attempt.amount_fen = charge.amount_fen;
    attempt.open_flag = 1;
    attempt.intent_at = now;
    attempt.created_at = now;
    payment::Deduction deduction;
    deduction.out_trade_no = attempt.out_trade_no;
    deduction.amount = attempt.amount_fen;
    deduction.contract_id = view.mandate->contract_id;
    deduction.description = "服务费 " + view.invoice.number;
    deduction.notify_url = notify_url(app, charge.provider, NotifyFor::deduction);
    attempt.request_fields = app.gateway(charge.provider).fields(deduction);
    attempt.request_digest = io::sha256_hex(attempt.request_fields);

    Unit unit{"intent:" + charge.id.text() + ":" + std::to_string(charge.state_seq), now, "system"};
    unit.create<AttemptState>(attempt, AttemptEvent::intended);
    unit.move<ChargeState>(charge, ChargeEvent::attempt_started);
    unit.move<InvoiceState>(view.invoice, InvoiceEvent::collection_started);
    view.invoice.reserved_fen += attempt.amount_fen;
    if (view.consent_cycle) {
        view.consent_cycle->reserved_fen += attempt.amount_fen;
        unit.save(*view.consent_cycle);
    } else {
        unit.insert(storage::ConsentCycleRow{*charge.consent_id, charge.cycle, charge.tenant_id,
                                             view.consent->cap_cycle_fen, attempt.amount_fen, Fen{}, 1});
    }
    unit.schedule(task::attempt_step, attempt.id.text(), charge.tenant_id, now);
    unit.unschedule(task::charge_step, charge.id.text());
    unit.insert(std::move(attempt));
    unit.save(charge);
    unit.save(view.invoice);
    return unit;
}

Unit drop(Unit unit, storage::ChargeRow charge) {
    if (unit.try_move<ChargeState>(charge, ChargeEvent::paid_elsewhere)) unit.save(charge);
    unit.unschedule(task::charge_step, charge.id.text());
    return unit;
}

/// Ten minutes on, inside the window; its end when that is nearer (then the charge is given up).
Instant next_try(const storage::ChargeRow& charge, Instant now) {
    const auto wanted = now + std::chrono::minutes{10};
    return next_chargeable_instant(window_of(charge), wanted).value_or(std::max(wanted, *charge.window_to));
}

Unit wait(Unit unit, const storage::ChargeRow& charge, Instant at) {
    unit.schedule(task::charge_step, charge.id.text(), charge.tenant_id, at);
    return unit;
}

}  // namespace

io::awaitable<void> start_deduction(App& app, ChargeId id) {
    std::optional<AttemptId> in_the_way;
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await app.store.load_charge(id);
        if (!view || view->charge.state != "DUE") co_return std::nullopt;
        const auto now = app.clock.now();
        const auto why = obstacle(*view, now);
        Unit unit{"step:" + id.text() + ":" + new_id_text(""), now, "system"};
        if (view->charge.window_to && now >= *view->charge.window_to && why.kind != Obstacle::Kind::drop)
            co_return miss_window(std::move(unit), view->charge);
        switch (why.kind) {
            case Obstacle::Kind::drop:
                co_return drop(std::move(unit), view->charge);
            case Obstacle::Kind::hold:
                co_return hold(std::move(unit), view->charge, why);
            case Obstacle::Kind::wait:
                if (view->open_attempt && view->open_attempt->charge_id != id)
                    in_the_way = view->open_attempt->id;
                co_return wait(std::move(unit), view->charge, next_try(view->charge, now));
            case Obstacle::Kind::none:
                break;
        }
        co_return intend(app, std::move(*view), now);
    });
    if (in_the_way) co_await close_open_order(app, *in_the_way);
}

namespace {

/// Step 2: the row says SENT before the socket opens. Only the worker whose commit won may call.
io::awaitable<std::optional<storage::AttemptRow>> claim(App& app, storage::AttemptRow attempt,
                                                        AttemptEvent event) {
    const auto now = app.clock.now();
    Unit unit{"send:" + attempt.id.text() + ":" + std::to_string(attempt.sends), now, "system"};
    unit.move<AttemptState>(attempt, event);
    if (!attempt.sent_at) attempt.sent_at = now;
    attempt.sends += 1;
    attempt.fence += 1;
    attempt.next_query_at = now + query_wait(0);
    unit.schedule(task::attempt_step, attempt.id.text(), attempt.tenant_id, *attempt.next_query_at);
    unit.save(attempt);
    if (co_await app.store.commit(unit.take()) != storage::CommitResult::applied) co_return std::nullopt;
    co_return attempt;
}

std::string instructions_json(const payment::PayInstructions& given) {
    nlohmann::json body;
    if (!given.prepay_id.empty()) body["prepay_id"] = given.prepay_id;
    if (!given.qr_code.empty()) body["qr_code"] = given.qr_code;
    if (!given.redirect_url.empty()) body["redirect_url"] = given.redirect_url;
    if (!given.client_params.empty()) body["client_params"] = nlohmann::json::parse(given.client_params);
    return body.dump();
}

io::awaitable<void> keep_instructions(App& app, AttemptId id, payment::PayInstructions given) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto attempt = co_await app.store.find_attempt(id);
        if (!attempt) co_return std::nullopt;
        Unit unit{"instructions:" + id.text() + ":" + std::to_string(attempt->version), app.clock.now(),
                  "system"};
        attempt->instructions = instructions_json(given);
        unit.save(*attempt);
        co_return unit;
    });
}

/// Step 3 and 4: the call, then the record of its answer.
io::awaitable<void> call_and_record(App& app, storage::AttemptRow attempt, bool deduction) {
    auto& gateway = app.gateway(attempt.provider);
    if (deduction) {
        auto result = co_await gateway.deduct(attempt.request_fields, call_limit(app));
        co_return co_await record_result(app, attempt.id, std::move(result), false);
    }
    auto created = co_await gateway.create_order(attempt.request_fields, call_limit(app));
    if (created.result.result == payment::ResultClass::accepted)
        co_await keep_instructions(app, attempt.id, created.instructions);
    co_await record_result(app, attempt.id, std::move(created.result), false);
}

io::awaitable<void> send(App& app, storage::AttemptRow attempt, bool deduction, AttemptEvent event) {
    const auto claimed = co_await claim(app, std::move(attempt), event);
    if (claimed) co_await call_and_record(app, *claimed, deduction);
}

/// A manual order past its life is closed at the provider and asked again before it counts as failed.
bool wants_close(const App& app, const storage::ChargeRow& charge, const storage::AttemptRow& attempt) {
    const auto life = std::chrono::minutes{app.rules.collection.manual_order_minutes};
    return charge.way != "deduction" && attempt.intent_at && app.clock.now() >= *attempt.intent_at + life;
}

/// A deduction may be stopped before it was ever sent: switches are read again here.
bool stopped_before_sending(const storage::ChargeView& view) {
    return view.charge.way == "deduction" && (!view.stops.empty() || view.tenant.deductions_paused ||
                                              !view.mandate || view.mandate->state != "ACTIVE");
}

bool send_again_allowed(const storage::ChargeView& view, Instant now) {
    if (view.charge.way != "deduction")
        return view.charge.provider != "alipay";  // those appear when the payer acts
    return !stopped_before_sending(view) && is_chargeable(window_of(view.charge), now);
}

io::awaitable<void> withdraw(App& app, ChargeId charge, AttemptId id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await app.store.load_charge(charge);
        if (!view) co_return std::nullopt;
        const auto found = std::ranges::find(view->attempts, id, &storage::AttemptRow::id);
        if (found == view->attempts.end() || found->state != "INTENT") co_return std::nullopt;
        auto attempt = *found;
        Unit unit{"withdraw:" + id.text(), app.clock.now(), "system"};
        unit.move<AttemptState>(attempt, AttemptEvent::cancelled);
        attempt.open_flag.reset();
        unit.move<ChargeState>(view->charge, ChargeEvent::attempt_withdrawn);
        view->invoice.reserved_fen -= attempt.amount_fen;
        unit.try_move<InvoiceState>(view->invoice, InvoiceEvent::collection_ended);
        if (view->consent_cycle) {
            view->consent_cycle->reserved_fen -= attempt.amount_fen;
            unit.save(*view->consent_cycle);
        }
        unit.schedule(task::charge_step, charge.text(), view->charge.tenant_id,
                      unit.at() + std::chrono::minutes{1});
        unit.unschedule(task::attempt_step, id.text());
        unit.save(attempt);
        unit.save(view->charge);
        unit.save(view->invoice);
        co_return unit;
    });
}

}  // namespace

io::awaitable<void> close_open_order(App& app, AttemptId id) {
    const auto attempt = co_await app.store.find_attempt(id);
    if (!attempt || !attempt->open_flag) co_return;
    const auto view = co_await app.store.load_charge(attempt->charge_id);
    if (!view || view->charge.way == "deduction") co_return;  // a deduction under way is waited for
    auto& gateway = app.gateway(attempt->provider);
    co_await gateway.close(attempt->out_trade_no, false,
                           call_limit(app));  // proves nothing: the query decides
    auto result = co_await gateway.query(attempt->out_trade_no, attempt->amount_fen, false, call_limit(app));
    co_await record_result(app, id, std::move(result), true);
}

io::awaitable<void> attempt_step(App& app, storage::TaskRow task_row) {
    const AttemptId id{task_row.ref_id};
    auto attempt = co_await app.store.find_attempt(id);
    if (!attempt || !attempt->open_flag) co_return;
    const auto view = co_await app.store.load_charge(attempt->charge_id);
    const bool deduction = view->charge.way == "deduction";
    if (attempt->state == "INTENT") {
        if (stopped_before_sending(*view)) co_return co_await withdraw(app, view->charge.id, id);
        co_return co_await send(app, std::move(*attempt), deduction, AttemptEvent::claimed);
    }
    if (wants_close(app, view->charge, *attempt)) co_return co_await close_open_order(app, id);
    auto result = co_await app.gateway(attempt->provider)
                      .query(attempt->out_trade_no, attempt->amount_fen, deduction, call_limit(app));
    const bool unknown_there = result.result == payment::ResultClass::not_found;
    co_await record_result(app, id, std::move(result), true);
    if (!unknown_there || !send_again_allowed(*view, app.clock.now())) co_return;
    // Not found is no failure: the same number with the same fields goes out again while it may be sent.
    attempt = co_await app.store.find_attempt(id);
    if (attempt && attempt->state == "UNKNOWN" && attempt->next_query_at)
        co_await send(app, std::move(*attempt), deduction, AttemptEvent::sent_again);
}

}  // namespace wefee::server
