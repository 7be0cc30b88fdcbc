// Budgets (C4): what a customer wants to spend in a period, when somebody is told, and what happens at the
// limit. A budget counts what leaves the account: the total of a bill with its tax.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing/error.hpp"
#include "billing/price_list.hpp"

namespace wefee {

/// notify: only tell. stop: the chosen features end for the rest of the period. ask: they end until a consent
/// was granted after the limit was reached.
enum class LimitAction { notify, stop, ask };
std::string_view limit_action_name(LimitAction action);
std::optional<LimitAction> parse_limit_action(std::string_view name);

struct Budget {
    Fen amount;                                // per period, with tax
    std::vector<int> thresholds{50, 80, 100};  // percent of the amount, rising
    std::vector<std::string> receivers = {};   // roles or user ids
    LimitAction at_limit = LimitAction::notify;
    bool hard_cap = false;                   // no bill of a period comes above the amount
    std::vector<std::string> features = {};  // of stop and ask; none: all whose next unit costs something
};

inline constexpr std::size_t budget_thresholds_max = 10;
inline constexpr std::size_t budget_receivers_max = 50;
inline constexpr std::size_t budget_features_max = 200;
inline constexpr int budget_percent_max = 1'000;
inline constexpr std::int64_t budget_fen_max = 100'000'000'000'000;

/// Everything that is wrong with it, with JSON pointers; features are looked up on `prices`.
std::vector<FieldProblem> budget_problems(const Budget& budget, const PriceList& prices);

/// The percents that are watched: the thresholds, and 100 where the limit does more than tell.
std::vector<int> watched_percents(const Budget& budget);

/// What a period's cost has newly crossed; one notice, about the highest.
struct Crossing {
    std::vector<int> percents;  // rising; empty: nothing new
    int highest() const { return percents.back(); }
};

/// `cost`: the period's running total before any cap. `told`: percents that were crossed before in this
/// period; each counts once a period, also when the budget changed since.
Crossing newly_crossed(const Budget& budget, Fen cost, std::span<const int> told);

bool limit_reached(const Budget& budget, Fen cost);

/// cost as a percent of the amount, rounded down.
std::int64_t percent_of_budget(const Budget& budget, Fen cost);

/// Does the limit end this feature now? `cost` as above; `costs`: its next unit costs something; `agreed`: a
/// consent was granted since the limit was reached. A hard cap ends all that would be used without being
/// paid.
bool budget_stops(const Budget& budget, Fen cost, bool agreed, std::string_view feature, bool costs);

/// Usage at the period's end when it goes on as in its first `days_used` of `days` days (at least 1).
Quantity projected(Quantity used, int days_used, int days);

}  // namespace wefee
