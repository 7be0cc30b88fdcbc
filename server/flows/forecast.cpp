#include "server/flows/forecast.hpp"

#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"

namespace wefee::server {

std::vector<UsageDay> usage_days(const std::vector<storage::UsageTotalRow>& rows) {
    std::vector<UsageDay> days;
    for (const auto& row : rows)
        days.push_back({row.meter, row.day, Quantity{row.quantity_micro}, row.events, {}});
    return days;
}

CostForecast forecast_cost(PriceLists& lists, const storage::PeriodView& view, DaySpan period,
                           CivilDay today) {
    const auto prices = lists.parsed(view.price_list);
    auto usage = forecast_usage(*prices, period, usage_days(view.usage), today);
    auto ended = view;
    for (const auto& day : usage.further) {
        ended.usage.push_back(
            {view.tenant.id, day.meter, period.start, day.day, day.quantity.count(), day.events});
        auto& amounts = ended.needed.transactions[day.meter];
        for (const auto amount : day.transactions)
            amounts.push_back({day.day, amount.count() * micro_yuan_per_fen});
        if (amounts.empty()) ended.needed.transactions.erase(day.meter);
    }
    return {std::move(usage.meters), rate_period(lists, ended, period)};
}

}  // namespace wefee::server
