// Migration 5, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> task_kind_statements();

}  // namespace wefee::storage
