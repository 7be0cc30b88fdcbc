// Migration 10: a trial counts from the first day of the tenant's first subscription, so a later one knows
// it. Those that stand keep the trial that they were sold with.
#include "storage/migrations/0010_first_subscription.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr std::array statements{
    Statement{"ALTER TABLE subscription ADD COLUMN first_started_on $DAY"},
};

}  // namespace

std::span<const Statement> first_subscription_statements() { return statements; }

}  // namespace wefee::storage
