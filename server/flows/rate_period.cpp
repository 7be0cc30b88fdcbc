#include "server/flows/rate_period.hpp"

#include <map>

#include <nlohmann/json.hpp>

#include "billing/period.hpp"
#include "server/flows/price_lists.hpp"

namespace wefee::server {
namespace {

Anchor anchor_of(const storage::TenantRow& tenant, const Plan& plan, CivilDay started_on) {
    Anchor anchor;
    anchor.day = tenant.anchor_day;
    anchor.months = plan.months;
    anchor.origin = started_on.year() / started_on.month();
    return anchor;
}

const Plan& plan_of(const PriceList& prices, const storage::PeriodView& view) {
    const auto* plan = find_plan(prices, view.subscription.plan_code);
    if (!plan) throw Error(Errc::invalid_value, "plan " + view.subscription.plan_code + " is not on the price list");
    return *plan;
}

/// Day totals of one period, summed by meter, with the days as evidence.
std::vector<UsageTotal> totals_of(const std::vector<storage::UsageTotalRow>& rows) {
    std::map<std::string, UsageTotal> by_meter;
    for (const auto& row : rows) {
        auto& total = by_meter[row.meter];
        total.meter = row.meter;
        total.quantity = total.quantity + Quantity{row.quantity_micro};
        total.events += row.events;
    }
    std::vector<UsageTotal> totals;
    for (auto& [meter, total] : by_meter) totals.push_back(std::move(total));
    return totals;
}

}  // namespace

RatingInput rating_input(PriceLists& lists, const storage::PeriodView& view, DaySpan period) {
    const auto prices = lists.parsed(view.price_list);
    RatingInput input;
    input.plan = view.subscription.plan_code;
    for (const auto& code : nlohmann::json::parse(view.subscription.add_ons))
        input.add_ons.push_back({code.get<std::string>(), period});
    input.period = period;
    input.full = full_period(period.start, anchor_of(view.tenant, plan_of(*prices, view), view.subscription.started_on));
    for (const auto& change : view.seats) input.seats.push_back({change.day, change.seats});
    input.usage = totals_of(view.usage);
    if (view.budget && view.budget->hard_cap) input.budget_cap = view.budget->amount_fen;
    return input;
}

RatedPeriod rate_period(PriceLists& lists, const storage::PeriodView& view, DaySpan period) {
    return rate(*lists.parsed(view.price_list), rating_input(lists, view, period));
}

DaySpan period_from(PriceLists& lists, const storage::PeriodView& view, CivilDay start) {
    const auto& subscription = view.subscription;
    if (start == subscription.period_start) return {start, subscription.period_end};
    const auto prices = lists.parsed(view.price_list);
    return {start, full_period(start, anchor_of(view.tenant, plan_of(*prices, view), subscription.started_on)).end};
}

storage::InvoiceLineRow line_row(const RatedLine& line, const InvoiceId& invoice, const TenantId& tenant,
                                 std::int64_t position, const storage::PriceListRow& prices) {
    const auto& formula = line.formula;
    const nlohmann::ordered_json formula_json{{"unit_price_micro_yuan", formula.unit_price.count()},
                                              {"unit", formula.unit},
                                              {"quantity", format_quantity(formula.quantity)},
                                              {"included", format_quantity(formula.included)},
                                              {"factor_num", formula.factor_num},
                                              {"factor_den", formula.factor_den},
                                              {"amount_fen", formula.amount.count()},
                                              {"formula_text", formula.text},
                                              {"first_day", format_day(line.period.start)},
                                              {"last_day", format_day(add_days(line.period.end, -1))}};
    const nlohmann::ordered_json evidence{{"text", line.evidence},
                                          {"price_list_id", prices.id.text()},
                                          {"price_list_number", prices.number},
                                          {"price_list_hash", prices.body_hash}};
    storage::InvoiceLineRow row;
    row.invoice_id = invoice;
    row.item_code = item_of(line.item_code);  // what a consent names; the days tell stretches apart
    row.tenant_id = tenant;
    row.position = position;
    row.kind = line_kind_name(line.kind);
    row.title = line.title;
    row.amount_fen = line.amount();
    row.formula = formula_json.dump();
    row.evidence = evidence.dump();
    return row;
}

}  // namespace wefee::server
