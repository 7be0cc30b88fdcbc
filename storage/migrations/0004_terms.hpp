// Migration 4, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> terms_statements();

}  // namespace wefee::storage
