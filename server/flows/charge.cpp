#include "server/flows/charge.hpp"

#include <algorithm>

#include "billing/calendar.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/invoice.hpp"
#include "billing/machines/subscription.hpp"
#include "server/app.hpp"
#include "server/flows/attempt.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/plan.hpp"
#include "server/flows/terms.hpp"
#include "server/flows/windows.hpp"

namespace wefee::server {
namespace {

constexpr auto announce_limit = std::chrono::seconds{10};
constexpr auto ask_again = std::chrono::minutes{10};

std::string step_op(const storage::ChargeRow& charge, std::string_view what) {
    return std::string{what} + ":" + charge.id.text() + ":" + std::to_string(charge.version);
}

/// Gives up before an attempt: the window is over, or there can be none.
void miss(Unit& unit, storage::ChargeRow& charge) {
    unit.move<ChargeState>(charge, ChargeEvent::window_missed);
    charge.last_cause = failure_cause_name(FailureCause::outside_window);
    unit.person_task("deduction_missed", charge.id.text(), charge.tenant_id,
                     "The latest moment of this deduction passed; the tenant is asked to pay by hand.");
    unit.changes().outbox.push_back(
        notice_row(notice::charge_gave_up, charge.id.text(), charge.tenant_id, "", unit.at()));
    unit.schedule(task::invoice_due, charge.invoice_id.text(), charge.tenant_id, unit.at());
    unit.unschedule(task::charge_step, charge.id.text());
}

void set_window(storage::ChargeRow& charge, const DeductionWindow& window) {
    charge.window_from = window_opens_at(window);
    charge.window_to = latest_moment(window);
}

/// The window is known: wait for the first moment in it, or give up.
void wait_for_window(const Rules& rules, Unit& unit, storage::ChargeRow& charge,
                     const DeductionWindow& window) {
    set_window(charge, window);
    const auto at = next_deduction(rules, charge, window, unit.at());
    if (!at) return miss(unit, charge);
    unit.schedule(task::charge_step, charge.id.text(), charge.tenant_id, *at);
}

/// WeChat's notice is taken: window counted from now on.
io::awaitable<void> announced(App& app, ChargeId id, Instant at) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await app.store.load_charge(id);
        if (!view || view->charge.state != "NOTICED") co_return std::nullopt;
        auto charge = view->charge;
        Unit unit{step_op(charge, "announced"), app.clock.now(), "provider:" + charge.provider};
        unit.move<ChargeState>(charge, ChargeEvent::announced);
        charge.announced_at = at;
        wait_for_window(app.rules, unit, charge, wechat_window(civil_day(at), wechat_calendar(app.rules)));
        unit.save(charge);
        co_return unit;
    });
}

/// No notice of the provider's own: the window is a matter of days.
io::awaitable<void> open_plain_window(App& app, ChargeId id, DeductionWindow window) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await app.store.load_charge(id);
        if (!view || view->charge.state != "NOTICED") co_return std::nullopt;
        auto charge = view->charge;
        Unit unit{step_op(charge, "window"), app.clock.now(), "system"};
        set_window(charge, window);
        const auto at = next_deduction(app.rules, charge, window, unit.at());
        if (!at) {
            miss(unit, charge);
        } else if (*at <= unit.at()) {
            unit.move<ChargeState>(charge, ChargeEvent::window_open);
            unit.schedule(task::charge_step, id.text(), charge.tenant_id, unit.at());
        } else {
            unit.schedule(task::charge_step, id.text(), charge.tenant_id, *at);
        }
        unit.save(charge);
        co_return unit;
    });
}

io::awaitable<void> wait_until(App& app, const storage::ChargeRow charge, Instant at) {
    Unit unit{"wait:" + charge.id.text() + ":" + new_id_text(""), app.clock.now(), "system"};
    unit.schedule(task::charge_step, charge.id.text(), charge.tenant_id, at);
    co_await app.store.commit(unit.take());
}

io::awaitable<void> hold_for(App& app, ChargeId id, FailureCause cause, std::string text) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await app.store.load_charge(id);
        if (!view) co_return std::nullopt;
        auto charge = view->charge;
        Unit unit{step_op(charge, "hold"), app.clock.now(), "system"};
        if (!unit.try_move<ChargeState>(charge, ChargeEvent::held)) co_return std::nullopt;
        charge.last_cause = failure_cause_name(cause);
        unit.person_task("deduction_held", id.text(), charge.tenant_id, text);
        unit.changes().outbox.push_back(
            notice_row(notice::payment_due, id.text(), charge.tenant_id, "held", unit.at()));
        unit.unschedule(task::charge_step, id.text());
        unit.save(charge);
        co_return unit;
    });
}

