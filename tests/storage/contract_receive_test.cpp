// Receipts, refused requests, and the small records.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

TEST_P(Contract, AReceiptIsKeptOnceWithEveryByte) {
    auto store = database.open();
    auto row = received("EV-1");
    row.raw.clear();
    for (int byte = 0; byte < 256; ++byte) row.raw += static_cast<char>(byte);
    row.evidence = R"({"serial":"证书"})";
    wait(store->receive(row));
    auto again = row;
    again.raw = "other bytes";
    wait(store->receive(again));
    EXPECT_EQ(wait(store->counts()).inbox, 1);
    const auto claimed = wait(store->claim_inbox(10));
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].raw, row.raw);
    EXPECT_EQ(claimed[0].evidence, row.evidence);
    EXPECT_EQ(claimed[0].verified, 1);
    EXPECT_FALSE(claimed[0].outcome.has_value());
}

TEST_P(Contract, KeysThatDifferInCaseOrBlanksAreDifferentKeys) {
    auto store = database.open();
    for (const auto* key : {"a", "A", "a ", "a  ", "ä", "a\n", ""}) wait(store->receive(received(key)));
    wait(store->receive(received("a", "alipay")));
    EXPECT_EQ(wait(store->counts()).inbox, 8);
}

TEST_P(Contract, ManyReceiptsAtOnceAreAllKeptOnceAndABadOneHarmsOnlyItself) {
    auto store = database.open();
    std::atomic<int> kept{0};
    std::atomic<int> refused{0};
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 300; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            auto row = received("EV-" + std::to_string(i % 100));
            if (i == 7) row.source = std::string(65, 's');  // longer than its column
            try {
                co_await store->receive(row);
                ++kept;
            } catch (const storage::sql::Error&) {
                ++refused;
            }
        });
    run_all(tasks, 2);
    // SQLite has no such limit; MariaDB refuses that one row and no other.
    const bool sqlite = GetParam() == Kind::sqlite;
    EXPECT_EQ(kept, sqlite ? 300 : 299);
    EXPECT_EQ(refused, sqlite ? 0 : 1);
    EXPECT_EQ(wait(store->counts()).inbox, sqlite ? 101 : 100);
}

TEST_P(Contract, RefusedRequestsAreKeptUpToTheCapAndNeverFailTheCaller) {
    auto store = database.open();
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 64; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            for (int j = 0; j < 160; ++j) {
                storage::QuarantineRow row{"wechatpay", "bad signature", "203.0.113.9", "\x01\xff raw", noon};
                row.raw += std::to_string(i);
                co_await store->quarantine(row);
            }
        });
    run_all(tasks);
    const auto kept = wait(store->counts()).quarantine;
    EXPECT_EQ(kept, 10'000);
    storage::QuarantineRow hostile;
    hostile.reason = std::string(100'000, 'x');  // does not fit everywhere: dropped, not thrown
    wait(store->quarantine(hostile));
    EXPECT_LE(wait(store->counts()).quarantine, 10'000);
}

TEST_P(Contract, AnOlderSuiteTicketNeverReplacesANewerOne) {
    auto store = database.open();
    wait(store->keep_suite_ticket({"suite", "newer", noon}));
    wait(store->keep_suite_ticket({"suite", "older", noon - std::chrono::minutes(10)}));
    EXPECT_EQ(wait(store->find_suite_ticket("suite"))->ticket, "newer");
    wait(store->keep_suite_ticket({"suite", "newest", noon + std::chrono::minutes(10)}));
    EXPECT_EQ(wait(store->find_suite_ticket("suite"))->ticket, "newest");
    EXPECT_FALSE(wait(store->find_suite_ticket("other")).has_value());
}

TEST_P(Contract, SessionsKeysAndStopsAreKeptAndChanged) {
    auto store = database.open();
    storage::SessionRow session{"hash",
                                TenantId{"ten_1"},
                                MemberId{"mem_1"},
                                "finance",
                                "openid",
                                noon,
                                noon,
                                noon + std::chrono::hours(12)};
    wait(store->put_session(session));
    wait(store->touch_session("hash", noon + std::chrono::minutes(5)));
    wait(store->touch_session("hash", noon - std::chrono::minutes(5)));  // late news
    const auto found = wait(store->find_session("hash")).value();
    EXPECT_EQ(found.last_seen_at, noon + std::chrono::minutes(5));
    EXPECT_EQ(found.role, "finance");
    EXPECT_EQ(found.openid, "openid");

    storage::ApiKeyRow key{"key_hash", "scrm", "ingest", "", "", noon, std::nullopt};
    wait(store->put_api_key(key));
    key.revoked_at = noon;
    wait(store->put_api_key(key));
    EXPECT_EQ(wait(store->find_api_key("key_hash"))->revoked_at, noon);

    wait(store->set_kill_switch({"global", "incident", "operator:1", noon}));
    wait(store->set_kill_switch({"tenant:ten_1", "asked", "operator:1", noon}));
    wait(store->set_kill_switch({"global", "worse", "operator:2", noon}));
    auto stops = wait(store->kill_switches());
    ASSERT_EQ(stops.size(), 2U);
    EXPECT_EQ(stops[0].reason, "worse");
    wait(store->clear_kill_switch("global"));
    EXPECT_EQ(wait(store->kill_switches()).size(), 1U);
}

TEST_P(Contract, NumbersOfASequenceNeverRepeat) {
    auto store = database.open();
    std::mutex mutex;
    std::set<std::int64_t> numbers;
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 50; ++i)
        tasks.push_back([&]() -> io::awaitable<void> {
            const auto number = co_await store->next_number("invoice-2025-11");
            const std::lock_guard lock(mutex);
            numbers.insert(number);
        });
    run_all(tasks, 2);
    EXPECT_EQ(numbers.size(), 50U);
    EXPECT_EQ(*numbers.begin(), 1);
    EXPECT_EQ(wait(store->next_number("other")), 1);
}

TEST_P(Contract, AnIdempotencyKeyHasOneCallAtATimeAndKeepsItsAnswer) {
    auto store = database.open();
    storage::IdempotencyRow call{"POST /x", "key-1", "hash", 0, "", noon};
    const auto claim = [&](Instant stale_before) {
        return wait(store->claim_idempotency(call, stale_before));
    };
    EXPECT_FALSE(claim(noon));
    EXPECT_EQ(claim(noon).value().status, 0);  // under way
    wait(store->free_idempotency("POST /x", "key-1"));
    EXPECT_FALSE(claim(noon));                                 // failed: free again
    EXPECT_FALSE(claim(noon + std::chrono::milliseconds{1}));  // began too long ago: taken over
    call.status = 201;
    call.body = R"({"id":1})";
    wait(store->keep_idempotent_answer(call));
    wait(store->free_idempotency("POST /x", "key-1"));  // an answer is never freed
    const auto holder = claim(noon + std::chrono::hours{1}).value();
    EXPECT_EQ(holder.status, 201);
    EXPECT_EQ(holder.body, R"({"id":1})");
    EXPECT_EQ(holder.input_hash, "hash");
}

TEST_P(Contract, OfManyCallsWithOneKeyOneBegins) {
    auto options = database.options();
    options.writers = 2;
    auto store = database.open(options);
    std::atomic<int> begun{0};
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 20; ++i)
        tasks.push_back([&]() -> io::awaitable<void> {
            if (!co_await store->claim_idempotency({"POST /x", "key-1", "hash", 0, "", noon}, noon)) ++begun;
        });
    run_all(tasks, 2);
    EXPECT_EQ(begun, 1);
}

}  // namespace
}  // namespace wefee::tests
