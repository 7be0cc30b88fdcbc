// Order counts: a fact at the end of what is known only adds to it; any other makes the days from its own on
// be counted again, and their rows move by the differences. Only a level goes on from one period into the
// next.
#include <algorithm>

#include "storage/writer/usage_count.hpp"

namespace wefee::storage {
namespace {

constexpr std::size_t page = 1'000;

struct Shown {  // what a day's events add, also by dimension and value
    std::map<CivilDay, DayRow> days;
    std::map<std::tuple<CivilDay, std::string, std::string>, DayRow> parts;
};

void add_to(DayRow& day, Quantity quantity, std::int64_t events) {
    day = {day.quantity + quantity, day.events + events};
}

class OrderedCount {
public:
    OrderedCount(sql::Connection& db, UsageDeltas& deltas, TenantId tenant, std::string meter,
                 Aggregation aggregation)
        : db_(db),
          deltas_(deltas),
          tenant_(std::move(tenant)),
          meter_(std::move(meter)),
          aggregation_(aggregation) {}

    void run(const std::map<CivilDay, UsageTurn>& periods) {
        if (periods.size() == 1 && append(periods.begin()->first, periods.begin()->second)) return;
        auto starts = touched_and_later(periods);
        Quantity shift;  // of the level at the start of the next period
        for (const auto start : starts) {
            const auto found = periods.find(start);
            static const UsageTurn nothing;
            const auto& turn = found == periods.end() ? nothing : found->second;
            if (found == periods.end() && shift == Quantity{}) continue;
            shift = again(start, turn, aggregation_ == Aggregation::time_weighted ? shift : Quantity{});
            if (shift != Quantity{} && aggregation_ == Aggregation::time_weighted && found != periods.end())
                deltas_.level_moved(place(start));
        }
    }

private:
    UsagePlace place(CivilDay start) const { return {tenant_, meter_, start}; }

    /// The sum of day rows before `day`: of this period, or of all for a level.
    Quantity stored_before(CivilDay start, std::optional<CivilDay> day) const {
        std::string text =
            "SELECT COALESCE(SUM(quantity_micro), 0) FROM usage_total WHERE tenant_id=? AND meter=? AND ";
        auto parameters = values(tenant_, meter_);
        text += aggregation_ == Aggregation::time_weighted ? "period_start<=?" : "period_start=?";
        parameters.push_back(to_value(start));
        if (day) {
            text += " AND day<?";
            parameters.push_back(to_value(*day));
        }
        Quantity sum;
        db_.query(text + std::string(for_update(db_)), parameters,
                  [&](std::span<const sql::Value> row) { sum = Quantity{as_int(row[0])}; });
        return sum;
    }

    void share_out(CivilDay start, const MeasuredEvent& event, Quantity share) {
        deltas_.add(place(start), civil_day(event.order.occurred_at), share, 1, event.dimensions);
    }

    bool append(CivilDay start, const UsageTurn& turn) {
        if (!turn.leaves.empty()) return false;
        auto enters = turn.enters;
        std::ranges::sort(enters, {}, &MeasuredEvent::order);
        const auto last =
            last_fact(db_, place(start), aggregation_ == Aggregation::time_weighted, for_update(db_));
        if (last && !(last->period_start == start && order_of(*last) < enters.front().order)) return false;
        const auto opening = stored_before(start, std::nullopt);
        DayRows rows{aggregation_, opening};
        for (const auto& event : enters) share_out(start, event, rows.add(event));
        // A period after this one may have been invoiced without any usage of its own.
        if (aggregation_ == Aggregation::time_weighted && rows.total() != opening)
            deltas_.level_moved(place(start));
        return true;
    }

    std::vector<CivilDay> touched_and_later(const std::map<CivilDay, UsageTurn>& periods) const {
        std::set<CivilDay> starts;
        for (const auto& [start, turn] : periods) starts.insert(start);
        if (aggregation_ == Aggregation::time_weighted)
            db_.query(
                "SELECT DISTINCT period_start FROM usage_total WHERE tenant_id=? AND meter=? AND "
                "period_start>?" +
                    std::string(for_update(db_)),
                values(tenant_, meter_, *starts.begin()),
                [&](std::span<const sql::Value> row) { starts.insert(parse_day(as_text(row[0])).value()); });
        return {starts.begin(), starts.end()};
    }

