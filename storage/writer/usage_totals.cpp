// Totals only ever move by additions, so that batches of many callers go into one statement.
#include "storage/writer/usage_totals.hpp"

#include <algorithm>

namespace wefee::storage {
namespace {

/// Below it, no number of events that ever comes fills an int64: 9.2e9 events of a thousand units.
constexpr std::int64_t small_micro = 1'000 * quantity_scale;

DayRow plus(const DayRow& a, Quantity quantity, std::int64_t events) {
    return {a.quantity + quantity, a.events + events};
}

bool is_zero(const DayRow& day) { return day == DayRow{}; }

}  // namespace

void UsageDeltas::add(const UsagePlace& place, CivilDay day, Quantity quantity, std::int64_t events,
                      const UsageProperties& dimensions) {
    auto& total = days_[{place, day}];
    total = plus(total, quantity, events);
    for (const auto& [name, value] : dimensions) add_part(place, day, name, value, {quantity, events});
}

void UsageDeltas::add_part(const UsagePlace& place, CivilDay day, const std::string& dimension,
                           const std::string& value, const DayRow& part) {
    auto& sum = dimensions_[{place, day, dimension, value}];
    sum = plus(sum, part.quantity, part.events);
}

void UsageDeltas::touch(const UsagePlace& place, CivilDay day) {
    auto& days = touched_.try_emplace(place, Touched{day, day}).first->second;
    days = {std::min(days.first, day), std::max(days.last, day)};
}

bool hold_period(sql::Connection& db, const TenantId& tenant, CivilDay period_start) {
    const auto open = db.execute(
        "UPDATE subscription SET version=version+1 WHERE tenant_id=? AND state<>'ENDED' AND period_start<=?",
        values(tenant, period_start));
    if (open > 0) return true;
    // Closed: the next invoice takes the difference, or one of its own where the subscription has ended.
    return db.execute("UPDATE subscription SET version=version+1 WHERE tenant_id=?", values(tenant)) == 0;
}

void UsageDeltas::drop_zeros() {
    std::erase_if(days_, [](const auto& one) { return is_zero(one.second); });
    std::erase_if(dimensions_, [](const auto& one) { return is_zero(one.second); });
}

void UsageDeltas::check_room(sql::Connection& db) const {
    std::map<UsagePlace, Quantity> large;
    for (const auto& [key, day] : days_) {
        const auto size = day.quantity.count();
        if (size > small_micro || size < -small_micro) large[key.first] = {};
    }
    for (const auto& [key, day] : days_)
        if (const auto found = large.find(key.first); found != large.end())
            found->second = found->second + day.quantity;
    for (const auto& [place, added] : large)
        db.query(
            "SELECT COALESCE(SUM(quantity_micro), 0) FROM usage_total WHERE tenant_id=? AND meter=? AND "
            "period_start=?" +
                std::string(for_update(db)),
            values(place.tenant_id, place.meter, place.period_start), [&](std::span<const sql::Value> row) {
                static_cast<void>(Quantity{as_int(row[0])} + added);  // throws
            });
}

void UsageDeltas::mark_late(sql::Connection& db, const UsagePlace& place, const Touched& days) {
    const auto key = values(place.tenant_id, place.meter, place.period_start);
    const auto known = row_of<UsageLateRow>(
        db, "WHERE t.tenant_id=? AND t.meter=? AND t.period_start=?" + std::string(for_update(db)), key);
    if (!known) {
        UsageLateRow row{place.tenant_id, place.meter, place.period_start, Fen{}, true, days.first,
                         days.last,       at_};
        db.execute(insert_text(table_text<UsageLateRow>(), db.dialect(), 1), insert_values(row));
        return;
    }
    const auto first =
        known->waits && known->first_day ? std::min(*known->first_day, days.first) : days.first;
    const auto last = known->waits && known->last_day ? std::max(*known->last_day, days.last) : days.last;
    db.execute(
        "UPDATE usage_late SET waits=1, first_day=?, last_day=?, version=version+1 "
        "WHERE tenant_id=? AND meter=? AND period_start=?",
        values(first, last, place.tenant_id, place.meter, place.period_start));
}

/// Every touched period is held, late or not.
void UsageDeltas::tell_late(sql::Connection& db) {
    std::map<std::pair<std::string, CivilDay>, bool> open;
    for (const auto& [place, days] : touched_) {
        const auto key = std::pair{place.tenant_id.text(), place.period_start};
        auto found = open.find(key);
        if (found == open.end())
            found = open.emplace(key, hold_period(db, place.tenant_id, place.period_start)).first;
        if (!found->second) mark_late(db, place, days);
    }
    for (const auto& place : moved_levels_) {
        std::vector<UsagePlace> later;
        db.query(
            "SELECT period_start FROM invoice WHERE tenant_id=? AND period_start>? ORDER BY period_start" +
                std::string(for_update(db)),
            values(place.tenant_id, place.period_start), [&](std::span<const sql::Value> row) {
                later.push_back({place.tenant_id, place.meter, parse_day(as_text(row[0])).value()});
            });
        for (const auto& one : later) mark_late(db, one, touched_.at(place));
    }
}

void UsageDeltas::write(sql::Connection& db, ShapeTexts& texts) {
    drop_zeros();
    check_room(db);
    tell_late(db);
    std::vector<RowValues> totals, parts;
    for (const auto& [key, day] : days_) {
        const auto& [place, on] = key;
        totals.push_back(insert_values(UsageTotalRow{place.tenant_id, place.meter, place.period_start, on,
                                                     day.quantity.count(), day.events}));
    }
    for (const auto& [key, day] : dimensions_) {
        const auto& [place, on, name, value] = key;
        parts.push_back(insert_values(UsageDimensionRow{place.tenant_id, place.meter, place.period_start, on,
                                                        name, value, day.quantity.count(), day.events, at_}));
    }
    std::vector<std::span<const sql::Value>> rows(totals.begin(), totals.end());
    run_shape(db, texts, shape::usage_total, rows);
    rows.assign(parts.begin(), parts.end());
    if (!rows.empty()) run_shape(db, texts, shape::usage_dimension, rows);
}

}  // namespace wefee::storage
