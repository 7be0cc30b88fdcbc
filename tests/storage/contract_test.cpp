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

TEST_P(Contract, ASaveOfARowThatIsNotThereConflictsAndMakesNone) {
    auto store = database.open();
    auto world = sent_world(*store);
    auto ghost = world.invoice;
    ghost.id = InvoiceId{"inv_ghost"};
    ghost.cycle = 77;  // hits no other unique key either
    Deed deed("op_ghost");
    deed.changes.save(ghost);
    EXPECT_EQ(wait(store->commit(deed.changes)), CommitResult::conflict);
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM invoice"), std::vector<std::string>{"1"});
    // Nor may it fall upon another row through a key that both share.
    ghost.cycle = world.invoice.cycle;
    ghost.subscription_id = world.invoice.subscription_id;
    ghost.version = world.invoice.version;
    Deed again("op_ghost_2");
    again.changes.save(ghost);
    EXPECT_EQ(wait(store->commit(again.changes)), CommitResult::conflict);
    EXPECT_TRUE(holds(*store));
}

TEST_P(Contract, OfChangesThatAreCommittedTogetherEachHasItsOwnFate) {
    auto store = database.open();
    std::vector<World> worlds;
    for (int i = 0; i < 70; ++i) worlds.push_back(sent_world(*store, std::to_string(i)));
    std::vector<storage::Changes> all;
    for (auto& world : worlds) all.push_back(world.settling("op_settle_" + world.tag));
    all.push_back(all[3]);  // known operation
    std::get<storage::RowChanges<storage::InvoiceRow>>(all[7].rows).saves[0].version +=
        1;                 // somebody was faster
    all[9].op_id.clear();  // cannot be meant
    const auto committed = wait(store->commit_all(all));
    ASSERT_EQ(committed.size(), 71U);
    for (std::size_t i = 0; i < 70; ++i) {
        EXPECT_EQ(committed[i].failure != nullptr, i == 9) << i;
        if (i != 9)
            EXPECT_EQ(committed[i].result, i == 7 ? CommitResult::conflict : CommitResult::applied) << i;
    }
    EXPECT_EQ(committed[70].result, CommitResult::already);
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM charge WHERE state='COLLECTED'"),
              std::vector<std::string>{"68"});
    EXPECT_TRUE(wait(store->commit_all({})).empty());
    EXPECT_TRUE(holds(*store));
}

TEST_P(Contract, ASecondOpenAttemptOfAnInvoiceConflicts) {
    auto store = database.open();
    auto world = sent_world(*store);
    World other("1");
    other.charge.id = ChargeId{"chg_other"};
    other.charge.consent_id.reset();
    Deed deed("op_other");
    deed.create("charge", other.charge, "COLLECTING");
    other.attempt.id = AttemptId{"att_other"};
    other.attempt.charge_id = other.charge.id;
    other.attempt.out_trade_no = "wf_other";
    other.attempt.open_flag = 1;
    deed.create("attempt", other.attempt, "INTENT");
    deed.changes.insert(other.charge);
    deed.changes.insert(other.attempt);
    EXPECT_EQ(wait(store->commit(deed.changes)), CommitResult::conflict);
    EXPECT_FALSE(wait(store->find_attempt(other.attempt.id)).has_value());
    EXPECT_TRUE(wait(store->audit_of("charge", "chg_other")).empty());
}

TEST_P(Contract, AnAttemptMayCloseAndTheNextOneOpenInOneOperation) {
    auto store = database.open();
    auto world = sent_world(*store);
    Deed deed("op_next");
    deed.move("attempt", world.attempt, "FAILED");
    world.attempt.open_flag.reset();
    deed.changes.save(world.attempt);
    World next("1");
    next.attempt.id = AttemptId{"att_next"};
    next.attempt.out_trade_no = "wf_next";
    next.attempt.open_flag = 1;
    deed.create("attempt", next.attempt, "INTENT");
    deed.changes.insert(next.attempt);
    EXPECT_EQ(wait(store->commit(deed.changes)), CommitResult::applied);
    EXPECT_EQ(wait(store->load_charge(world.charge.id))->open_attempt->id, next.attempt.id);
    EXPECT_TRUE(holds(*store));
}

