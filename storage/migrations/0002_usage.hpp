// Migration 2, see the .cpp.
#pragma once

#include <span>

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> usage_statements();

}  // namespace wefee::storage
