// Migration 6: parts of a period are billed for several causes; a subscription may have thresholds, and a
// line says what earlier invoices had of it.
#include "storage/migrations/0006_parts.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr std::array statements{
    Statement{"ALTER TABLE subscription ADD COLUMN thresholds $TEXT"},
    Statement{"ALTER TABLE invoice_line ADD COLUMN already_fen $INT NOT NULL DEFAULT 0"},
    Statement{"ALTER TABLE invoice ADD COLUMN cause $WORD NOT NULL DEFAULT ''"},
    Statement{"UPDATE invoice SET cause=CASE WHEN part>0 THEN 'change' WHEN cycle=0 THEN 'opening' ELSE "
              "'period' END "
              "WHERE cause=''"},
};

}  // namespace

std::span<const Statement> part_statements() { return statements; }

}  // namespace wefee::storage