TEST_P(Contract, AnInvoiceIsNeverTakenForMoreThanItsTotal) {
    auto store = database.open();
    auto world = sent_world(*store);
    world.invoice.paid_fen += Fen{1};
    Deed over("op_over");
    over.changes.save(world.invoice);
    EXPECT_EQ(wait(store->commit(over.changes)), CommitResult::conflict);

    world.invoice.total_fen += Fen{1};  // a final invoice keeps its total: raising it is no way around
    Deed raised("op_raised");
    raised.changes.save(world.invoice);
    EXPECT_EQ(wait(store->commit(raised.changes)), CommitResult::conflict);

    world.cycle.taken_fen = world.cycle.cap_fen;
    Deed cycle("op_cycle");
    cycle.changes.save(world.cycle);
    EXPECT_EQ(wait(store->commit(cycle.changes)), CommitResult::conflict);

    world.cycle.cap_fen += world.cycle.cap_fen;  // the stored cap counts, not the told one
    Deed cap("op_cap");
    cap.changes.save(world.cycle);
    EXPECT_EQ(wait(store->commit(cap.changes)), CommitResult::conflict);
    EXPECT_TRUE(holds(*store));
}

TEST_P(Contract, ADraftInvoiceMayStillChangeItsTotal) {
    auto store = database.open();
    World world("1");
    commit(*store, world.founding());
    World draft("2");
    Deed deed("op_draft");
    deed.create("invoice", draft.invoice, "DRAFT");
    deed.changes.insert(draft.invoice);
    commit(*store, deed.changes);
    auto stored = wait(store->find_invoice(draft.tenant.id, draft.invoice.id)).value().invoice;
    stored.total_fen = Fen{5};
    Deed change("op_change");
    change.changes.save(stored);
    EXPECT_EQ(wait(store->commit(change.changes)), CommitResult::applied);
    EXPECT_EQ(wait(store->find_invoice(draft.tenant.id, draft.invoice.id))->invoice.total_fen, Fen{5});
}

TEST_P(Contract, WhatIsWrittenOnceStaysThroughASave) {
    auto store = database.open();
    auto world = sent_world(*store);
    auto changed = world.attempt;
    changed.request_digest = std::string(64, 'x');
    changed.out_trade_no = "another";
    changed.amount_fen = Fen{1};
    changed.queries = 7;
    Deed deed("op_changed");
    deed.changes.save(changed);
    EXPECT_EQ(wait(store->commit(deed.changes)), CommitResult::applied);
    const auto stored = wait(store->find_attempt(world.attempt.id)).value();
    EXPECT_EQ(stored.queries, 7);
    EXPECT_EQ(stored.request_digest, world.attempt.request_digest);
    EXPECT_EQ(stored.out_trade_no, world.attempt.out_trade_no);
    EXPECT_EQ(stored.amount_fen, world.attempt.amount_fen);
    EXPECT_EQ(stored.version, world.attempt.version + 1);
}

TEST_P(Contract, AnOutboxMessageIsThereOncePerKeyAndTheFirstOneStands) {
    auto store = database.open();
    const auto message = [](const std::string& op, const std::string& payload) {
        Deed deed(op);
        storage::OutboxRow row;
        row.kind = "upcoming";
        row.dedup_key = "chg_1";
        row.ref_id = "chg_1";
        row.payload = payload;
        deed.changes.outbox.push_back(row);
        deed.changes.person_tasks.push_back(
            {"review:chg_1", "review", "chg_1", TenantId{}, payload, noon, {}});
        return deed.changes;
    };
    commit(*store, message("op_1", "first"));
    commit(*store, message("op_2", "second"));
    const auto rows = wait(store->outbox_of("chg_1"));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].payload, "first");
    const auto tasks = wait(store->open_person_tasks(10));
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks[0].text, "first");
}

