#include "server/flows/subscribe.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "billing/machines/subscription.hpp"
#include "billing/subscription.hpp"
#include "server/app.hpp"
#include "server/flows/close_period.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/terms.hpp"

namespace wefee::server {
namespace {

/// Every field of the wish that does not fit the list in force.
std::vector<FieldProblem> misfits(const SubscriptionWish& wish, const storage::PriceListRow& in_force,
                                  const PriceList& prices) {
    std::vector<FieldProblem> problems;
    if (wish.price_list_id != in_force.id.text())
        problems.push_back(
            {"/price_list_id", "is not the price list in force, which is " + in_force.id.text()});
    if (wish.terms_version != prices.terms.version)
        problems.push_back(
            {"/terms_version", "is not the version of the terms in force, which is " + prices.terms.version});
    if (!find_plan(prices, wish.plan)) problems.push_back({"/plan", "is not a plan of the price list"});
    for (std::size_t i = 0; i < wish.add_ons.size(); ++i) {
        if (!is_add_on(prices, wish.add_ons[i]))
            problems.push_back({"/add_ons/" + std::to_string(i), "is not sold beside a plan"});
    }
    for (std::size_t i = 0; i < wish.coupons.size(); ++i)
        if (!find_coupon(prices, wish.coupons[i]))
            problems.push_back({"/coupons/" + std::to_string(i), "is not a coupon of the price list"});
    return problems;
}

bool runs(const storage::SubscriptionRow& subscription) { return subscription.state != "ENDED"; }

/// The first day of the first of them that began at all.
std::optional<CivilDay> first_start(const std::vector<storage::SubscriptionRow>& subscriptions) {
    std::optional<CivilDay> first;
    for (const auto& row : subscriptions)
        if (row.cycle > 0 && (!first || row.started_on < *first)) first = row.started_on;
    return first;
}

}  // namespace

void activate(App& app, Unit& unit, storage::SubscriptionRow& row, const storage::TenantRow& tenant,
              std::shared_ptr<const PriceList> prices) {
    row.started_on = civil_day(unit.at());
    row.anchor_day = tenant.anchor_day;
    row.cycle = 1;
    const Subscription begun{.started_on = row.started_on,
                             .trial = row.trial,
                             .first_started_on = row.first_started_on,
                             .terms = {shown_terms(row, std::move(prices), tenant.anchor_day)}};
    const auto first = period_from(begun, row.started_on);
    row.period_start = first.start;
    row.period_end = first.end;
    follow_terms(unit, row, begun);
    write_first_terms(unit, row);
    unit.insert(storage::SeatChangeRow{row.id, tenant.id, 1, row.started_on, row.seats, "api", unit.at()});
    row.advance_waits = row.trial_end || plan_on(begun, row.started_on).timing == Timing::advance;
    if (row.advance_waits)  // nothing is taken before the trial is over
        unit.schedule(task::bill_opening, row.id.text(), tenant.id,
                      std::max(unit.at(), day_start(trial_over(begun, row.started_on))));
    if (const auto next = next_change(begun, row.started_on))
        unit.schedule(task::begin_terms, row.id.text(), tenant.id, day_start(*next));
    unit.schedule(task::close_period, row.id.text(), tenant.id, closes_at(app, row));
}

io::awaitable<storage::SubscriptionRow> open_subscription(App& app, std::string op_id, std::string actor,
                                                          TenantId tenant_id, SubscriptionWish wish) {
    co_await price_list_of(app, tenant_id,
                           PriceListId{wish.price_list_id});  // not even named where it is not its own
    const auto in_force = co_await app.store.price_list_on(civil_day(app.clock.now()), tenant_id);
    if (!in_force) throw Error(Errc::conflict, "no price list is in force");
    const auto prices = app.price_lists->parsed(*in_force);
    if (auto problems = misfits(wish, *in_force, *prices); !problems.empty())
        throw Error(Errc::invalid_value, "", std::move(problems));
    const auto id = id_beside<SubscriptionId>(tenant_id, "sub_", op_id);
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto tenant = co_await app.store.find_tenant(tenant_id);
        const auto known = co_await app.store.subscriptions(tenant_id);
        if (std::ranges::find(known, id, &storage::SubscriptionRow::id) != known.end())
            co_return std::nullopt;
        if (std::ranges::any_of(known, runs))
            throw Error(Errc::conflict, "the company has a subscription already");
        Unit unit{op_id, app.clock.now(), actor};
        storage::SubscriptionRow row;
        row.id = id;
        row.tenant_id = tenant_id;
        row.price_list_id = in_force->id;
        row.plan_code = wish.plan;
        row.add_ons = nlohmann::json(wish.add_ons).dump();
        row.coupons = nlohmann::json(wish.coupons).dump();
        row.seats = wish.seats;
        row.payment_way = wish.payment_way;
        row.trial = wish.trial;
        row.first_started_on = first_start(known);
        row.started_on = row.period_start = row.period_end = civil_day(unit.at());
        row.created_at = unit.at();
        unit.create<SubscriptionState>(row, SubscriptionEvent::created);
        if (wish.payment_way == "manual") activate(app, unit, row, *tenant, prices);
        unit.insert(std::move(row));
        co_return unit;
    });
    auto row = co_await app.store.find_subscription(tenant_id, id);
    if (!row) throw Error(Errc::conflict, "the subscription could not be stored");
    co_return std::move(*row);
}

}  // namespace wefee::server
