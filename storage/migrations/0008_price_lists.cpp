// Migration 8: a price list may be one tenant's own.
#include "storage/migrations/0008_price_lists.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr std::array statements{
    Statement{"ALTER TABLE price_list ADD COLUMN tenant_id $ID NOT NULL DEFAULT ''"},
    Statement{"CREATE INDEX price_list_tenant ON price_list (tenant_id, status, effective_from)"},
};

}  // namespace

std::span<const Statement> price_list_statements() { return statements; }

}  // namespace wefee::storage
