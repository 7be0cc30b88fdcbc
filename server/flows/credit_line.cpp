// A credit note on a line of an invoice (B8): with the line's share of coupons and tax (R6), never above what
// was billed on it (R7). What is owed falls first; what was paid goes back in cash as far as it may, or
// becomes account credit.
#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "billing/invoiced.hpp"
#include "billing/machines/invoice.hpp"
#include "io/crypto.hpp"
#include "server/app.hpp"
#include "server/flows/account_credit.hpp"
#include "server/flows/approvals.hpp"
#include "server/flows/names.hpp"
#include "server/flows/plan.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/refund_request.hpp"
#include "server/flows/settle.hpp"
#include "server/flows/settle_inside.hpp"
#include "server/flows/stored_bill.hpp"
#include "server/http/body.hpp"

namespace wefee::server {
namespace {

struct LineWish {
    std::string code;  // or
    std::optional<std::int64_t> position;
    Fen amount;  // of the line, before coupons and tax
    bool in_cash = false;
    std::string reason;
};

LineWish read_wish(const nlohmann::json& body) {
    ObjectReader reader{body};
    LineWish wish;
    if (const auto line = body.find("line"); line != body.end() && line->is_number_integer())
        wish.position = reader.integer("line", 0, 10'000);
    else
        wish.code = reader.text("line", 128);
    wish.amount = Fen{reader.integer("amount_fen", 1, money_max)};
    wish.in_cash = reader.optional_flag("refund").value_or(false);
    wish.reason = reader.text("reason");
    reader.finish();
    return wish;
}

[[noreturn]] void refuse(const char* pointer, std::string text) {
    throw Error(Errc::invalid_value, "", {{pointer, std::move(text)}});
}

const storage::InvoiceLineRow& line_of(const storage::InvoiceView& view, const LineWish& wish) {
    const storage::InvoiceLineRow* found = nullptr;
    for (const auto& line : view.lines) {
        if (wish.position ? line.position != *wish.position : line.item_code != wish.code) continue;
        if (found) refuse("/line", "names several lines of this invoice: give its position");
        found = &line;
    }
    if (!found || found->kind == line_kind_name(LineKind::tax))
        refuse("/line", "is not a line of this invoice");
    return *found;
}

struct Ground {
    storage::InvoiceView view;
    storage::BilledView billed;  // all of the subscription
    storage::TenantRow tenant;
    storage::SubscriptionRow subscription;
    std::optional<storage::AccountCreditRow> credit;
};

io::awaitable<Ground> load(App& app, InvoiceId id) {
    const auto tenant = co_await app.store.tenant_of_invoice(id);
    if (!tenant) throw Error(Errc::not_found, "there is no such invoice");
    Ground ground;
    ground.view = (co_await app.store.find_invoice(*tenant, id)).value();
    const auto& subscription = ground.view.invoice.subscription_id;
    ground.billed = co_await app.store.billed(subscription, 0, std::numeric_limits<std::int64_t>::max());
    ground.tenant = (co_await app.store.find_tenant(*tenant)).value();
    ground.subscription = (co_await app.store.find_subscription(*tenant, subscription)).value();
    ground.credit = co_await app.store.find_account_credit(*tenant);
    co_return ground;
}

/// Of the version that the line was billed by.
io::awaitable<int> tax_rate_of(App& app, const storage::InvoiceLineRow& line) {
    const PriceListId id{nlohmann::json::parse(line.evidence).at("price_list_id").get<std::string>()};
    const auto list = co_await app.store.find_price_list(id);
    if (!list) throw std::logic_error("price list " + id.text() + " of an invoice is gone");
    co_return app.price_lists->parsed(*list)->tax_basis_points;
}

void check_state(const storage::InvoiceRow& invoice) {
    if (invoice.state == "PROCESSING")
        throw Error(Errc::wrong_state, "a payment of this invoice is under way; its result comes first");
    if (invoice.state != "FINAL" && invoice.state != "PARTLY_PAID" && invoice.state != "OVERDUE" &&
        invoice.state != "PAID")
        throw Error(Errc::wrong_state, "an invoice that is " + invoice.state + " is not credited");
}

/// The period that the line was billed for: fees in advance stand on the bill before it.
std::int64_t cycle_of(const storage::InvoiceRow& invoice, const RatedLine& line) {
    const bool ahead = invoice.part == 0 && line.kind <= LineKind::seats &&
                       (invoice.cycle == 0 || line.period.start >= invoice.period_end);
    return invoice.cycle + (ahead ? 1 : 0);
}

/// The note, without where its total goes.
storage::CreditNoteRow note_of(const Ground& ground, const storage::InvoiceLineRow& row, const LineWish& wish,
                               const LineNote& worth) {
    const auto& invoice = ground.view.invoice;
    const auto line = stored_bill({row}).lines.front();
    storage::CreditNoteRow note;
    note.tenant_id = invoice.tenant_id;
    note.subscription_id = invoice.subscription_id;
    note.invoice_id = invoice.id;
    note.cause = "line";
    note.cycle = cycle_of(invoice, line);
    note.item_code = row.item_code;
    note.line_position = row.position;
    note.title = row.title;
    note.first_day = line.period.start;
    note.last_day = add_days(line.period.end, -1);
    note.gross_fen = wish.amount;
    note.net_fen = worth.note.net;
    note.tax_fen = worth.note.tax;
    note.total_fen = worth.note.total;
    note.text = format_yuan_for_people(wish.amount) +
                (worth.discount == Fen{} ? "" : " − 优惠 " + format_yuan_for_people(worth.discount));
    note.reason = wish.reason;
    return note;
}

Fen left_of_invoice(const storage::InvoiceView& view) {
    auto left = view.invoice.total_fen;
    for (const auto& note : view.credit_notes) left -= note.total_fen;
    return left;
}

}  // namespace

io::awaitable<void> credit_line(App& app, Unit& unit, storage::ApprovalRequestRow& request) {
    const auto wish = read_wish(nlohmann::json::parse(request.wish));
    auto ground = co_await load(app, InvoiceId{request.subject_id});
    auto invoice = ground.view.invoice;
    check_state(invoice);
    const auto& line = line_of(ground.view, wish);
    if (wish.amount > left_to_credit(ground.billed, line))
        refuse("/amount_fen", "is more than is left of what was billed on it");
    const auto worth = note_on(stored_bill(ground.view.lines), wish.amount, co_await tax_rate_of(app, line));
    if (worth.note.total > left_of_invoice(ground.view))
        refuse("/amount_fen", "is more than is left of what the invoice came to");
    const auto owed = invoice.total_fen - invoice.paid_fen + invoice.refunded_fen;
    const auto parts = parts_of(worth.note.total, owed, refundable_cash(ground.view), wish.in_cash);

    request.tenant_id = invoice.tenant_id;
    request.reason = wish.reason;
    request.amount_fen = worth.note.total;
    auto note = note_of(ground, line, wish, worth);
    note.id = CreditNoteId{"cdn_" + io::sha256_hex(request.id.text()).substr(0, 20)};
    note.source_id = request.id.text();
    note.created_at = unit.at();
    note.lowered_fen = parts.lowered;
    note.cash_fen = parts.cash;
    note.kept_fen = parts.kept;
    request_refunds(unit, ground.view, parts.cash, note.id.text(), request.requested_by);
    if (parts.lowered > Fen{}) {
        const auto event = event_of_settlement(invoice_view(invoice, unit.at()), parts.lowered);
        settle_inside(unit, invoice, Provider::credit_note, note.id.text(), parts.lowered);
        unit.move<InvoiceState>(invoice, event.value());
        follow_lowered(app.rules, unit, ground.tenant, ground.view, invoice);
    }
    unit.save(std::move(invoice));
    AccountCredit account{ground.credit};
    account.give(unit, std::move(note));
    account.save(unit, request.tenant_id);
    unit.save(std::move(ground.subscription));  // what was decided without this note is decided again
}

}  // namespace wefee::server
