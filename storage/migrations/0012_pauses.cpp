// Migration 12: terms under which a subscription is paused; its row says whether it is now.
#include "storage/migrations/0012_pauses.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr std::array statements{
    Statement{"ALTER TABLE subscription_terms ADD COLUMN paused $INT NOT NULL DEFAULT 0"},
    Statement{"ALTER TABLE subscription ADD COLUMN paused $INT NOT NULL DEFAULT 0"},
};

}  // namespace

std::span<const Statement> pause_statements() { return statements; }

}  // namespace wefee::storage
