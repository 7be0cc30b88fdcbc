// Migration 6, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> part_statements();

}  // namespace wefee::storage
