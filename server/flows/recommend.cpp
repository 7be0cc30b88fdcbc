#include "server/flows/recommend.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "io/loop.hpp"
#include "server/app.hpp"
#include "server/flows/forecast.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"

namespace wefee::server {
namespace {

/// Rows of one period, and the period.
struct Loaded {
    storage::PeriodView view;
    DaySpan period;
};

struct Ground {
    storage::SubscriptionRow subscription;
    storage::TenantRow tenant;
    storage::PriceListRow todays, offered;
    std::vector<Loaded> periods;  // oldest first
};

io::awaitable<Ground> read(App& app, TenantId tenant, std::size_t count) {
    Ground ground;
    for (auto& row : co_await app.store.subscriptions(tenant))
        if (row.state != "PENDING" && row.state != "ENDED") ground.subscription = std::move(row);
    if (ground.subscription.id.empty()) throw Error(Errc::not_found, "there is no running subscription");
    auto offered = co_await app.store.price_list_on(civil_day(app.clock.now()), tenant);
    auto todays = co_await app.store.find_price_list(ground.subscription.price_list_id);
    auto found = co_await app.store.find_tenant(tenant);
    if (!offered || !todays || !found) throw Error(Errc::not_found, "no price list is in force");
    ground.offered = std::move(*offered);
    ground.todays = std::move(*todays);
    ground.tenant = std::move(*found);
    auto invoices = co_await app.store.invoices_reaching(tenant, ground.subscription.started_on, 400);
    std::erase_if(invoices, [&](const storage::InvoiceRow& row) {
        return row.subscription_id != ground.subscription.id ||
               row.part > 0;  // parts of periods are none themselves
    });
    std::ranges::sort(invoices, std::ranges::greater{}, &storage::InvoiceRow::period_start);
    for (const auto& invoice : invoices) {
        if (ground.periods.size() == count) break;
        // Several bills may concern one period.
        if (!ground.periods.empty() && ground.periods.back().period.start == invoice.period_start) continue;
        auto view = co_await load_rated_period(app, ground.subscription.id, invoice.period_start);
        if (view) ground.periods.push_back({std::move(*view), {invoice.period_start, invoice.period_end}});
    }
    std::ranges::reverse(ground.periods);
    co_return ground;
}

PeriodFacts facts_of(PriceLists& lists, const Loaded& loaded) {
    auto input = rating_input(lists, loaded.view, loaded.period);
    return {input.period, input.full, std::move(input.seats), std::move(input.usage),
            std::move(input.coupons)};
}

/// Pure: what billing decides on.
RecommendInput input_of(PriceLists& lists, const Ground& ground) {
    const auto prices = lists.parsed(ground.todays);
    RecommendInput input;
    input.plan = ground.subscription.plan_code;
    input.add_ons = nlohmann::json::parse(ground.subscription.add_ons).get<std::vector<std::string>>();
    input.anchor_day = ground.tenant.anchor_day;
    const auto* plan = find_plan(*prices, input.plan);
    for (const auto& loaded : ground.periods) {
        input.periods.push_back(facts_of(lists, loaded));
        if (!plan || plan->months == 1) continue;
        for (auto& month :
             cut_into_months(*prices, input.periods.back(), usage_days(loaded.view.usage), input.anchor_day))
            input.months.push_back(std::move(month));
    }
    return input;
}

}  // namespace

io::awaitable<TenantRecommendation> recommend_for(App& app, TenantId tenant, std::size_t periods,
                                                  std::optional<std::vector<std::string>> features) {
    const auto ground = co_await read(app, tenant, periods);
    co_return co_await app.calculations->run([&] {  // hundreds of combinations, each rated for every period
        auto input = input_of(*app.price_lists, ground);
        const auto todays = app.price_lists->parsed(ground.todays);
        input.features = features ? std::move(*features) : used_features(*todays, input);
        auto result = recommend(*todays, *app.price_lists->parsed(ground.offered), input);
        return TenantRecommendation{ground.subscription, ground.offered, std::move(input.features),
                                    std::move(result)};
    });
}

}  // namespace wefee::server
