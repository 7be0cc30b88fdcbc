// When the database errs: nothing is acknowledged that is not there, nothing is done twice.
#include <thread>

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "tests/storage/contract.hpp"
#include "tests/storage/faulty_engine.hpp"
#include "tests/support/private_mariadb.hpp"

namespace wefee::tests {
namespace {

using storage::CommitResult;

struct Faulty {
    explicit Faulty(const Database& database) {
        store = storage::Store::open_on(make_faulty(database.engine(), faults), database.options(), true);
    }
    /// The next `count` commits end so.
    void next(AtCommit what, int count = 1) {
        const int from = faults->commits;
        faults->at_commit = [what, from, count](int number) {
            return number > from && number <= from + count ? what : AtCommit::fine;
        };
    }
    std::shared_ptr<Faults> faults = std::make_shared<Faults>();
    std::unique_ptr<storage::Store> store;
};

TEST_P(Contract, ARolledBackTransactionIsRunAgain) {
    Faulty faulty(database);
    auto world = sent_world(*faulty.store);
    faulty.next(AtCommit::deadlock, 3);
    EXPECT_EQ(wait(faulty.store->commit(world.settling("op_settle"))), CommitResult::applied);
    EXPECT_TRUE(holds(*faulty.store));
}

TEST_P(Contract, AfterFiveRollbacksTheCallerIsToldThatItIsUnavailable) {
    Faulty faulty(database);
    auto world = sent_world(*faulty.store);
    faulty.next(AtCommit::deadlock, 5);
    EXPECT_THROW(wait(faulty.store->commit(world.settling("op_settle"))), storage::Unavailable);
    EXPECT_TRUE(holds(*faulty.store));
}

TEST_P(Contract, ACommitThatWasMadeThoughItSaidOtherwiseIsFoundAndNotMadeAgain) {
    Faulty faulty(database);
    auto world = sent_world(*faulty.store);
    faulty.next(AtCommit::made_but_unknown);
    const int before = faulty.faults->commits;
    EXPECT_EQ(wait(faulty.store->commit(world.settling("op_settle"))), CommitResult::applied);
    EXPECT_EQ(faulty.faults->commits, before + 1);
    EXPECT_EQ(wait(faulty.store->ledger_of("attempt", world.attempt.id.text())).size(), 2U);
    EXPECT_TRUE(holds(*faulty.store));
}

TEST_P(Contract, ACommitThatWasNotMadeIsMadeAgainWithTheSameOperationId) {
    Faulty faulty(database);
    auto world = sent_world(*faulty.store);
    faulty.next(AtCommit::not_made_and_unknown, 2);
    EXPECT_EQ(wait(faulty.store->commit(world.settling("op_settle"))), CommitResult::applied);
    EXPECT_EQ(wait(faulty.store->ledger_of("attempt", world.attempt.id.text())).size(), 2U);
    EXPECT_TRUE(holds(*faulty.store));
}

TEST_P(Contract, ReceiptsWithAnUnknownCommitAreLookedUpByTheirKeys) {
    Faulty faulty(database);
    for (const auto what : {AtCommit::made_but_unknown, AtCommit::not_made_and_unknown}) {
        faulty.next(what);
        const int before = faulty.faults->commits;
        const auto key = "EV-" + std::to_string(before);
        wait(faulty.store->receive(received(key)));
        EXPECT_EQ(faulty.faults->commits - before, what == AtCommit::made_but_unknown ? 1 : 2);
        EXPECT_EQ(database.query("SELECT COUNT(*) FROM inbox WHERE dedup_key='" + key + "'"),
                  std::vector<std::string>{"1"});
    }
}

TEST_P(Contract, SmallWritesWithAnUnknownCommitAreDoneOnce) {
    Faulty faulty(database);
    EXPECT_EQ(wait(faulty.store->next_number("n")), 1);
    faulty.next(AtCommit::made_but_unknown);
    EXPECT_EQ(wait(faulty.store->next_number("n")), 2);
    faulty.next(AtCommit::not_made_and_unknown);
    EXPECT_EQ(wait(faulty.store->next_number("n")), 3);
    EXPECT_EQ(database.query("SELECT value FROM sequence WHERE name='n'"), std::vector<std::string>{"3"});

    const storage::UsageEventRow event{TenantId{"ten_1"}, "e1", "messages", 5, noon, civil_day(noon),
                                       civil_day(noon),   "{}", noon};
    faulty.next(AtCommit::made_but_unknown);
    EXPECT_EQ(wait(faulty.store->ingest({event})), std::vector{storage::Ingested::accepted});
    EXPECT_EQ(wait(faulty.store->usage_totals(TenantId{"ten_1"}, civil_day(noon))).at(0).quantity_micro, 5);
}

TEST_P(Contract, WhileTheDatabaseIsAwayAllAreToldAndAfterwardsAllIsWell) {
    Faulty faulty(database);
    auto world = sent_world(*faulty.store);
    faulty.faults->away = true;
    std::atomic<int> refused{0};
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 20; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            try {
                co_await faulty.store->receive(received("EV-" + std::to_string(i)));
            } catch (const storage::Unavailable&) {
                ++refused;
            }
        });
    run_all(tasks);
    EXPECT_EQ(refused, 20);
    EXPECT_THROW(wait(faulty.store->commit(world.settling("op_settle"))), storage::Unavailable);
    EXPECT_EQ(wait(faulty.store->counts()).inbox, 0);
    faulty.faults->away = false;
    wait(faulty.store->receive(received("EV-1")));
    reload(*faulty.store, world);
    EXPECT_EQ(wait(faulty.store->commit(world.settling("op_settle"))), CommitResult::applied);
    EXPECT_TRUE(holds(*faulty.store));
}

