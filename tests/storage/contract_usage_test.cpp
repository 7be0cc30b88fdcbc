// Usage events: taken once, and the running totals are exactly the sums of what was taken.
#include <gtest/gtest.h>

#include "tests/storage/books.hpp"
#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

using storage::Ingested;

storage::UsageEventRow event(const std::string& id, std::int64_t quantity = 1'000'000,
                             const std::string& meter = "messages") {
    const auto day = civil_day(noon);
    return {TenantId{"ten_1"}, id, meter, quantity, noon, day, add_days(day, -10), "{}", noon};
}

TEST_P(Contract, EventsCountOnceAndEachIsTold) {
    auto store = database.open();
    EXPECT_EQ(wait(store->ingest({event("a"), event("b", 2'000'000)})),
              (std::vector{Ingested::accepted, Ingested::accepted}));
    EXPECT_EQ(wait(store->ingest({event("a"), event("c"), event("b", 3), event("c")})),
              (std::vector{Ingested::duplicate, Ingested::accepted, Ingested::differs, Ingested::duplicate}));
    const auto totals = wait(store->usage_totals(TenantId{"ten_1"}, add_days(civil_day(noon), -10)));
    ASSERT_EQ(totals.size(), 1U);
    EXPECT_EQ(totals[0].quantity_micro, 4'000'000);
    EXPECT_EQ(totals[0].events, 3);
    EXPECT_TRUE(wait(store->ingest({})).empty());
}

TEST_P(Contract, UsageOfAPeriodThatWasCutGoesOverToTheNextWhateverIsThereAlready) {
    auto store = database.open();
    const TenantId tenant{"ten_1"};
    const auto old_start = add_days(civil_day(noon), -10), cut = civil_day(noon);
    auto before = event("before");
    before.day = add_days(cut, -1);
    auto there = event("there", 5'000'000);
    there.period_start = cut;
    auto straggler = event("straggler", 2'000'000);
    for (auto* row : {&before, &there, &straggler}) row->dimensions = "department=sales";
    EXPECT_EQ(wait(store->ingest({before, there, straggler})).size(), 3U);
    for (const char* op : {"cut:1", "cut:2"}) {  // the second finds nothing
        storage::Changes changes;
        changes.op_id = op;
        changes.at = noon;
        changes.usage_moves = {{tenant, old_start, cut}};
        ASSERT_EQ(wait(store->commit(changes)), storage::CommitResult::applied);
    }
    const auto stays = wait(store->usage_totals(tenant, old_start)),
               moved = wait(store->usage_totals(tenant, cut));
    ASSERT_EQ(stays.size(), 1U);
    EXPECT_EQ(stays[0].quantity_micro, 1'000'000);
    ASSERT_EQ(moved.size(), 1U);
    EXPECT_EQ(moved[0].quantity_micro, 7'000'000);
    EXPECT_EQ(moved[0].events, 2);
    EXPECT_EQ(wait(store->usage_events(tenant, straggler.meter, cut, 10, "")).size(), 2U);
}

TEST_P(Contract, UsageAndTheCloseOfItsPeriodSeeEachOther) {
    auto store = database.open();
    World world;
    ASSERT_EQ(wait(store->commit(world.founding())), storage::CommitResult::applied);
    auto decided_before = world.subscription;
    const auto usage_in = [&](const std::string& id, CivilDay period) {
        auto row = event(id);
        row.tenant_id = world.tenant.id;
        row.period_start = period;
        return row;
    };
    const auto period = world.subscription.period_start;
    EXPECT_EQ(wait(store->ingest({usage_in("a", period)})), std::vector{Ingested::accepted});

    // A close that was decided without that usage does not go through.
    decided_before.period_start = decided_before.period_end;
    decided_before.period_end = add_days(decided_before.period_end, 30);
    storage::Changes close;
    close.op_id = "close:1";
    close.at = noon;
    close.save(decided_before);
    EXPECT_EQ(wait(store->commit(close)), storage::CommitResult::conflict);
    const auto loaded = wait(store->find_subscription(world.tenant.id, world.subscription.id));
    decided_before.version = loaded->version;
    storage::Changes again;
    again.op_id = "close:2";
    again.at = noon;
    again.save(decided_before);
    EXPECT_EQ(wait(store->commit(again)), storage::CommitResult::applied);

    // Usage of the closed period still counts there, and waits for the next invoice with its days.
    EXPECT_EQ(wait(store->ingest({usage_in("b", decided_before.period_start), usage_in("c", period)})),
              (std::vector{Ingested::accepted, Ingested::accepted}));
    EXPECT_EQ(wait(store->usage_totals(world.tenant.id, period)).at(0).events, 2);
    EXPECT_EQ(
        database.query("SELECT meter, period_start, billed_fen, waits, first_day, last_day FROM usage_late"),
        std::vector<std::string>{"messages|" + format_day(period) + "|0|1|2025-11-25|2025-11-25"});
}