/// NOTICED at WeChat in mode 2: sends the pre-deduction notice. Unknown answers are asked again: the same
/// notice twice is one notice there.
io::awaitable<void> announce(App& app, storage::ChargeView view) {
    const auto& charge = view.charge;
    const auto now = app.clock.now();
    if (!wechat_announcing_hours(now))
        co_return co_await wait_until(app, charge, next_announcing_instant(now).value_or(now + ask_again));
    const auto result = co_await app.gateway(charge.provider)
                            .announce(view.mandate->contract_id, charge.amount_fen, announce_limit);
    using enum payment::ResultClass;
    if (result.result == succeeded || result.result == accepted)
        co_return co_await announced(app, charge.id, now);
    const bool refused_for_good =
        result.result == refused || result.result == failed || result.result == differs;
    if (refused_for_good && retry_row(result.cause).action != RetryAction::retry)
        co_return co_await hold_for(app, charge.id, result.cause,
                                    "The provider refused its notice: " + result.code);
    co_await wait_until(app, charge, now + ask_again);
}

/// NOTICED at Alipay: the agreement's next date decides the window; a date that lies too early is moved.
io::awaitable<void> open_alipay_window(App& app, storage::ChargeView view) {
    const auto& charge = view.charge;
    auto& gateway = app.gateway(charge.provider);
    const auto status =
        co_await gateway.query_mandate(view.mandate->our_number, view.mandate->contract_id, announce_limit);
    if (!status.next_deduct_day) co_return co_await wait_until(app, charge, app.clock.now() + ask_again);
    auto next_date = *status.next_deduct_day;
    if (next_date < charge.planned_day.value()) {
        const auto wanted = alipay_execute_date(*charge.planned_day);
        const auto moved = co_await gateway.move_next_date(view.mandate->contract_id, wanted, announce_limit);
        if (moved.result != payment::ResultClass::succeeded)
            co_return co_await wait_until(app, charge, app.clock.now() + ask_again);
        next_date = wanted;
    }
    const auto window =
        alipay_window(*charge.planned_day, next_date, static_cast<int>(app.rules.alipay_window_days));
    // This period's time is another invoice's, and the next one is not this invoice's either.
    if (window.days.start > std::max(*charge.planned_day, view.invoice.due_day.value_or(*charge.planned_day)))
        co_return co_await hold_for(app, charge.id, FailureCause::outside_window,
                                    "The agreement allows its next deduction after the invoice is due.");
    co_await open_plain_window(app, charge.id, window);
}

/// No notice of the provider's own before the call (it sends one after the apply): four days from the planned
/// one.
DeductionWindow plain_window(CivilDay planned) { return {{planned, add_days(planned, 4)}}; }

io::awaitable<void> after_notice(App& app, storage::ChargeView view) {
    const auto& charge = view.charge;
    if (!view.mandate || view.mandate->state != "ACTIVE")
        co_return co_await hold_for(app, charge.id, FailureCause::mandate_ended,
                                    "The mandate is not active.");
    if (charge.provider == "alipay") co_return co_await open_alipay_window(app, std::move(view));
    if (app.gateway(charge.provider).needs_announcement()) co_return co_await announce(app, std::move(view));
    co_await open_plain_window(app, charge.id, plain_window(charge.planned_day.value()));
}

/// WAITING: the first moment of the window, or of a retry, has come.
io::awaitable<void> open_window(App& app, ChargeId id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await app.store.load_charge(id);
        if (!view || view->charge.state != "WAITING") co_return std::nullopt;
        auto charge = view->charge;
        Unit unit{step_op(charge, "open"), app.clock.now(), "system"};
        if (charge.window_to && unit.at() >= *charge.window_to)
            miss(unit, charge);
        else
            unit.move<ChargeState>(charge, ChargeEvent::window_open);
        unit.save(charge);
        co_return unit;
    });
    co_await start_deduction(app, id);
}

}  // namespace

io::awaitable<void> charge_step(App& app, storage::TaskRow task_row) {
    const ChargeId id{task_row.ref_id};
    auto view = co_await app.store.load_charge(id);
    if (!view) co_return;
    const auto state = view->charge.state;
    if (state == "NOTICED")
        co_await after_notice(app, std::move(*view));
    else if (state == "WAITING")
        co_await open_window(app, id);
    else if (state == "DUE")
        co_await start_deduction(app, id);
    // PLANNED waits for its notice; the other states are ends, or wait for an attempt.
}

void notice_delivered(Unit& unit, storage::ChargeRow charge, Instant delivered_at) {
    if (!unit.try_move<ChargeState>(charge, ChargeEvent::notice_delivered)) return;
    charge.notified_at = delivered_at;
    unit.schedule(task::charge_step, charge.id.text(), charge.tenant_id,
                  next_announcing_instant(unit.at()).value_or(unit.at()));
    unit.save(charge);
}

void notice_undeliverable(Unit& unit, storage::ChargeRow charge) {
    if (!unit.try_move<ChargeState>(charge, ChargeEvent::held)) return;
    unit.person_task("notice_undeliverable", charge.id.text(), charge.tenant_id,
                     "No notice of this deduction reached a billing administrator: nothing is taken.");
    unit.save(charge);
}

