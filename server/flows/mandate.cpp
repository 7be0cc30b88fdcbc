#include "server/flows/mandate.hpp"

#include <algorithm>

#include "billing/calendar.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/consent.hpp"
#include "billing/machines/mandate.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/plan.hpp"

namespace wefee::server {
namespace {

constexpr auto call_limit = std::chrono::seconds{10};

/// Asks again after 1, 5, 10, 30 minutes, then hourly.
std::chrono::minutes signing_wait(std::int64_t queries) {
    constexpr std::chrono::minutes waits[] = {std::chrono::minutes{1}, std::chrono::minutes{5},
                                              std::chrono::minutes{10}, std::chrono::minutes{30}};
    return queries < 4 ? waits[queries] : std::chrono::minutes{60};
}

std::string op_of(std::int64_t inbox_id, const std::string& otherwise) {
    return inbox_id != 0 ? "inbox:" + std::to_string(inbox_id) : otherwise;
}

std::string_view cause_text(MandateEnded::Cause cause) {
    using enum MandateEnded::Cause;
    switch (cause) {
        case expired:
            return "expired";
        case by_payer:
            return "by_payer";
        case by_us:
            return "by_us";
        case account_closed:
            return "account_closed";
        case by_provider:
            return "by_provider";
        case unknown:
            return "unknown";
    }
    return "unknown";
}

std::string_view account_text(Provider provider) {
    return provider == Provider::wechat ? "微信支付" : "支付宝";
}

/// The mandate that a fact is about: by our number, else by the contract.
io::awaitable<std::optional<storage::MandateRow>> find_mandate(App& app, Provider provider,
                                                               std::string our_number,
                                                               std::string contract_id) {
    const std::string name{provider_name(provider)};
    if (!our_number.empty()) co_return co_await app.store.find_mandate_by_number(name, our_number);
    if (!contract_id.empty()) co_return co_await app.store.find_mandate_by_contract(name, contract_id);
    co_return std::nullopt;
}

payment::MandateRequest mandate_request(App& app, const storage::MandateRow& mandate,
                                        const storage::ConsentRow& consent, const storage::TenantRow& tenant,
                                        CivilDay first_day, std::string return_url) {
    payment::MandateRequest request;
    request.our_number = mandate.our_number;
    request.serial = mandate.serial;
    request.account_name = tenant.id.text().substr(4);
    request.notify_url = notify_url(app, mandate.provider, NotifyFor::mandate);
    request.return_url = std::move(return_url);
    request.single_limit = consent.cap_charge_fen;
    request.period_months = 1;
    request.first_execute_day = first_day;
    return request;
}

/// Consent ends with its mandate: what was planned under it is held for a person to pay.
io::awaitable<void> stop_deductions(App& app, Unit& unit, const storage::MandateRow& mandate) {
    auto view = co_await app.store.find_consent(mandate.tenant_id, mandate.consent_id);
    if (view && unit.try_move<ConsentState>(view->consent, ConsentEvent::withdrawn)) {
        view->consent.valid_to = std::min(view->consent.valid_to.value_or(unit.at()), unit.at());
        unit.save(view->consent);
    }
    for (auto& charge : co_await app.store.open_charges_of_mandate(mandate.id)) {
        if (!unit.try_move<ChargeState>(charge, ChargeEvent::held)) continue;
        charge.last_cause = failure_cause_name(FailureCause::mandate_ended);
        unit.unschedule(task::charge_step, charge.id.text());
        unit.changes().outbox.push_back(
            notice_row(notice::payment_due, charge.id.text(), mandate.tenant_id, "", unit.at()));
        unit.save(charge);
    }
}

/// The first fees of its subscription: there is a mandate now that can deduct them. Saves the subscription,
/// so that a decision made meanwhile to go on waiting is made again.
io::awaitable<void> bill_what_waited(App& app, Unit& unit, const storage::MandateRow& mandate) {
    const auto view = co_await app.store.find_consent(mandate.tenant_id, mandate.consent_id);
    if (!view) co_return;
    const auto subscription =
        co_await app.store.find_subscription(mandate.tenant_id, view->consent.subscription_id);
    if (!subscription || !subscription->advance_waits) co_return;
    unit.schedule(task::bill_opening, subscription->id.text(), mandate.tenant_id, unit.at());
    unit.save(*subscription);
}

io::awaitable<void> poll_again(App& app, storage::MandateRow mandate) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await app.store.find_mandate(mandate.id);
        if (!row || row->state != "SIGNING") co_return std::nullopt;
        Unit unit{"ask:" + new_id_text(""), app.clock.now(), "system"};
        unit.schedule(task::mandate_step, row->id.text(), row->tenant_id,
                      unit.at() + signing_wait(row->queries));
        row->queries += 1;
        unit.save(*row);
        co_return unit;
    });
}

