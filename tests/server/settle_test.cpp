// What a verified payment does to the books, also when it comes twice, late, with another amount, or for an
// invoice that is paid already. After each, all invariants and the audit chain hold in a real store.
#include <gtest/gtest.h>

#include "billing/machines.hpp"
#include "server/app.hpp"
#include "server/flows/approvals.hpp"
#include "server/flows/books.hpp"
#include "server/flows/settle.hpp"
#include "tests/storage/books.hpp"
#include "tests/storage/database.hpp"
#include "tests/support/standing_app.hpp"

namespace wefee::server {
namespace {

using tests::noon;

class Settle : public ::testing::Test {
protected:
    tests::Database database{tests::Kind::sqlite};
    std::unique_ptr<storage::Store> store = database.open();
    tests::World world = tests::sent_world(*store);
    Rules rules;

    PaymentSucceeded paid(Fen amount, const std::string& transaction = "4200001") const {
        PaymentSucceeded fact;
        fact.provider = Provider::wechat;
        fact.mchid = world.attempt.mchid;
        fact.out_trade_no = world.attempt.out_trade_no;
        fact.transaction_id = transaction;
        fact.amount = amount;
        fact.paid_at = noon + std::chrono::minutes{5};
        return fact;
    }
    storage::SettlementView view() {
        std::vector<storage::OrderNumber> number{world.number()};
        return tests::wait(store->load_settlements(number)).front().value();
    }
    void apply(Unit unit) {
        ASSERT_EQ(tests::wait(store->commit(unit.take())), storage::CommitResult::applied);
    }
    void settle(const PaymentSucceeded& fact) {
        apply(settle_payment(rules, view(), fact, 0, noon + std::chrono::hours{1}));
    }
    void expect_proof() {
        for (const auto& broken :
             tests::wait(store->check_invariants(noon + std::chrono::hours{2}, Fen{100'000'000})))
            ADD_FAILURE() << broken.number << " " << broken.says;
        for (const auto& broken : tests::wait(store->check_audit_chain()))
            ADD_FAILURE() << broken.number << " " << broken.says;
    }

    /// The query said closed: the attempt is given up and its reservation goes back.
    void give_up() {
        auto whole = view();
        Unit unit{"give up", noon + std::chrono::minutes{10}, "test"};
        unit.move<AttemptState>(whole.attempt, AttemptEvent::failed);
        whole.attempt.open_flag.reset();
        whole.attempt.next_query_at.reset();
        unit.move<ChargeState>(whole.charge, ChargeEvent::attempt_failed_final);
        unit.move<InvoiceState>(whole.invoice, InvoiceEvent::collection_ended);
        whole.invoice.reserved_fen -= whole.attempt.amount_fen;
        whole.consent_cycle->reserved_fen -= whole.attempt.amount_fen;
        unit.save(whole.attempt);
        unit.save(whole.charge);
        unit.save(whole.invoice);
        unit.save(*whole.consent_cycle);
        apply(std::move(unit));
    }

