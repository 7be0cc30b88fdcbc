#include "server/flows/correction.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "billing/machines/subscription.hpp"
#include "io/crypto.hpp"
#include "server/app.hpp"
#include "server/flows/account_credit.hpp"
#include "server/flows/approvals.hpp"
#include "server/flows/budget.hpp"
#include "server/flows/issue.hpp"
#include "server/flows/names.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/quote.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/terms.hpp"
#include "server/http/body.hpp"
#include "server/http/views.hpp"

namespace wefee::server {
namespace {

using view::Json;

constexpr std::size_t entries_max = 100;

CorrectionWish::Entry read_entry(ObjectReader& reader) {
    CorrectionWish::Entry entry;
    entry.from = reader.day("from");
    entry.terms.plan = reader.optional_text("plan", 64);
    entry.terms.add_ons = reader.optional_codes("add_ons");
    entry.terms.coupons = reader.optional_codes("coupons");
    entry.terms.seats = reader.optional_integer("seats", 0, 10'000'000);
    entry.terms.paused = reader.optional_flag("paused");
    if (const auto list = reader.optional_text("price_list_id", 80)) entry.price_list = PriceListId{*list};
    return entry;
}

bool names_terms(const CorrectionWish::Entry& entry) {
    const auto& terms = entry.terms;
    return terms.plan || terms.add_ons || terms.coupons || terms.paused || entry.price_list;
}

std::string at(std::size_t i, const char* field) { return "/terms/" + std::to_string(i) + field; }

/// The versions that the wish names, each published for the tenant and in force from its day on.
io::awaitable<std::vector<storage::PriceListRow>> load_lists(App& app, TenantId tenant, CorrectionWish wish) {
    std::vector<storage::PriceListRow> lists;
    for (std::size_t i = 0; i < wish.entries.size(); ++i) {
        const auto& entry = wish.entries[i];
        if (!entry.price_list) continue;
        auto row = co_await app.store.price_list_of(tenant, *entry.price_list);
        if (!row)
            throw Error(Errc::invalid_value, "",
                        {{at(i, "/price_list_id"), "is not a published price list"}});
        if (*row->effective_from > entry.from)
            throw Error(
                Errc::invalid_value, "",
                {{at(i, "/price_list_id"), "holds from " + format_day(*row->effective_from) + " on"}});
        if (std::ranges::count(lists, row->id, &storage::PriceListRow::id) == 0)
            lists.push_back(std::move(*row));
    }
    co_return lists;
}

std::vector<CorrectedTerms> corrected_terms(PriceLists& parsed, const CorrectionWish& wish,
                                            const std::vector<storage::PriceListRow>& lists) {
    std::vector<CorrectedTerms> terms;
    for (const auto& entry : wish.entries) {
        terms.push_back({entry.from, entry.terms});
        if (entry.price_list)
            terms.back().wish.prices =
                parsed.parsed(*std::ranges::find(lists, *entry.price_list, &storage::PriceListRow::id));
    }
    return terms;
}

/// Below zero nothing is owed: a last line says that the account has it.
RatedPeriod settled_to_zero(RatedPeriod bill) {
    if (bill.total >= Fen{}) return bill;
    RatedLine line;
    line.item_code = account_credit_item();
    line.kind = LineKind::credit;
    line.title = "转入账户余额";
    line.period = bill.lines.front().period;
    line.formula.amount = -bill.total;
    line.formula.text = format_yuan_for_people(-bill.total);
    bill.lines.insert(std::ranges::find(bill.lines, LineKind::tax, &RatedLine::kind), std::move(line));
    bill.net = bill.tax = bill.total = Fen{};
    return bill;
}

/// A difference below zero, as the note that carries it.
storage::CreditNoteRow note_of(const CorrectionGround& ground, const RatedPeriod& difference,
                               const InvoiceId& invoice, const std::string& correction,
                               const storage::ApprovalRequestRow& request) {
    const auto& row = ground.view.subscription;
    storage::CreditNoteRow note;
    note.id = CreditNoteId{"cdn_" + io::sha256_hex(correction).substr(0, 20)};
    note.tenant_id = row.tenant_id;
    note.subscription_id = row.id;
    note.invoice_id = invoice;
    note.cycle = row.cycle;
    note.cause = "correction";
    note.item_code = account_credit_item();
    note.title = "账单更正";
    note.first_day = difference.lines.front().period.start;
    note.last_day = add_days(row.period_end, -1);
    note.net_fen = -difference.net;
    note.tax_fen = -difference.tax;
    note.gross_fen = note.total_fen = note.kept_fen = -difference.total;
    note.text = "转入账户余额 " + format_yuan_for_people(note.total_fen);
    note.reason = request.reason;
    note.source_id = request.id.text();
    note.created_at = ground.now;
    return note;
}

/// The view with the terms that are written now, for the lines' evidence.
storage::PeriodView view_after(const CorrectionGround& ground,
                               std::vector<storage::SubscriptionTermsRow> terms) {
    auto view = ground.view;
    std::ranges::move(terms, std::back_inserter(view.terms));
    std::ranges::copy(ground.lists, std::back_inserter(view.price_lists));
    return view;
}

std::vector<storage::SubscriptionTermsRow> new_terms(const Unit& unit, const CorrectionGround& ground,
                                                     const CorrectionWish& wish) {
    if (std::ranges::none_of(wish.entries, names_terms)) return {};
    const auto first = std::ranges::min(wish.entries, {}, &CorrectionWish::Entry::from).from;
    return terms_rows(unit, ground.view, ground.after, first);
}

void write_seats(Unit& unit, const CorrectionGround& ground, const CorrectionWish& wish) {
    const auto& row = ground.view.subscription;
    auto seq = ground.view.seats.empty() ? 0 : ground.view.seats.back().seq;
    for (const auto& entry : wish.entries)
        if (entry.terms.seats)
            unit.insert(storage::SeatChangeRow{row.id, row.tenant_id, ++seq, entry.from, *entry.terms.seats,
                                               "correction", unit.at()});
}

void schedule_what_follows(Unit& unit, const CorrectionGround& ground) {
    const auto& row = ground.view.subscription;
    const auto today = civil_day(unit.at());
    if (row.advance_waits)
        unit.schedule(task::bill_opening, row.id.text(), row.tenant_id,
                      std::max(unit.at(), day_start(trial_over(ground.after, today))));
    if (const auto next = next_change(ground.after, today))
        unit.schedule(task::begin_terms, row.id.text(), row.tenant_id, day_start(*next));
    if (ground.view.budget) {
        const auto check = budget_check_of(row, unit.at());
        unit.schedule(check.kind, check.ref_id, check.tenant_id, check.due_at);
    }
}

/// The invoice of the difference, and what of it becomes account credit; empty where there is none.
InvoiceId write_difference(App& app, Unit& unit, const CorrectionGround& ground,
                           const CorrectionDecision& decision, const storage::PeriodView& view,
                           const std::string& correction, const storage::ApprovalRequestRow& request) {
    if (decision.bill.lines.empty()) return {};
    const auto& row = ground.view.subscription;
    AccountCredit account{ground.view.credit};
    const InvoicePlace place{
        row.cycle, decision.part, {row.period_start, row.period_end}, InvoiceCause::correction};
    auto invoice = issue(app.rules, unit, view, account, place, settled_to_zero(decision.bill));
    if (decision.bill.total < Fen{})
        account.give(unit, note_of(ground, decision.bill, invoice, correction, request));
    account.save(unit, row.tenant_id);
    return invoice;
}

void write_correction(App& app, Unit& unit, const CorrectionGround& ground,
                      const CorrectionDecision& decision, const CorrectionWish& wish,
                      const storage::ApprovalRequestRow& request) {
    auto row = ground.view.subscription;
    const auto terms = new_terms(unit, ground, wish);
    for (const auto& one : terms) unit.insert(one);
    write_seats(unit, ground, wish);
    storage::CorrectionRow correction;
    correction.id = CorrectionId{"cor_" + io::sha256_hex(request.id.text()).substr(0, 20)};
    correction.tenant_id = row.tenant_id;
    correction.subscription_id = row.id;
    correction.seq = ground.billed.corrections.empty() ? 1 : ground.billed.corrections.back().seq + 1;
    correction.cycle = row.cycle;
    correction.request_id = request.id.text();
    correction.total_fen = decision.bill.total;
    correction.created_at = unit.at();
    correction.invoice_id = write_difference(app, unit, ground, decision, view_after(ground, terms),
                                             correction.id.text(), request);
    correction.after_part = correction.invoice_id.empty() ? decision.part - 1 : decision.part;
    if (decision.advance) correction.advance = advance_text(*decision.advance);
    unit.insert(std::move(correction));
    for (const auto& late : decision.late) {
        if (late.is_new)
            unit.insert(late.row);
        else
            unit.save(late.row);
    }
    if (row.state != "ENDED") {
        show_terms(row, ground.after, civil_day(unit.at()));
        follow_terms(unit, row, ground.after);
        schedule_what_follows(unit, ground);
    }
    unit.save(std::move(row));
}

Json lines_view(const CorrectionGround& ground, const RatedPeriod& bill, const storage::PeriodView& view) {
    Json lines = Json::array();
    for (const auto& line : bill.lines)
        lines.push_back(
            view::line(line_row(line, {}, ground.view.tenant.id, 0, price_list_of(view, line.period.start))));
    return lines;
}

Json terms_view_of(const CorrectionGround& ground, const CorrectionWish& wish) {
    Json terms = Json::array();
    for (const auto& entry : wish.entries) {
        Json one{{"from", format_day(entry.from)}};
        one.update(terms_view(ground.after, entry.from));
        terms.push_back(std::move(one));
    }
    return terms;
}

}  // namespace

CorrectionWish read_correction_wish(const nlohmann::json& body) {
    ObjectReader reader{body};
    CorrectionWish wish;
    const auto* rows = reader.array("terms", entries_max);
    for (std::size_t i = 0; rows && i < rows->size(); ++i) {
        ObjectReader row{(*rows)[i], reader.pointer("terms") + "/" + std::to_string(i)};
        wish.entries.push_back(read_entry(row));
        const auto& entry = wish.entries.back();
        if (!names_terms(entry) && !entry.terms.seats)
            row.problem("", "names nothing to correct", "missing_field");
        row.finish();
    }
    if (rows && rows->empty()) reader.problem("terms", "must not be empty");
    wish.reason = reader.text("reason");
    wish.preview = reader.optional_flag("preview").value_or(false);
    reader.finish();
    return wish;
}

io::awaitable<CorrectionGround> load_correction(App& app, SubscriptionId id, CorrectionWish wish) {
    auto view = co_await load_rated_period(app, id);
    if (!view) throw Error(Errc::not_found, "there is no such subscription");
    CorrectionGround ground;
    ground.view = std::move(*view);
    ground.now = app.clock.now();
    ground.lists = co_await load_lists(app, ground.view.tenant.id, wish);
    ground.after = rewritten(subscription_of(*app.price_lists, ground.view),
                             corrected_terms(*app.price_lists, wish, ground.lists), civil_day(ground.now));
    ground.billed = co_await app.store.billed(id, 0, std::numeric_limits<std::int64_t>::max());
    ground.late = co_await app.store.late_usage(ground.view.tenant.id);
    std::vector<CivilDay> starts;
    for (const auto& [invoice, lines] : ground.billed.bills)
        if (invoice.cycle > 0 && invoice.part == 0) starts.push_back(invoice.period_start);
    std::ranges::sort(starts);
    for (const auto start : starts)
        ground.closed.push_back((co_await load_rated_period(app, id, start, ground.after)).value());
    co_return ground;
}

io::awaitable<Json> preview_correction(App& app, SubscriptionId id, CorrectionWish wish) {
    const auto ground = co_await load_correction(app, id, wish);
    const auto decision = decide_correction(*app.price_lists, ground);
    const Unit unit{"preview", ground.now, ""};
    const auto view = view_after(ground, new_terms(unit, ground, wish));
    const auto credit = ground.view.credit ? ground.view.credit->amount_fen : Fen{};
    const auto& bill = decision.bill;
    const auto to_pay = std::max(Fen{}, bill.total - credit);
    co_return Json{
        {"subscription_id", id.text()},
        {"terms", terms_view_of(ground, wish)},
        {"lines", lines_view(ground, bill, view)},
        {"net_fen", bill.net.count()},
        {"tax_fen", bill.tax.count()},
        {"total_fen", bill.total.count()},
        {"total_text", format_yuan_for_people(bill.total)},
        {"account_credit_before_fen", credit.count()},
        {"account_credit_after_fen", std::max(Fen{}, credit - bill.total).count()},
        {"to_pay_fen", to_pay.count()},
        {"needs_second_person", needs_second_person(app.rules, std::max(bill.total, -bill.total))}};
}

io::awaitable<void> correct_terms(App& app, Unit& unit, storage::ApprovalRequestRow& request) {
    const auto wish = read_correction_wish(nlohmann::json::parse(request.wish));
    request.reason = wish.reason;
    const auto ground = co_await load_correction(app, SubscriptionId{request.subject_id}, wish);
    request.tenant_id = ground.view.tenant.id;
    const auto decision = decide_correction(*app.price_lists, ground);
    request.amount_fen = std::max(decision.bill.total, -decision.bill.total);
    write_correction(app, unit, ground, decision, wish, request);
}

std::string advance_text(const std::vector<BilledItem>& items) {
    nlohmann::json rows = nlohmann::json::array();
    for (const auto& item : items)
        rows.push_back({{"item_code", item.item_code},
                        {"left_fen", item.left.count()},
                        {"discount_num", static_cast<std::int64_t>(item.discount.numerator())},
                        {"discount_den", static_cast<std::int64_t>(item.discount.denominator())}});
    return rows.dump();
}

std::vector<BilledItem> read_advance(const std::string& text) {
    std::vector<BilledItem> items;
    for (const auto& row : nlohmann::json::parse(text))
        items.push_back({row.at("item_code").get<std::string>(), Fen{row.at("left_fen").get<std::int64_t>()},
                         Fraction{row.at("discount_num").get<std::int64_t>(),
                                  row.at("discount_den").get<std::int64_t>()}});
    return items;
}

}  // namespace wefee::server
