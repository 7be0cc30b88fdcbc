// One tenant's service, read for entitlements.
#pragma once

#include "server/flows/entitlements.hpp"

namespace wefee::server {

/// Its running subscription with the period that today lies in and, where there is a budget, what the period
/// costs so far; without one the price list in force.
io::awaitable<std::shared_ptr<const Standing>> load_standing(App& app, storage::TenantRow tenant);

}  // namespace wefee::server
