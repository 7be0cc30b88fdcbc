#include "server/flows/budget.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "billing/calendar.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/current_period.hpp"
#include "server/flows/names.hpp"
#include "server/flows/plan.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/windows.hpp"

namespace wefee::server {
namespace {

using nlohmann::json;

/// Usage that comes within so long is checked together.
constexpr auto check_delay = std::chrono::seconds{1};

bool runs(const storage::SubscriptionRow& subscription) {
    return subscription.state != "PENDING" && subscription.state != "ENDED";
}

/// The percents that earlier checks of the period found.
std::vector<int> told_percents(const storage::PeriodView& view) {
    std::vector<int> told;
    for (const auto& event : view.budget_events) told.push_back(static_cast<int>(event.percent));
    return told;
}

storage::BudgetEventRow event_of(const storage::PeriodView& view, DaySpan period, int percent, Fen cost,
                                 Instant now) {
    storage::BudgetEventRow event;
    event.subscription_id = view.subscription.id;
    event.period_start = period.start;
    event.percent = percent;
    event.tenant_id = view.tenant.id;
    event.cost_fen = cost;
    event.amount_fen = view.budget->amount_fen;
    event.at_limit = view.budget->at_limit;
    event.created_at = now;
    return event;
}

void add_notice(const Rules& rules, Unit& unit, const storage::PeriodView& view, DaySpan period,
                int percent) {
    const auto at = ordinary_notice_at(unit.at(), spread_key(view.tenant.corp_id), notice_policy(rules));
    auto row = notice_row(notice::budget, view.subscription.id.text(), view.tenant.id,
                          fmt::format("{}:{}", format_day(period.start), percent), at);
    row.payload = json{{"period_start", format_day(period.start)}, {"percent", percent}}.dump();
    row.created_at = unit.at();
    row.expires_at = day_start(period.end) + rules.billing.close_grace;
    unit.changes().outbox.push_back(std::move(row));
}

/// Pure but for the parsed list: what a loaded period has newly crossed, as one money transaction.
std::optional<Unit> crossing_unit(App& app, const storage::PeriodView& view, DaySpan period) {
    if (!view.budget || !runs(view.subscription)) return std::nullopt;
    const auto state = state_of(view, period, rate_period(*app.price_lists, view, period));
    const auto crossing = newly_crossed(budget_of(*view.budget), state.cost, told_percents(view));
    if (crossing.percents.empty()) return std::nullopt;
    Unit unit{fmt::format("budget:{}:{}:{}", view.subscription.id.text(), format_day(period.start),
                          crossing.highest()),
              app.clock.now(), "system"};
    for (const int percent : crossing.percents) {
        auto event = event_of(view, period, percent, state.cost, unit.at());
        event.told = percent == crossing.highest();
        unit.insert(std::move(event));
    }
    add_notice(app.rules, unit, view, period, crossing.highest());
    return unit;
}

io::awaitable<void> check_period(App& app, SubscriptionId id, std::optional<CivilDay> start) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await load_rated_period(app, id, start);
        if (!view) co_return std::nullopt;
        co_return crossing_unit(
            app, *view,
            period_from(*app.price_lists, *view, start.value_or(view->subscription.period_start)));
    });
}

}  // namespace

Budget budget_of(const storage::BudgetRow& row) {
    Budget budget;
    budget.amount = row.amount_fen;
    budget.thresholds = json::parse(row.thresholds).get<std::vector<int>>();
    budget.receivers = json::parse(row.receivers).get<std::vector<std::string>>();
    budget.at_limit = parse_limit_action(row.at_limit).value();
    budget.hard_cap = row.hard_cap;
    budget.features = json::parse(row.features).get<std::vector<std::string>>();
    return budget;
}

BudgetState state_of(const storage::PeriodView& view, DaySpan period, const RatedPeriod& rated) {
    BudgetState state;
    state.budget = view.budget;
    state.period = period;
    state.cost = rated.total + rated.suppressed;
    state.suppressed = rated.suppressed;
    state.events = view.budget_events;
    for (const auto& event : view.budget_events)
        if (event.percent >= 100 && view.consent && view.consent->granted_at &&
            *view.consent->granted_at > event.created_at)
            state.agreed = true;
    return state;
}

io::awaitable<std::optional<BudgetState>> budget_state(App& app, TenantId tenant) {
    const auto view = co_await load_current_period(app, tenant);
    if (!view) co_return std::nullopt;
    co_return state_of(view->rows, view->period, rate_period(*app.price_lists, view->rows, view->period));
}

io::awaitable<void> check_budget(App& app, storage::TaskRow task_row) {
    const SubscriptionId id{task_row.ref_id};
    co_await check_period(app, id, std::nullopt);
    // While a period's grace lasts, the next one is under way already.
    const auto view = co_await load_rated_period(app, id, std::nullopt);
    if (view && runs(view->subscription) && civil_day(app.clock.now()) >= view->subscription.period_end)
        co_await check_period(app, id, view->subscription.period_end);
}

storage::TaskRow budget_check_of(const storage::SubscriptionRow& subscription, Instant now) {
    return {std::string{task::budget_check},
            subscription.id.text(),
            subscription.tenant_id,
            now + check_delay,
            0,
            0};
}

}  // namespace wefee::server
