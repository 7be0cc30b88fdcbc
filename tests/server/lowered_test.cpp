// A credit note while a deduction is on its way: what is planned follows what is owed, and nothing is taken that was not
// announced.
#include <gtest/gtest.h>

#include "billing/machines/attempt.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/invoice.hpp"
#include "server/flows/approvals.hpp"
#include "server/flows/close_page.hpp"
#include "server/flows/names.hpp"
#include "tests/bench/close/company.hpp"
#include "tests/storage/database.hpp"
#include "tests/support/standing_app.hpp"

namespace wefee::server {
namespace {

using bench::close_time;
using tests::Kind;
using tests::wait;

class Lowered : public testing::TestWithParam<Kind> {
protected:
    Lowered() {
        const bench::CompanyPlan plan;
        wait(store->commit(bench::price_list_founding()));
        auto founding = bench::company_founding(1, plan);
        const auto task = *std::ranges::find(founding.schedule, task::close_period, &storage::TaskRow::kind);
        wait(store->commit(std::move(founding)));
        wait(close_periods(at.app, {task}));
        tenant = task.tenant_id;
        invoice = wait(store->invoices(tenant, 1, "")).at(0).id;
        total = view().invoice.total_fen;
    }

    storage::InvoiceView view() { return wait(store->find_invoice(tenant, invoice)).value(); }
    storage::ChargeRow charge() { return view().charges.at(0); }
    /// Of the plan's fixed price, 300 yuan without tax.
    storage::ApprovalView credit(Fen amount) {
        return wait(ask_for_money(at.app, {"op" + std::to_string(++operations), "operator:a", {}, "credit_note", invoice.text(),
                                           R"({"line":"plan.pro","amount_fen":)" + std::to_string(amount.count()) + R"(,"reason":"r"})"}));
    }
    std::string task_of(std::string_view kind) {
        return database.query("SELECT COUNT(*) FROM task WHERE kind='" + std::string{kind} + "' AND ref_id='" + invoice.text() + "'").at(0);
    }
    void expect_proof() {
        for (const auto& broken : wait(store->check_invariants(close_time, Fen{100'000})))
            ADD_FAILURE() << broken.number << " " << broken.says << " " << broken.rows.at(0);
        for (const auto& broken : wait(store->check_audit_chain())) ADD_FAILURE() << broken.number << " " << broken.says;
    }

    /// The charge reached its window and one attempt of it failed: another is to follow.
    void fail_once() {
        auto whole = wait(store->load_charge(charge().id)).value();
        Unit unit{"failed", close_time, "test"};
        for (const auto event : {ChargeEvent::notice_delivered, ChargeEvent::announced, ChargeEvent::window_open, ChargeEvent::attempt_started,
                                 ChargeEvent::attempt_failed_retry})
            unit.move<ChargeState>(whole.charge, event);
        storage::AttemptRow attempt;
        attempt.id = AttemptId{"att_failed"};
        attempt.tenant_id = tenant;
        attempt.charge_id = whole.charge.id;
        attempt.invoice_id = invoice;
        attempt.provider = "wechat";
        attempt.out_trade_no = "D1";
        attempt.amount_fen = whole.charge.amount_fen;
        attempt.intent_at = attempt.created_at = close_time;
        unit.create<AttemptState>(attempt, AttemptEvent::intended);
        unit.move<AttemptState>(attempt, AttemptEvent::cancelled);
        unit.insert(attempt);
        unit.save(whole.charge);
        ASSERT_EQ(wait(store->commit(unit.take())), storage::CommitResult::applied);
    }

    tests::Database database{GetParam()};
    std::unique_ptr<storage::Store> store = database.open();
    tests::StandingApp at{*store, close_time};
    TenantId tenant;
    InvoiceId invoice;
    Fen total;
    int operations = 0;
};
INSTANTIATE_TEST_SUITE_P(Sqlite, Lowered, testing::Values(Kind::sqlite));
INSTANTIATE_TEST_SUITE_P(Mysql, Lowered, testing::Values(Kind::mariadb));

TEST_P(Lowered, ThePlannedDeductionIsAnnouncedAnewWithWhatIsLeft) {
    ASSERT_EQ(charge().state, "PLANNED");
    ASSERT_EQ(charge().amount_fen, total);
    credit(Fen{10'000});
    EXPECT_EQ(view().invoice.state, "PARTLY_PAID");
    EXPECT_EQ(charge().state, "PLANNED");
    EXPECT_EQ(charge().amount_fen, total - Fen{10'000});
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM outbox WHERE kind='fee_reminder' AND ref_id='" + charge().id.text() + "'").at(0), "2");
    expect_proof();
}

TEST_P(Lowered, AnAmountThatAnAttemptHasNamedIsGivenUpAndTheRestPaidByHand) {
    fail_once();
    ASSERT_EQ(charge().state, "WAITING");
    credit(Fen{10'000});
    EXPECT_EQ(charge().state, "CANCELLED");
    EXPECT_EQ(task_of(task::invoice_due), "1");
    expect_proof();
}

TEST_P(Lowered, ALargeNoteWaitsAndNothingOfTheInvoiceMovesUntilItIsApproved) {
    at.app.rules.collection.approval_limit_fen = 10'000;
    const auto request = credit(Fen{10'000}).request;
    EXPECT_EQ(request.state, "PENDING");
    EXPECT_EQ(charge().amount_fen, total);
    EXPECT_THROW(wait(approve_money(at.app, {"operator:a", {}, request.id, ""})), Error);
    wait(approve_money(at.app, {"operator:b", {}, request.id, ""}));
    EXPECT_EQ(charge().amount_fen, total - Fen{10'000});
    expect_proof();
}

}  // namespace
}  // namespace wefee::server
