// Totals under every aggregation: the same facts in any order and any batches give the same rows, and those
// are what the events come to.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "storage/usage_check.hpp"
#include "tests/storage/contract.hpp"

// After what names ::testing as testing.
#include "tests/billing/property.hpp"

namespace wefee::tests {
namespace {

using storage::Ingested;
using storage::UsageEventRow;

constexpr std::array aggregations{Aggregation::sum, Aggregation::count,  Aggregation::unique,
                                  Aggregation::max, Aggregation::latest, Aggregation::time_weighted};

Meter meter_of(Aggregation aggregation) {
    Meter meter{std::string(aggregation_name(aggregation)), "计量", "个", aggregation};
    meter.property = "customer";
    meter.filters = {{"paid", {"yes"}}};
    meter.dimensions = {"department"};
    return meter;
}

/// Here a property is one letter and its value: c7 is customer=7.
UsageProperties properties_of(const std::string& text) {
    static const std::map<char, std::string> names{{'c', "customer"}, {'p', "paid"}, {'d', "department"}};
    UsageProperties properties;
    for (std::size_t from = 0; from < text.size();) {
        const auto end = std::min(text.find(' ', from), text.size());
        properties[names.at(text[from])] = text.substr(from + 1, end - from - 1);
        from = end + 1;
    }
    return properties;
}

std::shared_ptr<const storage::UsageReader> reader() {
    auto reader = std::make_shared<storage::UsageReader>();
    reader->meter = [](const storage::PriceListRow&, const std::string& code) {
        return std::optional{meter_of(parse_aggregation(code).value())};
    };
    reader->properties = properties_of;
    return reader;
}

class UsageBook {
public:
    UsageBook(storage::Store& store, World& world) : store_(store), world_(world) {}

    /// An event in the 60 days from the period's start on, which hold two periods.
    UsageEventRow event(const std::string& id, Aggregation aggregation, std::int64_t quantity, int day,
                        int minute, const std::string& properties) const {
        UsageEventRow row;
        row.tenant_id = world_.tenant.id;
        row.event_id = id;
        row.meter = aggregation_name(aggregation);
        row.quantity_micro = quantity;
        row.occurred_at =
            at_local(add_days(world_.subscription.period_start, day), std::chrono::minutes{minute});
        row.properties = properties;
        row.received_at = noon;
        place(row);
        return row;
    }

    void place(UsageEventRow& row) const {
        row.day = civil_day(row.occurred_at);
        row.period_start = add_days(world_.subscription.period_start,
                                    days_between(world_.subscription.period_start, row.day) / 30 * 30);
        const auto meter = meter_of(parse_aggregation(row.meter).value());
        const auto measured = measure(meter, {row.event_id, row.meter, Quantity{row.quantity_micro},
                                              row.occurred_at, properties_of(row.properties), row.sequence});
        row.counts = measured.counts && row.given != "deletes";
        row.value = measured.value;
        row.dimensions =
            measured.dimensions.empty() ? "" : "department=" + measured.dimensions.at("department");
    }

    std::vector<Ingested> take(const std::vector<UsageEventRow>& rows) const {
        std::vector<storage::UsageFact> facts;
        for (const auto& row : rows) facts.emplace_back(row, parse_aggregation(row.meter).value());
        return wait(store_.ingest(std::move(facts)));
    }

    /// The newest fact of an event as the start of the next one.
    UsageEventRow next(const std::string& event_id, const std::string& id, const std::string& given) const {
        auto row = wait(store_.newest_usage(world_.tenant.id, {event_id})).at(0);
        row.corrects = event_id;
        row.event_id = id;
        row.given = given;
        row.revision += 1;
        return row;
    }

    std::vector<std::string> rows(const Database& database) const {
        auto rows = database.query(
            "SELECT meter, period_start, day, quantity_micro, events FROM usage_total "
            "WHERE quantity_micro<>0 OR events<>0 ORDER BY meter, period_start, day");
        const auto parts = database.query(
            "SELECT meter, period_start, day, dimension, value, quantity_micro, events FROM usage_dimension "
            "WHERE quantity_micro<>0 OR events<>0 ORDER BY meter, period_start, day, dimension, value");
        rows.insert(rows.end(), parts.begin(), parts.end());
        return rows;
    }

