// Usage comes in (A3, A8): each item is checked against tenant, meter and period, stored once, and counted
// into the running totals in the same transaction.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "billing/ids.hpp"
#include "io/async.hpp"
#include "server/flows/usage_reading.hpp"

namespace wefee::storage {
struct UsageReader;
}

namespace wefee::server {

struct App;
class PriceLists;

struct UsageAnswer {
    std::string id;
    std::string result;  // accepted, duplicate, corrected, rejected
    std::string code;    // why rejected
    std::vector<FieldProblem> problems;
};

/// `only_tenant`: of a key bound to one tenant; empty for keys of the whole installation. In order. Events
/// are taken before corrections, so that one may follow its event in the same batch.
io::awaitable<std::vector<UsageAnswer>> ingest_usage(App& app, TenantId only_tenant,
                                                     std::vector<UsageReading> readings);

/// What Store::check_usage() needs to know of price lists and properties. `lists` outlives the check.
std::shared_ptr<const storage::UsageReader> usage_reader(PriceLists& lists);

}  // namespace wefee::server
