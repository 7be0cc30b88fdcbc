// Forecast (A9): what a running period will probably have used at its end, and the method by which that was
// found, meter by meter. It gives usage days; their price comes from the same rating as everything else.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "billing/subscription.hpp"

namespace wefee {

enum class ForecastMethod {
    last_days,   // the average of the last 7 whole days goes on
    average,     // the average of the whole days so far goes on (fewer than 7)
    first_day,   // today goes on: there is no whole day yet
    level_kept,  // highest, latest and average level stay
    ended        // no day is left
};
std::string_view forecast_method_name(ForecastMethod method);
/// Shown: "按最近 7 个整天的日均用量推算".
std::string forecast_words(ForecastMethod method, int whole_days);

struct MeterForecast {
    std::string meter;
    ForecastMethod method{};
    std::string words;
    Quantity so_far;  // the sum of the days
    Quantity at_end;
};

struct UsageForecast {
    std::vector<MeterForecast> meters;  // by code
    std::vector<UsageDay> further;      // what today and later days will probably add
};

inline constexpr int forecast_pace_days = 7;

/// `days`: all that was used in `period` until now. Today counts as unfinished: it ends with at least an
/// average day's usage. Whole quantities stay whole, a started unit counts. Meters that are not on the list
/// are left out.
UsageForecast forecast_usage(const PriceList& prices, DaySpan period, std::span<const UsageDay> days,
                             CivilDay today);

}  // namespace wefee
