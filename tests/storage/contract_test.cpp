// What every store does, whichever engine remembers.
#include <gtest/gtest.h>

#include "tests/storage/books.hpp"
#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

using storage::CommitResult;

TEST_P(Contract, AWholeMonthIsWrittenReadBackAndHoldsAllInvariants) {
    auto store = database.open();
    auto world = sent_world(*store);
    commit(*store, world.settling("op_settle"));

    const auto view = wait(store->load_settlements({world.number(), {"wechat", "1900000109", "unknown"}}));
    ASSERT_EQ(view.size(), 2U);
    ASSERT_TRUE(view[0].has_value());
    EXPECT_FALSE(view[1].has_value());
    EXPECT_EQ(view[0]->attempt.state, "SUCCEEDED");
    EXPECT_EQ(view[0]->attempt.won_flag, 1);
    EXPECT_FALSE(view[0]->attempt.open_flag.has_value());
    EXPECT_EQ(view[0]->attempt.provider_txn, "420001");
    EXPECT_EQ(view[0]->charge.state, "COLLECTED");
    EXPECT_EQ(view[0]->invoice.paid_fen, Fen{361'250});
    EXPECT_EQ(view[0]->invoice.reserved_fen, Fen{});
    EXPECT_EQ(view[0]->consent_cycle->taken_fen, Fen{361'250});
    EXPECT_TRUE(holds(*store));
}

TEST_P(Contract, TheSameOperationIsNeverAppliedTwice) {
    auto store = database.open();
    auto world = sent_world(*store);
    const auto settling = world.settling("op_settle");
    EXPECT_EQ(wait(store->commit(settling)), CommitResult::applied);
    EXPECT_EQ(wait(store->commit(settling)), CommitResult::already);
    EXPECT_EQ(wait(store->ledger_of("attempt", world.attempt.id.text())).size(), 2U);
}

TEST_P(Contract, ASaveOfAnOldVersionConflictsAndWritesNothing) {
    auto store = database.open();
    auto world = sent_world(*store);
    auto late = world;
    commit(*store, world.settling("op_settle"));
    EXPECT_EQ(wait(store->commit(late.settling("op_settle_again"))), CommitResult::conflict);
    EXPECT_EQ(wait(store->audit_of("attempt", world.attempt.id.text())).size(), 3U);
    EXPECT_TRUE(holds(*store));
}

}  // namespace
}  // namespace wefee::tests
