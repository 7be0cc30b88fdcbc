// Whose service a money transaction changed: the instance that wrote it forgets those at once.
#pragma once

#include <vector>

#include "storage/changes.hpp"

namespace wefee::server {

struct App;

/// Tenants whose row, subscription, consent or budget is written.
std::vector<TenantId> service_changes(const storage::Changes& changes);
void forget_service(App& app, const std::vector<TenantId>& tenants);

}  // namespace wefee::server
