// Recommendation (A11): what a tenant's real usage would have cost on every listed plan with the add-ons that
// keep all it uses, from the one rating code; and where using a little more would lower the bill.
#pragma once

#include <string>
#include <vector>

#include "billing/period_facts.hpp"

namespace wefee {

struct RecommendInput {
    std::string plan;                  // today's, on today's price list
    std::vector<std::string> add_ons;  // today's codes
    int anchor_day = 1;
    std::vector<PeriodFacts> periods;        // of today's plan: consecutive, oldest first, at least one
    std::vector<std::string> features = {};  // codes that must be kept
    /// The periods cut into anchor months, for plans of another length; empty: they are months.
    std::vector<PeriodFacts> months = {};
};

/// Features in use: those of the plan's and add-ons' modules that no meter counts, and those whose meter has
/// usage in the months. In the order of the list.
std::vector<std::string> used_features(const PriceList& todays, const RecommendInput& input);

struct PeriodCost {
    DaySpan period;
    Fen total;
};

/// One item over all periods.
struct LineDifference {
    std::string item_code;
    std::string title;
    Fen today;
    Fen then;
    Fen difference() const { return then - today; }
};

struct PlanOption {
    std::string plan;
    std::string title;
    std::vector<std::string> add_ons;
    Fen total;                          // of all periods, tax included
    Fen saving;                         // today's total less this one: below zero where it costs more
    std::vector<PeriodCost> periods;    // of this plan's length
    std::vector<LineDifference> lines;  // today's lines first; their differences add up to -saving
};

/// A plan that cannot keep everything, and what it lacks.
struct PlanLack {
    std::string plan;
    std::vector<std::string> features;
};

/// With `at` instead of `used` the period's bill is lower.
struct Cliff {
    DaySpan period;
    std::string meter;
    std::string title;
    std::string unit;
    Quantity used;
    Quantity at;
    Fen bill;
    Fen bill_at;
    Fen saving() const { return bill - bill_at; }
};

struct Recommendation {
    PlanOption today;                 // its lines stand against themselves
    std::vector<PlanOption> options;  // one a plan, with its cheapest add-ons; the cheapest first
    std::vector<PlanLack> lacking;
    std::vector<Cliff> cliffs;  // of today's plan, the largest saving first
    std::int64_t rate_calls = 0;
    std::int64_t sets_considered = 0;  // partial add-on sets, over all plans
    bool exact =
        true;  // false: so many offers overlap, or include credits, that a cheaper set may have been missed
};

/// Pure. `todays` is the list that the tenant is on, `offered` the list in force. Throws Error{invalid_value}
/// where a feature is on neither list, there are no periods, or today's plan is not on its list.
Recommendation recommend(const PriceList& todays, const PriceList& offered, const RecommendInput& input);

/// The cliffs of one period: further quantities are the next unit, the next package and the start of each
/// higher tier. One a meter, at the lowest quantity with the largest saving.
std::vector<Cliff> find_cliffs(const PriceList& prices, const RatingInput& input, std::int64_t& rate_calls);

}  // namespace wefee