TEST_P(Contract, AWriteThatThrowsHarmsNoOtherOfItsBatch) {
    Faulty faulty(database);
    faulty.faults->at_execute = [](std::string_view sql) {
        if (sql.starts_with("INSERT INTO sequence")) throw std::logic_error("a bug, by the test");
    };
    faulty.faults->close_gate();
    int told = 0;
    std::vector<std::function<io::awaitable<void>()>> tasks;
    tasks.push_back(
        [&]() -> io::awaitable<void> { co_await faulty.store->receive(received("holds the writer")); });
    tasks.push_back([&]() -> io::awaitable<void> {
        faulty.faults->wait_until_held();
        try {
            co_await faulty.store->next_number("n");
        } catch (const std::logic_error&) {
            ++told;
        }
    });
    tasks.push_back([&]() -> io::awaitable<void> { co_await faulty.store->receive(received("EV-1")); });
    tasks.push_back([&]() -> io::awaitable<void> {
        faulty.faults->open_gate();
        co_return;
    });
    run_all(tasks);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(wait(faulty.store->counts()).inbox, 2);
}

// -- a real server that dies: label mysql by name
// ------------------------------------------------------------------

TEST(Faults_mysql, AServerThatIsKilledAndComesBackHasEverythingThatWasAcknowledged) {
    Database database(Kind::mariadb);
    auto store = database.open();
    auto& server = PrivateMariadb::instance();
    std::vector<std::string> acknowledged;
    std::mutex mutex;
    for (int round = 0; round < 3; ++round) {
        std::atomic<bool> stop{false};
        std::jthread killer([&] {
            while (true) {
                {
                    const std::lock_guard lock(mutex);
                    if (acknowledged.size() >= static_cast<std::size_t>(300 * (round + 1))) break;
                }
                std::this_thread::yield();
            }
            server.kill();
            stop = true;
        });
        std::vector<std::function<io::awaitable<void>()>> tasks;
        for (int i = 0; i < 16; ++i)
            tasks.push_back([&, i]() -> io::awaitable<void> {
                for (int n = 0; !stop; ++n) {
                    const auto key =
                        std::to_string(round) + "-" + std::to_string(i) + "-" + std::to_string(n);
                    try {
                        co_await store->receive(received(key));
                    } catch (const storage::Unavailable&) {
                        continue;  // not acknowledged: it may be there or not
                    }
                    const std::lock_guard lock(mutex);
                    acknowledged.push_back(key);
                }
            });
        run_all(tasks, 2);
        killer.join();
        EXPECT_FALSE(wait(store->ready()));
        server.start();
        EXPECT_TRUE(wait(store->ready()));
    }
    const auto rows = database.query("SELECT dedup_key FROM inbox");
    const std::set<std::string> kept(rows.begin(), rows.end());
    for (const auto& key : acknowledged) EXPECT_TRUE(kept.contains(key)) << key;
    EXPECT_GE(acknowledged.size(), 900U);
    auto world = sent_world(*store);
    commit(*store, world.settling("op_settle"));
    EXPECT_TRUE(holds(*store, noon));
}

TEST(Faults_mysql, AConnectionKilledBeforeCommitIsNotTakenForACommit) {
    Database database(Kind::mariadb);
    const auto engine = database.engine();
    database.open()->close();
    const auto db = engine->connect();
    std::int64_t id = 0;
    db->query("SELECT CONNECTION_ID()", {},
              [&](std::span<const storage::sql::Value> row) { id = std::get<std::int64_t>(row[0]); });
    db->begin();
    db->execute("INSERT INTO op_log (op_id, at) VALUES ('op_1', 1)");
    PrivateMariadb::instance().sql("KILL " + std::to_string(id));
    try {
        db->commit();
        ADD_FAILURE() << "the commit cannot have been made";
    } catch (const storage::sql::Error& error) {
        EXPECT_EQ(error.error_class(), storage::sql::ErrorClass::commit_unknown);
    }
    EXPECT_TRUE(database.query("SELECT op_id FROM op_log").empty());
}

TEST(Faults_mysql, TwoThatLockEachOtherAreBothDone) {
    Database database(Kind::mariadb);
    const auto engine = database.engine();
    {
        const auto store = database.open();
        wait(store->next_number("a"));
        wait(store->next_number("b"));
    }
    const auto one = engine->connect();
    const auto two = engine->connect();
    one->begin();
    two->begin();
    one->execute("UPDATE sequence SET value=value+1 WHERE name='a'");
    two->execute("UPDATE sequence SET value=value+1 WHERE name='b'");
    storage::sql::ErrorClass seen{};
    const auto cross = [&](storage::sql::Connection& db, const char* sql) {
        try {
            db.execute(sql);
            db.commit();
        } catch (const storage::sql::Error& error) {
            seen = error.error_class();
            db.rollback();
        }
    };
    std::jthread other([&] { cross(*two, "UPDATE sequence SET value=value+1 WHERE name='a'"); });
    cross(*one, "UPDATE sequence SET value=value+1 WHERE name='b'");
    other.join();
    EXPECT_EQ(seen, storage::sql::ErrorClass::rolled_back) << "one of them was the victim";
}

}  // namespace
}  // namespace wefee::tests