    /// Counts a period again from the first day that changes on. `shift`: how much its opening level moved.
    /// Returns how much its closing level moved.
    Quantity again(CivilDay start, const UsageTurn& turn, Quantity shift) {
        auto from = start;
        if (shift == Quantity{}) {
            auto first = before_all().occurred_at;
            bool any = false;
            for (const auto* events : {&turn.leaves, &turn.enters})
                for (const auto& event : *events) {
                    first = any ? std::min(first, event.order.occurred_at) : event.order.occurred_at;
                    any = true;
                }
            from = civil_day(first);
        }
        DayRows rows{aggregation_, stored_before(start, from) + shift};
        Shown shown;
        for (const auto& event : facts_from(start, from, turn)) {
            const auto share = rows.add(event);
            for (const auto& [name, value] : event.dimensions)
                add_to(shown.parts[{civil_day(event.order.occurred_at), name, value}], share, 1);
        }
        shown.days = rows.days();
        return shift + write_differences(start, shown, stored_from(start, from));
    }

    std::vector<MeasuredEvent> facts_from(CivilDay start, CivilDay from, const UsageTurn& turn) const {
        std::vector<MeasuredEvent> events = turn.enters;
        UsageOrder after{day_start(from), -1, ""};
        for (std::size_t read = page; read == page;) {
            const auto rows = facts_in_order(db_, place(start), after, page, for_update(db_));
            read = rows.size();
            for (const auto& row : rows)
                if (std::ranges::find(turn.leaves, order_of(row), &MeasuredEvent::order) == turn.leaves.end())
                    events.push_back(measured(row));
            if (!rows.empty()) after = order_of(rows.back());
        }
        std::ranges::sort(events, {}, &MeasuredEvent::order);
        return events;
    }

    Shown stored_from(CivilDay start, CivilDay from) const {
        Shown shown;
        const auto key = values(tenant_, meter_, start, from);
        for (const auto& row :
             rows_of<UsageTotalRow>(db_,
                                    "WHERE t.tenant_id=? AND t.meter=? AND t.period_start=? AND t.day>=?" +
                                        std::string(for_update(db_)),
                                    key))
            shown.days[row.day] = {Quantity{row.quantity_micro}, row.events};
        for (const auto& row : rows_of<UsageDimensionRow>(
                 db_,
                 "WHERE t.tenant_id=? AND t.meter=? AND t.period_start=? AND t.day>=?" +
                     std::string(for_update(db_)),
                 key))
            shown.parts[{row.day, row.dimension, row.value}] = {Quantity{row.quantity_micro}, row.events};
        return shown;
    }

    Quantity write_differences(CivilDay start, Shown wanted, const Shown& stored) {
        for (const auto& [day, row] : stored.days)
            add_to(wanted.days[day], Quantity{} - row.quantity, -row.events);
        for (const auto& [key, row] : stored.parts)
            add_to(wanted.parts[key], Quantity{} - row.quantity, -row.events);
        Quantity moved;
        for (const auto& [day, row] : wanted.days) {
            deltas_.add(place(start), day, row.quantity, row.events, {});
            moved = moved + row.quantity;
        }
        for (const auto& [key, row] : wanted.parts)
            deltas_.add_part(place(start), std::get<0>(key), std::get<1>(key), std::get<2>(key), row);
        return moved;
    }

    sql::Connection& db_;
    UsageDeltas& deltas_;
    TenantId tenant_;
    std::string meter_;
    Aggregation aggregation_;
};

}  // namespace

void count_ordered(sql::Connection& db, UsageDeltas& deltas, const TenantId& tenant, const std::string& meter,
                   Aggregation aggregation, const std::map<CivilDay, UsageTurn>& periods) {
    OrderedCount{db, deltas, tenant, meter, aggregation}.run(periods);
}

}  // namespace wefee::storage
