// Migration 11, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> clustered_statements();

}  // namespace wefee::storage
