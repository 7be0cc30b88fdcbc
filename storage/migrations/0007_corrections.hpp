// Migration 7, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> correction_statements();

}  // namespace wefee::storage
