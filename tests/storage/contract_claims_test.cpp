// Claims: one worker at a time, for a while, whoever else asks.
#include <gtest/gtest.h>

#include <set>

#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

using namespace std::chrono_literals;

storage::TaskRow task(const std::string& ref, Instant due = noon) {
    return {"close_period", ref, TenantId{"ten_1"}, due, 0, 0};
}

TEST_P(Contract, ReceivedRowsAreClaimedOldestFirstAndOnlyOnce) {
    auto store = database.open();
    for (int i = 0; i < 5; ++i) wait(store->receive(received("EV-" + std::to_string(i))));
    const auto first = wait(store->claim_inbox(3));
    ASSERT_EQ(first.size(), 3U);
    EXPECT_EQ(first[0].dedup_key, "EV-0");
    EXPECT_EQ(first[2].dedup_key, "EV-2");
    EXPECT_EQ(wait(store->claim_inbox(10)).size(), 2U);
    EXPECT_TRUE(wait(store->claim_inbox(10)).empty());
    EXPECT_EQ(wait(store->due()).leased, 5U);
    EXPECT_FALSE(wait(store->due()).inbox_waiting);
}

TEST_P(Contract, ALeaseThatRanOutIsClaimedAgain) {
    auto options = database.options();
    options.lease = 0ms;
    auto store = database.open(options);
    wait(store->receive(received("EV-1")));
    EXPECT_EQ(wait(store->claim_inbox(1)).size(), 1U);
    database.execute("UPDATE inbox SET lease_until=lease_until-1");
    EXPECT_EQ(wait(store->claim_inbox(1)).size(), 1U);
}

TEST_P(Contract, APoisonedRowWaitsLongerEachTimeAndIsDeadAfterEightTries) {
    auto store = database.open();
    wait(store->receive(received("EV-1")));
    wait(store->receive(received("EV-2")));
    const auto row = wait(store->claim_inbox(1)).at(0);
    for (int tries = 1; tries < 8; ++tries)
        EXPECT_FALSE(wait(store->fail_inbox(row.id, "cannot be read"))) << tries;
    EXPECT_EQ(wait(store->claim_inbox(10)).size(), 1U) << "the other one is not blocked, this one waits";
    EXPECT_TRUE(wait(store->fail_inbox(row.id, "cannot be read")));
    EXPECT_FALSE(wait(store->fail_inbox(row.id, "again"))) << "it has ended";
    EXPECT_EQ(
        database.query("SELECT outcome, tries, last_error FROM inbox WHERE id=" + std::to_string(row.id)),
        std::vector<std::string>{"dead|8|cannot be read"});
    database.execute("UPDATE inbox SET lease_until=NULL");
    EXPECT_EQ(wait(store->claim_inbox(10)).size(), 1U);
}

TEST_P(Contract, ATaskIsClaimedWhenDueAndGoneWhenFinished) {
    auto store = database.open();
    wait(store->schedule_task(task("sub_2", noon + 1h)));
    wait(store->schedule_task(task("sub_1", noon)));
    EXPECT_EQ(wait(store->due()).next, noon);
    EXPECT_TRUE(wait(store->claim_tasks(noon - 1ms, 10, {"close_period"})).empty());
    const auto claimed = wait(store->claim_tasks(noon, 10, {"close_period"}));
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].ref_id, "sub_1");
    EXPECT_TRUE(wait(store->claim_tasks(noon, 10, {"close_period"})).empty());
    EXPECT_EQ(wait(store->due()).leased, 1U);
    EXPECT_EQ(wait(store->due()).next, noon + 1h);
    wait(store->finish_task(claimed[0]));
    EXPECT_EQ(database.query("SELECT ref_id FROM task"), std::vector<std::string>{"sub_2"});
    EXPECT_EQ(wait(store->due()).leased, 0U);
}

