// Migration 1, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> first_statements();

}  // namespace wefee::storage
