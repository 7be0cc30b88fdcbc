// The schema comes forward only, once, and is never taken for another.
#include "storage/migrations/migrations.hpp"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "billing/machines.hpp"
#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

using storage::Migration;
using storage::Statement;

constexpr std::array first{
    Statement{"CREATE TABLE IF NOT EXISTS a (id $ID NOT NULL PRIMARY KEY, n $INT) $END"}};
constexpr std::array first_changed{
    Statement{"CREATE TABLE IF NOT EXISTS a (id $ID NOT NULL PRIMARY KEY) $END"}};
constexpr std::array second{Statement{"CREATE TABLE IF NOT EXISTS b (id $ID NOT NULL PRIMARY KEY) $KEYED"},
                            Statement{"CREATE INDEX a_n ON a (n)"}};
constexpr std::array machines{
    Statement{"CREATE TABLE IF NOT EXISTS transition (entity $WORD NOT NULL, from_state "
              "$WORD NOT NULL, to_state $WORD NOT NULL, PRIMARY KEY (entity, from_state, "
              "to_state)) $KEYED"}};

void apply(storage::sql::Engine& engine, const std::vector<Migration>& wanted, bool allowed = true) {
    const auto db = engine.connect_migrator();
    storage::migrate(*db, wanted, {.apply = allowed, .owner = "test"});
}

TEST_P(Contract, MigrationsAreAppliedOnceAndInOrder) {
    const auto engine = database.engine();
    const Migration zero{1, "machines", false, machines};
    const Migration one{2, "one", false, first};
    const Migration two{3, "two", true, second};
    apply(*engine, {zero, one});
    apply(*engine, {zero, one});
    apply(*engine, {zero, one, two});
    apply(*engine, {zero, one, two}, false);
    EXPECT_EQ(database.query("SELECT number, name, compatible FROM schema_migration ORDER BY number"),
              (std::vector<std::string>{"1|machines|0", "2|one|0", "3|two|1"}));
}

TEST_P(Contract, APendingMigrationIsRefusedWhenItMayNotBeApplied) {
    const auto engine = database.engine();
    const Migration zero{1, "machines", false, machines};
    EXPECT_THROW(apply(*engine, {zero}, false), storage::sql::Error);
    apply(*engine, {zero});
    EXPECT_THROW(apply(*engine, {zero, {2, "one", false, first}}, false), storage::sql::Error);
    EXPECT_THROW(storage::Store::open_on(database.engine(), database.options(), false), std::exception);
}

TEST_P(Contract, AMigrationChangedAfterItWasAppliedIsRefused) {
    const auto engine = database.engine();
    const Migration zero{1, "machines", false, machines};
    apply(*engine, {zero, {2, "one", false, first}});
    try {
        apply(*engine, {zero, {2, "one", false, first_changed}});
        ADD_FAILURE() << "it was changed";
    } catch (const storage::sql::Error& error) {
        EXPECT_NE(std::string(error.what()).find("migration 2 was changed"), std::string::npos);
    }
}

TEST_P(Contract, ANewerSchemaIsWorkedOnOnlyWhenItIsMarkedCompatible) {
    const auto engine = database.engine();
    const Migration zero{1, "machines", false, machines};
    apply(*engine, {zero, {2, "one", true, first}});
    EXPECT_NO_THROW(apply(*engine, {zero}, false));
    apply(*engine, {zero, {2, "one", true, first}, {3, "two", false, second}});
    EXPECT_THROW(apply(*engine, {zero, {2, "one", true, first}}, false), storage::sql::Error);
}

TEST_P(Contract, AMigrationThatBrokeOffInTheMiddleIsFinishedByTheNextTry) {
    const auto engine = database.engine();
    const Migration zero{1, "machines", false, machines};
    const Migration one{2, "one", false, first};
    const Migration two{3, "two", false, second};
    apply(*engine, {zero, one});
    const auto db = engine->connect_migrator();
    if (GetParam() == Kind::mariadb)  // half of it stands, as after a crash between two statements
        db->script(storage::expand(second[0].text, db->dialect(), "utf8mb4_bin"));
    apply(*engine, {zero, one, two});
    apply(*engine, {zero, one, two});
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM b"), std::vector<std::string>{"0"});
}

