// A member sets the budget: checked against the price list, the members and what the open period costs
// already.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "server/app.hpp"
#include "server/flows/budget.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"

namespace wefee::server {
namespace {

using nlohmann::json;

void check_receivers(const Budget& budget, const std::vector<storage::MemberRow>& members,
                     std::vector<FieldProblem>& problems) {
    for (std::size_t i = 0; i < budget.receivers.size(); ++i) {
        const auto& receiver = budget.receivers[i];
        const bool role = receiver == "billing_admin" || receiver == "finance" || receiver == "viewer";
        if (!role && std::ranges::find(members, receiver, &storage::MemberRow::user_id) == members.end())
            problems.push_back(
                {"/receivers/" + std::to_string(i), "is neither a role nor a member of the company"});
    }
}

storage::BudgetRow row_of(const Budget& budget, std::optional<storage::BudgetRow> known,
                          const TenantId& tenant, const std::string& actor, Instant now) {
    auto row = known.value_or(storage::BudgetRow{});
    if (!known) row.created_at = now;
    row.tenant_id = tenant;
    row.amount_fen = budget.amount;
    row.thresholds = json(budget.thresholds).dump();
    row.receivers = json(budget.receivers).dump();
    row.at_limit = limit_action_name(budget.at_limit);
    row.hard_cap = budget.hard_cap;
    row.features = json(budget.features).dump();
    row.changed_by = actor;
    row.changed_at = now;
    return row;
}

/// Usage that was metered before the cap was set stays owed.
void refuse_a_cap_below_the_cost(App& app, const Budget& budget, const storage::PeriodView& view) {
    if (!budget.hard_cap) return;
    const auto cost = state_of(view, {},
                               rate_period(*app.price_lists, view,
                                           {view.subscription.period_start, view.subscription.period_end}))
                          .cost;
    const auto owed = view.budget && view.budget->hard_cap ? std::min(cost, view.budget->amount_fen) : cost;
    if (budget.amount < owed)
        throw Error(
            Errc::invalid_value, "",
            {{"/amount_fen", fmt::format("a hard cap holds from now on: the open period costs {} fen already",
                                         owed.count())}});
}

}  // namespace

io::awaitable<storage::BudgetRow> set_budget(App& app, std::string op_id, std::string actor, TenantId tenant,
                                             Budget budget) {
    const auto members = co_await app.store.members(tenant);
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto book = co_await app.store.usage_book(tenant.text());
        if (!book.tenant) throw Error(Errc::not_found, "there is no such tenant");
        const auto in_force = book.running
                                  ? std::optional{book.running->price_list}
                                  : co_await app.store.price_list_on(civil_day(app.clock.now()), tenant);
        const auto prices =
            in_force ? app.price_lists->parsed(*in_force) : std::make_shared<const PriceList>();
        auto problems = budget_problems(budget, *prices);
        check_receivers(budget, members, problems);
        if (!problems.empty()) throw Error(Errc::invalid_value, "", std::move(problems));
        Unit unit{op_id, app.clock.now(), actor};
        if (book.running) {
            auto view = co_await load_rated_period(app, book.running->subscription.id, std::nullopt);
            refuse_a_cap_below_the_cost(app, budget, *view);
            // Guards the decision: usage and closes that come between make it again.
            unit.save(view->subscription);
            unit.schedule(task::budget_check, view->subscription.id.text(), tenant, unit.at());
        }
        const auto known = co_await app.store.find_budget(tenant);
        auto row = row_of(budget, known, tenant, actor, unit.at());
        if (known)
            unit.save(std::move(row));
        else
            unit.insert(std::move(row));
        co_return unit;
    });
    auto row = co_await app.store.find_budget(tenant);
    if (!row) throw Error(Errc::conflict, "the budget could not be stored");
    co_return std::move(*row);
}

}  // namespace wefee::server
