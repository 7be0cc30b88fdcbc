// The newest fact of a corrected event is named by usage_revision; of all others there is only one.
#include "storage/usage_facts.hpp"

namespace wefee::storage {
namespace {

constexpr std::string_view newest =
    "LEFT JOIN usage_revision v ON v.tenant_id=t.tenant_id AND "
    "v.event_id=CASE WHEN t.corrects='' THEN t.event_id ELSE t.corrects END "
    "WHERE (v.newest_id IS NULL OR v.newest_id=t.event_id) AND t.tenant_id=? AND t.meter=? ";

RowValues place_values(const UsagePlace& place) {
    return values(place.tenant_id, place.meter, place.period_start);
}

}  // namespace

UsageOrder order_of(const UsageEventRow& row) { return {row.occurred_at, row.sequence, row.event_id}; }

MeasuredEvent measured(const UsageEventRow& row) {
    return {order_of(row), Quantity{row.quantity_micro}, row.counts, row.value,
            split_dimensions(row.dimensions)};
}

std::vector<UsageEventRow> facts_in_order(sql::Connection& db, const UsagePlace& place,
                                          const UsageOrder& after, std::size_t limit, std::string_view lock,
                                          bool all) {
    const auto at = after.occurred_at;
    auto parameters = place_values(place);
    for (auto& value :
         values(at, at, after.sequence, after.sequence, after.id, static_cast<std::int64_t>(limit)))
        parameters.push_back(std::move(value));
    return rows_of<UsageEventRow>(
        db,
        std::string(newest) + "AND t.period_start=? AND " + (all ? "t.given<>'deletes'" : "t.counts=1") +
            " AND t.occurred_at>=? AND (t.occurred_at>? OR t.sequence>? OR (t.sequence=? AND t.event_id>?)) "
            "ORDER BY t.occurred_at, t.sequence, t.event_id LIMIT ?" +
            std::string(lock),
        parameters);
}

std::optional<UsageEventRow> last_fact(sql::Connection& db, const UsagePlace& place, bool onwards,
                                       std::string_view lock) {
    return row_of<UsageEventRow>(
        db,
        std::string(newest) + "AND t.counts=1 AND t.period_start" + (onwards ? ">=" : "=") +
            "? ORDER BY t.period_start DESC, t.occurred_at DESC, t.sequence DESC, t.event_id DESC LIMIT 1" +
            std::string(lock),
        place_values(place));
}

std::vector<UsageEventRow> first_facts_of(sql::Connection& db, const UsagePlace& place,
                                          const std::string& value, std::size_t limit,
                                          std::string_view lock) {
    auto parameters = place_values(place);
    for (auto& one : values(value, static_cast<std::int64_t>(limit))) parameters.push_back(std::move(one));
    return rows_of<UsageEventRow>(db,
                                  std::string(newest) +
                                      "AND t.period_start=? AND t.counts=1 AND t.value=? "
                                      "ORDER BY t.occurred_at, t.sequence, t.event_id LIMIT ?" +
                                      std::string(lock),
                                  parameters);
}

std::optional<UsageEventRow> fact_of(sql::Connection& db, const TenantId& tenant, const std::string& id,
                                     std::string_view lock) {
    return row_of<UsageEventRow>(db, "WHERE t.tenant_id=? AND t.event_id=?" + std::string(lock),
                                 values(tenant, id));
}

std::optional<UsageEventRow> newest_fact_of(sql::Connection& db, const TenantId& tenant,
                                            const std::string& event_id, std::string_view lock) {
    auto event = fact_of(db, tenant, event_id, lock);
    if (!event || !event->corrects.empty()) return std::nullopt;  // a correction is no event
    const auto revision = row_of<UsageRevisionRow>(
        db, "WHERE t.tenant_id=? AND t.event_id=?" + std::string(lock), values(tenant, event_id));
    return revision ? fact_of(db, tenant, revision->newest_id, lock) : event;
}

}  // namespace wefee::storage