io::awaitable<storage::ChargeRow> hold_charge(App& app, std::string op_id, std::string actor, TenantId tenant,
                                              ChargeId id) {
    storage::ChargeRow result;
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await app.store.load_charge(id);
        if (!view || view->charge.tenant_id != tenant)
            throw Error(Errc::not_found, "there is no such charge");
        result = view->charge;
        if (result.state == "HELD") co_return std::nullopt;
        Unit unit{op_id, app.clock.now(), actor};
        unit.move<ChargeState>(result, ChargeEvent::held);
        unit.unschedule(task::charge_step, id.text());
        unit.save(result);
        co_return unit;
    });
    co_return result;
}

io::awaitable<storage::ChargeRow> release_charge(App& app, std::string op_id, std::string actor,
                                                 TenantId tenant_id, ChargeId id) {
    storage::ChargeRow result;
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await app.store.load_charge(id);
        if (!view || view->charge.tenant_id != tenant_id)
            throw Error(Errc::not_found, "there is no such charge");
        Unit unit{op_id, app.clock.now(), actor};
        unit.move<ChargeState>(view->charge, ChargeEvent::released);
        plan_anew(app.rules, unit, view->tenant, view->charge);
        result = view->charge;
        unit.save(view->charge);
        co_return unit;
    });
    co_return result;
}

namespace {

std::optional<SubscriptionEvent> recovery_of(const storage::SubscriptionRow& subscription) {
    if (subscription.state == "PAST_DUE" || subscription.state == "RESTRICTED")
        return SubscriptionEvent::recovered;
    return std::nullopt;
}

bool something_overdue(const std::vector<storage::InvoiceRow>& invoices, const SubscriptionId& subscription) {
    return std::ranges::any_of(invoices, [&](const auto& invoice) {
        return invoice.subscription_id == subscription && invoice.state == "OVERDUE";
    });
}

constexpr std::size_t recent_invoices = 24;

}  // namespace

io::awaitable<void> invoice_paid(App& app, storage::TaskRow task_row) {
    const InvoiceId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await app.store.find_invoice(task_row.tenant_id, id);
        if (!view || view->invoice.state != "PAID") co_return std::nullopt;
        Unit unit{"paid:" + id.text() + ":" + std::to_string(view->invoice.version), app.clock.now(),
                  "system"};
        for (auto charge : view->charges)
            if (charge.state != "COLLECTING" &&
                unit.try_move<ChargeState>(charge, ChargeEvent::paid_elsewhere)) {
                unit.unschedule(task::charge_step, charge.id.text());
                unit.save(charge);
            }
        unit.unschedule(task::invoice_due, id.text());
        auto subscription =
            co_await app.store.find_subscription(task_row.tenant_id, view->invoice.subscription_id);
        const auto invoices = co_await app.store.invoices(task_row.tenant_id, recent_invoices, "");
        const auto event = subscription ? recovery_of(*subscription) : std::nullopt;
        if (event && !something_overdue(invoices, subscription->id)) {
            unit.move<SubscriptionState>(*subscription, *event);
            follow_terms(unit, *subscription);
            unit.unschedule(task::service_grace, subscription->id.text());
            unit.save(*subscription);
        }
        co_return unit;
    });
}

io::awaitable<void> invoice_due(App& app, storage::TaskRow task_row) {
    const InvoiceId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await app.store.find_invoice(task_row.tenant_id, id);
        if (!view || view->invoice.state == "PAID" || view->invoice.state == "OVERDUE")
            co_return std::nullopt;
        Unit unit{"due:" + id.text() + ":" + std::to_string(view->invoice.version), app.clock.now(),
                  "system"};
        if (view->invoice.state == "PROCESSING") {
            unit.schedule(task::invoice_due, id.text(), task_row.tenant_id,
                          unit.at() + std::chrono::hours{1});
            co_return unit;
        }
        if (!unit.try_move<InvoiceState>(view->invoice, InvoiceEvent::fell_due)) co_return std::nullopt;
        unit.save(view->invoice);
        auto subscription =
            co_await app.store.find_subscription(task_row.tenant_id, view->invoice.subscription_id);
        if (subscription &&
            unit.try_move<SubscriptionState>(*subscription, SubscriptionEvent::payment_overdue)) {
            unit.schedule(task::service_grace, subscription->id.text(), task_row.tenant_id,
                          unit.at() + app.rules.collection.service_grace);
            unit.save(*subscription);
        }
        co_return unit;
    });
}

io::awaitable<void> service_grace_over(App& app, storage::TaskRow task_row) {
    const SubscriptionId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto subscription = co_await app.store.find_subscription(task_row.tenant_id, id);
        if (!subscription || subscription->state != "PAST_DUE") co_return std::nullopt;
        Unit unit{"grace:" + id.text() + ":" + std::to_string(subscription->version), app.clock.now(),
                  "system"};
        unit.move<SubscriptionState>(*subscription, SubscriptionEvent::grace_ended);
        unit.save(*subscription);
        co_return unit;
    });
}

}  // namespace wefee::server