TEST_P(Contract, AStartThatHasNothingToMigrateDoesNotWaitForOneThatWasKilled) {
    const auto all = storage::migrations();
    apply(*database.engine(), {all.begin(), all.end()});
    database.execute("UPDATE schema_lock SET owner='killed', lease_until=9000000000000000");
    EXPECT_NO_THROW(apply(*database.engine(), {all.begin(), all.end()}));
    EXPECT_EQ(database.query("SELECT owner FROM schema_lock"), std::vector<std::string>{"killed"});
    database.execute("DELETE FROM transition WHERE entity='charge'");
    database.execute("UPDATE schema_lock SET lease_until=0");
    apply(*database.engine(), {all.begin(), all.end()});
    EXPECT_NE(database.query("SELECT COUNT(*) FROM transition WHERE entity='charge'"),
              std::vector<std::string>{"0"});
}

TEST_P(Contract, SeveralProcessesMayMigrateAtOnce) {
    if (GetParam() == Kind::sqlite) {
        EXPECT_NO_THROW(database.open());  // the file lock keeps them apart: one opens, the others refuse
        return;
    }
    std::vector<std::jthread> threads;
    std::atomic<int> opened{0};
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            const auto engine = database.engine();
            engine->thread_begin();
            {
                const auto db = engine->connect_migrator();
                storage::migrate(*db, storage::migrations(),
                                 {.apply = true, .owner = "p" + std::to_string(opened.load())});
            }
            engine->thread_end();
            ++opened;
        });
    threads.clear();
    EXPECT_EQ(opened, 3);
    EXPECT_TRUE(wait(database.open()->ready()));
}

TEST_P(Contract, EveryLegalMoveOfEveryMachineIsInTheDatabase) {
    const auto store = database.open();
    std::vector<std::string> expected;
    for (const auto& move : all_transitions())
        expected.push_back(std::string(move.entity) + "|" + std::string(move.from) + "|" +
                           std::string(move.to));
    std::ranges::sort(expected);
    auto stored = database.query("SELECT entity, from_state, to_state FROM transition");
    std::ranges::sort(stored);
    EXPECT_EQ(stored, expected);
    EXPECT_GT(stored.size(), 100U);
}

TEST_P(Contract, InvoicesOfEarlierSchemasSayWhatTheyWereFor) {
    const auto all = storage::migrations();
    const auto before = std::ranges::find(all, "parts", &Migration::name);
    ASSERT_NE(before, all.end());
    const auto engine = database.engine();
    apply(*engine, {all.begin(), before});
    for (const auto* place : {"0, 0", "1, 0", "1, 1"})
        database.execute(std::string("INSERT INTO invoice (id, tenant_id, subscription_id, number, "
                                     "period_start, period_end, price_list_id, "
                                     "state, state_seq, audit_head, total_fen, tax_fen, paid_fen, "
                                     "reserved_fen, refunded_fen, created_at, "
                                     "version, cycle, part) VALUES ('") +
                         place + "', '', '', '', '', '', '', '', 1, '', 0, 0, 0, 0, 0, 1, 1, " + place + ")");
    apply(*engine, {all.begin(), all.end()});
    EXPECT_EQ(database.query("SELECT cause FROM invoice ORDER BY cycle, part"),
              (std::vector<std::string>{"opening", "period", "change"}));
}