    /// A bank transfer pays the invoice.
    void pay_by_transfer() {
        auto whole = view();
        Unit unit{"transfer", noon + std::chrono::minutes{20}, "test"};
        auto charge = whole.charge;
        charge.id = ChargeId{"chg_transfer"};
        charge.consent_id.reset();
        charge.mandate_id.clear();
        charge.provider = charge.way = "transfer";
        charge.state_seq = 0, charge.audit_head.clear(), charge.version = 1;
        unit.create<ChargeState>(charge, ChargeEvent::settled);
        auto attempt = whole.attempt;
        attempt.id = AttemptId{"att_transfer"};
        attempt.charge_id = charge.id;
        attempt.provider = "transfer";
        attempt.out_trade_no = "T1";
        attempt.provider_txn = "BANK1";
        attempt.open_flag.reset();
        attempt.won_flag = 1;
        attempt.sent_at.reset();
        attempt.state_seq = 0, attempt.audit_head.clear(), attempt.version = 1;
        unit.create<AttemptState>(attempt, AttemptEvent::settled);
        whole.invoice.paid_fen += attempt.amount_fen;
        unit.move<InvoiceState>(whole.invoice, InvoiceEvent::paid_in_full);
        post_all(unit, post_capture(attempt.id.text(), attempt.amount_fen), attempt.tenant_id);
        unit.insert(charge);
        unit.insert(attempt);
        unit.save(whole.invoice);
        apply(std::move(unit));
    }
};

TEST_F(Settle, APaymentCollectsTheChargeAndPaysTheInvoiceOnce) {
    settle(paid(world.attempt.amount_fen));
    auto whole = view();
    EXPECT_EQ(whole.attempt.state, "SUCCEEDED");
    EXPECT_EQ(whole.charge.state, "COLLECTED");
    EXPECT_EQ(whole.invoice.state, "PAID");
    EXPECT_EQ(whole.invoice.paid_fen, whole.invoice.total_fen);
    EXPECT_EQ(whole.invoice.reserved_fen, Fen{});
    expect_proof();

    const auto before = whole.invoice.version;
    settle(paid(world.attempt.amount_fen));
    EXPECT_EQ(view().invoice.version, before) << "the same payment again changes nothing";
    expect_proof();
}

TEST_F(Settle, AnotherAmountIsNeverAppliedAndWaitsForAPerson) {
    settle(paid(world.attempt.amount_fen + Fen{1}));
    const auto whole = view();
    EXPECT_EQ(whole.attempt.state, "REVIEW");
    EXPECT_EQ(whole.invoice.paid_fen, Fen{});
    EXPECT_EQ(tests::wait(store->open_person_tasks(10)).size(), 1U);
    expect_proof();
}

TEST_F(Settle, MoneyThatComesAfterWeGaveUpIsKeptWhileTheInvoiceHasRoom) {
    give_up();
    settle(paid(world.attempt.amount_fen));
    const auto whole = view();
    EXPECT_EQ(whole.attempt.state, "SUCCEEDED");
    EXPECT_EQ(whole.charge.state, "COLLECTED");
    EXPECT_EQ(whole.invoice.state, "PAID");
    expect_proof();
}

TEST_F(Settle, MoneyForAPaidInvoiceIsSurplusAndGoesBackInFull) {
    rules.collection.approval_limit_fen = 100'000'000;
    give_up();
    pay_by_transfer();
    settle(paid(world.attempt.amount_fen));
    const auto whole = view();
    EXPECT_EQ(whole.attempt.state, "SURPLUS");
    EXPECT_EQ(whole.invoice.paid_fen, whole.invoice.total_fen);
    const auto refunds = tests::wait(store->refunds_of_attempt(whole.attempt.id));
    ASSERT_EQ(refunds.size(), 1U);
    EXPECT_EQ(refunds[0].state, "APPROVED");
    EXPECT_EQ(refunds[0].amount_fen, world.attempt.amount_fen);
    expect_proof();
}

TEST_F(Settle, ALargeSurplusGoesBackOnceAPersonHasApprovedIt) {
    rules.collection.approval_limit_fen = 1;
    give_up();
    pay_by_transfer();
    settle(paid(world.attempt.amount_fen));
    const auto refund = [&] { return tests::wait(store->refunds_of_attempt(world.attempt.id)).at(0); };
    EXPECT_EQ(refund().state, "REQUESTED");
    const auto requests = tests::wait(store->approvals("PENDING", {}, 10, ""));
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].subject_id, refund().id.text());
    tests::StandingApp at{*store, noon + std::chrono::hours{1}};
    EXPECT_THROW(tests::wait(refuse_money(at.app, {"operator:b", {}, requests[0].id, "no"})), Error)
        << "nobody owes it";
    tests::wait(approve_money(at.app, {"operator:b", {}, requests[0].id, ""}));
    EXPECT_EQ(refund().state, "APPROVED");
    EXPECT_TRUE(tests::wait(store->check_invariants(noon + std::chrono::hours{2}, Fen{1})).empty());
}

}  // namespace
}  // namespace wefee::server
