// The running period's cost at its end (A9): forecast usage, priced the way the running cost is.
#pragma once

#include "billing/forecast.hpp"
#include "storage/store.hpp"

namespace wefee::server {

class PriceLists;

struct CostForecast {
    std::vector<MeterForecast> meters;
    RatedPeriod at_end;
};

/// `view` was loaded for `period`, its open one. Pure but for the lists' memory.
CostForecast forecast_cost(PriceLists& lists, const storage::PeriodView& view, DaySpan period,
                           CivilDay today);

/// Stored day totals as billing reads them.
std::vector<UsageDay> usage_days(const std::vector<storage::UsageTotalRow>& rows);

}  // namespace wefee::server
