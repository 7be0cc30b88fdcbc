// Migration 3: budgets, and the thresholds that were crossed. The key of budget_event lets each be told once.
#include "storage/migrations/0003_budgets.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr std::array statements{
    Statement{R"(CREATE TABLE IF NOT EXISTS budget (
        tenant_id $ID NOT NULL PRIMARY KEY, amount_fen $INT NOT NULL, thresholds $TEXT NOT NULL,
        receivers $TEXT NOT NULL, at_limit $WORD NOT NULL, hard_cap $INT NOT NULL, features $TEXT NOT NULL,
        changed_by $ID NOT NULL, changed_at $INT NOT NULL, created_at $INT NOT NULL, version $INT NOT NULL) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS budget_event (
        subscription_id $ID NOT NULL, period_start $DAY NOT NULL, percent $INT NOT NULL, tenant_id $ID NOT NULL,
        cost_fen $INT NOT NULL, amount_fen $INT NOT NULL, at_limit $WORD NOT NULL, told $INT NOT NULL,
        created_at $INT NOT NULL, PRIMARY KEY (subscription_id, period_start, percent)) $KEYED)"},
};

}  // namespace

std::span<const Statement> budget_statements() { return statements; }

}  // namespace wefee::storage
