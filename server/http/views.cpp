#include "server/http/views.hpp"

#include "billing/quantity.hpp"

namespace wefee::server::view {
namespace {

Json parsed(const std::string& text) { return text.empty() ? Json{} : Json::parse(text); }

/// "man_ab…": the last four characters of a payer's id are enough to recognise it.
std::string tail(const std::string& id) { return id.size() <= 4 ? id : "…" + id.substr(id.size() - 4); }

Json text_or_null(const std::string& text) { return text.empty() ? Json{} : Json(text); }

template <class Row>
Json list(const std::vector<Row>& rows, Json (*one)(const Row&)) {
    Json all = Json::array();
    for (const auto& row : rows) all.push_back(one(row));
    return all;
}

}  // namespace

Json instant(const std::optional<Instant>& value) { return value ? Json(format_instant(*value)) : Json{}; }
Json day(const std::optional<CivilDay>& value) { return value ? Json(format_day(*value)) : Json{}; }

Json tenant(const storage::TenantRow& row) {
    return {{"id", row.id.text()},
            {"corp_id", row.corp_id},
            {"name", row.name},
            {"anchor_day", row.anchor_day},
            {"deduction_day", row.deduction_day},
            {"deductions_paused", row.deductions_paused}};
}

Json subscription(const storage::SubscriptionRow& row) {
    return {{"id", row.id.text()},
            {"price_list_id", row.price_list_id.text()},
            {"plan", row.plan_code},
            {"add_ons", parsed(row.add_ons)},
            {"coupons", parsed(row.coupons)},
            {"seats", row.seats},
            {"state", row.state},
            {"payment_way", row.payment_way},
            {"started_on", format_day(row.started_on)},
            {"period_start", format_day(row.period_start)},
            {"period_end", format_day(row.period_end)},
            {"last_day", day(row.last_day)},
            {"trial", row.trial},
            {"first_started_on", day(row.first_started_on)},
            {"trial_end", day(row.trial_end)},
            {"paused", row.paused},
            {"thresholds", row.thresholds ? parsed(*row.thresholds) : Json{}}};
}

Json invoice(const storage::InvoiceRow& row) {
    return {{"id", row.id.text()},
            {"number", row.number},
            {"subscription_id", row.subscription_id.text()},
            {"cause", row.cause},
            {"period_start", format_day(row.period_start)},
            {"period_end", format_day(row.period_end)},
            {"state", row.state},
            {"total_fen", row.total_fen.count()},
            {"tax_fen", row.tax_fen.count()},
            {"paid_fen", row.paid_fen.count()},
            {"refunded_fen", row.refunded_fen.count()},
            {"due_fen", (row.total_fen - row.paid_fen + row.refunded_fen).count()},
            {"total_text", format_yuan_for_people(row.total_fen)},
            {"price_list_id", row.price_list_id.text()},
            {"final_at", instant(row.final_at)},
            {"due_day", day(row.due_day)}};
}

Json line(const storage::InvoiceLineRow& row) {
    return {{"item_code", row.item_code},
            {"kind", row.kind},
            {"title", row.title},
            {"amount_fen", row.amount_fen.count()},
            {"amount_text", format_yuan_for_people(row.amount_fen)},
            {"already_fen", row.already_fen.count()},
            {"formula", parsed(row.formula)},
            {"evidence", parsed(row.evidence)}};
}

Json invoice_line(const storage::InvoiceLineRow& row) {
    auto body = line(row);
    body["position"] = row.position;
    return body;
}

Json charge(const storage::ChargeRow& row) {
    return {{"id", row.id.text()},
            {"invoice_id", row.invoice_id.text()},
            {"provider", row.provider},
            {"way", row.way},
            {"amount_fen", row.amount_fen.count()},
            {"state", row.state},
            {"planned_day", day(row.planned_day)},
            {"notified_at", instant(row.notified_at)},
            {"announced_at", instant(row.announced_at)},
            {"window_from", instant(row.window_from)},
            {"window_to", instant(row.window_to)},
            {"failures", row.failures},
            {"last_cause", row.last_cause}};
}

Json attempt(const storage::AttemptRow& row) {
    return {{"id", row.id.text()},
            {"charge_id", row.charge_id.text()},
            {"provider", row.provider},
            {"out_trade_no", row.out_trade_no},
            {"amount_fen", row.amount_fen.count()},
            {"state", row.state},
            {"provider_transaction", row.provider_txn ? Json(*row.provider_txn) : Json{}},
            {"sends", row.sends},
            {"sent_at", instant(row.sent_at)},
            {"paid_at", row.paid_at_bj ? Json(*row.paid_at_bj) : Json{}},
            {"cause", row.cause},
            {"provider_code", row.provider_code}};
}

Json refund(const storage::RefundRow& row) {
    return {{"id", row.id.text()},
            {"attempt_id", row.attempt_id.text()},
            {"out_refund_no", row.out_refund_no},
            {"amount_fen", row.amount_fen.count()},
            {"reason", row.reason},
            {"source_id", text_or_null(row.source_id)},
            {"state", row.state}};
}

Json invoice_whole(const storage::InvoiceView& whole) {
    auto body = invoice(whole.invoice);
    body["lines"] = list(whole.lines, invoice_line);
    body["charges"] = list(whole.charges, charge);
    body["payments"] = list(whole.attempts, attempt);
    body["refunds"] = list(whole.refunds, refund);
    body["credit_notes"] = list(whole.credit_notes, credit_note);
    return body;
}

Json consent(const storage::ConsentRow& row, const std::vector<storage::ConsentItemRow>& items) {
    Json listed = Json::array();
    for (const auto& item : items)
        listed.push_back({{"item_code", item.item_code},
                          {"title", item.title},
                          {"unit_price_micro_yuan", item.unit_price_micro_yuan.count()},
                          {"unit_price_text", format_unit_price(item.unit_price_micro_yuan)},
                          {"unit", item.unit},
                          {"ceiling_fen", item.ceiling_fen.count()}});
    return {{"id", row.id.text()},
            {"subscription_id", row.subscription_id.text()},
            {"provider", row.provider},
            {"state", row.state},
            {"cap_charge_fen", row.cap_charge_fen.count()},
            {"cap_cycle_fen", row.cap_cycle_fen.count()},
            {"price_list_id", row.price_list_id.text()},
            {"plan", row.plan_code},
            {"terms_version", row.terms_version},
            {"text", row.text},
            {"text_hash", row.text_hash},
            {"granted_by", row.granted_by},
            {"granted_at", instant(row.granted_at)},
            {"valid_from", format_instant(row.valid_from)},
            {"valid_to", instant(row.valid_to)},
            {"items", std::move(listed)}};
}

Json mandate(const storage::MandateRow& row) {
    return {{"id", row.id.text()},
            {"consent_id", row.consent_id.text()},
            {"provider", row.provider},
            {"our_number", row.our_number},
            {"contract_id", row.contract_id},
            {"account", row.account_text},
            {"payer", tail(row.payer)},
            {"state", row.state},
            {"signed_at", instant(row.signed_at)},
            {"expires_at", instant(row.expires_at)},
            {"ended_at", instant(row.ended_at)},
            {"end_cause", row.end_cause}};
}

Json quote(const storage::QuoteRow& row) {
    Json body{{"id", row.id.text()},
              {"subscription_id", row.subscription_id.text()},
              {"created_at", format_instant(row.created_at)},
              {"expires_at", format_instant(row.expires_at)},
              {"confirmed_at", instant(row.confirmed_at)},
              {"inputs_hash", row.inputs_hash}};
    body.update(parsed(row.answer));
    return body;
}

Json credit_note(const storage::CreditNoteRow& row) {
    return {{"id", row.id.text()},
            {"cause", row.cause},
            {"invoice_id", text_or_null(row.invoice_id.text())},
            {"item_code", row.item_code},
            {"line_position", row.line_position ? Json(*row.line_position) : Json{}},
            {"title", row.title},
            {"first_day", format_day(row.first_day)},
            {"last_day", format_day(row.last_day)},
            {"net_fen", row.net_fen.count()},
            {"tax_fen", row.tax_fen.count()},
            {"total_fen", row.total_fen.count()},
            {"total_text", format_yuan_for_people(row.total_fen)},
            {"lowered_fen", row.lowered_fen.count()},
            {"refunded_fen", row.cash_fen.count()},
            {"account_credit_fen", row.kept_fen.count()},
            {"formula_text", row.text},
            {"reason", row.reason},
            {"source_id", text_or_null(row.source_id)},
            {"created_at", format_instant(row.created_at)}};
}

Json approval(const storage::ApprovalRequestRow& row) {
    return {{"id", row.id.text()},
            {"kind", row.kind},
            {"tenant_id", row.tenant_id.text()},
            {"subject_id", row.subject_id},
            {"amount_fen", row.amount_fen.count()},
            {"amount_text", format_yuan_for_people(row.amount_fen)},
            {"wish", parsed(row.wish)},
            {"reason", row.reason},
            {"state", row.state},
            {"requested_by", row.requested_by},
            {"created_at", format_instant(row.created_at)},
            {"decided_by", text_or_null(row.decided_by)},
            {"decided_at", instant(row.decided_at)},
            {"answer", row.answer}};
}

Json approval_whole(const storage::ApprovalView& whole) {
    auto body = approval(whole.request);
    body["credit_notes"] = list(whole.credit_notes, credit_note);
    body["refunds"] = list(whole.refunds, refund);
    body["invoice"] = whole.invoice ? invoice(*whole.invoice) : Json{};
    body["correction"] = Json{};
    if (whole.correction)
        body["correction"] = {{"id", whole.correction->id.text()},
                              {"subscription_id", whole.correction->subscription_id.text()},
                              {"invoice_id", text_or_null(whole.correction->invoice_id.text())},
                              {"total_fen", whole.correction->total_fen.count()}};
    return body;
}

Json price_list(const storage::PriceListRow& row, bool with_body) {
    Json body{{"id", row.id.text()},
              {"number", row.number},
              {"tenant_id", row.tenant_id.empty() ? Json{} : Json(row.tenant_id.text())},
              {"status", row.status},
              {"effective_from", day(row.effective_from)},
              {"hash", row.body_hash},
              {"published_at", instant(row.published_at)}};
    if (with_body) body["content"] = parsed(row.body);
    return body;
}

Json price_difference(const Difference& difference) {
    const auto value = [](const std::optional<ListedValue>& listed) {
        return listed ? std::visit([](const auto& one) { return Json(one); }, *listed) : Json{};
    };
    return {{"kind", difference_kind_name(difference.kind)},
            {"pointer", difference.pointer},
            {"text", difference.text},
            {"old", value(difference.before)},
            {"new", value(difference.after)}};
}

Json person_task(const storage::PersonTaskRow& row) {
    return {{"id", row.id},         {"kind", row.kind},
            {"ref_id", row.ref_id}, {"tenant_id", row.tenant_id.text()},
            {"text", row.text},     {"created_at", format_instant(row.created_at)}};
}

Json audit(const storage::AuditRow& row) {
    return {{"entity", row.entity},   {"entity_id", row.entity_id},   {"seq", row.seq},
            {"from", row.from_state}, {"to", row.to_state},           {"actor", row.actor},
            {"operation", row.op_id}, {"at", format_instant(row.at)}, {"hash", row.hash}};
}

Json ledger(const storage::LedgerRow& row) {
    return {{"transaction", row.txn_id},          {"account", row.account},
            {"debit_fen", row.debit_fen.count()}, {"credit_fen", row.credit_fen.count()},
            {"ref_type", row.ref_type},           {"ref_id", row.ref_id}};
}

Json usage_total(const storage::UsageTotalRow& row) {
    return {{"meter", row.meter},
            {"day", format_day(row.day)},
            {"quantity", format_quantity(Quantity{row.quantity_micro})},
            {"events", row.events}};
}

Json usage_event(const storage::UsageEventRow& row) {
    Json body{{"id", row.event_id},
              {"meter", row.meter},
              {"quantity", format_quantity(Quantity{row.quantity_micro})},
              {"occurred_at", format_instant(row.occurred_at)}};
    if (row.corrects.empty()) return body;
    body["corrects"] = row.corrects;
    body["given"] = row.given;
    return body;
}

Json outbox(const storage::OutboxRow& row) {
    return {{"kind", row.kind},
            {"ref_id", row.ref_id},
            {"due_at", format_instant(row.next_at)},
            {"done_at", instant(row.done_at)},
            {"result", parsed(row.result)},
            {"tries", row.tries}};
}

Json violation(const storage::Violation& found) {
    return {{"number", found.number}, {"says", found.says}, {"rows", found.rows}};
}

}  // namespace wefee::server::view
