// Migration 8, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> price_list_statements();

}  // namespace wefee::storage
