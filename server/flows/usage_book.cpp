#include "server/flows/usage_book.hpp"

#include <algorithm>

#include "billing/period.hpp"
#include "server/app.hpp"
#include "server/flows/price_lists.hpp"

namespace wefee::server {
namespace {

constexpr auto future_tolerance = std::chrono::minutes{5};

UsagePeriod period(App& app, const storage::PriceListRow& list, std::string_view plan_code, DaySpan days) {
    UsagePeriod one{days.start, days.end, app.price_lists->parsed(list)};
    one.plan = find_plan(*one.prices, plan_code);
    return one;
}

bool charged_by_percentage(const Plan& plan, const std::string& meter) {
    const auto charge = std::ranges::find(plan.usage, meter, &UsageCharge::meter);
    return charge != plan.usage.end() && charge->model == ChargeModel::percentage;
}

/// An amount of a transaction is money: yuan with fen, no finer.
bool finer_than_fen(std::int64_t quantity_micro) { return quantity_micro % micro_yuan_per_fen != 0; }

}  // namespace

std::optional<UsagePeriod> UsageBook::period_of(CivilDay day) const {
    if (day < open.start) {
        const auto found =
            std::ranges::find_if(closed, [&](const auto& one) { return one.start <= day && day < one.end; });
        return found == closed.end() ? std::nullopt : std::optional{*found};
    }
    auto found = open;
    Anchor anchor{tenant->anchor_day, open.plan ? open.plan->months : 1,
                  subscription->started_on.year() / subscription->started_on.month()};
    while (day >= found.end) {
        found.start = found.end;
        found.end = boundary_after(found.start, anchor);
    }
    return found;
}

io::awaitable<UsageBook> open_usage_book(App& app, std::string name) {
    auto rows = co_await app.store.usage_book(std::move(name));
    UsageBook book{std::move(rows.tenant), std::move(rows.subscription), rows.has_budget, {}, {}};
    if (!book.subscription) co_return book;
    const auto& subscription = *book.subscription;
    if (rows.price_list)
        book.open = period(app, *rows.price_list, subscription.plan_code, {subscription.period_start, subscription.period_end});
    const auto oldest = civil_day(app.clock.now() - app.rules.billing.late_window);
    if (oldest >= subscription.period_start) co_return book;
    for (const auto& invoice : co_await app.store.invoices_after(book.tenant->id, oldest)) {
        if (invoice.period_start >= subscription.period_start) continue;
        const auto plan = invoice.plan_code.empty() ? subscription.plan_code : invoice.plan_code;
        if (const auto list = co_await app.store.find_price_list(invoice.price_list_id))
            book.closed.push_back(period(app, *list, plan, {invoice.period_start, invoice.period_end}));
    }
    co_return book;
}

std::optional<UsageRefusal> place_fact(const UsageBook& book, storage::UsageEventRow& row,
                                       Aggregation& aggregation, Instant now,
                                       std::chrono::minutes late_window) {
    if (row.occurred_at > now + future_tolerance)
        return UsageRefusal{"in_the_future", "/occurred_at", "lies more than 5 minutes in the future"};
    if (row.occurred_at < now - late_window)
        return UsageRefusal{"too_late", "/occurred_at", "lies before the late window"};
    row.day = civil_day(row.occurred_at);
    const auto period = book.period_of(row.day);
    if (!period) return UsageRefusal{"before_start", "/occurred_at", "lies before the subscription's start"};
    const auto* meter = period->plan ? find_meter(*period->prices, row.meter) : nullptr;
    if (!meter) return UsageRefusal{"unknown_meter", "/meter", "is not a meter of the price list"};
    const UsageEvent event{row.event_id,
                           row.meter,
                           Quantity{row.quantity_micro},
                           row.occurred_at,
                           reads_properties(*meter) ? usage_properties(row.properties) : UsageProperties{},
                           row.sequence};
    if (auto problem = usage_problem(*meter, event))
        return UsageRefusal{problem->code, problem->field, problem->text};
    if (charged_by_percentage(*period->plan, row.meter) && finer_than_fen(row.quantity_micro))
        return UsageRefusal{"invalid_value", "/quantity", "is an amount in yuan: at most 2 decimal places"};
    const auto measured = measure(*meter, event);
    row.period_start = period->start;
    row.counts = measured.counts && row.given != "deletes";
    row.value = measured.value;
    row.dimensions = join_dimensions(measured.dimensions);
    aggregation = meter->aggregation;
    return std::nullopt;
}

}  // namespace wefee::server
