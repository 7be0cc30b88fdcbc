// Migration 3, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> budget_statements();

}  // namespace wefee::storage
