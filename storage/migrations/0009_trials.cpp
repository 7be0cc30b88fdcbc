// Migration 9: a subscription may begin without its plan's trial.
#include "storage/migrations/0009_trials.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr std::array statements{
    Statement{"ALTER TABLE subscription ADD COLUMN trial $INT NOT NULL DEFAULT 1"},
};

}  // namespace

std::span<const Statement> trial_statements() { return statements; }

}  // namespace wefee::storage
