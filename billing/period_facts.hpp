// What a tenant really used, period by period, apart from what it was charged: the ground of every "what if".
#pragma once

#include <span>
#include <vector>

#include "billing/subscription.hpp"

namespace wefee {

/// One period, or the stub before the first one. `usage` is the period's own, late events included.
struct PeriodFacts {
    DaySpan period;
    DaySpan full;  // the anchor period that holds it
    std::vector<SeatLevel> seats =
        {};  // rising days; the last at or before period.start is the opening level
    std::vector<UsageTotal> usage = {};
    std::vector<std::string> coupons = {};  // codes that discounted it
};

/// Months (consecutive, at least one) as the periods of a plan of `plan_months`: whole ones from the first
/// month on, the last one a part where the months do not fill it. Sums and counts add up, the highest stays
/// the highest, the latest the latest, levels are weighted by days. Different values of a unique meter are
/// added, so such a quantity is the most that it can be.
std::vector<PeriodFacts> regrouped(const PriceList& prices, std::span<const PeriodFacts> months,
                                   int anchor_day, int plan_months);

/// A longer period cut into anchor months. Sums and counts are those of the days; of other aggregations each
/// month has the whole period's value, the most that it can be.
std::vector<PeriodFacts> cut_into_months(const PriceList& prices, const PeriodFacts& facts,
                                         std::span<const UsageDay> days, int anchor_day);

/// What rate() is asked: these facts with that plan and these add-ons (codes) over the whole period. Meters
/// and coupons that the list does not have are left out.
RatingInput rating_input(const PriceList& prices, const PeriodFacts& facts, const std::string& plan,
                         std::span<const std::string> add_ons);

}  // namespace wefee
