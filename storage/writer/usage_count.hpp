// What changes in what counts, worked out against the facts that are stored so far.
#pragma once

#include <optional>
#include <vector>

#include "storage/writer/usage_totals.hpp"

namespace wefee::storage {

/// A new fact, and the one of the same event that counted until now.
struct UsageChange {
    const UsageEventRow* after = nullptr;
    const UsageEventRow* before = nullptr;
    Aggregation aggregation{};
};

/// What counts no longer and what counts from now on, of one place.
struct UsageTurn {
    std::vector<MeasuredEvent> leaves, enters;
};

/// Adds to `deltas` what the changes do to day rows. The new facts are not stored yet.
void count_changes(sql::Connection& db, UsageDeltas& deltas, const std::vector<UsageChange>& changes,
                   Instant at);

/// Aggregations that look at the order of events: max, latest, time_weighted.
void count_ordered(sql::Connection& db, UsageDeltas& deltas, const TenantId& tenant, const std::string& meter,
                   Aggregation aggregation, const std::map<CivilDay, UsageTurn>& periods);

}  // namespace wefee::storage
