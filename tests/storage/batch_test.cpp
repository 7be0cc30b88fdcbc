// Group commit: what is merged into one transaction means the same as one after the other.
#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "tests/storage/contract.hpp"
#include "tests/storage/faulty_engine.hpp"

namespace wefee::tests {
namespace {

using storage::CommitResult;

/// Everything that Changes write, without ids that the database gives and hashes that follow from them.
std::vector<std::string> picture(const Database& database) {
    std::vector<std::string> all;
    for (const auto* sql : {
             "SELECT id, state, state_seq, audit_head, version, paid_fen, reserved_fen, refunded_fen FROM "
             "invoice "
             "ORDER BY id",
             "SELECT id, state, state_seq, audit_head, version, failures FROM charge ORDER BY id",
             "SELECT id, state, state_seq, audit_head, version, open_flag, won_flag, provider_txn, "
             "paid_at_bj, sends "
             "FROM attempt ORDER BY id",
             "SELECT consent_id, cycle, reserved_fen, taken_fen, version FROM consent_cycle ORDER BY "
             "consent_id",
             "SELECT entity, entity_id, seq, from_state, to_state, actor, op_id, at, prev_hash, hash FROM "
             "audit "
             "ORDER BY entity, entity_id, seq",
             "SELECT txn_id, account, debit_fen, credit_fen, ref_type, ref_id, tenant_id, at FROM ledger "
             "ORDER BY txn_id, account",
             "SELECT kind, dedup_key, ref_id, payload, next_at FROM outbox ORDER BY kind, dedup_key",
             "SELECT op_id, at FROM op_log WHERE op_id NOT LIKE 'writer:%' ORDER BY op_id",
             "SELECT kind, ref_id, due_at, tries FROM task ORDER BY kind, ref_id",
         })
        for (auto& row : database.query(sql)) all.push_back(std::move(row));
    return all;
}

/// A store whose writer can be held, so that all that is queued meanwhile becomes one batch.
struct Held {
    explicit Held(const Database& database, std::size_t batch_max = 128) {
        auto options = database.options();
        options.batch_max = batch_max;
        store = storage::Store::open_on(make_faulty(database.engine(), faults), options, true);
    }
    /// Commits all at once: one batch. Results in order.
    std::vector<CommitResult> together(std::vector<storage::Changes> all) {
        std::vector<CommitResult> results(all.size());
        faults->close_gate();
        std::vector<std::function<io::awaitable<void>()>> tasks;
        tasks.push_back([this]() -> io::awaitable<void> { co_await store->next_number("holds the writer"); });
        // The loop below runs in order: the first task is at the gate before the others queue.
        for (std::size_t i = 0; i < all.size(); ++i)
            tasks.push_back([this, &all, &results, i]() -> io::awaitable<void> {
                if (i == 0) faults->wait_until_held();
                results[i] = co_await store->commit(all[i]);
            });
        tasks.push_back([this]() -> io::awaitable<void> {
            commits_before = faults->commits;
            faults->open_gate();
            co_return;
        });
        run_all(std::move(tasks));
        commits = faults->commits - commits_before;
        return results;
    }
    std::shared_ptr<Faults> faults = std::make_shared<Faults>();
    std::unique_ptr<storage::Store> store;
    int commits_before = 0;
    int commits = 0;
};

/// What twelve worlds do, with every kind of trouble among them.
std::vector<storage::Changes> troubled(std::vector<World>& worlds) {
    std::vector<storage::Changes> all;
    for (auto& world : worlds) {
        auto changes = world.settling("op_settle_" + world.tag);
        changes.schedule.push_back({"remind", world.charge.id.text(), world.tenant.id, noon, 0, 0});
        all.push_back(std::move(changes));
    }
    all[3].op_id = "op_send_5";  // was there: already
    std::get<storage::RowChanges<storage::AttemptRow>>(all[6].rows).saves[0].version =
        1;                                                // somebody was faster
    all.push_back(World(worlds[8]).settling("op_late"));  // one that touches the same rows: conflict or stale
    return all;
}

TEST_P(Contract, AMergedBatchWritesExactlyWhatOneByOneWrites) {
    const auto run = [&](Database& at, std::size_t batch_max, std::vector<CommitResult>& results,
                         int& commits) {
        std::vector<World> worlds;
        {
            const auto store = at.open();
            for (int i = 0; i < 12; ++i) worlds.push_back(sent_world(*store, std::to_string(i)));
        }
        Held held(at, batch_max);
        results = held.together(troubled(worlds));
        commits = held.commits;
        EXPECT_TRUE(holds(*held.store));
    };
    Database single(GetParam());
    std::vector<CommitResult> merged_results;
    std::vector<CommitResult> single_results;
    int merged_commits = 0;
    int single_commits = 0;
    run(database, 128, merged_results, merged_commits);
    run(single, 1, single_results, single_commits);
    EXPECT_EQ(merged_commits, 2) << "the one that held the writer, and one batch";
    EXPECT_EQ(single_commits, 14);
    EXPECT_EQ(merged_results, single_results);
    EXPECT_EQ(merged_results[3], CommitResult::already);
    EXPECT_EQ(merged_results[6], CommitResult::conflict);
    EXPECT_EQ(merged_results[8], CommitResult::applied);
    EXPECT_EQ(merged_results[12], CommitResult::conflict);
    EXPECT_EQ(picture(database), picture(single));
}

TEST_P(Contract, OfManyReceiptsThatWaitHalfGoIntoTheNextTransaction) {
    const auto faults = std::make_shared<Faults>();
    auto store = storage::Store::open_on(make_faulty(database.engine(), faults), database.options(), true);
    wait(store->receive(received("EV-connects")));
    for (const auto& [receipts, most] : {std::pair{32, 2}, std::pair{33, 3}, std::pair{128, 4}}) {
        faults->close_gate();
        const int before = faults->commits;
        std::vector<std::function<io::awaitable<void>()>> tasks;
        for (int i = 0; i <= receipts; ++i)
            tasks.push_back([&, i, receipts]() -> io::awaitable<void> {
                if (i == 1) faults->wait_until_held();
                co_await store->receive(received("EV-" + std::to_string(receipts) + "-" + std::to_string(i)));
            });
        tasks.push_back([&]() -> io::awaitable<void> {
            faults->open_gate();
            co_return;
        });
        run_all(std::move(tasks));
        EXPECT_EQ(faults->commits - before, most) << receipts << " behind the one that held the writer";
    }
}

TEST_P(Contract, ABatchWithoutTroubleIsFewStatements) {
    std::vector<World> worlds;
    std::vector<storage::Changes> all;
    {
        const auto store = database.open();
        for (int i = 0; i < 64; ++i) worlds.push_back(sent_world(*store, std::to_string(i)));
    }
    for (auto& world : worlds) all.push_back(world.settling("op_settle_" + world.tag));
    Held held(database);
    const int before = held.faults->executes;
    for (const auto result : held.together(std::move(all))) EXPECT_EQ(result, CommitResult::applied);
    EXPECT_TRUE(holds(*held.store));
    if (GetParam() == Kind::mariadb) EXPECT_LT(held.faults->executes - before, 40);
}

TEST_P(Contract, ABrokenOneInABatchFailsAloneAndTheOthersAreWritten) {
    std::vector<World> worlds;
    std::vector<storage::Changes> all;
    {
        const auto store = database.open();
        for (int i = 0; i < 5; ++i) worlds.push_back(sent_world(*store, std::to_string(i)));
    }
    worlds[2].charge.last_cause = "poison";
    for (auto& world : worlds) all.push_back(world.settling("op_settle_" + world.tag));
    database.execute(GetParam() == Kind::sqlite
                         ? "CREATE TRIGGER poison BEFORE UPDATE ON charge WHEN NEW.last_cause='poison' "
                           "BEGIN SELECT RAISE(ABORT, 'poison'); END"
                         : "CREATE TRIGGER poison BEFORE UPDATE ON charge FOR EACH ROW "
                           "IF NEW.last_cause='poison' THEN SIGNAL SQLSTATE '45000'; END IF");
    Held held(database);
    std::vector<int> outcome(5, -1);
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (std::size_t i = 0; i < 5; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            try {
                outcome[i] = co_await held.store->commit(all[i]) == CommitResult::applied ? 1 : 2;
            } catch (const storage::sql::Error&) {
                outcome[i] = 0;
            }
        });
    run_all(tasks);
    EXPECT_EQ(outcome, (std::vector{1, 1, 0, 1, 1}));
    EXPECT_TRUE(holds(*held.store));
}

TEST_P(Contract, AFullQueueAnswersAtOnce) {
    auto options = database.options();
    options.queue_max = 8;
    auto faults = std::make_shared<Faults>();
    const auto store = storage::Store::open_on(make_faulty(database.engine(), faults), options, true);
    faults->close_gate();
    std::atomic<int> kept{0};
    std::atomic<int> refused{0};
    std::vector<std::function<io::awaitable<void>()>> tasks;
    tasks.push_back([&]() -> io::awaitable<void> { co_await store->receive(received("holds the lane")); });
    for (int i = 0; i < 20; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            if (i == 0) faults->wait_until_held();
            try {
                co_await store->receive(received("EV-" + std::to_string(i)));
                ++kept;
            } catch (const storage::Unavailable&) {
                if (++refused == 12) faults->open_gate();  // all refusals came while the writer stood still
            }
        });
    run_all(tasks);
    EXPECT_EQ(refused, 12);
    EXPECT_EQ(kept, 8);
    EXPECT_EQ(wait(store->counts()).inbox, 9);
}

