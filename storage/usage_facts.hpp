// Reading usage facts: which of them count, and in which order. Inside storage only. `lock`: for_update(db)
// in a writer, else "".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "billing/usage.hpp"
#include "storage/parts.hpp"

namespace wefee::storage {

/// Before every fact.
inline UsageOrder before_all() { return {from_millis(INT64_MIN), -1, ""}; }

/// One meter of one tenant in one period.
struct UsagePlace {
    TenantId tenant_id;
    std::string meter;
    CivilDay period_start{};
    friend auto operator<=>(const UsagePlace& a, const UsagePlace& b) {
        return std::tie(a.tenant_id.text(), a.meter, a.period_start) <=>
               std::tie(b.tenant_id.text(), b.meter, b.period_start);
    }
    friend bool operator==(const UsagePlace& a, const UsagePlace& b) { return (a <=> b) == 0; }
};

UsageOrder order_of(const UsageEventRow& row);
/// The stored reading of its meter: value and dimensions as they were worked out when the fact was accepted.
MeasuredEvent measured(const UsageEventRow& row);

/// The newest facts of the place that are no deletions, after `after`, in total order. `all`: also those that
/// a filter keeps out.
std::vector<UsageEventRow> facts_in_order(sql::Connection& db, const UsagePlace& place,
                                          const UsageOrder& after, std::size_t limit, std::string_view lock,
                                          bool all = false);
/// The last fact that counts; of later periods too when `onwards`.
std::optional<UsageEventRow> last_fact(sql::Connection& db, const UsagePlace& place, bool onwards,
                                       std::string_view lock);
/// The first facts that count a value.
std::vector<UsageEventRow> first_facts_of(sql::Connection& db, const UsagePlace& place,
                                          const std::string& value, std::size_t limit, std::string_view lock);
/// A fact by its own id, and the newest of an event.
std::optional<UsageEventRow> fact_of(sql::Connection& db, const TenantId& tenant, const std::string& id,
                                     std::string_view lock);
std::optional<UsageEventRow> newest_fact_of(sql::Connection& db, const TenantId& tenant,
                                            const std::string& event_id, std::string_view lock);

}  // namespace wefee::storage
