// Recommendation (A11): a tenant's last invoiced periods, rated on every listed plan.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "billing/recommend.hpp"
#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

struct TenantRecommendation {
    storage::SubscriptionRow subscription;
    storage::PriceListRow offered;  // in force today
    std::vector<std::string> features;
    Recommendation result;
};

/// Over the last `periods` invoiced periods of the running subscription (fewer where there are fewer).
/// `features`: codes that must be kept; without them those in use. Throws Error{not_found} when no
/// subscription runs or no price list is in force, Error{invalid_value} when no period was invoiced yet or a
/// feature is not listed.
io::awaitable<TenantRecommendation> recommend_for(App& app, TenantId tenant, std::size_t periods,
                                                  std::optional<std::vector<std::string>> features);

}  // namespace wefee::server
