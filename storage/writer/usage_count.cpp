// sum and count need nothing but the event; unique looks for where a value was first seen; the others go
// through the events in order (usage_ordered.cpp).
#include "storage/writer/usage_count.hpp"

#include <algorithm>

namespace wefee::storage {
namespace {

struct MeterKey {
    TenantId tenant_id;
    std::string meter;
    Aggregation aggregation{};
    friend bool operator<(const MeterKey& a, const MeterKey& b) {
        return std::tie(a.tenant_id.text(), a.meter, a.aggregation) <
               std::tie(b.tenant_id.text(), b.meter, b.aggregation);
    }
};

UsagePlace place_of(const UsageEventRow& row) { return {row.tenant_id, row.meter, row.period_start}; }

void count_additive(UsageDeltas& deltas, const UsageEventRow& row, Aggregation aggregation, bool enters) {
    const auto share = additive_share(aggregation, Quantity{row.quantity_micro});
    deltas.add(place_of(row), row.day, enters ? share : Quantity{} - share, enters ? 1 : -1,
               split_dimensions(row.dimensions));
}

/// One value of a unique meter: counted once, on the day on which it is first seen.
class FirstSeen {
public:
    FirstSeen(sql::Connection& db, UsageDeltas& deltas, UsagePlace place, std::string value, Instant at)
        : db_(db), deltas_(deltas), place_(std::move(place)), value_(std::move(value)), at_(at) {}

    void turn(const UsageTurn& turn) {
        const auto known = stored();
        std::optional<MeasuredEvent> first;
        if (known && std::ranges::find(turn.leaves, known->order, &MeasuredEvent::order) == turn.leaves.end())
            first = known;
        if (known && !first) first = next(turn.leaves);
        for (const auto& event : turn.enters)
            if (event.value == value_ && (!first || event.order < first->order)) first = event;
        if (first && known && first->order == known->order) return;
        if (known) seen(*known, Quantity{} - units(1));
        if (first) seen(*first, units(1));
        keep(first, known.has_value());
    }

private:
    void seen(const MeasuredEvent& event, Quantity share) {
        deltas_.add(place_, civil_day(event.order.occurred_at), share, 0, event.dimensions);
    }

    RowValues key() const { return values(place_.tenant_id, place_.meter, place_.period_start, value_); }

    std::optional<MeasuredEvent> stored() const {
        const auto row =
            row_of<UsageFirstRow>(db_,
                                  "WHERE t.tenant_id=? AND t.meter=? AND t.period_start=? AND t.value=?" +
                                      std::string(for_update(db_)),
                                  key());
        if (!row) return std::nullopt;
        return MeasuredEvent{{row->occurred_at, row->sequence, row->event_id},
                             {},
                             true,
                             value_,
                             split_dimensions(row->dimensions)};
    }

    std::optional<MeasuredEvent> next(const std::vector<MeasuredEvent>& leaves) const {
        for (const auto& row : first_facts_of(db_, place_, value_, leaves.size() + 1, for_update(db_)))
            if (std::ranges::find(leaves, order_of(row), &MeasuredEvent::order) == leaves.end())
                return measured(row);
        return std::nullopt;
    }

    void keep(const std::optional<MeasuredEvent>& first, bool known) const {
        if (known)
            db_.execute(
                "DELETE FROM usage_first WHERE tenant_id=? AND meter=? AND period_start=? AND value=?",
                key());
        if (!first) return;
        const auto& order = first->order;
        const UsageFirstRow row{place_.tenant_id,
                                place_.meter,
                                place_.period_start,
                                value_,
                                order.occurred_at,
                                order.sequence,
                                order.id,
                                civil_day(order.occurred_at),
                                join_dimensions(first->dimensions),
                                at_};
        db_.execute(insert_text(table_text<UsageFirstRow>(), db_.dialect(), 1), insert_values(row));
    }

    sql::Connection& db_;
    UsageDeltas& deltas_;
    UsagePlace place_;
    std::string value_;
    Instant at_;
};

void count_unique(sql::Connection& db, UsageDeltas& deltas, const UsagePlace& place, const UsageTurn& turn,
                  Instant at) {
    std::set<std::string> touched;
    const auto count = [&](const std::vector<MeasuredEvent>& events, std::int64_t one) {
        for (const auto& event : events) {
            touched.insert(event.value);
            deltas.add(place, civil_day(event.order.occurred_at), {}, one, event.dimensions);
        }
    };
    count(turn.leaves, -1);
    count(turn.enters, 1);
    for (const auto& value : touched) FirstSeen{db, deltas, place, value, at}.turn(turn);
}

}  // namespace

void count_changes(sql::Connection& db, UsageDeltas& deltas, const std::vector<UsageChange>& changes,
                   Instant at) {
    std::map<MeterKey, std::map<CivilDay, UsageTurn>> meters;
    for (const auto& change : changes)
        for (const auto* row : {change.before, change.after}) {
            if (!row || !row->counts) continue;
            const bool enters = row == change.after;
            deltas.touch(place_of(*row), row->day);
            if (is_additive(change.aggregation)) {
                count_additive(deltas, *row, change.aggregation, enters);
                continue;
            }
            auto& turn = meters[{row->tenant_id, row->meter, change.aggregation}][row->period_start];
            (enters ? turn.enters : turn.leaves).push_back(measured(*row));
        }
    for (const auto& [key, periods] : meters) {
        // Alone on this tenant's meters from here on: what is read stays true until the commit.
        hold_period(db, key.tenant_id, periods.begin()->first);
        if (key.aggregation != Aggregation::unique) {
            count_ordered(db, deltas, key.tenant_id, key.meter, key.aggregation, periods);
            continue;
        }
        for (const auto& [start, turn] : periods)
            count_unique(db, deltas, {key.tenant_id, key.meter, start}, turn, at);
    }
}

}  // namespace wefee::storage
