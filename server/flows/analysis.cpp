#include "server/flows/analysis.hpp"

#include <map>

#include <nlohmann/json.hpp>

#include "server/app.hpp"
#include "server/flows/forecast.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/terms.hpp"

namespace wefee::server {
namespace {

constexpr std::size_t invoices_max = 1'000;

/// Billed periods with the lists that they point to.
struct Books {
    std::vector<BilledPeriod> periods;
    std::vector<std::shared_ptr<const PriceList>> lists;
    bool open_period = false;
};

/// A period's usage by the values of one dimension; what no value names stands under "".
io::awaitable<std::vector<ValueUsage>> usage_by_value(App& app, TenantId tenant, const BilledPeriod& billed,
                                                      std::string dimension) {
    std::vector<ValueUsage> values;
    std::map<std::pair<std::string, CivilDay>, Quantity> rest;
    for (const auto& day : billed.usage) rest[{day.meter, day.day}] = day.quantity;
    for (const auto& row : co_await app.store.usage_dimensions(tenant, billed.period.start)) {
        if (row.dimension != dimension) continue;
        const Quantity quantity{row.quantity_micro};
        auto& left = rest[{row.meter, row.day}];
        left = left - quantity;
        values.push_back({row.meter, row.day, row.value, quantity});
    }
    for (const auto& [key, quantity] : rest)
        if (quantity > Quantity{}) values.push_back({key.first, key.second, "", quantity});
    co_return values;
}

CostLine cost_line(const storage::InvoiceLineRow& row) {
    CostLine line{row.item_code, row.kind, row.title, row.amount_fen};
    line.days = days_of(row);
    return line;
}

/// What a credit note gave back of a line, as a line of its own.
CostLine credited_line(const std::vector<storage::InvoiceLineRow>& lines,
                       const storage::CreditNoteRow& note) {
    const auto credited = std::ranges::find_if(lines, [&](const storage::InvoiceLineRow& line) {
        return note.line_position ? line.position == *note.line_position
                                  : item_of(line.item_code) == item_of(note.item_code);
    });
    const auto kind =
        credited == lines.end() ? std::string{line_kind_name(LineKind::credit)} : credited->kind;
    CostLine line{note.item_code, kind, note.title, -note.total_fen};
    line.days = DaySpan{note.first_day, add_days(note.last_day, 1)};
    return line;
}

io::awaitable<void> add_invoice(App& app, Books& books, const storage::InvoiceRow& invoice) {
    const auto whole = co_await app.store.find_invoice(invoice.tenant_id, invoice.id);
    const auto list = co_await app.store.find_price_list(invoice.price_list_id);
    const auto view = co_await load_rated_period(app, invoice.subscription_id, invoice.period_start);
    if (!whole || !list || !view)
        throw std::logic_error("invoice " + invoice.id.text() + " lacks its period or price list");
    books.lists.push_back(app.price_lists->parsed(*list));
    BilledPeriod billed{{invoice.period_start, invoice.period_end}, books.lists.back().get(), {}, {}, {}};
    for (const auto& line : whole->lines) billed.lines.push_back(cost_line(line));
    for (const auto& note : whole->credit_notes) billed.lines.push_back(credited_line(whole->lines, note));
    billed.seats = subscription_of(*app.price_lists, *view).seats;
    billed.usage = usage_days(view->usage);
    books.periods.push_back(std::move(billed));
}

/// What of the open period no invoice has yet.
io::awaitable<void> add_open_period(App& app, Books& books, TenantId tenant, DaySpan range) {
    for (const auto& subscription : co_await app.store.subscriptions(tenant)) {
        if (subscription.state == "PENDING" || subscription.state == "ENDED") continue;
        const DaySpan period{subscription.period_start, subscription.period_end};
        const auto view = co_await load_rated_period(app, subscription.id);
        if (!view || period.end <= range.start || range.end <= period.start) continue;
        books.lists.push_back(app.price_lists->parsed(view->price_list));
        BilledPeriod billed{period,
                            books.lists.back().get(),
                            {},
                            subscription_of(*app.price_lists, *view).seats,
                            usage_days(view->usage)};
        for (const auto& line : rate_unbilled(*app.price_lists, *view).lines)
            billed.lines.push_back(
                {line.item_code, std::string{line_kind_name(line.kind)}, line.title, line.amount()});
        books.periods.push_back(std::move(billed));
        books.open_period = true;
    }
}

io::awaitable<Books> read(App& app, TenantId tenant, DaySpan all, DaySpan range, AnalysisBy by) {
    Books books;
    for (const auto& invoice : co_await app.store.invoices_reaching(tenant, all.start, invoices_max))
        if (invoice.period_start < all.end) co_await add_invoice(app, books, invoice);
    co_await add_open_period(app, books, tenant, range);
    if (by == AnalysisBy::department || by == AnalysisBy::seat)
        for (auto& billed : books.periods)
            billed.values = co_await usage_by_value(app, tenant, billed, std::string{analysis_by_name(by)});
    co_return books;
}

}  // namespace

io::awaitable<DaySpan> open_period_of(App& app, TenantId tenant) {
    for (const auto& subscription : co_await app.store.subscriptions(tenant))
        if (subscription.state != "PENDING" && subscription.state != "ENDED")
            co_return DaySpan{subscription.period_start, subscription.period_end};
    throw Error(Errc::not_found, "there is no running subscription");
}

io::awaitable<TenantAnalysis> analyse_for(App& app, TenantId tenant, DaySpan range, AnalysisBy by) {
    const auto before = days_before(range);
    const auto books = co_await read(app, tenant, {before.start, range.end}, range, by);
    co_return TenantAnalysis{range, before, by, books.open_period, analyse(books.periods, range, before, by)};
}

}  // namespace wefee::server
