// What a batch of usage adds to the running totals, and how that is written.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "billing/usage.hpp"
#include "storage/usage_facts.hpp"
#include "storage/writer/shapes.hpp"

namespace wefee::storage {

/// Additions by day, and by day, dimension and value. Overflow throws std::overflow_error.
class UsageDeltas {
public:
    explicit UsageDeltas(Instant at) : at_(at) {}

    void add(const UsagePlace& place, CivilDay day, Quantity quantity, std::int64_t events,
             const UsageProperties& dimensions);
    void add_part(const UsagePlace& place, CivilDay day, const std::string& dimension,
                  const std::string& value, const DayRow& part);
    /// A fact of that day changes what counts in its period: shown with late usage.
    void touch(const UsagePlace& place, CivilDay day);
    /// The level at the end of that period changed: later periods weigh another one.
    void level_moved(const UsagePlace& place) { moved_levels_.insert(place); }

    /// Holds the subscriptions' rows, tells what is late, adds up. Throws std::overflow_error when a period's
    /// total would not fit.
    void write(sql::Connection& db, ShapeTexts& texts);

private:
    using DayKey = std::pair<UsagePlace, CivilDay>;
    using DimensionKey = std::tuple<UsagePlace, CivilDay, std::string, std::string>;
    struct Touched {
        CivilDay first, last;
    };

    void drop_zeros();
    void check_room(sql::Connection& db) const;
    void tell_late(sql::Connection& db);
    void mark_late(sql::Connection& db, const UsagePlace& place, const Touched& days);

    Instant at_;
    std::map<DayKey, DayRow> days_;
    std::map<DimensionKey, DayRow> dimensions_;
    std::map<UsagePlace, Touched> touched_;
    std::set<UsagePlace> moved_levels_;
};

/// Takes the row of the tenant's subscription before its usage changes: either the close that is under way
/// sees this usage, or this usage sees that its period is closed (false).
bool hold_period(sql::Connection& db, const TenantId& tenant, CivilDay period_start);

}  // namespace wefee::storage
