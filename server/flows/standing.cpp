#include "server/flows/standing.hpp"

#include <nlohmann/json.hpp>

#include "server/app.hpp"
#include "server/flows/budget.hpp"
#include "server/flows/current_period.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"

namespace wefee::server {
namespace {

ServiceTerms terms_of(const storage::SubscriptionRow& row) {
    const auto state = parse_state<SubscriptionState>(row.state);
    if (!state) throw std::logic_error("subscription " + row.id.text() + " is in no known state");
    // One that owes something is in that state: paused it is all the same.
    return {row.paused ? SubscriptionState::paused : *state, row.plan_code,
            nlohmann::json::parse(row.add_ons).get<std::vector<std::string>>()};
}

void add_period(App& app, Standing& standing, const CurrentPeriod& current) {
    standing.prices = app.price_lists->parsed(current.rows.price_list);
    standing.good_until = day_start(current.period.end);
    const auto input = rating_input(*app.price_lists, current.rows, current.period);
    standing.facts.service = terms_of(current.rows.subscription);
    standing.facts.usage = input.usage;
    if (!current.rows.budget) return;
    const auto state =
        state_of(current.rows, current.period, rate_period(*app.price_lists, current.rows, current.period));
    standing.facts.budget = BudgetStanding{budget_of(*current.rows.budget), state.cost, state.agreed};
}

}  // namespace

io::awaitable<std::shared_ptr<const Standing>> load_standing(App& app, storage::TenantRow tenant) {
    auto standing = std::make_shared<Standing>();
    standing->tenant = tenant.id;
    standing->corp_id = tenant.corp_id;
    if (const auto current = co_await load_current_period(app, tenant.id)) {
        add_period(app, *standing, *current);
    } else {
        const auto today = civil_day(app.clock.now());
        const auto in_force = co_await app.store.price_list_on(today, tenant.id);
        standing->prices =
            in_force ? app.price_lists->parsed(*in_force) : std::make_shared<const PriceList>();
        standing->good_until = day_start(add_days(today, 1));
    }
    standing->facts.prices = standing->prices.get();
    co_return standing;
}

}  // namespace wefee::server
