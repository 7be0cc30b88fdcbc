// Thresholds are compared in whole fen, as the customer reads them.
#include "billing/budget.hpp"

#include <algorithm>
#include <array>

#include "billing/limits.hpp"

namespace wefee {
namespace {

constexpr std::array<std::string_view, 3> action_names{"notify", "stop", "ask"};

void check_features(const Budget& budget, const PriceList& prices, std::vector<FieldProblem>& problems) {
    if (budget.features.size() > budget_features_max)
        problems.push_back({"/features", "has more than 200 elements"});
    for (std::size_t i = 0; i < budget.features.size(); ++i) {
        const auto at = "/features/" + std::to_string(i);
        const auto* feature = find_feature(prices, budget.features[i]);
        if (!feature)
            problems.push_back({at, "is not a feature of the price list"});
        else if (!feature->chargeable)
            problems.push_back({at, "never costs anything: stopping it would save nothing"});
        if (std::ranges::count(budget.features, budget.features[i]) > 1)
            problems.push_back({at, "is named twice"});
    }
    if (budget.at_limit == LimitAction::notify && !budget.features.empty())
        problems.push_back({"/features", "are only ended with at_limit stop or ask"});
}

}  // namespace

std::string_view limit_action_name(LimitAction action) {
    return action_names.at(static_cast<std::size_t>(action));
}

std::optional<LimitAction> parse_limit_action(std::string_view name) {
    const auto found = std::ranges::find(action_names, name);
    if (found == action_names.end()) return std::nullopt;
    return static_cast<LimitAction>(found - action_names.begin());
}

std::vector<FieldProblem> budget_problems(const Budget& budget, const PriceList& prices) {
    std::vector<FieldProblem> problems;
    if (budget.amount < Fen{1} || budget.amount > Fen{budget_fen_max})
        problems.push_back({"/amount_fen", "must be between 1 and 100,000,000,000,000"});
    if (budget.thresholds.size() > budget_thresholds_max)
        problems.push_back({"/thresholds", "has more than 10 elements"});
    for (std::size_t i = 0; i < budget.thresholds.size(); ++i) {
        const auto at = "/thresholds/" + std::to_string(i);
        if (budget.thresholds[i] < 1 || budget.thresholds[i] > budget_percent_max)
            problems.push_back({at, "must be between 1 and 1000 percent"});
        else if (i > 0 && budget.thresholds[i] <= budget.thresholds[i - 1])
            problems.push_back({at, "thresholds must rise"});
    }
    if (budget.receivers.size() > budget_receivers_max)
        problems.push_back({"/receivers", "has more than 50 elements"});
    check_features(budget, prices, problems);
    return problems;
}

std::vector<int> watched_percents(const Budget& budget) {
    auto percents = budget.thresholds;
    const bool acts = budget.hard_cap || budget.at_limit != LimitAction::notify;
    if (acts && std::ranges::find(percents, 100) == percents.end())
        percents.insert(std::ranges::upper_bound(percents, 100), 100);
    return percents;
}

Crossing newly_crossed(const Budget& budget, Fen cost, std::span<const int> told) {
    const auto percents = watched_percents(budget);
    const auto amounts = alert_amounts(budget.amount, percents);
    Crossing crossing;
    for (std::size_t i = 0; i < percents.size(); ++i)
        if (cost >= amounts[i] && std::ranges::find(told, percents[i]) == told.end())
            crossing.percents.push_back(percents[i]);
    return crossing;
}

bool limit_reached(const Budget& budget, Fen cost) { return cost >= budget.amount; }

std::int64_t percent_of_budget(const Budget& budget, Fen cost) {
    return floor_of(Fraction{cost} * Fraction{100} / Fraction{budget.amount});
}

bool budget_stops(const Budget& budget, Fen cost, bool agreed, std::string_view feature, bool costs) {
    if (!limit_reached(budget, cost)) return false;
    if (budget.hard_cap && costs) return true;
    const bool ends =
        budget.at_limit == LimitAction::stop || (budget.at_limit == LimitAction::ask && !agreed);
    if (!ends) return false;
    return budget.features.empty() ? costs
                                   : std::ranges::find(budget.features, feature) != budget.features.end();
}

Quantity projected(Quantity used, int days_used, int days) {
    const auto whole = Fraction{used.count()} * Fraction{days, std::clamp(days_used, 1, std::max(days, 1))};
    return Quantity{floor_of(whole + Fraction{1, 2})};
}

}  // namespace wefee
