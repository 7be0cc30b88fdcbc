// Migration 9, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> trial_statements();

}  // namespace wefee::storage
