// The world's rows and moves.
#include "tests/storage/books.hpp"

#include <stdexcept>

#include "tests/storage/database.hpp"

namespace wefee::tests {

using namespace std::chrono_literals;

Deed::Deed(std::string op_id, Instant at) {
    changes.op_id = std::move(op_id);
    changes.at = at;
}

World::World(std::string name, Fen total) : tag(std::move(name)) {
    const auto day = civil_day(noon);
    tenant = {TenantId{id("ten_")}, id("ww"), "橙子科技", 31, 8, false, noon, 1};
    list.id = PriceListId{id("prl_")};
    list.number = static_cast<std::int64_t>(std::hash<std::string>{}(tag) % 1'000'000'000);
    list.status = "published";
    list.effective_from = add_days(day, -60);
    list.body = R"({"plans":[]})";
    list.created_at = noon;
    subscription.id = SubscriptionId{id("sub_")};
    subscription.tenant_id = tenant.id;
    subscription.price_list_id = list.id;
    subscription.plan_code = "standard";
    subscription.add_ons = "[]";
    subscription.seats = 25;
    subscription.payment_way = "automatic";
    subscription.started_on = subscription.period_start = add_days(day, -30);
    subscription.period_end = day;
    subscription.cycle = 1;
    subscription.created_at = noon;
    invoice.id = InvoiceId{id("inv_")};
    invoice.tenant_id = tenant.id;
    invoice.subscription_id = subscription.id;
    invoice.cycle = 1;
    invoice.cause = "period";
    invoice.number = id("2025-11-");
    invoice.period_start = subscription.period_start;
    invoice.period_end = day;
    invoice.price_list_id = list.id;
    invoice.total_fen = total;
    invoice.final_at = noon;
    invoice.due_day = add_days(day, 8);
    invoice.created_at = noon;
    consent.id = ConsentId{id("con_")};
    consent.tenant_id = tenant.id;
    consent.subscription_id = subscription.id;
    consent.price_list_id = list.id;
    consent.provider = "wechat";
    consent.cap_charge_fen = Fen{500'000};
    consent.cap_cycle_fen = Fen{500'000};
    consent.text = "每月自动扣费";
    consent.valid_from = noon - 24h;
    consent.granted_at = noon - 24h;
    consent.created_at = noon - 24h;
    item = {consent.id, "seat", tenant.id, "席位", MicroYuan{99'000'000}, "seat", Fen{500'000}};
    cycle = {consent.id, 1, tenant.id, consent.cap_cycle_fen, Fen{}, Fen{}, 1};
    mandate.id = MandateId{id("man_")};
    mandate.tenant_id = tenant.id;
    mandate.consent_id = consent.id;
    mandate.provider = "wechat";
    mandate.mchid = "1900000109";
    mandate.our_number = id("cc");
    mandate.contract_id = id("contract");
    mandate.created_at = noon;
    charge.id = ChargeId{id("chg_")};
    charge.tenant_id = tenant.id;
    charge.invoice_id = invoice.id;
    charge.consent_id = consent.id;
    charge.mandate_id = mandate.id.text();
    charge.cycle = 1;
    charge.provider = "wechat";
    charge.way = "deduction";
    charge.amount_fen = total;
    charge.created_at = noon;
    attempt.id = AttemptId{id("att_")};
    attempt.tenant_id = tenant.id;
    attempt.charge_id = charge.id;
    attempt.invoice_id = invoice.id;
    attempt.provider = "wechat";
    attempt.mchid = "1900000109";
    attempt.out_trade_no = id("wf");
    attempt.amount_fen = total;
    attempt.request_fields = R"({"amount":361250})";
    attempt.request_digest = std::string(64, 'd');
    attempt.intent_at = noon;
    attempt.created_at = noon;
    refund.id = RefundId{id("rfd_")};
    refund.tenant_id = tenant.id;
    refund.attempt_id = attempt.id;
    refund.out_refund_no = id("rf");
    refund.amount_fen = total;
    refund.created_by = "mem_1";
    refund.created_at = noon;
}

storage::Changes World::founding() {
    Deed deed(id("op_found_"));
    deed.create("subscription", subscription, "PENDING");
    deed.move("subscription", subscription, "ACTIVE");
    deed.create("invoice", invoice, "FINAL");
    deed.create("consent", consent, "PRESENTED");
    deed.move("consent", consent, "GRANTED");
    deed.create("mandate", mandate, "CREATED");
    deed.move("mandate", mandate, "ACTIVE");
    deed.create("charge", charge, "PLANNED");
    deed.move("charge", charge, "NOTICED");
    deed.move("charge", charge, "DUE");
    auto& c = deed.changes;
    c.insert(tenant);
    c.insert(list);
    c.insert(subscription);
    c.insert(storage::SeatChangeRow{subscription.id, tenant.id, 1, subscription.started_on, 25, "api", noon});
    c.insert(invoice);
    c.insert(storage::InvoiceLineRow{invoice.id, "seat", tenant.id, 1, "seats", "席位", invoice.total_fen,
                                     "{}", "{}"});
    c.insert(consent);
    c.insert(item);
    c.insert(cycle);
    c.insert(mandate);
    c.insert(charge);
    storage::OutboxRow reminder;
    reminder.kind = "fee_reminder";
    reminder.dedup_key = charge.id.text();
    reminder.ref_id = charge.id.text();
    reminder.tenant_id = tenant.id;
    reminder.payload = "{}";
    reminder.done_at = noon - 25h;
    reminder.result = "delivered";
    c.outbox.push_back(reminder);
    c.postings = {{"", "receivable", invoice.total_fen, Fen{}, "invoice", invoice.id.text(), tenant.id, {}},
                  {"", "revenue", Fen{}, invoice.total_fen, "invoice", invoice.id.text(), tenant.id, {}}};
    return std::move(c);
}

storage::Changes World::intent(const std::string& op_id) {
    Deed deed(op_id);
    deed.create("attempt", attempt, "INTENT");
    deed.move("charge", charge, "COLLECTING");
    deed.move("invoice", invoice, "PROCESSING");
    attempt.open_flag = 1;
    invoice.reserved_fen += attempt.amount_fen;
    cycle.reserved_fen += attempt.amount_fen;
    deed.changes.insert(attempt);
    deed.changes.save(charge);
    deed.changes.save(invoice);
    deed.changes.save(cycle);
    return std::move(deed.changes);
}

storage::Changes World::sending(const std::string& op_id) {
    Deed deed(op_id);
    deed.move("attempt", attempt, "SENT");
    attempt.sends = 1;
    attempt.sent_at = noon;
    attempt.next_query_at = noon + 5s;
    deed.changes.save(attempt);
    return std::move(deed.changes);
}

storage::Changes World::settling(const std::string& op_id) {
    Deed deed(op_id);
    deed.move("attempt", attempt, "SUCCEEDED");
    deed.move("charge", charge, "COLLECTED");
    deed.move("invoice", invoice, "PAID");
    attempt.open_flag.reset();
    attempt.won_flag = 1;
    attempt.provider_txn = id("42000");
    attempt.paid_at_bj = "2025-11-25 12:00:01";
    attempt.next_query_at.reset();
    invoice.reserved_fen -= attempt.amount_fen;
    invoice.paid_fen += attempt.amount_fen;
    cycle.reserved_fen -= attempt.amount_fen;
    cycle.taken_fen += attempt.amount_fen;
    auto& c = deed.changes;
    c.save(attempt);
    c.save(charge);
    c.save(invoice);
    c.save(cycle);
    c.postings = {{"", "clearing", attempt.amount_fen, Fen{}, "attempt", attempt.id.text(), tenant.id, {}},
                  {"", "receivable", Fen{}, attempt.amount_fen, "attempt", attempt.id.text(), tenant.id, {}}};
    storage::OutboxRow card;
    card.kind = "charge_succeeded";
    card.dedup_key = attempt.id.text();
    card.ref_id = charge.id.text();
    card.tenant_id = tenant.id;
    card.payload = R"({"amount_fen":361250})";
    card.next_at = noon;
    c.outbox.push_back(card);
    return std::move(c);
}

storage::Changes World::refunding(const std::string& op_id) {
    Deed deed(op_id);
    deed.create("refund", refund, "REQUESTED");
    for (const auto* state : {"APPROVED", "INTENT", "SENT", "SUCCEEDED"}) deed.move("refund", refund, state);
    deed.move("invoice", invoice, "FINAL");
    invoice.refunded_fen += refund.amount_fen;
    auto& c = deed.changes;
    c.insert(refund);
    c.save(invoice);
    c.insert(storage::ApprovalRow{id("apr_"), "refund", refund.id.text(), "mem_2", "YES", noon});
    c.postings = {{"", "receivable", refund.amount_fen, Fen{}, "refund", refund.id.text(), tenant.id, {}},
                  {"", "clearing", Fen{}, refund.amount_fen, "refund", refund.id.text(), tenant.id, {}}};
    return std::move(c);
}

void commit(storage::Store& store, storage::Changes changes) {
    const auto op_id = changes.op_id;
    const auto result = wait(store.commit(std::move(changes)));
    if (result != storage::CommitResult::applied)
        throw std::runtime_error(op_id +
                                 (result == storage::CommitResult::conflict ? " conflicted" : " was there"));
}

void reload(storage::Store& store, World& world) {
    auto views = wait(store.load_settlements({world.number()}));
    if (views.at(0)) {
        world.attempt = views[0]->attempt;
        world.charge = views[0]->charge;
        world.invoice = views[0]->invoice;
        world.cycle = views[0]->consent_cycle.value();
        return;
    }
    const auto view = wait(store.load_charge(world.charge.id)).value();
    world.charge = view.charge;
    world.invoice = view.invoice;
    world.cycle = view.consent_cycle.value();
}

World sent_world(storage::Store& store, const std::string& tag) {
    World world(tag);
    commit(store, world.founding());
    reload(store, world);
    commit(store, world.intent("op_intent_" + tag));
    reload(store, world);
    commit(store, world.sending("op_send_" + tag));
    reload(store, world);
    return world;
}

storage::InboxRow received(const std::string& key, const std::string& source) {
    storage::InboxRow row;
    row.source = source;
    row.dedup_key = key;
    row.raw = "{\"id\":\"" + key + "\"}";
    row.raw_sha256 = std::string(64, 'a');
    row.received_at = noon;
    return row;
}

}  // namespace wefee::tests
