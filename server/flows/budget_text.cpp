#include "server/flows/budget_text.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "billing/notice_budget.hpp"
#include "server/app.hpp"
#include "server/flows/budget.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"

namespace wefee::server {
namespace {

struct What {
    CivilDay period_start{};
    int percent = 0;
};

What what_of(const storage::OutboxRow& row) {
    const auto payload = nlohmann::json::parse(row.payload);
    return {parse_day(payload.at("period_start").get<std::string>()).value(),
            payload.at("percent").get<int>()};
}

const storage::BudgetEventRow* event_of(const storage::PeriodView& view, int percent) {
    const auto found = std::ranges::find(view.budget_events, percent, &storage::BudgetEventRow::percent);
    return found == view.budget_events.end() ? nullptr : &*found;
}

/// The period's end when usage goes on as so far: added-up meters grow with the days, the others stay.
/// Without a cap.
Fen forecast_of(App& app, storage::PeriodView view, DaySpan period, CivilDay today) {
    const auto prices = app.price_lists->parsed(view.price_list);
    const auto days_used = std::clamp(days_between(period.start, today) + 1, 1, period.days());
    for (auto& total : view.usage) {
        const auto* meter = find_meter(*prices, total.meter);
        const bool adds_up =
            meter && (meter->aggregation == Aggregation::sum || meter->aggregation == Aggregation::count);
        if (adds_up)
            total.quantity_micro =
                projected(Quantity{total.quantity_micro}, days_used, period.days()).count();
    }
    view.budget.reset();
    return rate_period(*app.price_lists, view, period).total;
}

/// What each item costs so far beside what it cost on the last invoice.
io::awaitable<std::vector<ItemGrowth>> growths_of(App& app, const storage::PeriodView& view,
                                                  const RatedPeriod& rated) {
    const auto last = co_await app.store.invoices(view.tenant.id, 1, "");
    std::optional<storage::InvoiceView> invoice;
    if (!last.empty()) invoice = co_await app.store.find_invoice(view.tenant.id, last.front().id);
    std::vector<ItemGrowth> items;
    for (const auto& line : rated.lines) {
        if (line.kind == LineKind::tax || line.kind == LineKind::cap) continue;
        ItemGrowth item{line.item_code, line.title, {}, line.amount()};
        if (invoice)
            for (const auto& before : invoice->lines)
                if (before.item_code == line.item_code) item.before = before.amount_fen;
        items.push_back(std::move(item));
    }
    co_return items;
}

std::vector<std::string> titles_of(const PriceList& prices, const std::vector<std::string>& features) {
    std::vector<std::string> titles;
    for (const auto& code : features)
        if (const auto* feature = find_feature(prices, code)) titles.push_back(feature->title);
    return titles;
}

}  // namespace

io::awaitable<std::optional<NoticeMatter>> budget_matter(App& app, storage::OutboxRow row) {
    const auto what = what_of(row);
    auto view = co_await load_rated_period(app, SubscriptionId{row.ref_id}, what.period_start);
    if (!view || !view->budget || view->budget_events.empty()) co_return std::nullopt;
    const auto* event = event_of(*view, what.percent);
    if (!event || view->budget_events.back().percent > what.percent) co_return std::nullopt;
    const auto now = app.clock.now();
    const auto period = period_from(*app.price_lists, *view, what.period_start);
    const auto prices = app.price_lists->parsed(view->price_list);

    BudgetSubject subject;
    subject.corp = view->tenant.corp_id;
    subject.subscription_id = view->subscription.id.text();
    subject.period = period;
    subject.percent = what.percent;
    subject.cost = event->cost_fen;
    subject.budget = budget_of(*view->budget);
    subject.budget.amount = event->amount_fen;
    subject.stopped_titles = titles_of(*prices, subject.budget.features);
    subject.now = now;
    const auto growths = co_await growths_of(app, *view, rate_period(*app.price_lists, *view, period));
    if (const auto* fastest = fastest_growing(growths)) {
        subject.fastest = fastest->title;
        subject.fastest_growth = fastest->now - fastest->before;
    }
    subject.forecast = forecast_of(app, *view, period, civil_day(now));
    auto tenant = view->tenant;
    co_return NoticeMatter{std::move(tenant), std::nullopt, budget_notice(subject), subject.budget.receivers};
}

}  // namespace wefee::server