io::awaitable<void> abandon(App& app, MandateId id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await app.store.find_mandate(id);
        if (!row) co_return std::nullopt;
        Unit unit{"abandon:" + id.text(), app.clock.now(), "system"};
        if (!unit.try_move<MandateState>(*row, MandateEvent::signing_abandoned)) co_return std::nullopt;
        row->end_cause = "not_signed";
        row->ended_at = unit.at();
        unit.save(*row);
        co_return unit;
    });
}

}  // namespace

io::awaitable<StartedMandate> start_mandate(App& app, std::string op_id, std::string actor,
                                            TenantId tenant_id, ConsentId consent_id,
                                            std::string return_url) {
    const auto tenant = co_await app.store.find_tenant(tenant_id);
    const auto view = co_await app.store.find_consent(tenant_id, consent_id);
    if (!tenant || !view) throw Error(Errc::not_found, "there is no such consent");
    if (view->consent.state != "GRANTED") throw Error(Errc::consent_required, "the consent is not granted");
    for (const auto& known : view->mandates)
        if (known.state == "ACTIVE" || known.state == "SUSPENDED")
            throw Error(Errc::conflict, "mandate " + known.id.text() + " is active under this consent");
    auto& gateway = app.gateway(view->consent.provider);

    storage::MandateRow mandate;
    mandate.id = id_beside<MandateId>(tenant_id, "man_", op_id);
    mandate.tenant_id = tenant_id;
    mandate.consent_id = consent_id;
    mandate.provider = view->consent.provider;
    mandate.mchid = gateway.mchid();
    mandate.our_number = "W" + io::sha256_hex("our number" + op_id).substr(0, 26);
    mandate.account_text = account_text(gateway.provider());
    mandate.created_at = app.clock.now();
    mandate.serial = co_await app.store.next_number("mandate_serial");
    const auto first_day = co_await first_execute_day(app, *tenant, view->consent.subscription_id);

    Unit unit{op_id, mandate.created_at, actor};
    unit.create<MandateState>(mandate, MandateEvent::created);
    unit.insert(mandate);
    co_await app.store.commit(unit.take());
    auto stored = co_await app.store.find_mandate(mandate.id);
    if (!stored) throw Error(Errc::conflict, "the mandate could not be stored");
    auto page = co_await gateway.sign_page(
        mandate_request(app, *stored, view->consent, *tenant, first_day, std::move(return_url)), call_limit);
    if (stored->state == "CREATED") {
        Unit started{op_id + ":signing", app.clock.now(), actor};
        started.move<MandateState>(*stored, MandateEvent::signing_started);
        started.schedule(task::mandate_step, stored->id.text(), tenant_id, started.at() + signing_wait(0));
        stored->queries = 1;
        started.save(*stored);
        co_await app.store.commit(started.take());
    }
    co_return StartedMandate{*co_await app.store.find_mandate(mandate.id), std::move(page)};
}

io::awaitable<storage::MandateRow> end_mandate(App& app, std::string op_id, std::string actor,
                                               TenantId tenant_id, MandateId id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await app.store.find_mandate(id);
        if (!row || row->tenant_id != tenant_id) throw Error(Errc::not_found, "there is no such mandate");
        if (row->state == "ENDED" || row->state == "ENDING") co_return std::nullopt;
        Unit unit{op_id, app.clock.now(), actor};
        unit.move<MandateState>(*row, MandateEvent::ending_requested);
        co_await stop_deductions(app, unit, *row);
        unit.save(*row);
        co_return unit;
    });
    auto row = *co_await app.store.find_mandate(id);
    if (row.state == "ENDING") {
        const auto status =
            co_await app.gateway(row.provider)
                .end_mandate(row.our_number, row.contract_id, "ended by the customer", call_limit);
        if (status.ended_fact)
            co_await mandate_ended(app, 0, *status.ended_fact);
        else {
            Unit later{op_id + ":ask", app.clock.now(), actor};
            later.schedule(task::mandate_step, id.text(), tenant_id, later.at() + signing_wait(0));
            co_await app.store.commit(later.take());
        }
    }
    co_return *co_await app.store.find_mandate(id);
}

