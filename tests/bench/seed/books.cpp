// The rows of one seeded tenant. States are walked through the machines, so that the audit has every step.
#include "tests/bench/seed/books.hpp"

#include <initializer_list>
#include <stdexcept>

#include <fmt/format.h>

#include "billing/machines.hpp"
#include "billing/rating.hpp"
#include "io/crypto.hpp"
#include "server/flows/names.hpp"

namespace wefee::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view item_code = "base_fee";
constexpr Fen cap{100'000'000};

template <class State>
using EventOf = typename Machine<State>::Event;

/// Creates by the first event and goes on by the others; writes a move for each and the state into `row`.
template <class State, class Row>
void walk(storage::Changes& changes, Row& row, const std::string& id, EventOf<State> creation,
          std::initializer_list<EventOf<State>> events) {
    std::string from;
    auto state = create<State>(creation);
    const auto record = [&] {
        if (!state) throw std::logic_error("no such move: " + id);
        const std::string to(state_text(*state));
        changes.moves.push_back({.entity = std::string(Machine<State>::entity),
                                 .entity_id = id,
                                 .seq = ++row.state_seq,
                                 .from_state = from,
                                 .to_state = to,
                                 .actor = "system",
                                 .prev_hash = ""});
        row.state = from = to;
    };
    record();
    for (const auto event : events) {
        state = next(*state, event);
        record();
    }
}

/// What all rows of one tenant share.
struct Scene {
    const SeedPlan& plan;
    std::string name;
    Instant now;
    bool deducted;
    TenantId tenant;
    SubscriptionId subscription;
    PriceListId price_list{"prl_bench"};
    ConsentId consent;
    MandateId mandate;
};

void add_tenant(storage::Changes& changes, const Scene& scene) {
    storage::TenantRow tenant;
    tenant.id = scene.tenant;
    tenant.corp_id = "wp" + scene.name;
    tenant.name = scene.name;
    tenant.created_at = scene.now - 48h;
    changes.insert(tenant);

    storage::SubscriptionRow subscription;
    subscription.id = scene.subscription;
    subscription.tenant_id = scene.tenant;
    subscription.price_list_id = scene.price_list;
    subscription.plan_code = "standard";
    subscription.add_ons = "[]";
    subscription.seats = 10;
    subscription.payment_way = "automatic";
    subscription.started_on = add_days(civil_day(scene.now), -30);
    subscription.period_start = civil_day(scene.now);
    subscription.period_end = add_days(civil_day(scene.now), 30);
    subscription.cycle = 1'000'000;
    subscription.created_at = scene.now - 48h;
    walk<SubscriptionState>(changes, subscription, scene.subscription.text(), SubscriptionEvent::created,
                            {SubscriptionEvent::activated});
    changes.insert(subscription);
}

/// The app is installed and one member may do everything: what a login needs.
void add_member(storage::Changes& changes, const Scene& scene) {
    storage::AuthorisationRow authorisation;
    authorisation.id = "aut_" + scene.name;
    authorisation.tenant_id = scene.tenant;
    authorisation.suite_id = scene.plan.suite_id;
    authorisation.corp_id = "wp" + scene.name;
    authorisation.auth_code = "code" + scene.name;
    authorisation.permanent_code = "permanent" + scene.name;
    authorisation.agent_id = 1000002;
    authorisation.installer_user_id = "boss";
    authorisation.created_at = scene.now - 48h;
    walk<AuthorisationState>(changes, authorisation, authorisation.id, AuthorisationEvent::code_received,
                             {AuthorisationEvent::exchanged});
    changes.insert(authorisation);

    storage::MemberRow member;
    member.id = MemberId{"mem_" + scene.name};
    member.tenant_id = scene.tenant;
    member.user_id = "boss";
    member.role = "billing_admin";
    member.created_at = scene.now - 48h;
    changes.insert(member);
}

