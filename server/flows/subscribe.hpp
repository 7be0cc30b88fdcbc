// A subscription opens (A1): only from the price list that was shown, with its terms, and only once a consent
// or the choice to pay by hand is recorded.
#pragma once

#include <string>
#include <vector>

#include "billing/price_list.hpp"
#include "io/async.hpp"
#include "server/flows/unit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

struct SubscriptionWish {
    std::string price_list_id;  // what was shown; must be the one in force
    std::string terms_version;  // what was read
    std::string plan;
    std::vector<std::string> add_ons;
    std::vector<std::string> coupons;
    std::int64_t seats = 0;
    std::string payment_way;  // automatic (after a consent), manual
    bool trial = true;        // false: days of a plan's trial cost what others do
};

/// Manual payment opens at once; automatic waits (PENDING) for its consent. Throws Error{invalid_value} with
/// the fields that do not fit the price list, Error{conflict} when one is open already.
io::awaitable<storage::SubscriptionRow> open_subscription(App& app, std::string op_id, std::string actor,
                                                          TenantId tenant, SubscriptionWish wish);

/// PENDING to TRIALING or ACTIVE from today on: first period, close task. Part of the unit that records the
/// reason.
void activate(App& app, Unit& unit, storage::SubscriptionRow& subscription, const storage::TenantRow& tenant,
              std::shared_ptr<const PriceList> prices);

}  // namespace wefee::server
