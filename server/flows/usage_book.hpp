// What usage of one tenant is checked against: its subscription, its periods, and the meters that counted in
// each.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "billing/subscription.hpp"
#include "server/flows/usage_reading.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// The period of a day, and what counts and prices usage on it.
struct UsagePeriod {
    DaySpan days;
    std::shared_ptr<const PriceList> prices;
    const Plan* plan = nullptr;
};

/// One subscription of the tenant.
struct UsageAccount {
    storage::SubscriptionRow subscription;
    Subscription terms;
    std::vector<DaySpan> closed;  // those that late usage can still reach

    bool runs() const { return subscription.state != "ENDED"; }
    /// The period that holds the day: closed, open, or one that follows the open one. nullopt: before or
    /// after them all.
    std::optional<UsagePeriod> period_of(CivilDay day) const;
};

struct UsageBook {
    std::optional<storage::TenantRow> tenant;
    std::vector<UsageAccount>
        accounts;  // the running subscription first, then those that late usage can still reach
    bool has_budget = false;

    bool runs() const { return !accounts.empty() && accounts.front().runs(); }
    /// Whose usage of that day is; nullptr: nobody's.
    const UsageAccount* account_on(CivilDay day) const;
};

/// `name`: tenant id or corp id.
io::awaitable<UsageBook> open_usage_book(App& app, std::string name);

/// Why an item is not taken.
struct UsageRefusal {
    std::string code;
    std::string field;  // within the item: "/quantity"
    std::string text;
};

/// Pure: completes a fact (day, period, what it means to its meter), or says why not. The row carries tenant,
/// meter, ids, quantity, time, properties, sequence and `given`.
std::optional<UsageRefusal> place_fact(const UsageBook& book, storage::UsageEventRow& row,
                                       Aggregation& aggregation, Instant now,
                                       std::chrono::minutes late_window);

}  // namespace wefee::server
