#include "server/flows/usage_book.hpp"

#include <algorithm>

#include "server/app.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/terms.hpp"

namespace wefee::server {
namespace {

constexpr auto future_tolerance = std::chrono::minutes{5};

bool charged_by_percentage(const Plan& plan, const std::string& meter) {
    const auto charge = std::ranges::find(plan.usage, meter, &UsageCharge::meter);
    return charge != plan.usage.end() && charge->model == ChargeModel::percentage;
}

/// An amount of a transaction is money: yuan with fen, no finer.
bool finer_than_fen(std::int64_t quantity_micro) { return quantity_micro % micro_yuan_per_fen != 0; }

}  // namespace

std::optional<UsagePeriod> UsageAccount::period_of(CivilDay day) const {
    DaySpan days{subscription.period_start, subscription.period_end};
    if (day < days.start) {
        const auto found =
            std::ranges::find_if(closed, [&](const auto& one) { return one.start <= day && day < one.end; });
        if (found == closed.end()) return std::nullopt;
        days = *found;
    }
    while (day >= days.end) {
        const auto next = period_from(terms, days.end);
        if (next.start >= next.end) return std::nullopt;  // the subscription ends before that
        days = next;
    }
    const auto& of_day = terms_on(terms, day);
    return UsagePeriod{days, of_day.prices, &plan_on(terms, day)};
}

const UsageAccount* UsageBook::account_on(CivilDay day) const {
    const auto found =
        std::ranges::find_if(accounts, [&](const UsageAccount& one) { return one.terms.started_on <= day; });
    return found == accounts.end() ? nullptr : &*found;
}

namespace {

UsageAccount account_of(PriceLists& lists, storage::TermsView view,
                        const std::vector<storage::InvoiceRow>& invoices) {
    UsageAccount account{.subscription = {}, .terms = terms_of(lists, view), .closed = {}};
    account.subscription = std::move(view.subscription);
    for (const auto& invoice : invoices)
        if (invoice.period_start < account.subscription.period_start &&
            invoice.subscription_id == account.subscription.id)
            account.closed.push_back({invoice.period_start, invoice.period_end});
    return account;
}

}  // namespace

io::awaitable<UsageBook> open_usage_book(App& app, std::string name) {
    const auto oldest = civil_day(app.clock.now() - app.rules.billing.late_window);
    auto rows = co_await app.store.usage_book(std::move(name), oldest);
    UsageBook book;
    book.tenant = std::move(rows.tenant);
    book.has_budget = rows.has_budget;
    std::vector<storage::InvoiceRow> invoices;
    const bool only_open =
        rows.ended.empty() && (!rows.running || oldest >= rows.running->subscription.period_start);
    if (book.tenant && !only_open) invoices = co_await app.store.invoices_after(book.tenant->id, oldest);
    if (rows.running)
        book.accounts.push_back(account_of(*app.price_lists, std::move(*rows.running), invoices));
    for (auto& ended : rows.ended)
        book.accounts.push_back(account_of(*app.price_lists, std::move(ended), invoices));
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
    const auto* account = book.account_on(row.day);
    const auto period = account ? account->period_of(row.day) : std::nullopt;
    if (!period && account && !account->runs())
        return UsageRefusal{"no_subscription", "/occurred_at", "lies after the end of the subscription"};
    if (!period) return UsageRefusal{"before_start", "/occurred_at", "lies outside the subscription"};
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
    row.period_start = period->days.start;
    row.counts = measured.counts && row.given != "deletes";
    row.value = measured.value;
    row.dimensions = join_dimensions(measured.dimensions);
    aggregation = meter->aggregation;
    return std::nullopt;
}

}  // namespace wefee::server
