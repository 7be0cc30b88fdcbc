// Migration 9: trials. A subscription may begin without its plan's; while one lasts, its row says so and
// until when.
#include "storage/migrations/0009_trials.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr std::array statements{
    Statement{"ALTER TABLE subscription ADD COLUMN trial $INT NOT NULL DEFAULT 1"},
    Statement{"ALTER TABLE subscription ADD COLUMN trial_end $DAY"},
    Statement{"ALTER TABLE subscription ADD COLUMN advance_waits $INT NOT NULL DEFAULT 0"},
    Statement{"UPDATE subscription SET advance_waits=1 WHERE cycle=1 AND EXISTS (SELECT 1 FROM task t WHERE "
              "t.kind='bill_opening' AND t.ref_id=subscription.id)"},
    // Those on trial now are found by the task that follows terms; none lasts longer than 366 days.
    Statement{"INSERT INTO task (kind, ref_id, tenant_id, due_at, tries, fence) SELECT 'begin_terms', s.id, "
              "s.tenant_id, 0, 0, 0 "
              "FROM subscription s WHERE s.state='ACTIVE' AND s.cycle<=53 AND NOT EXISTS (SELECT 1 FROM task "
              "t WHERE "
              "t.kind='begin_terms' AND t.ref_id=s.id)"},
};

}  // namespace

std::span<const Statement> trial_statements() { return statements; }

}  // namespace wefee::storage
