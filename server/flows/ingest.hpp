// Usage events come in (A3, A8): each is checked against tenant, meter and period, stored once, and counted into
// the running totals in the same transaction.
#pragma once

#include <string>
#include <vector>

#include "billing/error.hpp"
#include "billing/ids.hpp"
#include "billing/time.hpp"
#include "io/async.hpp"

namespace wefee::server {

struct App;

/// One event as it was sent, with what was wrong in its form.
struct UsageReading {
    std::string id;
    std::string tenant;  // tenant id or corp id
    std::string meter;
    std::int64_t quantity_micro = 0;
    Instant occurred_at{};
    std::string properties = "{}";
    std::vector<FieldProblem> problems;
};

struct UsageAnswer {
    std::string id;
    std::string result;  // accepted, duplicate, rejected
    std::string code;    // why rejected
    std::vector<FieldProblem> problems;
};

/// `only_tenant`: of a key bound to one tenant; empty for keys of the whole installation. In order.
io::awaitable<std::vector<UsageAnswer>> ingest_usage(App& app, TenantId only_tenant,
                                                     std::vector<UsageReading> readings);

}  // namespace wefee::server