void add_consent(storage::Changes& changes, const Scene& scene, const SeedOrder& order) {
    storage::ConsentRow consent;
    consent.id = scene.consent;
    consent.tenant_id = scene.tenant;
    consent.subscription_id = scene.subscription;
    consent.provider = order.provider;
    consent.cap_charge_fen = cap;
    consent.cap_cycle_fen = cap;
    consent.price_list_id = scene.price_list;
    consent.plan_code = "standard";
    consent.terms_version = "1";
    consent.text = "bench";
    consent.text_hash = io::sha256_hex(consent.text);
    consent.granted_from = "{}";
    consent.granted_at = scene.now - 48h;
    consent.valid_from = scene.now - 48h;
    consent.created_at = scene.now - 48h;
    walk<ConsentState>(changes, consent, scene.consent.text(), ConsentEvent::presented,
                       {ConsentEvent::granted});
    changes.insert(consent);

    storage::ConsentItemRow item;
    item.consent_id = scene.consent;
    item.item_code = item_code;
    item.tenant_id = scene.tenant;
    item.title = "base fee";
    item.unit = "month";
    item.ceiling_fen = cap;
    changes.insert(item);

    storage::MandateRow mandate;
    mandate.id = scene.mandate;
    mandate.tenant_id = scene.tenant;
    mandate.consent_id = scene.consent;
    mandate.provider = order.provider;
    mandate.mchid = order.mchid;
    mandate.our_number = "M" + scene.name;
    mandate.serial = 1;
    mandate.contract_id = "2026" + scene.name;
    mandate.payer = order.payer;
    mandate.signed_at = scene.now - 47h;
    mandate.created_at = scene.now - 48h;
    walk<MandateState>(changes, mandate, scene.mandate.text(), MandateEvent::created,
                       {MandateEvent::signing_started, MandateEvent::contract_signed});
    changes.insert(mandate);
}

void add_invoice(storage::Changes& changes, const Scene& scene, const InvoiceId& id, const SeedOrder& order,
                 std::int64_t cycle) {
    storage::InvoiceRow invoice;
    invoice.id = id;
    invoice.tenant_id = scene.tenant;
    invoice.subscription_id = scene.subscription;
    invoice.cycle = cycle;
    invoice.cause = "period";
    invoice.number = "B" + order.out_trade_no;
    invoice.period_start = add_days(civil_day(scene.now), -30);
    invoice.period_end = civil_day(scene.now);
    invoice.price_list_id = scene.price_list;
    invoice.total_fen = Fen{order.amount_fen};
    invoice.final_at = scene.now - 30h;
    invoice.due_day = add_days(civil_day(scene.now), 10);
    invoice.created_at = scene.now - 30h;
    if (scene.plan.stage == Stage::sent) {
        invoice.reserved_fen = Fen{order.amount_fen};
        walk<InvoiceState>(changes, invoice, id.text(), InvoiceEvent::finalised,
                           {InvoiceEvent::collection_started});
    } else {
        walk<InvoiceState>(changes, invoice, id.text(), InvoiceEvent::finalised, {});
    }
    changes.insert(invoice);

    storage::InvoiceLineRow line;
    line.invoice_id = id;
    line.item_code = item_code;
    line.tenant_id = scene.tenant;
    line.position = 1;
    line.kind = line_kind_name(LineKind::plan);
    line.title = "base fee";
    line.amount_fen = Fen{order.amount_fen};
    line.formula = "{}";
    line.evidence = "{}";
    changes.insert(line);
}

storage::ChargeRow new_charge(const Scene& scene, const ChargeId& id, const InvoiceId& invoice,
                              const SeedOrder& order, std::int64_t cycle) {
    storage::ChargeRow charge;
    charge.id = id;
    charge.tenant_id = scene.tenant;
    charge.invoice_id = invoice;
    charge.cycle = cycle;
    charge.provider = order.provider;
    charge.amount_fen = Fen{order.amount_fen};
    charge.planned_day = civil_day(scene.now);
    charge.created_at = scene.now - 30h;
    return charge;
}

void add_manual_charge(storage::Changes& changes, storage::ChargeRow charge) {
    charge.way = "native_qr";
    walk<ChargeState>(changes, charge, charge.id.text(), ChargeEvent::manual_started, {});
    changes.insert(std::move(charge));
}