    /// Counted again from the events, nothing differs.
    ::testing::AssertionResult proved() const {
        const auto found = wait(store_.check_usage(reader()));
        if (found.empty()) return ::testing::AssertionSuccess();
        auto failure = ::testing::AssertionFailure();
        for (const auto& row : found.front().rows) failure << row << "\n";
        return failure;
    }

private:
    storage::Store& store_;
    World& world_;
};

World founded(storage::Store& store) {
    World world;
    if (wait(store.commit(world.founding())) != storage::CommitResult::applied)
        throw std::runtime_error("no world");
    return world;
}

std::vector<UsageEventRow> random_events(wefee::testing::Random& random, const UsageBook& book) {
    std::vector<UsageEventRow> events;
    for (const auto aggregation : aggregations)
        for (int i = 0; i < 14; ++i) {
            const auto low = aggregation == Aggregation::time_weighted ? -40 : 0;
            auto row = book.event(
                "e" + std::to_string(events.size()), aggregation, random.between(low, 60) * 1'000'000,
                static_cast<int>(random.between(0, 59)), static_cast<int>(random.between(0, 2)),
                "c" + std::to_string(random.between(0, 5)) + (random.chance(85) ? " pyes" : " pno") + " d" +
                    std::to_string(random.between(0, 2)));
            row.sequence = random.between(0, 1);
            events.push_back(std::move(row));
        }
    return events;
}

void in_batches(wefee::testing::Random& random, const UsageBook& book,
                const std::vector<UsageEventRow>& events) {
    for (std::size_t from = 0; from < events.size();) {
        const auto size =
            std::min<std::size_t>(events.size() - from, static_cast<std::size_t>(random.between(1, 40)));
        const auto begin = events.begin() + static_cast<std::ptrdiff_t>(from);
        const auto answers = book.take({begin, begin + static_cast<std::ptrdiff_t>(size)});
        EXPECT_EQ(std::ranges::count(answers, Ingested::accepted), static_cast<std::ptrdiff_t>(size));
        from += size;
    }
}

TEST_P(Contract, UsageTotalsDoNotDependOnOrderOrBatchesOfArrival) {
    wefee::testing::for_seeds(GetParam() == Kind::sqlite ? 12 : 3, [](wefee::testing::Random& random) {
        std::optional<std::vector<std::string>> wanted;
        std::vector<UsageEventRow> events;
        for (int arrival = 0; arrival < 3; ++arrival) {
            Database own{GetParam()};
            auto store = own.open();
            auto world = founded(*store);
            const UsageBook book{*store, world};
            if (events.empty())
                events = random_events(random, book);
            else
                std::ranges::shuffle(
                    events, std::mt19937_64{static_cast<std::uint64_t>(random.between(0, 1'000'000))});
            in_batches(random, book, events);
            EXPECT_TRUE(book.proved());
            if (!wanted)
                wanted = book.rows(own);
            else
                EXPECT_EQ(book.rows(own), *wanted);
        }
    });
}

TEST_P(Contract, CorrectionsAndDeletionsMoveTotalsExactly) {
    wefee::testing::for_seeds(GetParam() == Kind::sqlite ? 12 : 3, [](wefee::testing::Random& random) {
        Database own{GetParam()};
        auto store = own.open();
        auto world = founded(*store);
        const UsageBook book{*store, world};
        const auto events = random_events(random, book);
        in_batches(random, book, events);
        for (int i = 0; i < 60; ++i) {
            const auto& event = events[static_cast<std::size_t>(
                random.between(0, static_cast<std::int64_t>(events.size()) - 1))];
            const bool deletes = random.chance(30);
            auto fact = book.next(event.event_id, "c" + std::to_string(i),
                                  deletes ? "deletes" : "quantity occurred_at");
            if (!deletes) {
                fact.quantity_micro = random.between(0, 90) * 1'000'000;
                if (random.chance(50)) fact.occurred_at += std::chrono::hours{24 * random.between(0, 3)};
            }
            book.place(fact);
            EXPECT_EQ(book.take({fact}), std::vector{Ingested::accepted});
            EXPECT_EQ(book.take({fact}), std::vector{Ingested::duplicate});
        }
        EXPECT_TRUE(book.proved());
    });
}

TEST_P(Contract, ACorrectionNeedsTheNewestFactOfItsEvent) {
    auto store = database.open();
    auto world = founded(*store);
    const UsageBook book{*store, world};
    ASSERT_EQ(book.take({book.event("a", Aggregation::sum, 5, 1, 0, "pyes")}),
              std::vector{Ingested::accepted});
    auto first = book.next("a", "c1", "quantity"), second = book.next("a", "c2", "quantity");
    first.quantity_micro = 7;
    second.quantity_micro = 9;
    EXPECT_EQ(book.take({first, second}), (std::vector{Ingested::accepted, Ingested::outdated}));
    second = book.next("a", "c2", "quantity");
    EXPECT_EQ(second.quantity_micro, 7) << "it starts from what counts now";
    second.quantity_micro = 9;
    EXPECT_EQ(book.take({second}), std::vector{Ingested::accepted});
    second.quantity_micro = 11;
    EXPECT_EQ(book.take({second}), std::vector{Ingested::differs});
    auto of_nothing = second;
    of_nothing.event_id = "c3";
    of_nothing.corrects = "c1";
    EXPECT_EQ(book.take({of_nothing}), std::vector{Ingested::outdated}) << "a correction is no event";
    EXPECT_TRUE(wait(store->newest_usage(world.tenant.id, {"c1", "none"})).empty());
    EXPECT_EQ(database.query("SELECT quantity_micro, events FROM usage_total"),
              std::vector<std::string>{"9|1"});
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM usage_event"), std::vector<std::string>{"3"})
        << "facts stay";
}

TEST_P(Contract, ATotalThatItsEventsDoNotComeToIsFound) {
    auto store = database.open();
    auto world = founded(*store);
    const UsageBook book{*store, world};
    book.take({book.event("a", Aggregation::sum, 5, 1, 0, "pyes d1"),
               book.event("b", Aggregation::max, 7, 2, 0, "pyes")});
    EXPECT_TRUE(book.proved());
    database.execute("UPDATE usage_total SET quantity_micro=6 WHERE meter='sum'");
    database.execute("DELETE FROM usage_total WHERE meter='max'");
    const auto found = wait(store->check_usage(reader()));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].rows.size(), 2U);
    EXPECT_NE(found[0].rows[1].find("holds 0.000006 in 1 events, its events come to 0.000005"),
              std::string::npos)
        << found[0].rows[1];
}

TEST_P(Contract, ALevelThatMovedInAClosedPeriodWaitsInEveryPeriodInvoicedSince) {
    auto store = database.open();
    auto world = founded(*store);  // its first period is invoiced
    const UsageBook book{*store, world};
    auto closed = wait(store->find_subscription(world.tenant.id, world.subscription.id)).value();
    closed.period_start = closed.period_end;
    closed.period_end = add_days(closed.period_end, 30);
    storage::Changes close;
    close.op_id = "close";
    close.at = noon;
    close.save(closed);
    ASSERT_EQ(wait(store->commit(close)), storage::CommitResult::applied);
    auto early = book.event("a", Aggregation::time_weighted, 3, 0, 0, "pyes");
    early.day = add_days(early.day, -30);
    early.occurred_at -= std::chrono::hours{24 * 30};
    early.period_start = add_days(early.period_start, -30);
    EXPECT_EQ(book.take({early}), std::vector{Ingested::accepted});
    EXPECT_EQ(database.query("SELECT period_start FROM usage_late ORDER BY period_start"),
              (std::vector{format_day(early.period_start), format_day(world.subscription.period_start)}));
}

}  // namespace
}  // namespace wefee::tests
