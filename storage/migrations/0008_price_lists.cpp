// Migration 8: a price list may be one tenant's own; a period's usage is found by its start.
#include "storage/migrations/0008_price_lists.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr std::array statements{
    Statement{"ALTER TABLE price_list ADD COLUMN tenant_id $ID NOT NULL DEFAULT ''"},
    Statement{"CREATE INDEX price_list_tenant ON price_list (tenant_id, status, effective_from)"},
    // A period's usage is read by itself, however long the tenant has been here.
    Statement{"CREATE INDEX usage_total_period ON usage_total (tenant_id, period_start)"},
    Statement{"CREATE INDEX usage_late_waiting ON usage_late (tenant_id, waits)"},
};

}  // namespace

std::span<const Statement> price_list_statements() { return statements; }

}  // namespace wefee::storage
