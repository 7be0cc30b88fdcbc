// The month's close in pages: the same invoices whatever the page, each once, whoever fails and whatever is
// repeated.
#include <gtest/gtest.h>

#include <set>

#include "server/flows/close_page.hpp"
#include "server/flows/close_period.hpp"
#include "server/flows/names.hpp"
#include "server/workers/workers.hpp"
#include "tests/bench/close/company.hpp"
#include "tests/storage/database.hpp"
#include "tests/storage/faulty_engine.hpp"
#include "tests/support/standing_app.hpp"

namespace wefee::server {
namespace {

using namespace std::chrono_literals;
using bench::close_time;
using tests::Kind;
using tests::wait;

constexpr std::size_t companies = 40;

/// Some pay by hand, some by deduction, some nothing at all.
bench::CompanyPlan plan_of(std::size_t number) {
    if (number % 10 == 9) return {.code = "free", .deducted = false, .usage_days = 1};
    return {.deducted = number % 3 != 0, .usage_days = static_cast<int>(1 + number % 5)};
}

storage::TaskRow task_of(std::size_t number) {
    for (auto& task : bench::company_founding(number, plan_of(number)).schedule)
        if (task.kind == task::close_period) return task;
    throw std::logic_error("no close is scheduled");
}

std::string subscription_of(std::size_t number) { return task_of(number).ref_id; }

std::vector<storage::TaskRow> all_tasks() {
    std::vector<storage::TaskRow> tasks;
    for (std::size_t number = 0; number < companies; ++number) tasks.push_back(task_of(number));
    return tasks;
}

class Close : public testing::TestWithParam<Kind> {
protected:
    tests::Database database{GetParam()};

    /// A store with all companies and what they used.
    void found(const tests::Database& where) {
        auto store = where.open();
        wait(store->commit(bench::price_list_founding()));
        std::vector<storage::Changes> all;
        for (std::size_t number = 0; number < companies; ++number)
            all.push_back(bench::company_founding(number, plan_of(number)));
        for (const auto& committed : wait(store->commit_all(std::move(all)))) ASSERT_FALSE(committed.failure);
        for (std::size_t number = 0; number < companies; ++number)
            for (const auto& total : bench::company_usage(number, plan_of(number)))
                where.execute(
                    "INSERT INTO usage_total (tenant_id, meter, period_start, day, quantity_micro, events) "
                    "VALUES ('" +
                    total.tenant_id.text() + "', '" + total.meter + "', '" + format_day(total.period_start) +
                    "', '" + format_day(total.day) + "', " + std::to_string(total.quantity_micro) + ", 40)");
    }

    std::string one(const std::string& sql) const { return database.query(sql).at(0); }
    std::string invoices() const { return one("SELECT COUNT(*) FROM invoice"); }

    void expect_each_closed_once_and_proven(storage::Store& store) {
        EXPECT_EQ(invoices(), std::to_string(companies));
        EXPECT_EQ(one("SELECT COUNT(*) FROM subscription WHERE cycle=2 AND period_start='2026-11-01'"),
                  std::to_string(companies));
        EXPECT_EQ(
            one("SELECT COUNT(*) FROM task WHERE kind='close_period' AND lease_until IS NULL AND due_at>" +
                std::to_string(to_millis(close_time + 24h * 27))),
            std::to_string(companies))
            << "the next close stands in the place of each";
        for (const auto& broken : wait(store.check_invariants(close_time, Fen{100'000'000})))
            ADD_FAILURE() << broken.number << " " << broken.says << " " << broken.rows.at(0);
        for (const auto& broken : wait(store.check_audit_chain()))
            ADD_FAILURE() << broken.number << " " << broken.says;
    }
};

INSTANTIATE_TEST_SUITE_P(Sqlite, Close, testing::Values(Kind::sqlite));
INSTANTIATE_TEST_SUITE_P(Mysql, Close, testing::Values(Kind::mariadb));

io::awaitable<void> work(Workers& workers) {
    while (co_await workers.round() > 0) {
    }
}

TEST_P(Close, APageMakesTheSameRowsByteForByteAsOneByOne) {
    const auto rows_after = [&](std::size_t page_size) {
        const tests::Database own{GetParam()};
        found(own);
        auto store = own.open();
        tests::StandingApp at{*store, close_time};
        const auto tasks = all_tasks();
        for (auto from = tasks.begin(); from != tasks.end();) {
            const auto to = from + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                       page_size, static_cast<std::size_t>(tasks.end() - from)));
            for (const auto& end : wait(close_periods(at.app, {from, to})))
                EXPECT_EQ(end.how, TaskEnd::How::moved) << end.failure;
            from = to;
        }
        std::vector<std::string> rows;
        for (const auto* query :
             {"SELECT * FROM invoice ORDER BY id", "SELECT * FROM invoice_line ORDER BY invoice_id, position",
              "SELECT * FROM charge ORDER BY id", "SELECT * FROM subscription ORDER BY id",
              "SELECT txn_id, account, debit_fen, credit_fen, ref_id, at FROM ledger ORDER BY txn_id, "
              "account",
              "SELECT kind, dedup_key, next_at, expires_at FROM outbox ORDER BY kind, dedup_key",
              "SELECT kind, ref_id, due_at, tries FROM task ORDER BY kind, ref_id",
              "SELECT entity, entity_id, seq, op_id, hash FROM audit ORDER BY entity, entity_id, seq"})
            for (auto& row : own.query(query)) rows.push_back(std::move(row));
        return rows;
    };
    const auto alone = rows_after(1), some = rows_after(7), together = rows_after(companies);
    ASSERT_GT(alone.size(), companies * 11);
    EXPECT_EQ(alone, some);
    EXPECT_EQ(alone, together);
}