/// A deduction's reminder was delivered a day before; once it is sent, its amount is reserved in the
/// consent's cycle.
void add_deduction(storage::Changes& changes, const Scene& scene, storage::ChargeRow charge) {
    const auto notified_at = scene.now - 26h;
    storage::OutboxRow reminder;
    reminder.kind = server::notice::fee_reminder;
    reminder.dedup_key = charge.id.text();
    reminder.ref_id = charge.id.text();
    reminder.tenant_id = scene.tenant;
    reminder.payload = "{}";
    reminder.next_at = notified_at;
    reminder.done_at = notified_at;
    reminder.result = "delivered";
    reminder.created_at = notified_at;
    changes.outbox.push_back(reminder);

    charge.way = "deduction";
    charge.consent_id = scene.consent;
    charge.mandate_id = scene.mandate.text();
    charge.notified_at = notified_at;
    charge.announced_at = notified_at;
    charge.window_from = scene.now - 1h;
    charge.window_to = scene.now + 48h;
    const auto& id = charge.id.text();
    if (scene.plan.stage == Stage::due) {
        walk<ChargeState>(changes, charge, id, ChargeEvent::planned,
                          {ChargeEvent::notice_delivered, ChargeEvent::announced, ChargeEvent::window_open});
        changes.schedule.push_back(
            {std::string(server::task::charge_step), id, scene.tenant, scene.now, 0, 0});
    } else {
        walk<ChargeState>(changes, charge, id, ChargeEvent::planned,
                          {ChargeEvent::notice_delivered, ChargeEvent::announced, ChargeEvent::window_open,
                           ChargeEvent::attempt_started});
        storage::ConsentCycleRow cycle;
        cycle.consent_id = scene.consent;
        cycle.cycle = charge.cycle;
        cycle.tenant_id = scene.tenant;
        cycle.cap_fen = cap;
        cycle.reserved_fen = charge.amount_fen;
        changes.insert(cycle);
    }
    changes.insert(std::move(charge));
}

void add_attempt(storage::Changes& changes, const Scene& scene, const ChargeId& charge,
                 const InvoiceId& invoice, const SeedOrder& order) {
    const auto next_query = scene.plan.next_query;
    storage::AttemptRow attempt;
    attempt.id = AttemptId{"att_" + order.out_trade_no};
    attempt.tenant_id = scene.tenant;
    attempt.charge_id = charge;
    attempt.invoice_id = invoice;
    attempt.provider = order.provider;
    attempt.mchid = order.mchid;
    attempt.out_trade_no = order.out_trade_no;
    attempt.amount_fen = Fen{order.amount_fen};
    attempt.open_flag = 1;
    attempt.request_fields = "{}";
    attempt.request_digest = io::sha256_hex(attempt.request_fields);
    attempt.instructions = "{}";
    attempt.sends = 1;
    attempt.intent_at = scene.now - 10min;
    attempt.sent_at = scene.now - 10min;
    attempt.next_query_at = next_query;
    attempt.created_at = scene.now - 10min;
    walk<AttemptState>(changes, attempt, attempt.id.text(), AttemptEvent::intended, {AttemptEvent::claimed});
    changes.schedule.push_back(
        {std::string(server::task::attempt_step), attempt.id.text(), scene.tenant, next_query, 0, 0});
    changes.insert(std::move(attempt));
}

}  // namespace

storage::Changes tenant_books(const SeedPlan& plan, const std::string& tenant,
                              std::span<const SeedOrder> orders) {
    const Scene scene{.plan = plan,
                      .name = tenant,
                      .now = plan.now,
                      .deducted = plan.stage == Stage::due || orders.front().provider == "alipay",
                      .tenant = TenantId{"ten_" + tenant},
                      .subscription = SubscriptionId{"sub_" + tenant},
                      .consent = ConsentId{"con_" + tenant},
                      .mandate = MandateId{"man_" + tenant}};
    storage::Changes changes;
    changes.op_id = "op_seed_" + tenant;
    changes.at = plan.now;
    add_tenant(changes, scene);
    if (!plan.suite_id.empty()) add_member(changes, scene);
    if (scene.deducted) add_consent(changes, scene, orders.front());
    std::int64_t cycle = 0;
    for (const auto& order : orders) {
        const InvoiceId invoice{"inv_" + order.out_trade_no};
        const ChargeId charge{"chg_" + order.out_trade_no};
        add_invoice(changes, scene, invoice, order, ++cycle);
        if (plan.stage == Stage::owed) continue;
        auto row = new_charge(scene, charge, invoice, order, cycle);
        if (scene.deducted)
            add_deduction(changes, scene, std::move(row));
        else
            add_manual_charge(changes, std::move(row));
        if (plan.stage == Stage::sent) add_attempt(changes, scene, charge, invoice, order);
    }
    return changes;
}

}  // namespace wefee::bench
