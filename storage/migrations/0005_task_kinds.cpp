// Migration 5: tasks are claimed by their kinds, so that a month's closes stand in nobody's way.
#include "storage/migrations/0005_task_kinds.hpp"

#include <array>

namespace wefee::storage {
namespace {

using sql::Dialect;

constexpr std::array statements{
    Statement{"CREATE INDEX task_kind_due ON task (kind, due_at)"},
    Statement{"DROP INDEX IF EXISTS task_due", Dialect::sqlite},
    Statement{"DROP INDEX task_due ON task", Dialect::mysql},
};

}  // namespace

std::span<const Statement> task_kind_statements() { return statements; }

}  // namespace wefee::storage