TEST_P(Close, ABillOfNothingIsKeptAndAskedOfNobody) {
    found(database);
    auto store = database.open();
    tests::StandingApp at{*store, close_time};
    wait(close_periods(at.app, {task_of(9), task_of(8)}));
    EXPECT_EQ(database.query("SELECT total_fen, state FROM invoice WHERE subscription_id='" +
                             subscription_of(9) + "'"),
              std::vector<std::string>{"0|PAID"});
    EXPECT_EQ(one("SELECT COUNT(*) FROM outbox WHERE tenant_id='" + task_of(9).tenant_id.text() + "'"), "0");
    EXPECT_NE(one("SELECT COUNT(*) FROM outbox WHERE tenant_id='" + task_of(8).tenant_id.text() + "'"), "0");
}

TEST_P(Close, AMonthsInvoicesLieInTheOrderOfTheirTenants) {
    found(database);
    auto store = database.open();
    tests::StandingApp at{*store, close_time};
    Workers workers{at.app};
    wait(work(workers));
    const auto tenants = database.query("SELECT id FROM tenant ORDER BY id");
    EXPECT_EQ(database.query("SELECT tenant_id FROM subscription ORDER BY id"), tenants);
    EXPECT_EQ(database.query("SELECT tenant_id FROM invoice ORDER BY id"), tenants);
}

TEST_P(Close, OneThatCannotBeClosedHoldsUpNobodyAndIsToldToAPerson) {
    found(database);
    const auto set_plan = [&](const std::string& plan) {
        database.execute("UPDATE subscription_terms SET plan_code='" + plan + "' WHERE subscription_id='" +
                         subscription_of(7) + "'");
    };
    set_plan("gone");
    database.execute("UPDATE subscription SET price_list_id='prl_gone' WHERE id='" + subscription_of(13) +
                     "'");
    auto store = database.open();
    tests::StandingApp at{*store, close_time};
    Workers workers{at.app};
    wait(work(workers));
    EXPECT_EQ(invoices(), std::to_string(companies - 2));
    const auto failed = database.query("SELECT ref_id FROM task WHERE kind='close_period' AND tries=1");
    EXPECT_EQ((std::set<std::string>{failed.begin(), failed.end()}),
              (std::set<std::string>{subscription_of(7), subscription_of(13)}));
    EXPECT_TRUE(wait(store->open_person_tasks(10)).empty()) << "it may heal by itself";

    for (const auto later : {1min, 2min}) {
        at.clock.set(close_time + later);
        wait(work(workers));
    }
    const auto told = wait(store->open_person_tasks(10));
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].kind, "close_fails");
    EXPECT_NE((told[0].text + told[1].text).find("plan gone is not on the price list"), std::string::npos);
    EXPECT_NE((told[0].text + told[1].text).find("lacks its tenant or price list"), std::string::npos);

    set_plan("pro");
    database.execute("UPDATE subscription SET price_list_id='prl_close' WHERE id='" + subscription_of(13) +
                     "'");
    at.clock.set(close_time + 1h);
    wait(work(workers));
    expect_each_closed_once_and_proven(*store);
}

