// Migration 2: usage events with their corrections, in total order; totals by dimension; facts that came
// late.
#include "storage/migrations/0002_usage.hpp"

#include <array>

namespace wefee::storage {
namespace {

using sql::Dialect;

constexpr std::array statements{
    Statement{"ALTER TABLE usage_event ADD COLUMN sequence $INT NOT NULL DEFAULT 0"},
    Statement{"ALTER TABLE usage_event ADD COLUMN corrects $ID NOT NULL DEFAULT ''"},
    Statement{"ALTER TABLE usage_event ADD COLUMN given $WORD NOT NULL DEFAULT ''"},
    Statement{"ALTER TABLE usage_event ADD COLUMN revision $INT NOT NULL DEFAULT 0"},
    Statement{"ALTER TABLE usage_event ADD COLUMN counts $INT NOT NULL DEFAULT 1"},
    Statement{"ALTER TABLE usage_event ADD COLUMN value $ID NOT NULL DEFAULT ''"},
    Statement{"ALTER TABLE usage_event ADD COLUMN dimensions $CODE NOT NULL DEFAULT ''"},
    Statement{"CREATE INDEX usage_event_order ON usage_event "
              "(tenant_id, meter, period_start, occurred_at, sequence, event_id)"},
    Statement{"DROP INDEX IF EXISTS usage_event_period", Dialect::sqlite},
    Statement{"DROP INDEX usage_event_period ON usage_event", Dialect::mysql},
    Statement{R"(CREATE TABLE IF NOT EXISTS usage_revision (
        tenant_id $ID NOT NULL, event_id $ID NOT NULL, newest_id $ID NOT NULL, revision $INT NOT NULL,
        created_at $INT NOT NULL, PRIMARY KEY (tenant_id, event_id)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS usage_first (
        tenant_id $ID NOT NULL, meter $ID NOT NULL, period_start $DAY NOT NULL, value $ID NOT NULL,
        occurred_at $INT NOT NULL, sequence $INT NOT NULL, event_id $ID NOT NULL, day $DAY NOT NULL,
        dimensions $CODE NOT NULL, created_at $INT NOT NULL,
        PRIMARY KEY (tenant_id, meter, period_start, value)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS usage_dimension (
        tenant_id $ID NOT NULL, meter $ID NOT NULL, period_start $DAY NOT NULL, day $DAY NOT NULL,
        dimension $ID NOT NULL, value $ID NOT NULL, quantity_micro $INT NOT NULL, events $INT NOT NULL,
        created_at $INT NOT NULL,
        PRIMARY KEY (tenant_id, meter, period_start, day, dimension, value)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS usage_late (
        tenant_id $ID NOT NULL, meter $ID NOT NULL, period_start $DAY NOT NULL, billed_fen $INT NOT NULL,
        waits $INT NOT NULL, first_day $DAY, last_day $DAY, created_at $INT NOT NULL, version $INT NOT NULL,
        PRIMARY KEY (tenant_id, meter, period_start)) $KEYED)"},
    Statement{"ALTER TABLE invoice ADD COLUMN plan_code $ID NOT NULL DEFAULT ''"},
};

}  // namespace

std::span<const Statement> usage_statements() { return statements; }

}  // namespace wefee::storage
