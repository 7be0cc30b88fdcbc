// Budgets, crossed thresholds, the checks that usage schedules, and the numbers that tell memory what
// changed.
#include <gtest/gtest.h>

#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

using storage::CommitResult;
using storage::Ingested;

storage::BudgetRow budget_of(const World& world) {
    storage::BudgetRow row;
    row.tenant_id = world.tenant.id;
    row.amount_fen = Fen{50'000};
    row.thresholds = "[50,80,100]";
    row.receivers = R"(["billing_admin"])";
    row.at_limit = "stop";
    row.hard_cap = true;
    row.features = R"(["mass"])";
    row.changed_by = "mem_1";
    row.changed_at = row.created_at = noon;
    return row;
}

template <class Row>
CommitResult put(storage::Store& store, const std::string& op_id, Row row, bool save = false) {
    storage::Changes changes;
    changes.op_id = op_id;
    changes.at = noon;
    if (save)
        changes.save(std::move(row));
    else
        changes.insert(std::move(row));
    return wait(store.commit(std::move(changes)));
}

TEST_P(Contract, ABudgetIsOneRowATenantAndIsSavedOverTheVersionThatWasRead) {
    auto store = database.open();
    World world;
    commit(*store, world.founding());
    EXPECT_FALSE(wait(store->find_budget(world.tenant.id)));
    auto row = budget_of(world);
    EXPECT_EQ(put(*store, "op1", row), CommitResult::applied);
    EXPECT_EQ(put(*store, "op2", row), CommitResult::conflict) << "somebody was faster";
    row.amount_fen = Fen{70'000};
    row.hard_cap = false;
    EXPECT_EQ(put(*store, "op3", row, true), CommitResult::applied);
    EXPECT_EQ(put(*store, "op4", row, true), CommitResult::conflict) << "the version is an older one";
    const auto stored = wait(store->find_budget(world.tenant.id));
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->amount_fen, Fen{70'000});
    EXPECT_FALSE(stored->hard_cap);
    EXPECT_EQ(stored->features, R"(["mass"])");
    EXPECT_EQ(stored->version, 2);
    EXPECT_TRUE(holds(*store));
}

TEST_P(Contract, AThresholdIsCrossedOnceAPeriod) {
    auto store = database.open();
    World world;
    commit(*store, world.founding());
    EXPECT_EQ(put(*store, "op1", budget_of(world)), CommitResult::applied);
    const storage::BudgetEventRow crossed{world.subscription.id,
                                          world.subscription.period_start,
                                          80,
                                          world.tenant.id,
                                          Fen{41'000},
                                          Fen{50'000},
                                          "stop",
                                          true,
                                          noon};
    EXPECT_EQ(put(*store, "op2", crossed), CommitResult::applied);
    EXPECT_EQ(put(*store, "op3", crossed), CommitResult::conflict);
    auto next = crossed;
    next.period_start = world.subscription.period_end;
    EXPECT_EQ(put(*store, "op4", next), CommitResult::applied);
    const auto view = wait(store->load_period(world.subscription.id, std::nullopt));
    ASSERT_TRUE(view && view->budget);
    ASSERT_EQ(view->budget_events.size(), 1U) << "of the asked period only";
    EXPECT_EQ(view->budget_events[0].cost_fen, Fen{41'000});
    EXPECT_TRUE(view->budget_events[0].told);
}

storage::UsageEventRow usage(const World& world, const std::string& id) {
    return {world.tenant.id,
            id,
            "messages",
            1'000'000,
            noon,
            civil_day(noon),
            world.subscription.period_start,
            "{}",
            noon};
}

storage::TaskRow check(const World& world, Instant due_at) {
    return {"budget_check", world.subscription.id.text(), world.tenant.id, due_at, 0, 0};
}

TEST_P(Contract, UsageSchedulesOneCheckWhichAStreamOfUsageDoesNotPutOff) {
    auto store = database.open();
    World world;
    commit(*store, world.founding());
    const auto due = [&] { return database.query("SELECT due_at FROM task WHERE kind='budget_check'"); };
    const auto millis = [](Instant at) { return std::vector<std::string>{std::to_string(to_millis(at))}; };
    using namespace std::chrono_literals;
    wait(store->ingest({usage(world, "a")}));
    EXPECT_TRUE(due().empty()) << "nobody asked for a check";
    wait(store->ingest({usage(world, "b")}, {check(world, noon + 1s)}));
    wait(store->ingest({usage(world, "c")}, {check(world, noon + 2s)}));
    EXPECT_EQ(due(), millis(noon + 1s)) << "one row, at its first time";
    const auto running = wait(store->claim_tasks(noon + 1s, 10, {"budget_check"}));
    ASSERT_EQ(running.size(), 1U);
    EXPECT_EQ(wait(store->ingest({usage(world, "d"), usage(world, "a")}, {check(world, noon + 3s)})),
              (std::vector{Ingested::accepted, Ingested::duplicate}));
    wait(store->finish_task(running[0]));
    EXPECT_EQ(due(), millis(noon + 3s)) << "usage that came while it ran is checked again";
    EXPECT_EQ(wait(store->claim_tasks(noon + 2s, 10, {"budget_check"})).size(), 0U);
    const auto again = wait(store->claim_tasks(noon + 3s, 10, {"budget_check"}));
    ASSERT_EQ(again.size(), 1U);
    wait(store->finish_task(again[0]));
    EXPECT_EQ(wait(store->ingest({usage(world, "d")}, {check(world, noon + 4s)})),
              std::vector{Ingested::duplicate});
    EXPECT_TRUE(due().empty()) << "nothing was new";
}

TEST_P(Contract, UsageIsCheckedAgainstTheSubscriptionThatRuns) {
    auto store = database.open();
    World world;
    commit(*store, world.founding());
    EXPECT_FALSE(wait(store->usage_book("ww_nobody")).tenant);
    EXPECT_FALSE(wait(store->usage_book("ten_nobody")).tenant);
    for (const auto& name : {world.tenant.id.text(), world.tenant.corp_id}) {
        const auto book = wait(store->usage_book(name));
        ASSERT_TRUE(book.tenant && book.running) << name;
        EXPECT_EQ(book.running->subscription.id, world.subscription.id);
        EXPECT_FALSE(book.has_budget);
    }
    put(*store, "op1", budget_of(world));
    EXPECT_TRUE(wait(store->usage_book(world.tenant.id.text())).has_budget);
}

TEST_P(Contract, EveryChangeThatAnEntitlementReadsChangesTheTenantsNumber) {
    auto store = database.open();
    World one{"1"}, two{"2"};
    commit(*store, one.founding());
    commit(*store, two.founding());
    const auto numbers = [&] {
        return wait(store->service_versions({one.tenant.id, two.tenant.id, TenantId{"ten_nobody"}}));
    };
    auto last = numbers();
    ASSERT_EQ(last.size(), 2U) << "unknown tenants are left out";
    const auto other = last.at(two.tenant.id);
    const auto changed = [&] {
        const auto now = numbers();
        const bool rose = now.at(one.tenant.id) > last.at(one.tenant.id);
        last = now;
        return rose && now.at(two.tenant.id) == other;
    };
    EXPECT_FALSE(changed());
    wait(store->ingest({usage(one, "a")}));
    EXPECT_TRUE(changed()) << "usage";
    auto subscription = *wait(store->find_subscription(one.tenant.id, one.subscription.id));
    subscription.seats = 99;
    EXPECT_EQ(put(*store, "op1", subscription, true), CommitResult::applied);
    EXPECT_TRUE(changed()) << "seats";
    put(*store, "op2", budget_of(one));
    EXPECT_TRUE(changed()) << "a budget";
    put(*store, "op3", budget_of(one), true);
    EXPECT_TRUE(changed()) << "another budget";
    EXPECT_EQ(put(*store, "op4", one.tenant, true), CommitResult::applied);
    EXPECT_TRUE(changed()) << "the tenant";
    std::vector<TenantId> many(700, one.tenant.id);
    many.push_back(two.tenant.id);
    EXPECT_EQ(wait(store->service_versions(many)), last) << "more than one read takes";
    EXPECT_TRUE(wait(store->service_versions({})).empty());
}

}  // namespace
}  // namespace wefee::tests