TEST_P(Close, ARepeatAfterTheDatabaseWentAwayBetweenCommitsMakesEachInvoiceOnce) {
    found(database);
    for (int made = 1; made <= 3; ++made) {
        auto options = database.options();
        options.batch_max = 4;
        auto faults = std::make_shared<tests::Faults>();
        faults->at_commit = [&faults, made](int number) {
            if (number < made + 1) return tests::AtCommit::fine;  // the first claims
            faults->away = true;
            return tests::AtCommit::made_but_unknown;
        };
        auto store = storage::Store::open_on(tests::make_faulty(database.engine(), faults), options, false);
        tests::StandingApp at{*store, close_time};
        Workers workers{at.app};
        EXPECT_THROW(wait(work(workers)), storage::Unavailable);
        store->close();
        store.reset();
        faults->at_commit = nullptr;
        database.execute("UPDATE task SET lease_until=NULL");  // they run out
    }
    const auto before = std::stoul(invoices());
    EXPECT_GT(before, 0U);
    EXPECT_LT(before, companies);
    auto store = database.open();
    tests::StandingApp at{*store, close_time};
    Workers workers{at.app};
    wait(work(workers));
    expect_each_closed_once_and_proven(*store);
}

TEST_P(Close, SeveralThatCloseTheSameAtOnceMakeEachInvoiceOnce) {
    found(database);
    auto options = database.options();
    options.writers = 2;
    auto store = database.open(options);
    tests::StandingApp at{*store, close_time};
    std::vector<std::function<io::awaitable<void>()>> closers;
    for (int i = 0; i < 4; ++i)
        closers.push_back([&]() -> io::awaitable<void> {
            for (const auto& end : co_await close_periods(at.app, all_tasks()))
                EXPECT_NE(end.how, TaskEnd::How::failed) << end.failure;
        });
    tests::run_all(closers, 2);
    expect_each_closed_once_and_proven(*store);
}

TEST_P(Close, WorkersShareWhatIsDue) {
    found(database);
    auto options = database.options();
    options.writers = 2;
    auto store = database.open(options);
    tests::StandingApp at{*store, close_time};
    Workers first{at.app}, second{at.app}, third{at.app};
    tests::run_all({[&] { return work(first); }, [&] { return work(second); }, [&] { return work(third); }},
                   2);
    expect_each_closed_once_and_proven(*store);
}

TEST_P(Close, AServerThatWasDownForMonthsClosesOnePeriodAfterTheOther) {
    found(database);
    auto store = database.open();
    tests::StandingApp at{*store, close_time + 24h * 61};
    Workers workers{at.app};
    wait(work(workers));
    EXPECT_EQ(
        database.query(
            "SELECT cycle, period_start, COUNT(*) FROM invoice GROUP BY cycle, period_start ORDER BY cycle"),
        (std::vector<std::string>{"1|2026-10-01|40", "2|2026-11-01|40", "3|2026-12-01|40"}));
}

TEST_P(Close, WhatIsNotDueWaitsForItsGraceAndWhatHasEndedIsLetGo) {
    found(database);
    database.execute("UPDATE subscription SET state='ENDED' WHERE id='" + subscription_of(2) + "'");
    auto store = database.open();
    const auto closes = day_start(bench::period_end) + 24h;
    tests::StandingApp at{*store, closes - 1ms};
    auto none = task_of(3);
    none.ref_id = "sub_none";
    const auto ends = wait(close_periods(at.app, {task_of(1), task_of(2), none}));
    EXPECT_EQ(ends[0].how, TaskEnd::How::later);
    EXPECT_EQ(ends[0].at, closes);
    EXPECT_EQ(ends[1].how, TaskEnd::How::done);
    EXPECT_EQ(ends[2].how, TaskEnd::How::done);
    EXPECT_EQ(invoices(), "0");
    at.clock.set(closes);
    EXPECT_EQ(wait(close_periods(at.app, {task_of(1)}))[0].how, TaskEnd::How::moved);
}

}  // namespace
}  // namespace wefee::server
