// Totals are proved from events: each period of each meter is counted again from its facts, a page at a time,
// in one consistent read.
#include "storage/usage_check.hpp"

#include <algorithm>

#include "storage/usage_facts.hpp"

namespace wefee::storage {
namespace {

constexpr std::size_t rows_shown = 20;
constexpr std::int64_t places_page = 500;
constexpr std::size_t facts_page = 2'000;

using PartKey = std::tuple<CivilDay, std::string, std::string>;

std::string shown(const DayRow& day) {
    return format_quantity(day.quantity) + " in " + std::to_string(day.events) + " events";
}

class UsageProof {
public:
    UsageProof(sql::Connection& db, const UsageReader& reader) : db_(db), reader_(reader) {}

    std::vector<Violation> run() {
        UsagePlace after;
        for (std::int64_t read = places_page; read == places_page;) {
            const auto places = places_after(after);
            read = static_cast<std::int64_t>(places.size());
            for (const auto& place : places) check(place);
            if (!places.empty()) after = places.back();
        }
        if (rows_.empty()) return {};
        return {{"U-01", "day totals are what the events come to", std::move(rows_)}};
    }

private:
    /// Every place that has facts or totals, in order.
    std::vector<UsagePlace> places_after(const UsagePlace& after) const {
        std::vector<UsagePlace> places;
        const std::string half =
            "WHERE tenant_id>? OR (tenant_id=? AND (meter>? OR (meter=? AND period_start>?)))";
        const auto start = to_value_text(after.period_start);
        auto parameters = values(after.tenant_id, after.tenant_id, after.meter, after.meter, start);
        const auto once = parameters;
        parameters.insert(parameters.end(), once.begin(), once.end());
        parameters.push_back(places_page);
        db_.query("SELECT tenant_id, meter, period_start FROM usage_event " + half +
                      " UNION SELECT tenant_id, meter, period_start FROM usage_total " + half +
                      " ORDER BY tenant_id, meter, period_start LIMIT ?",
                  parameters, [&](std::span<const sql::Value> row) {
                      places.push_back(
                          {TenantId{as_text(row[0])}, as_text(row[1]), parse_day(as_text(row[2])).value()});
                  });
        return places;
    }

    void broken(const UsagePlace& place, const std::string& what) {
        if (rows_.size() < rows_shown)
            rows_.push_back(place.tenant_id.text() + "/" + place.meter + "/" +
                            format_day(place.period_start) + ": " + what);
    }

    /// By the list that its invoice was rated by; an open period by its subscription's.
    std::optional<Meter> meter_of(const UsagePlace& place) const {
        const auto key = values(place.tenant_id, place.period_start);
        for (const auto* text : {"JOIN invoice i ON i.price_list_id=t.id WHERE i.tenant_id=? AND "
                                 "i.period_start=? ORDER BY t.number DESC",
                                 "JOIN subscription s ON s.price_list_id=t.id WHERE s.tenant_id=? AND "
                                 "s.period_start<=? ORDER BY s.created_at DESC"})
            for (const auto& list : rows_of<PriceListRow>(db_, text, key))
                if (auto meter = reader_.meter(list, place.meter)) return meter;
        return std::nullopt;
    }

    Quantity level_before(const UsagePlace& place) const {
        Quantity level;
        db_.query(
            "SELECT COALESCE(SUM(quantity_micro), 0) FROM usage_total WHERE tenant_id=? AND meter=? AND "
            "period_start<?",
            values(place.tenant_id, place.meter, place.period_start),
            [&](std::span<const sql::Value> row) { level = Quantity{as_int(row[0])}; });
        return level;
    }

    void check(const UsagePlace& place) {
        const auto meter = meter_of(place);
        if (!meter) return broken(place, "no price list defines this meter");
        DayRows counted{meter->aggregation,
                        meter->aggregation == Aggregation::time_weighted ? level_before(place) : Quantity{}};
        std::map<PartKey, DayRow> parts;
        auto after = before_all();
        for (std::size_t read = facts_page; read == facts_page;) {
            const auto rows = facts_in_order(db_, place, after, facts_page, "", true);
            read = rows.size();
            for (const auto& row : rows) {
                const auto event =
                    measure(*meter, {row.event_id, row.meter, Quantity{row.quantity_micro}, row.occurred_at,
                                     reader_.properties(row.properties), row.sequence});
                const auto share = counted.add(event);
                if (!event.counts) continue;
                for (const auto& [name, value] : event.dimensions) {
                    auto& part = parts[{row.day, name, value}];
                    part = {part.quantity + share, part.events + 1};
                }
            }
            if (!rows.empty()) after = order_of(rows.back());
        }
        compare_days(place, counted.days());
        compare_parts(place, std::move(parts));
    }

    void compare_days(const UsagePlace& place, std::map<CivilDay, DayRow> wanted) {
        for (const auto& row : rows_of<UsageTotalRow>(
                 db_, "WHERE t.tenant_id=? AND t.meter=? AND t.period_start=? ORDER BY t.day",
                 values(place.tenant_id, place.meter, place.period_start))) {
            const DayRow stored{Quantity{row.quantity_micro}, row.events};
            if (wanted[row.day] != stored)
                broken(place, format_day(row.day) + " holds " + shown(stored) + ", its events come to " +
                                  shown(wanted[row.day]));
            wanted.erase(row.day);
        }
        for (const auto& [day, row] : wanted)
            if (row != DayRow{})
                broken(place, format_day(day) + " holds nothing, its events come to " + shown(row));
    }

    void compare_parts(const UsagePlace& place, std::map<PartKey, DayRow> wanted) {
        for (const auto& row :
             rows_of<UsageDimensionRow>(db_, "WHERE t.tenant_id=? AND t.meter=? AND t.period_start=?",
                                        values(place.tenant_id, place.meter, place.period_start))) {
            const PartKey key{row.day, row.dimension, row.value};
            const DayRow stored{Quantity{row.quantity_micro}, row.events};
            if (wanted[key] != stored)
                broken(place, part_text(key) + " holds " + shown(stored) + ", not " + shown(wanted[key]));
            wanted.erase(key);
        }
        for (const auto& [key, row] : wanted)
            if (row != DayRow{}) broken(place, part_text(key) + " holds nothing, not " + shown(row));
    }

    static std::string part_text(const PartKey& key) {
        return format_day(std::get<0>(key)) + " " + std::get<1>(key) + "=" + std::get<2>(key);
    }

    sql::Connection& db_;
    const UsageReader& reader_;
    std::vector<std::string> rows_;
};

}  // namespace

awaitable<std::vector<Violation>> Store::check_usage(std::shared_ptr<const UsageReader> reader) {
    return parts_->read<std::vector<Violation>>(
        [reader](sql::Connection& db, std::vector<Violation>& violations) {
            in_snapshot(db, [&] { violations = UsageProof{db, *reader}.run(); });
        },
        true);
}

}  // namespace wefee::storage