TEST_P(Contract, TasksAreClaimedByTheirKindsAndTheLongestDueFirst) {
    auto store = database.open();
    const auto of = [](const std::string& kind, const std::string& ref, Instant due) {
        return storage::TaskRow{kind, ref, TenantId{"ten_1"}, due, 0, 0};
    };
    for (int i = 0; i < 9; ++i) wait(store->schedule_task(task("sub_" + std::to_string(i), noon - 1h)));
    wait(store->schedule_task(of("charge_step", "chg_1", noon)));
    wait(store->schedule_task(of("charge_step", "chg_2", noon - 2min)));
    wait(store->schedule_task(of("attempt_step", "att_1", noon - 1min)));
    std::vector<std::string> refs;
    for (const auto& claimed :
         wait(store->claim_tasks(noon, 2, {"attempt_step", "charge_step", "refund_step"})))
        refs.push_back(claimed.ref_id);
    EXPECT_EQ(refs, (std::vector<std::string>{"chg_2", "att_1"}))
        << "nine others that are due before them are not in the way";
    EXPECT_EQ(wait(store->claim_tasks(noon, 2, {"attempt_step", "charge_step"})).at(0).ref_id, "chg_1");
    EXPECT_EQ(wait(store->claim_tasks(noon, 20, {"close_period"})).size(), 9U);
    EXPECT_TRUE(wait(store->claim_tasks(noon, 20, {})).empty());
}

TEST_P(Contract, ATaskScheduledAnewWhileItIsWorkedOnStays) {
    auto store = database.open();
    wait(store->schedule_task(task("sub_1")));
    const auto claimed = wait(store->claim_tasks(noon, 1, {"close_period"})).at(0);
    Deed deed("op_1");
    deed.changes.schedule.push_back(task("sub_1", noon + 24h));
    commit(*store, deed.changes);
    wait(store->finish_task(claimed));
    const auto next = wait(store->claim_tasks(noon + 24h, 1, {"close_period"}));
    ASSERT_EQ(next.size(), 1U);
    EXPECT_EQ(next[0].tries, 0);
    EXPECT_GT(next[0].fence, claimed.fence);
    wait(store->finish_task(claimed));  // the old claim can no longer end it
    EXPECT_EQ(wait(store->due()).leased, 1U);
}

TEST_P(Contract, AFinishedTaskThatIsScheduledAgainIsNotEndedByAnOldClaim) {
    auto store = database.open();
    wait(store->schedule_task(task("sub_1")));
    const auto old = wait(store->claim_tasks(noon, 1, {"close_period"})).at(0);
    wait(store->finish_task(old));
    wait(store->schedule_task(task("sub_1")));
    const auto anew = wait(store->claim_tasks(noon, 1, {"close_period"})).at(0);
    EXPECT_NE(anew.fence, old.fence);
    wait(store->finish_task(old));
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM task"), std::vector<std::string>{"1"});
}

TEST_P(Contract, APostponedTaskCountsItsTryAndIsDueLater) {
    auto store = database.open();
    wait(store->schedule_task(task("sub_1")));
    const auto claimed = wait(store->claim_tasks(noon, 1, {"close_period"})).at(0);
    wait(store->postpone_task(claimed, noon + 5min));
    EXPECT_EQ(wait(store->due()).next, noon + 5min);
    EXPECT_TRUE(wait(store->claim_tasks(noon, 1, {"close_period"})).empty());
    EXPECT_EQ(wait(store->claim_tasks(noon + 5min, 1, {"close_period"})).at(0).tries, 1);
}

TEST_P(Contract, AnUnscheduledTaskIsGoneAndARescheduledOneStays) {
    auto store = database.open();
    wait(store->schedule_task(task("sub_1")));
    wait(store->schedule_task(task("sub_2")));
    Deed deed("op_1");
    deed.changes.unschedule = {
        {"close_period", "sub_1"}, {"close_period", "sub_2"}, {"close_period", "none"}};
    deed.changes.schedule.push_back(task("sub_2", noon + 1h));
    commit(*store, deed.changes);
    EXPECT_EQ(database.query("SELECT ref_id FROM task"), std::vector<std::string>{"sub_2"});
    EXPECT_EQ(wait(store->due()).next, noon + 1h);
}