TEST_P(Contract, AReceiptDoesNotWaitBehindTheWorkThatQueuedBeforeIt) {
    auto faults = std::make_shared<Faults>();
    const auto store =
        storage::Store::open_on(make_faulty(database.engine(), faults), database.options(), true);
    constexpr int work = 100;
    std::atomic<int> worked{0};
    int worked_before_the_receipt = -1;
    faults->close_gate();
    std::vector<std::function<io::awaitable<void>()>> tasks;
    tasks.push_back([&]() -> io::awaitable<void> { co_await store->next_number("holds the writer"); });
    for (int i = 0; i < work; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            if (i == 0) faults->wait_until_held();
            co_await store->next_number("n");
            ++worked;
        });
    tasks.push_back([&]() -> io::awaitable<void> {
        co_await store->receive(received("EV-1"));
        worked_before_the_receipt = worked;
    });
    tasks.push_back([&]() -> io::awaitable<void> {
        faults->open_gate();
        co_return;
    });
    run_all(tasks);
    EXPECT_EQ(worked, work);
    // SQLite's one transaction after the gate takes the receipt and a little work; MySQL's lanes run side by
    // side.
    if (GetParam() == Kind::sqlite) EXPECT_LE(worked_before_the_receipt, 16);
    EXPECT_GE(worked_before_the_receipt, 0);
}

