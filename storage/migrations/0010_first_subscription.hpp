// Migration 10, see the .cpp.
#pragma once

#include "storage/migrations/migrations.hpp"

namespace wefee::storage {

std::span<const Statement> first_subscription_statements();

}  // namespace wefee::storage
