// Migration 12, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> pause_statements();

}  // namespace wefee::storage
