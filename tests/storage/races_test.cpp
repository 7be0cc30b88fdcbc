// Many at once on the same rows: what is promised holds, whoever wins.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

using storage::CommitResult;

/// One try to reserve `amount` of the world's invoice with a new attempt, decided on what is stored now. The
/// guard is the store's: this reads, adds and saves without asking whether there is room.
io::awaitable<CommitResult> reserve(storage::Store& store, World world, int number, Fen amount) {
    const auto charge = co_await store.load_charge(world.charge.id);
    auto invoice = charge->invoice;
    invoice.reserved_fen += amount;
    Deed deed("op_reserve_" + std::to_string(number));
    deed.changes.save(invoice);
    const auto result = co_await store.commit(std::move(deed.changes));
    co_return result;
}

TEST_P(Contract, TwoHundredReservationsOfOneInvoiceNeverExceedIt) {
    auto options = database.options();
    options.writers = 3;
    auto store = database.open(options);
    World world("1", Fen{1'000});
    commit(*store, world.founding());
    std::atomic<int> applied{0};
    std::atomic<int> ended{0};
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 200; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            for (int tries = 0; tries < 500; ++tries) {
                const auto now = co_await store->load_charge(world.charge.id);
                const bool full = now->invoice.reserved_fen + Fen{70} > now->invoice.total_fen;
                const auto result = co_await reserve(*store, world, i * 1'000 + tries, Fen{70});
                if (result == CommitResult::applied) {
                    ++applied;
                    break;
                }
                if (full) break;
            }
            ++ended;
        });
    run_all(tasks, 2);
    EXPECT_EQ(ended, 200);
    EXPECT_EQ(applied, 14) << "1,000 holds 70 fourteen times";
    EXPECT_EQ(wait(store->load_charge(world.charge.id))->invoice.reserved_fen, Fen{980});
}

TEST_P(Contract, OfManyThatSettleOneAttemptOneDoes) {
    auto options = database.options();
    options.writers = 2;
    auto store = database.open(options);
    auto world = sent_world(*store);
    std::atomic<int> applied{0};
    std::atomic<int> conflicts{0};
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 100; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            auto mine = world;
            switch (co_await store->commit(mine.settling("op_" + std::to_string(i)))) {
                case CommitResult::applied:
                    ++applied;
                    break;
                case CommitResult::conflict:
                    ++conflicts;
                    break;
                case CommitResult::already:
                    ADD_FAILURE() << "no two share an op_id";
                    break;
            }
        });
    run_all(tasks, 2);
    EXPECT_EQ(applied, 1);
    EXPECT_EQ(conflicts, 99);
    EXPECT_TRUE(holds(*store));
}

TEST_P(Contract, OfManyWithOneOperationIdOneIsAppliedAndTheOthersWereThere) {
    auto options = database.options();
    options.writers = 2;
    auto store = database.open(options);
    auto world = sent_world(*store);
    const auto settling = world.settling("op_settle");
    std::atomic<int> applied{0};
    std::atomic<int> already{0};
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 50; ++i)
        tasks.push_back([&]() -> io::awaitable<void> {
            const auto result = co_await store->commit(settling);
            if (result == CommitResult::applied) ++applied;
            if (result == CommitResult::already) ++already;
        });
    run_all(tasks, 2);
    EXPECT_EQ(applied, 1);
    EXPECT_EQ(already, 49);
    EXPECT_TRUE(holds(*store));
}

TEST_P(Contract, SealsTakenWhileOthersWriteStillCoverEachRowOnce) {
    auto options = database.options();
    options.writers = 3;
    auto store = database.open(options);
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 60; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            World world("w" + std::to_string(i));
            EXPECT_EQ(co_await store->commit(world.founding()), CommitResult::applied);
            if (i % 6 == 0) co_await store->seal_audit(noon);
        });
    run_all(tasks, 2);
    wait(store->seal_audit(noon));
    EXPECT_TRUE(holds(*store));
    EXPECT_EQ(database.query("SELECT SUM(row_count) FROM seal"),
              database.query("SELECT COUNT(*) FROM audit"));
}

}  // namespace
}  // namespace wefee::tests
