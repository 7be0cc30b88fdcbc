// Budgets (C4): what a member sets, where the open period stands, and the check that follows usage.
#pragma once

#include <string>

#include "billing/budget.hpp"
#include "billing/rating.hpp"
#include "io/async.hpp"
#include "server/flows/unit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// The stored settings as billing's; throws when a row is not what set_budget writes.
Budget budget_of(const storage::BudgetRow& row);

/// Where a period stands: what it costs so far, before and after a hard cap.
struct BudgetState {
    std::optional<storage::BudgetRow> budget;
    DaySpan period{};
    Fen cost;                                     // with tax, before any cap
    Fen suppressed;                               // metered above a hard cap, not charged
    bool agreed = false;                          // a consent was granted since the limit was reached
    std::vector<storage::BudgetEventRow> events;  // of the period
};

/// Of the period that today lies in; nullopt without a running subscription.
io::awaitable<std::optional<BudgetState>> budget_state(App& app, TenantId tenant);

/// The state of a loaded period; pure.
BudgetState state_of(const storage::PeriodView& view, DaySpan period, const RatedPeriod& rated);

/// Sets a tenant's budget. Throws Error{invalid_value} with pointers; a hard cap below what the open period
/// costs already is refused, since it holds from now on only.
io::awaitable<storage::BudgetRow> set_budget(App& app, std::string op_id, std::string actor, TenantId tenant,
                                             Budget budget);

/// Task: notices of thresholds that the period has newly crossed, each once a period.
io::awaitable<void> check_budget(App& app, storage::TaskRow task);

/// The check that usage of a subscription asks for.
storage::TaskRow budget_check_of(const storage::SubscriptionRow& subscription, Instant now);

}  // namespace wefee::server