TEST_P(Contract, AnOutboxMessageIsSentByWhoeverClaimedItLast) {
    auto store = database.open();
    Deed deed("op_1");
    storage::OutboxRow message;
    message.kind = "upcoming";
    message.dedup_key = "chg_1";
    message.ref_id = "chg_1";
    message.payload = "{}";
    message.next_at = noon;
    message.expires_at = noon + 24h;
    deed.changes.outbox.push_back(message);
    commit(*store, deed.changes);
    EXPECT_TRUE(wait(store->claim_outbox(noon - 1ms, 5)).empty());
    const auto lost = wait(store->claim_outbox(noon, 5)).at(0);
    EXPECT_EQ(lost.expires_at, noon + 24h);
    EXPECT_TRUE(wait(store->claim_outbox(noon, 5)).empty());
    database.execute("UPDATE outbox SET lease_until=1");  // its worker was frozen
    const auto claimed = wait(store->claim_outbox(noon, 5)).at(0);

    const auto outcome = [&](const storage::OutboxRow& row, const std::string& op, bool done) {
        Deed result(op);
        storage::OutboxOutcome end{row.id, row.fence, std::nullopt, "{}", std::nullopt};
        if (done)
            end.done_at = noon;
        else
            end.next_at = noon + 1min;
        result.changes.outbox_done.push_back(end);
        return wait(store->commit(result.changes));
    };
    EXPECT_EQ(outcome(lost, "op_2", true), storage::CommitResult::conflict);
    EXPECT_EQ(outcome(claimed, "op_3", false), storage::CommitResult::applied);
    EXPECT_EQ(wait(store->due()).next, noon + 1min);
    const auto last = wait(store->claim_outbox(noon + 1min, 5)).at(0);
    EXPECT_EQ(last.tries, 1);
    EXPECT_EQ(outcome(last, "op_4", true), storage::CommitResult::applied);
    EXPECT_EQ(wait(store->counts()).outbox_pending, 0);
    EXPECT_FALSE(wait(store->due()).next.has_value());
}

TEST_P(Contract, ManyClaimersNeverGetTheSameRow) {
    auto options = database.options();
    options.writers = 3;
    auto store = database.open(options);
    std::vector<std::function<io::awaitable<void>()>> fill;
    for (int i = 0; i < 200; ++i)
        fill.push_back([&, i]() -> io::awaitable<void> {
            co_await store->receive(received("EV-" + std::to_string(i)));
            co_await store->schedule_task(task("sub_" + std::to_string(i)));
        });
    run_all(fill, 2);
    std::mutex mutex;
    std::multiset<std::int64_t> rows;
    std::multiset<std::string> tasks;
    std::vector<std::function<io::awaitable<void>()>> claimers;
    for (int i = 0; i < 16; ++i)
        claimers.push_back([&]() -> io::awaitable<void> {
            for (;;) {
                const auto got = co_await store->claim_inbox(5);
                const auto work = co_await store->claim_tasks(noon, 5, {"close_period"});
                const std::lock_guard lock(mutex);
                for (const auto& row : got) rows.insert(row.id);
                for (const auto& row : work) tasks.insert(row.ref_id);
                if (rows.size() >= 200 && tasks.size() >= 200) co_return;
            }
        });
    run_all(claimers, 2);
    EXPECT_EQ(rows.size(), 200U);
    EXPECT_EQ(std::set(rows.begin(), rows.end()).size(), 200U);
    EXPECT_EQ(std::set(tasks.begin(), tasks.end()).size(), tasks.size());
}

}  // namespace
}  // namespace wefee::tests
