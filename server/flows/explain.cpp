#include "server/flows/explain.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "billing/error.hpp"
#include "billing/rating.hpp"
#include "server/app.hpp"
#include "server/http/views.hpp"

namespace wefee::server {
namespace {

using view::Json;
constexpr std::size_t events_shown = 100;
constexpr auto unknown_id =
    "there is no invoice, charge, attempt, refund or credit note of an invoice of that id";

/// The invoice that an id belongs to, and whose it is.
io::awaitable<std::pair<TenantId, InvoiceId>> invoice_of(App& app, std::string id) {
    if (id.starts_with("att_"))
        if (const auto attempt = co_await app.store.find_attempt(AttemptId{id}))
            co_return std::pair{attempt->tenant_id, attempt->invoice_id};
    if (id.starts_with("chg_"))
        if (const auto charge = co_await app.store.load_charge(ChargeId{id}))
            co_return std::pair{charge->charge.tenant_id, charge->charge.invoice_id};
    if (id.starts_with("rfd_"))
        if (const auto refund = co_await app.store.find_refund(RefundId{id}))
            if (const auto attempt = co_await app.store.find_attempt(refund->attempt_id))
                co_return std::pair{attempt->tenant_id, attempt->invoice_id};
    if (id.starts_with("cdn_"))
        if (const auto note = co_await app.store.find_credit_note(CreditNoteId{id});
            note && !note->invoice_id.empty())
            co_return std::pair{note->tenant_id, note->invoice_id};
    if (id.starts_with("inv_"))
        if (const auto tenant = co_await app.store.tenant_of_invoice(InvoiceId{id}))
            co_return std::pair{*tenant, InvoiceId{id}};
    throw Error(Errc::not_found, unknown_id);
}

io::awaitable<Json> audit_of(App& app, std::string entity, std::string id) {
    Json rows = Json::array();
    for (const auto& row : co_await app.store.audit_of(std::move(entity), std::move(id)))
        rows.push_back(view::audit(row));
    co_return rows;
}

io::awaitable<Json> ledger_of(App& app, std::string type, std::string id) {
    Json rows = Json::array();
    for (const auto& row : co_await app.store.ledger_of(std::move(type), std::move(id)))
        rows.push_back(view::ledger(row));
    co_return rows;
}

bool bills_usage(const std::vector<storage::InvoiceLineRow>& lines) {
    return std::ranges::any_of(lines, [](const storage::InvoiceLineRow& line) {
        return line.kind == line_kind_name(LineKind::usage) ||
               line.kind == line_kind_name(LineKind::late_usage);
    });
}

/// Day totals and the first events behind each meter of the period.
io::awaitable<Json> usage_of(App& app, storage::InvoiceRow invoice) {
    Json meters = Json::object();
    for (const auto& total : co_await app.store.usage_totals(invoice.tenant_id, invoice.period_start)) {
        auto& meter = meters[total.meter];
        meter["days"].push_back(view::usage_total(total));
    }
    for (auto& [name, meter] : meters.items()) {
        meter["events"] = Json::array();
        for (const auto& event :
             co_await app.store.usage_events(invoice.tenant_id, name, invoice.period_start, events_shown, ""))
            meter["events"].push_back(view::usage_event(event));
    }
    co_return meters;
}

io::awaitable<Json> charge_chain(App& app, storage::ChargeRow charge,
                                 std::vector<storage::AttemptRow> attempts) {
    auto body = view::charge(charge);
    if (charge.consent_id)
        if (const auto consent = co_await app.store.find_consent(charge.tenant_id, *charge.consent_id))
            body["consent"] = view::consent(consent->consent, consent->items);
    if (!charge.mandate_id.empty())
        if (const auto mandate = co_await app.store.find_mandate(MandateId{charge.mandate_id}))
            body["mandate"] = view::mandate(*mandate);
    body["notices"] = Json::array();
    for (const auto& row : co_await app.store.outbox_of(charge.id.text()))
        body["notices"].push_back(view::outbox(row));
    body["attempts"] = Json::array();
    for (const auto& attempt : attempts) {
        if (attempt.charge_id != charge.id) continue;
        auto one = view::attempt(attempt);
        one["books"] = co_await ledger_of(app, "attempt", attempt.id.text());
        one["audit"] = co_await audit_of(app, "attempt", attempt.id.text());
        body["attempts"].push_back(std::move(one));
    }
    body["audit"] = co_await audit_of(app, "charge", charge.id.text());
    co_return body;
}

io::awaitable<Json> with_books(App& app, Json body, std::string type, std::string id) {
    body["books"] = co_await ledger_of(app, std::move(type), std::move(id));
    co_return body;
}

io::awaitable<Json> notes_of(App& app, std::vector<storage::CreditNoteRow> notes) {
    Json rows = Json::array();
    for (const auto& note : notes)
        rows.push_back(co_await with_books(app, view::credit_note(note), "credit_note", note.id.text()));
    co_return rows;
}

io::awaitable<Json> refunds_of(App& app, std::vector<storage::RefundRow> refunds) {
    Json rows = Json::array();
    for (const auto& refund : refunds) {
        auto body = co_await with_books(app, view::refund(refund), "refund", refund.id.text());
        body["audit"] = co_await audit_of(app, "refund", refund.id.text());
        rows.push_back(std::move(body));
    }
    co_return rows;
}

/// What operators asked for that made the invoice, its notes and refunds.
io::awaitable<Json> requests_of(App& app, storage::InvoiceView whole) {
    std::set<std::string> ids;
    for (const auto& note : whole.credit_notes) ids.insert(note.source_id);
    for (const auto& refund : whole.refunds) ids.insert(refund.source_id);
    if (whole.correction) ids.insert(whole.correction->request_id);
    Json rows = Json::array();
    for (const auto& id : ids)
        if (id.starts_with("apr_"))
            rows.push_back(co_await explain_request(app, whole.invoice.tenant_id, ApprovalId{id}));
    co_return rows;
}

}  // namespace

io::awaitable<nlohmann::ordered_json> explain_request(App& app, TenantId tenant, ApprovalId id) {
    const auto whole = co_await app.store.find_approval(id);
    if (!whole || (!tenant.empty() && whole->request.tenant_id != tenant))
        throw Error(Errc::not_found, "there is no such request");
    auto body = view::approval_whole(*whole);
    body["credit_notes"] = co_await notes_of(app, whole->credit_notes);
    body["refunds"] = co_await refunds_of(app, whole->refunds);
    body["decisions"] = Json::array();
    for (const auto& row : whole->decisions)
        body["decisions"].push_back(
            {{"by", row.approver}, {"decision", row.decision}, {"at", format_instant(row.created_at)}});
    body["audit"] = co_await audit_of(app, "approval_request", id.text());
    co_return body;
}

io::awaitable<nlohmann::ordered_json> explain_id(App& app, TenantId tenant, std::string id) {
    const auto [owner, invoice_id] = co_await invoice_of(app, id);
    if (!tenant.empty() && owner != tenant) throw Error(Errc::not_found, unknown_id);
    const auto whole = co_await app.store.find_invoice(owner, invoice_id);
    if (!whole) throw Error(Errc::not_found, "there is no such invoice");
    Json body{{"invoice", view::invoice(whole->invoice)}, {"lines", Json::array()}};
    for (const auto& line : whole->lines) body["lines"].push_back(view::invoice_line(line));
    if (const auto prices = co_await app.store.find_price_list(whole->invoice.price_list_id))
        body["price_list"] = view::price_list(*prices, false);
    body["usage"] = bills_usage(whole->lines) ? co_await usage_of(app, whole->invoice) : Json::object();
    body["charges"] = Json::array();
    for (const auto& charge : whole->charges)
        body["charges"].push_back(co_await charge_chain(app, charge, whole->attempts));
    body["credit_notes"] = co_await notes_of(app, whole->credit_notes);
    body["refunds"] = co_await refunds_of(app, whole->refunds);
    body["requests"] = co_await requests_of(app, *whole);
    body["books"] = co_await ledger_of(app, "invoice", invoice_id.text());
    body["audit"] = co_await audit_of(app, "invoice", invoice_id.text());
    co_return body;
}

}  // namespace wefee::server