TEST_P(Contract, EachMoveIsChainedIntoTheAuditAndTheRowCarriesTheHead) {
    auto store = database.open();
    auto world = sent_world(*store);
    commit(*store, world.settling("op_settle"));
    const auto moves = wait(store->audit_of("charge", world.charge.id.text()));
    ASSERT_EQ(moves.size(), 5U);
    EXPECT_EQ(moves[0].from_state, "");
    EXPECT_EQ(moves[0].prev_hash, "");
    for (std::size_t i = 1; i < moves.size(); ++i) {
        EXPECT_EQ(moves[i].prev_hash, moves[i - 1].hash);
        EXPECT_EQ(moves[i].from_state, moves[i - 1].to_state);
        EXPECT_EQ(moves[i].seq, moves[i - 1].seq + 1);
    }
    reload(*store, world);
    EXPECT_EQ(world.charge.audit_head, moves.back().hash);
    EXPECT_EQ(moves.back().op_id, "op_settle");
}

TEST_P(Contract, AnInboxRowEndsOnceWithTheOperationThatAppliedIt) {
    auto store = database.open();
    wait(store->receive(received("EV-1")));
    const auto row = wait(store->claim_inbox(1)).at(0);
    const auto outcome = [&](const std::string& op) {
        Deed deed(op);
        deed.changes.inbox.push_back({row.id, "applied"});
        return deed.changes;
    };
    EXPECT_EQ(wait(store->commit(outcome("op_1"))), CommitResult::applied);
    EXPECT_EQ(wait(store->commit(outcome("op_2"))), CommitResult::conflict);
    EXPECT_EQ(wait(store->counts()).inbox_processed, 1);
    EXPECT_TRUE(holds(*store, noon + std::chrono::hours(1)));
}

TEST_P(Contract, ARefundIsWrittenWithItsBooks) {
    auto store = database.open();
    auto world = sent_world(*store);
    commit(*store, world.settling("op_settle"));
    reload(*store, world);
    commit(*store, world.refunding("op_refund"));
    EXPECT_TRUE(holds(*store));
    const auto refund = wait(store->find_refund(world.refund.id)).value();
    EXPECT_EQ(refund.state, "SUCCEEDED");
    EXPECT_EQ(refund.state_seq, 5);
    EXPECT_EQ(wait(store->find_refund_by_number(world.refund.out_refund_no))->id, refund.id);
    EXPECT_EQ(wait(store->refunds_of_attempt(world.attempt.id)).size(), 1U);
    const auto takings = wait(store->takings());
    ASSERT_EQ(takings.size(), 1U);
    EXPECT_EQ(takings[0].provider, "wechat");
    EXPECT_EQ(takings[0].payments, 1);
    EXPECT_EQ(takings[0].paid, Fen{361'250});
    EXPECT_EQ(takings[0].refunded, Fen{361'250});
}

TEST_P(Contract, AuditAndLedgerRowsCanNeitherBeChangedNorDeleted) {
    auto store = database.open();
    sent_world(*store);
    for (const auto* sql : {"UPDATE audit SET actor='x'", "DELETE FROM audit",
                            "UPDATE ledger SET debit_fen=1", "DELETE FROM ledger"})
        EXPECT_ANY_THROW(database.execute(sql)) << sql;
    EXPECT_TRUE(holds(*store));
}

TEST_P(Contract, SealsCoverAllAuditRowsAndATouchedOneIsFound) {
    auto store = database.open();
    auto world = sent_world(*store);
    const auto first = wait(store->seal_audit(noon));
    EXPECT_EQ(first.size(), 64U);
    EXPECT_EQ(wait(store->seal_audit(noon)), first) << "nothing new, no new seal";
    commit(*store, world.settling("op_settle"));
    EXPECT_NE(wait(store->seal_audit(noon + std::chrono::hours(1))), first);
    EXPECT_TRUE(holds(*store));
    // With the right to do so (root, the trigger dropped) an intruder changes who did it.
    database.execute("DROP TRIGGER audit_keeps");
    database.execute("UPDATE audit SET actor='nobody' WHERE entity='charge' AND seq=2");
    const auto broken = wait(store->check_audit_chain());
    ASSERT_EQ(broken.size(), 1U);
    EXPECT_EQ(broken[0].number, "A-01");
    EXPECT_EQ(broken[0].rows, std::vector<std::string>{"charge/chg_1/2"});
    // Even with all later hashes made anew the seal tells.
    database.execute("UPDATE audit SET hash=prev_hash WHERE entity='charge' AND seq=5");
    const auto sealed = wait(store->check_audit_chain());
    EXPECT_EQ(sealed.back().number, "A-03");
}

}  // namespace
}  // namespace wefee::tests
