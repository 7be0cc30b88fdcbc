// Notices of a budget (C4): a threshold was crossed, and what follows from it.
#pragma once

#include "billing/budget.hpp"
#include "billing/notice.hpp"

namespace wefee {

struct BudgetSubject {
    std::string corp = {};
    std::string subscription_id = {};
    DaySpan period{};
    int percent = 0;           // the highest threshold that was crossed
    Fen cost = {};             // of the period then, with tax and before any cap
    Budget budget = {};        // as it stood then
    std::string fastest = {};  // the item that grew most; "" when none did
    Fen fastest_growth = {};
    std::vector<std::string> stopped_titles = {};  // chosen features; none: all that go on costing
    std::optional<Fen> forecast = {};              // of the period's end
    Instant now{};
};

/// Outbox kind `budget`; class may.
Notice budget_notice(const BudgetSubject& subject);

/// An item's cost in two periods; the one that grew most, nullptr when none did.
struct ItemGrowth {
    std::string code;
    std::string title;
    Fen before;
    Fen now;
};
const ItemGrowth* fastest_growing(const std::vector<ItemGrowth>& items);

}  // namespace wefee