TEST_P(Contract, WithoutGroupCommitEachJobIsItsOwnTransaction) {
    auto options = database.options();
    options.group_commit = false;
    auto faults = std::make_shared<Faults>();
    const auto store = storage::Store::open_on(make_faulty(database.engine(), faults), options, true);
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 20; ++i)
        tasks.push_back(
            [&, i]() -> io::awaitable<void> { co_await store->receive(received(std::to_string(i))); });
    run_all(tasks);
    EXPECT_EQ(faults->commits, 20);
}

TEST_P(Contract, ClosingFinishesWhatWaits) {
    auto faults = std::make_shared<Faults>();
    const auto store =
        storage::Store::open_on(make_faulty(database.engine(), faults), database.options(), true);
    faults->close_gate();
    std::atomic<int> kept{0};
    std::vector<std::function<io::awaitable<void>()>> tasks;
    tasks.push_back([&]() -> io::awaitable<void> { co_await store->next_number("holds the writer"); });
    for (int i = 0; i < 5; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            if (i == 0) faults->wait_until_held();
            co_await store->receive(received(std::to_string(i)));
            ++kept;
        });
    tasks.push_back([&]() -> io::awaitable<void> {
        faults->open_gate();
        store->close();
        co_return;
    });
    run_all(tasks);
    EXPECT_EQ(kept, 5);
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM inbox"), std::vector<std::string>{"5"});
}

}  // namespace
}  // namespace wefee::tests