io::awaitable<void> mandate_signed(App& app, std::int64_t inbox_id, MandateSigned fact) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await find_mandate(app, fact.provider, fact.our_number, "");
        Unit unit{op_of(inbox_id, "signed:" + fact.contract_id), app.clock.now(),
                  "provider:" + std::string{provider_name(fact.provider)}};
        const bool ours = row && (fact.mchid.empty() || fact.mchid == row->mchid);
        if (!ours) {
            unit.person_task("foreign_mandate", fact.our_number.empty() ? fact.contract_id : fact.our_number,
                             {}, "A signed notice names a mandate that is not ours.");
            unit.end_inbox(inbox_id, "mismatch");
            co_return unit;
        }
        if (row->state == "ACTIVE" && row->contract_id == fact.contract_id) {
            unit.end_inbox(inbox_id, "duplicate");
            co_return unit;
        }
        const bool late = row->state == "ENDED";
        // A sign notice that follows the end of the same contract must not bring it back.
        const bool revives = late && !row->contract_id.empty();
        if (revives || !unit.try_move<MandateState>(
                           *row, late ? MandateEvent::contract_signed_late : MandateEvent::contract_signed)) {
            unit.end_inbox(inbox_id, "stale");
            co_return unit;
        }
        row->contract_id = fact.contract_id;
        row->payer = fact.payer;
        row->signed_at = fact.signed_at;
        row->expires_at = fact.expires_at;
        row->end_cause.clear();
        row->ended_at.reset();
        unit.unschedule(task::mandate_step, row->id.text());
        co_await bill_what_waited(app, unit, *row);
        unit.end_inbox(inbox_id, "applied");
        unit.save(*row);
        co_return unit;
    });
}

io::awaitable<void> mandate_ended(App& app, std::int64_t inbox_id, MandateEnded fact) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await find_mandate(app, fact.provider, fact.our_number, fact.contract_id);
        const auto key = fact.contract_id.empty() ? fact.our_number : fact.contract_id;
        Unit unit{op_of(inbox_id, "ended:" + key), app.clock.now(),
                  "provider:" + std::string{provider_name(fact.provider)}};
        // The end of an older contract says nothing about the one in force.
        const bool other = row && !row->contract_id.empty() && !fact.contract_id.empty() &&
                           row->contract_id != fact.contract_id;
        if (!row || other || (!fact.mchid.empty() && fact.mchid != row->mchid)) {
            unit.end_inbox(inbox_id, row && !other ? "mismatch" : "stale");
            co_return unit;
        }
        if (!unit.try_move<MandateState>(*row, MandateEvent::ended)) {
            unit.end_inbox(inbox_id, "duplicate");
            co_return unit;
        }
        if (row->contract_id.empty()) row->contract_id = fact.contract_id;
        row->end_cause = cause_text(fact.cause);
        row->ended_at = fact.ended_at;
        co_await stop_deductions(app, unit, *row);
        unit.unschedule(task::mandate_step, row->id.text());
        unit.changes().outbox.push_back(
            notice_row(notice::consent_ended, row->id.text(), row->tenant_id, "", unit.at()));
        unit.end_inbox(inbox_id, "applied");
        unit.save(*row);
        co_return unit;
    });
}

io::awaitable<void> mandate_step(App& app, storage::TaskRow task_row) {
    const auto row = co_await app.store.find_mandate(MandateId{task_row.ref_id});
    if (!row || (row->state != "SIGNING" && row->state != "ENDING")) co_return;
    const auto status =
        co_await app.gateway(row->provider).query_mandate(row->our_number, row->contract_id, call_limit);
    if (status.ended_fact && row->state == "ENDING")
        co_return co_await mandate_ended(app, 0, *status.ended_fact);
    if (status.signed_fact && row->state == "SIGNING")
        co_return co_await mandate_signed(app, 0, *status.signed_fact);
    if (row->state == "ENDING")
        throw Error(Errc::provider_failed, "the provider has not ended the mandate yet");
    if (app.clock.now() - row->created_at >= signing_life &&
        status.state == payment::MandateState::not_signed)
        co_return co_await abandon(app, row->id);
    co_await poll_again(app, *row);
}

}  // namespace wefee::server