TEST_P(Contract, UsageThatComesAfterTheEndWaitsForABillOfItsOwn) {
    auto store = database.open();
    World world;
    commit(*store, world.founding());
    world.subscription = wait(store->find_subscription(world.tenant.id, world.subscription.id)).value();
    world.subscription.last_day = add_days(world.subscription.period_end, -1);
    Deed end("op_end");
    end.move("subscription", world.subscription, "ENDED");
    end.changes.save(world.subscription);
    commit(*store, end.changes);
    auto row = event("a");
    row.tenant_id = world.tenant.id;
    row.period_start = world.subscription.period_start;
    EXPECT_EQ(wait(store->ingest({row})), std::vector{Ingested::accepted});
    EXPECT_EQ(database.query("SELECT meter, period_start, waits FROM usage_late"),
              std::vector<std::string>{"messages|" + format_day(row.period_start) + "|1"});
    EXPECT_GT(wait(store->find_subscription(world.tenant.id, world.subscription.id))->version,
              world.subscription.version + 1)
        << "a bill that was decided without it does not go through";
    const auto book = wait(store->usage_book(world.tenant.id.text(), world.subscription.last_day));
    EXPECT_FALSE(book.running);
    ASSERT_EQ(book.ended.size(), 1U);
    EXPECT_TRUE(wait(store->usage_book(world.tenant.id.text(), world.subscription.period_end)).ended.empty());
}

/// How the engine finds the rows: the name of the key, for each table.
std::string key_of(const Database& database, const std::string& query) {
    if (database.kind() == Kind::mariadb) {
        database.query("ANALYZE TABLE usage_total");
        return database.query("EXPLAIN " + query).at(0);
    }
    return database.query("EXPLAIN QUERY PLAN " + query).at(0);
}

TEST_P(Contract, APeriodsUsageIsFoundWithoutReadingTheTenantsHistory) {
    auto store = database.open();
    const auto first = add_days(civil_day(noon), -1'200);
    std::vector<storage::UsageFact> facts;
    for (int period = 0; period < 40; ++period)
        for (int day = 0; day < 10; ++day)
            for (const auto* meter : {"messages", "calls", "storage"}) {
                auto row = event(std::to_string(facts.size()), 1, meter);
                row.period_start = add_days(first, 30 * period);
                row.day = add_days(row.period_start, day);
                facts.push_back(std::move(row));
            }
    wait(store->ingest(std::move(facts)));
    const auto start = format_day(add_days(first, 30 * 39));
    // As the store asks for a page of closes and running costs.
    const auto told =
        key_of(database,
               "SELECT t.* FROM usage_total t WHERE t.tenant_id IN ('ten_1', 'ten_2') AND t.period_start='" +
                   start + "' ORDER BY t.tenant_id, t.meter, t.day");
    EXPECT_NE(told.find("usage_total_period"), std::string::npos) << told;
}

TEST_P(Contract, EventsAreListedInTheirOrderInPages) {
    auto store = database.open();
    wait(store->ingest({event("c"), event("a"), event("b"), event("d", 1, "storage")}));
    const auto start = add_days(civil_day(noon), -10);
    const auto first = wait(store->usage_events(TenantId{"ten_1"}, "messages", start, 2, ""));
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[1].event_id, "b");
    const auto second = wait(store->usage_events(TenantId{"ten_1"}, "messages", start, 2, "b"));
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].event_id, "c");
    EXPECT_TRUE(wait(store->usage_events(TenantId{"ten_2"}, "messages", start, 2, "")).empty());
}

TEST_P(Contract, EventsSentByManyAtOnceAreCountedExactly) {
    auto options = database.options();
    options.writers = 2;
    auto store = database.open(options);
    std::atomic<int> accepted{0};
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 40; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            std::vector<storage::UsageFact> events;
            for (int j = 0; j < 10; ++j) events.emplace_back(event("e" + std::to_string((i * 5 + j) % 120)));
            for (const auto answer : co_await store->ingest(events))
                if (answer == Ingested::accepted) ++accepted;
        });
    run_all(tasks, 2);
    EXPECT_EQ(accepted, 120);
    const auto totals = wait(store->usage_totals(TenantId{"ten_1"}, add_days(civil_day(noon), -10)));
    ASSERT_EQ(totals.size(), 1U);
    EXPECT_EQ(totals[0].events, 120);
    EXPECT_EQ(totals[0].quantity_micro, 120'000'000);
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM usage_event"), std::vector<std::string>{"120"});
}

TEST_P(Contract, AnEventThatOverflowsItsTotalIsRefusedAlone) {
    auto store = database.open();
    EXPECT_EQ(wait(store->ingest(
                  {event("big", INT64_MAX), event("more", INT64_MAX), event("other", 1, "minutes")})),
              (std::vector{Ingested::accepted, Ingested::overflow, Ingested::accepted}));
    auto next_day = event("next day", INT64_MAX);
    next_day.day = add_days(next_day.day, 1);
    next_day.occurred_at += std::chrono::hours{24};
    EXPECT_EQ(wait(store->ingest({next_day})), std::vector{Ingested::overflow})
        << "the period's total must fit";
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM usage_event"), std::vector<std::string>{"2"});
}

}  // namespace
}  // namespace wefee::tests
