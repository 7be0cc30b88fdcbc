// How meters count: the sum of a period's day rows is its aggregate, whatever the order of arrival.
#include "billing/usage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/billing/property.hpp"

namespace wefee {
namespace {

using testing::for_seeds;
using testing::Random;

constexpr std::array all_aggregations{Aggregation::sum, Aggregation::count,  Aggregation::unique,
                                      Aggregation::max, Aggregation::latest, Aggregation::time_weighted};
const CivilDay first = parse_day("2026-03-01").value();

Meter meter_by(Aggregation aggregation) {
    Meter meter{"m", "计量", "个", aggregation};
    meter.property = "customer";
    return meter;
}

UsageEvent event(std::string id, std::int64_t quantity, int day, int minute = 0,
                 std::string customer = "c1") {
    return {std::move(id),
            "m",
            units(quantity),
            at_local(add_days(first, day - 1), std::chrono::minutes{minute}),
            {{"customer", std::move(customer)}}};
}

std::map<int, std::int64_t> by_day(const std::map<CivilDay, DayRow>& rows) {
    std::map<int, std::int64_t> days;
    for (const auto& [day, row] : rows)
        days[days_between(first, day) + 1] = row.quantity.count() / quantity_scale;
    return days;
}

Quantity total(const std::map<CivilDay, DayRow>& rows) {
    Quantity sum;
    for (const auto& [day, row] : rows) sum = sum + row.quantity;
    return sum;
}

using Days = std::map<int, std::int64_t>;

TEST(Usage, SumAndCountAddUpByDay) {
    const std::vector events{event("a", 5, 1), event("b", 7, 1, 3), event("c", 2, 4)};
    EXPECT_EQ(by_day(day_rows(meter_by(Aggregation::sum), events)), (Days{{1, 12}, {4, 2}}));
    EXPECT_EQ(by_day(day_rows(meter_by(Aggregation::count), events)), (Days{{1, 2}, {4, 1}}));
    EXPECT_EQ(day_rows(meter_by(Aggregation::count), events).at(first).events, 2);
}

TEST(Usage, AValueCountsOnTheDayItIsFirstSeen) {
    const std::vector events{event("late", 1, 5, 0, "x"), event("early", 1, 2, 0, "x"),
                             event("y", 1, 5, 1, "y")};
    EXPECT_EQ(by_day(day_rows(meter_by(Aggregation::unique), events)), (Days{{2, 1}, {5, 1}}));
    EXPECT_EQ(day_rows(meter_by(Aggregation::unique), events).at(add_days(first, 4)).events, 2);
}

TEST(Usage, ADayAddsToTheMaximumSoFar) {
    const std::vector events{event("a", 30, 2), event("b", 20, 1), event("c", 25, 3), event("d", 40, 4)};
    EXPECT_EQ(by_day(day_rows(meter_by(Aggregation::max), events)),
              (Days{{1, 20}, {2, 10}, {3, 0}, {4, 10}}));
}

TEST(Usage, ADayHoldsTheChangeOfTheLatestValue) {
    auto tie = event("z", 9, 3);
    tie.sequence = 1;
    const std::vector events{tie, event("a", 30, 1), event("b", 10, 2), event("zz", 8, 3)};
    EXPECT_EQ(by_day(day_rows(meter_by(Aggregation::latest), events)), (Days{{1, 30}, {2, -20}, {3, -1}}))
        << "of two events of one moment the higher sequence is the later";
}

TEST(Usage, ALevelNeverFallsBelowZeroAndGoesOnFromBefore) {
    const std::vector events{event("a", -50, 1), event("b", 20, 2), event("c", -5, 2, 1)};
    EXPECT_EQ(by_day(day_rows(meter_by(Aggregation::time_weighted), events, units(30))),
              (Days{{1, -30}, {2, 15}}));
}

TEST(Usage, LevelsWeighByDaysAsInCaseS11) {
    const DaySpan march{first, parse_day("2026-04-01").value()},
        april{march.end, parse_day("2026-05-01").value()};
    const std::map<CivilDay, Quantity> in_march{{parse_day("2026-03-05").value(), units(2500)}};
    const std::map<CivilDay, Quantity> in_april{{parse_day("2026-04-04").value(), units(-2000)},
                                                {parse_day("2026-04-06").value(), units(-200)}};
    const auto fee = [](Quantity unit_days, DaySpan full) {
        return rounded(in_units(unit_days) * Fraction{100, full.days()}).count();
    };
    EXPECT_EQ(fee(unit_days_of({}, in_march, march), march), 217'742);
    EXPECT_EQ(fee(unit_days_of(units(2500), in_april, april), april), 53'333);
}

TEST(Usage, FiltersKeepEventsOutAndDimensionsAreTakenOver) {
    auto meter = meter_by(Aggregation::sum);
    meter.filters = {{"channel", {"sms", "app"}}, {"paid", {"true"}}};
    meter.dimensions = {"department", "seat"};
    auto given = event("a", 5, 1);
    given.properties = {{"channel", "sms"}, {"paid", "true"}, {"department", "sales"}};
    EXPECT_TRUE(measure(meter, given).counts);
    EXPECT_EQ(measure(meter, given).dimensions, (UsageProperties{{"department", "sales"}}));
    given.properties["channel"] = "mail";
    EXPECT_FALSE(measure(meter, given).counts);
    EXPECT_TRUE(day_rows(meter, std::vector{given}).empty());
    given.properties.erase("paid");
    EXPECT_FALSE(measure(meter, given).counts);
}

TEST(Usage, AMeterRefusesWhatItCannotCount) {
    const auto code = [](const Meter& meter, const UsageEvent& given) {
        const auto problem = usage_problem(meter, given);
        return problem ? problem->code + " " + problem->field : "";
    };
    for (const auto aggregation : all_aggregations)
        EXPECT_EQ(code(meter_by(aggregation), event("a", -1, 1)),
                  aggregation == Aggregation::time_weighted ? "" : "negative_quantity /quantity");
    auto unnamed = event("a", 1, 1);
    unnamed.properties.clear();
    EXPECT_EQ(code(meter_by(Aggregation::unique), unnamed), "missing_property /properties/customer");
    EXPECT_EQ(code(meter_by(Aggregation::sum), unnamed), "");
    auto meter = meter_by(Aggregation::sum);
    meter.dimensions = {"customer"};
    EXPECT_EQ(code(meter, event("a", 1, 1, 0, "two\nlines")), "bad_property /properties/customer");
    EXPECT_EQ(code(meter, event("a", 1, 1, 0, std::string(129, 'x'))), "bad_property /properties/customer");
}

TEST(Usage, ATotalThatDoesNotFitThrows) {
    std::vector events{event("a", 0, 1), event("b", 0, 2)};
    for (auto& one : events) one.quantity = Quantity{INT64_MAX};
    EXPECT_THROW(day_rows(meter_by(Aggregation::sum), events), std::overflow_error);
    EXPECT_NO_THROW(day_rows(meter_by(Aggregation::max), events));
}

std::vector<UsageEvent> random_events(Random& random, Aggregation aggregation) {
    std::vector<UsageEvent> events;
    const auto count = random.between(1, 40);
    for (int i = 0; i < count; ++i) {
        const auto low = aggregation == Aggregation::time_weighted ? -50 : 0;
        events.push_back(
            event("e" + std::to_string(i), random.between(low, 60), static_cast<int>(random.between(1, 31)),
                  static_cast<int>(random.between(0, 3)), "c" + std::to_string(random.between(0, 8))));
        events.back().sequence = random.between(0, 2);
    }
    return events;
}

/// The aggregate told by its definition, without day rows.
Quantity by_definition(Aggregation aggregation, std::vector<UsageEvent> events) {
    std::ranges::sort(events, {}, [](const auto& e) { return std::tie(e.occurred_at, e.sequence, e.id); });
    Quantity sum, most, level;
    std::set<std::string> customers;
    for (const auto& one : events) {
        sum = sum + (one.quantity < Quantity{} ? Quantity{} : one.quantity);
        most = std::max(most, one.quantity);
        level = std::max(Quantity{}, level + one.quantity);
        customers.insert(one.properties.at("customer"));
    }
    switch (aggregation) {
        case Aggregation::sum:
            return sum;
        case Aggregation::count:
            return units(static_cast<std::int64_t>(events.size()));
        case Aggregation::unique:
            return units(static_cast<std::int64_t>(customers.size()));
        case Aggregation::max:
            return most;
        case Aggregation::latest:
            return events.back().quantity;
        case Aggregation::time_weighted:
            return level;
    }
    return {};
}

TEST(UsageProperty, TheSumOfDayRowsIsTheAggregateInAnyOrderOfArrival) {
    for_seeds(200, [](Random& random) {
        for (const auto aggregation : all_aggregations) {
            auto events = random_events(random, aggregation);
            const auto meter = meter_by(aggregation);
            const auto rows = day_rows(meter, events);
            EXPECT_EQ(total(rows), by_definition(aggregation, events)) << aggregation_name(aggregation);
            std::mt19937_64 shuffle{static_cast<std::uint64_t>(random.between(0, 1'000'000))};
            std::ranges::shuffle(events, shuffle);
            EXPECT_EQ(day_rows(meter, events), rows) << aggregation_name(aggregation);
        }
    });
}

TEST(UsageProperty, CountingOnFromAnyDayGivesTheRowsOfThatDayAndLater) {
    for_seeds(200, [](Random& random) {
        for (const auto aggregation : {Aggregation::max, Aggregation::latest, Aggregation::time_weighted}) {
            const auto events = random_events(random, aggregation);
            const auto whole = day_rows(meter_by(aggregation), events);
            const auto from = add_days(first, static_cast<int>(random.between(0, 30)));
            std::map<CivilDay, DayRow> before, after;
            for (const auto& [day, row] : whole) (day < from ? before : after).emplace(day, row);
            std::vector<UsageEvent> rest;
            for (const auto& one : events)
                if (civil_day(one.occurred_at) >= from) rest.push_back(one);
            EXPECT_EQ(day_rows(meter_by(aggregation), rest, total(before)), after)
                << aggregation_name(aggregation);
        }
    });
}

}  // namespace
}  // namespace wefee
