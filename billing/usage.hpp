// What usage events come to (A3): how a meter counts them, day by day, so that a period's aggregate is always
// the sum of its day rows. The result depends on the events alone, never on the order in which they arrived.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "billing/price_list.hpp"
#include "billing/seats.hpp"

namespace wefee {

using UsageProperties = std::map<std::string, std::string, std::less<>>;

struct UsageEvent {
    std::string id;
    std::string meter;
    Quantity quantity;  // time_weighted: the change of a level, may be negative
    Instant occurred_at{};
    UsageProperties properties = {};
    std::int64_t sequence = 0;  // given by the sender, orders events of the same moment
};

/// Total order of events; the id decides between events that the sender did not order.
struct UsageOrder {
    Instant occurred_at{};
    std::int64_t sequence = 0;
    std::string id;
    friend auto operator<=>(const UsageOrder&, const UsageOrder&) = default;
};

/// An event as its meter sees it.
struct MeasuredEvent {
    UsageOrder order;
    Quantity quantity;
    bool counts = true;               // every filter holds
    std::string value = {};           // unique: what counts once
    UsageProperties dimensions = {};  // what it is shown by
};

/// Why a meter cannot take an event. `field` is a pointer within the event: /quantity, /properties/region.
struct UsageProblem {
    std::string code;  // negative_quantity, missing_property, bad_property
    std::string field;
    std::string text;
};
std::optional<UsageProblem> usage_problem(const Meter& meter, const UsageEvent& event);

/// Only for events without a usage_problem().
MeasuredEvent measure(const Meter& meter, const UsageEvent& event);

/// As they are kept beside an event: "department=sales\nseat=7", in order of the names.
std::string join_dimensions(const UsageProperties& dimensions);
UsageProperties split_dimensions(const std::string& text);

/// True when the meter looks at properties at all.
inline bool reads_properties(const Meter& meter) {
    return meter.aggregation == Aggregation::unique || !meter.filters.empty() || !meter.dimensions.empty();
}

/// True when usage that one of them has counted is what the other would have counted. `nullptr`: no such
/// meter.
bool counts_alike(const Meter* a, const Meter* b);

/// True when an event adds the same whatever else there is (sum, count): no order, no state.
constexpr bool is_additive(Aggregation aggregation) {
    return aggregation == Aggregation::sum || aggregation == Aggregation::count;
}
/// What an event adds to its day under an additive aggregation.
Quantity additive_share(Aggregation aggregation, Quantity quantity);

struct DayRow {
    Quantity quantity;        // what the day adds to the period's aggregate; time_weighted: to the level
    std::int64_t events = 0;  // that count
    friend bool operator==(const DayRow&, const DayRow&) = default;
};

/// Day rows of one meter in one period, from its events in total order.
class DayRows {
public:
    /// `opening`: the sum of the day rows before the first event: the maximum or latest value so far in the
    /// period; time_weighted: the level. `seen`: values of unique before it.
    explicit DayRows(Aggregation aggregation, Quantity opening = {}, std::set<std::string> seen = {});

    /// What the event adds to its day; nothing when it does not count. Throws std::overflow_error.
    Quantity add(const MeasuredEvent& event);

    const std::map<CivilDay, DayRow>& days() const { return days_; }
    /// The aggregate so far (time_weighted: the level).
    Quantity total() const { return total_; }

private:
    Quantity share_of(const MeasuredEvent& event);

    Aggregation aggregation_;
    Quantity total_;
    std::set<std::string> seen_;
    std::map<CivilDay, DayRow> days_;
};

/// The same from events in any order.
std::map<CivilDay, DayRow> day_rows(const Meter& meter, std::span<const UsageEvent> events,
                                    Quantity opening = {});

/// time_weighted: Σ level × days of the span, which is divided by the days of the full period to give the
/// quantity (S11, R2). `changes`: the level's change by day, within the span; a change counts from its own
/// day on.
Quantity unit_days_of(Quantity opening, const std::map<CivilDay, Quantity>& changes, DaySpan span);

}  // namespace wefee