TEST_P(Contract, SubscriptionsOfEarlierSchemasAreLookedAtForTheirTrial) {
    const auto all = storage::migrations();
    const auto before = std::ranges::find(all, "trials", &Migration::name);
    ASSERT_NE(before, all.end());
    const auto engine = database.engine();
    apply(*engine, {all.begin(), before});
    for (const auto* row :
         {"'opening', 'ACTIVE', 1", "'planned', 'ACTIVE', 2", "'old', 'ACTIVE', 99", "'over', 'ENDED', 1"})
        database.execute(std::string("INSERT INTO subscription (tenant_id, price_list_id, plan_code, "
                                     "add_ons, seats, state_seq, audit_head, "
                                     "payment_way, started_on, period_start, period_end, anchor_day, "
                                     "created_at, version, id, state, cycle) "
                                     "VALUES ('', '', '', '', 0, 1, '', '', '', '', '', 1, 1, 1, ") +
                         row + ")");
    for (const auto* row : {"'bill_opening', 'opening', 7", "'begin_terms', 'planned', 8"})
        database.execute(
            std::string(
                "INSERT INTO task (tenant_id, tries, fence, kind, ref_id, due_at) VALUES ('', 0, 0, ") +
            row + ")");
    apply(*engine, {all.begin(), all.end()});
    EXPECT_EQ(
        database.query("SELECT id, trial, trial_end, advance_waits FROM subscription ORDER BY id"),
        (std::vector<std::string>{"old|1|NULL|0", "opening|1|NULL|1", "over|1|NULL|0", "planned|1|NULL|0"}));
    EXPECT_EQ(database.query("SELECT ref_id, due_at FROM task WHERE kind='begin_terms' ORDER BY ref_id"),
              (std::vector<std::string>{"opening|0", "planned|8"}));
}

TEST_P(Contract, TenantsAndMandatesOfEarlierSchemasKeepTheirRows) {
    const auto all = storage::migrations();
    const auto before = std::ranges::find(all, "clustered", &Migration::name);
    ASSERT_NE(before, all.end());
    const auto engine = database.engine();
    apply(*engine, {all.begin(), before});
    for (const auto* id : {"b", "a"}) {
        database.execute(std::string("INSERT INTO tenant (id, corp_id, name, anchor_day, deduction_day, "
                                     "deductions_paused, created_at, version) VALUES ('ten_") +
                         id + "', 'ww_" + id + "', 'n', 31, 8, 1, 5, 7)");
        database.execute(
            std::string("INSERT INTO mandate (id, tenant_id, consent_id, provider, mchid, our_number, "
                        "serial, contract_id, payer, account_text, state, state_seq, audit_head, "
                        "expires_at, next_deduct_day, end_cause, queries, created_at, version) VALUES "
                        "('man_") +
            id + "', 't', 'con_1', 'wechat', 'm', 'our_" + id +
            "', 1, 'c', 'p', 'x', 'ACTIVE', 3, 'h', 9, '2030-01-02', '', 0, 5, 7)");
    }
    apply(*engine, {all.begin(), all.end()});
    EXPECT_EQ(
        database.query("SELECT id, corp_id, anchor_day, deductions_paused, version FROM tenant ORDER BY id"),
        (std::vector<std::string>{"ten_a|ww_a|31|1|7", "ten_b|ww_b|31|1|7"}));
    EXPECT_EQ(
        database.query("SELECT id, our_number, state, signed_at, expires_at, next_deduct_day FROM mandate "
                       "ORDER BY id"),
        (std::vector<std::string>{"man_a|our_a|ACTIVE|NULL|9|2030-01-02",
                                  "man_b|our_b|ACTIVE|NULL|9|2030-01-02"}));
    EXPECT_THROW(
        database.execute("INSERT INTO tenant (id, corp_id, name, anchor_day, deduction_day, "
                         "deductions_paused, created_at, version) VALUES ('c', 'ww_a', '', 1, 8, 0, 5, 1)"),
        std::exception)
        << "a company is one tenant";
}

TEST(Migrations_sqlite, TheTextOfMigrationOneNeverChanges) {
    const auto all = storage::migrations();
    ASSERT_GE(all.size(), 1U);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].number, static_cast<int>(i + 1));
}

TEST(Migrations_sqlite, NoTokenIsLeftUnexpanded) {
    for (const auto& migration : storage::migrations())
        for (const auto& statement : migration.statements)
            for (const auto dialect : {storage::sql::Dialect::sqlite, storage::sql::Dialect::mysql})
                EXPECT_EQ(storage::expand(statement.text, dialect, "utf8mb4_bin").find('$'),
                          std::string::npos)
                    << statement.text;
}

}  // namespace
}  // namespace wefee::tests
