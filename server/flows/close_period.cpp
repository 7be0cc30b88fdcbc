#include "server/flows/close_period.hpp"

#include <fmt/format.h>

#include "billing/machines/invoice.hpp"
#include "billing/period.hpp"
#include "server/app.hpp"
#include "server/flows/books.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"
#include "server/flows/plan.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"

namespace wefee::server {
namespace {

constexpr std::int64_t opening_cycle = 0;  // of the invoice that comes before the first period's own
constexpr int due_days = 15;  // a final invoice is overdue after that

bool still_served(const storage::SubscriptionRow& subscription) {
    return subscription.state != "PENDING" && subscription.state != "ENDED";
}

/// The same subscription and cycle always give the same invoice: a repeat meets its own row.
InvoiceId invoice_id_of(const storage::SubscriptionRow& subscription, std::int64_t cycle) {
    return InvoiceId{"inv_" + io::sha256_hex(fmt::format("{}/{}", subscription.id.text(), cycle)).substr(0, 20)};
}

std::string invoice_number(const storage::SubscriptionRow& subscription, const InvoiceId& id) {
    return fmt::format("{}{:02}-{}", static_cast<int>(subscription.period_start.year()),
                       static_cast<unsigned>(subscription.period_start.month()), id.text().substr(4, 8));
}

void open_next_period(App& app, Unit& unit, storage::SubscriptionRow& subscription, const storage::TenantRow& tenant,
                      int months) {
    Anchor anchor;
    anchor.day = tenant.anchor_day;
    anchor.months = months;
    anchor.origin = subscription.started_on.year() / subscription.started_on.month();
    subscription.period_start = subscription.period_end;
    subscription.period_end = boundary_after(subscription.period_start, anchor);
    subscription.anchor_day = tenant.anchor_day;
    subscription.cycle += 1;
    unit.schedule(task::close_period, subscription.id.text(), tenant.id, closes_at(app, subscription));
}

storage::InvoiceRow invoice_of(const storage::PeriodView& view, std::int64_t cycle, const RatedPeriod& rated, Instant now) {
    storage::InvoiceRow invoice;
    invoice.id = invoice_id_of(view.subscription, cycle);
    invoice.tenant_id = view.tenant.id;
    invoice.subscription_id = view.subscription.id;
    invoice.cycle = cycle;
    invoice.number = invoice_number(view.subscription, invoice.id);
    invoice.period_start = view.subscription.period_start;
    invoice.period_end = view.subscription.period_end;
    invoice.price_list_id = view.price_list.id;
    invoice.plan_code = view.subscription.plan_code;
    invoice.total_fen = rated.total;
    invoice.tax_fen = rated.tax;
    invoice.final_at = now;
    invoice.due_day = add_days(civil_day(now), due_days);
    invoice.created_at = now;
    return invoice;
}

/// Late usage is billed: what stays is a credit that the period had no room for.
void settle_late(Unit& unit, const storage::PeriodView& view, const RatedPeriod& rated) {
    for (const auto& waiting : view.late) {
        auto late = waiting.late;
        late.waits = false;
        for (const auto& billed : rated.late)
            if (billed.meter == late.meter && billed.period.start == late.period_start) {
                late.billed_fen += billed.amount;
                late.waits = billed.rest != Fen{};
            }
        unit.save(std::move(late));
    }
}

/// The invoice with its lines, its postings, and how it is to be collected.
void issue(App& app, Unit& unit, const storage::PeriodView& view, storage::InvoiceRow invoice, const RatedPeriod& rated) {
    unit.create<InvoiceState>(invoice, rated.total <= Fen{} ? InvoiceEvent::finalised_zero : InvoiceEvent::finalised);
    std::vector<storage::InvoiceLineRow> lines;
    for (const auto& line : rated.lines)
        lines.push_back(line_row(line, invoice.id, view.tenant.id, static_cast<std::int64_t>(lines.size()), view.price_list));
    for (const auto& line : lines) unit.insert(line);
    post_all(unit, post_invoice(invoice.id.text(), rated.net, rated.tax), view.tenant.id);
    plan_collection(app.rules, unit, view, invoice, lines);
    unit.insert(std::move(invoice));
}

std::optional<Unit> close(App& app, storage::PeriodView view) {
    const auto now = app.clock.now();
    if (!still_served(view.subscription) || now < closes_at(app, view.subscription)) return std::nullopt;
    const auto rated = rate_closing(*app.price_lists, view);
    Unit unit{fmt::format("close:{}:{}", view.subscription.id.text(), view.subscription.cycle), now, "system"};
    issue(app, unit, view, invoice_of(view, view.subscription.cycle, rated, now), rated);
    settle_late(unit, view, rated);

    const auto prices = app.price_lists->parsed(view.price_list);
    auto subscription = view.subscription;
    open_next_period(app, unit, subscription, view.tenant, find_plan(*prices, subscription.plan_code)->months);
    unit.save(std::move(subscription));
    return unit;
}

}  // namespace

Instant closes_at(const App& app, const storage::SubscriptionRow& subscription) {
    return day_start(subscription.period_end) + app.rules.billing.close_grace;
}

io::awaitable<void> bill_opening(App& app, storage::TaskRow task_row) {
    const SubscriptionId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await load_rated_period(app, id);
        if (!view || !still_served(view->subscription)) co_return std::nullopt;
        const auto opening = rate_opening(*app.price_lists, *view);
        if (opening.bill.lines.empty()) co_return std::nullopt;
        Unit unit{"open:" + id.text(), app.clock.now(), "system"};
        auto invoice = invoice_of(*view, opening_cycle, opening.bill, unit.at());
        invoice.period_start = opening.period.start;  // also when that period is over by now
        invoice.period_end = opening.period.end;
        issue(app, unit, *view, std::move(invoice), opening.bill);
        co_return unit;
    });
}

io::awaitable<void> close_period(App& app, storage::TaskRow task_row) {
    const SubscriptionId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await load_rated_period(app, id);
        if (!view) co_return std::nullopt;
        co_return close(app, std::move(*view));
    });
    // A server that was down for months closes one period after the other.
    const auto view = co_await app.store.load_period(id, std::nullopt);
    if (!view || !still_served(view->subscription)) co_return;
    Unit next{"next:" + id.text() + ":" + new_id_text(""), app.clock.now(), "system"};
    next.schedule(task::close_period, id.text(), view->tenant.id, closes_at(app, view->subscription));
    co_await app.store.commit(next.take());
}

}  // namespace wefee::server
