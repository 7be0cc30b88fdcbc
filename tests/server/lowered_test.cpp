// A credit note while a deduction is on its way: what is planned follows what is owed, and nothing is taken
// that was not announced. And one whose cash does not arrive: the provider refuses the refund, or says so and
// pays after all.
#include <gtest/gtest.h>

#include <algorithm>

#include "billing/machines/attempt.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/invoice.hpp"
#include "server/flows/approvals.hpp"
#include "server/flows/close_page.hpp"
#include "server/flows/names.hpp"
#include "server/flows/refund.hpp"
#include "server/flows/settle_inside.hpp"
#include "tests/bench/close/company.hpp"
#include "tests/storage/database.hpp"
#include "tests/support/standing_app.hpp"

namespace wefee::server {
namespace {

using bench::close_time;
using tests::Kind;
using tests::wait;

/// Answers refunds as it is told, and nothing else.
struct RefundingGateway final : payment::Gateway {
    payment::ResultClass answer = payment::ResultClass::refused;
    std::string number = "1900009191";

    Provider provider() const override { return Provider::wechat; }
    const std::string& mchid() const override { return number; }
    std::string fields(const payment::Deduction&) const override { return "{}"; }
    std::string fields(const payment::ManualOrder&) const override { return "{}"; }
    std::string fields(const payment::RefundRequest&) const override { return "{}"; }
    io::awaitable<payment::OrderResult> deduct(std::string, std::chrono::milliseconds) override {
        return nothing<payment::OrderResult>();
    }
    io::awaitable<payment::OrderCreated> create_order(std::string, std::chrono::milliseconds) override {
        return nothing<payment::OrderCreated>();
    }
    io::awaitable<payment::OrderResult> query(std::string, Fen, bool, std::chrono::milliseconds) override {
        return nothing<payment::OrderResult>();
    }
    io::awaitable<payment::OrderResult> close(std::string, bool, std::chrono::milliseconds) override {
        return nothing<payment::OrderResult>();
    }
    io::awaitable<payment::OrderResult> announce(std::string, Fen, std::chrono::milliseconds) override {
        return nothing<payment::OrderResult>();
    }
    bool needs_announcement() const override { return false; }
    io::awaitable<payment::SigningPage> sign_page(payment::MandateRequest,
                                                  std::chrono::milliseconds) override {
        return nothing<payment::SigningPage>();
    }
    io::awaitable<payment::MandateStatus> query_mandate(std::string, std::string,
                                                        std::chrono::milliseconds) override {
        return nothing<payment::MandateStatus>();
    }
    io::awaitable<payment::MandateStatus> end_mandate(std::string, std::string, std::string,
                                                      std::chrono::milliseconds) override {
        return nothing<payment::MandateStatus>();
    }
    io::awaitable<payment::RefundResult> refund(std::string, std::chrono::milliseconds) override {
        payment::RefundResult result;
        result.result = answer;
        co_return result;
    }
    io::awaitable<payment::RefundResult> query_refund(std::string, std::string, Fen,
                                                      std::chrono::milliseconds) override {
        return nothing<payment::RefundResult>();
    }

private:
    template <class Result>
    static io::awaitable<Result> nothing() {
        co_return Result{};
    }
};

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
    storage::ApprovalView credit(Fen amount, bool in_cash = false) {
        return wait(
            ask_for_money(at.app, {"op" + std::to_string(++operations),
                                   "operator:a",
                                   {},
                                   "credit_note",
                                   invoice.text(),
                                   R"({"line":"plan.pro","amount_fen":)" + std::to_string(amount.count()) +
                                       R"(,"reason":"r","refund":)" + (in_cash ? "true}" : "false}")}));
    }
    std::string task_of(std::string_view kind) {
        return database
            .query("SELECT COUNT(*) FROM task WHERE kind='" + std::string{kind} + "' AND ref_id='" +
                   invoice.text() + "'")
            .at(0);
    }
    void expect_proof() {
        for (const auto& broken : wait(store->check_invariants(close_time, Fen{100'000})))
            ADD_FAILURE() << broken.number << " " << broken.says << " " << broken.rows.at(0);
        for (const auto& broken : wait(store->check_audit_chain()))
            ADD_FAILURE() << broken.number << " " << broken.says;
    }

    /// The charge reached its window and one attempt of it failed: another is to follow.
    void fail_once() {
        auto whole = wait(store->load_charge(charge().id)).value();
        Unit unit{"failed", close_time, "test"};
        for (const auto event :
             {ChargeEvent::notice_delivered, ChargeEvent::announced, ChargeEvent::window_open,
              ChargeEvent::attempt_started, ChargeEvent::attempt_failed_retry})
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

    /// By a person through WeChat.
    void pay() {
        auto row = view().invoice;
        Unit unit{"paid", close_time, "test"};
        settle_inside(unit, row, Provider::wechat, "transaction", total);
        unit.move<InvoiceState>(row, InvoiceEvent::paid_in_full);
        unit.save(row);
        ASSERT_EQ(wait(store->commit(unit.take())), storage::CommitResult::applied);
    }
    storage::RefundRow refund() { return view().refunds.at(0); }
    std::string account_credit() {
        return database.query("SELECT COALESCE(SUM(amount_fen), 0) FROM account_credit").at(0);
    }
    void send_refund(payment::ResultClass answer) {
        gateway.answer = answer;
        at.app.gateways[Provider::wechat] = &gateway;
        wait(refund_step(at.app,
                         {std::string{task::refund_step}, refund().id.text(), tenant, close_time, 0, 0}));
    }

    tests::Database database{GetParam()};
    std::unique_ptr<storage::Store> store = database.open();
    tests::StandingApp at{*store, close_time};
    RefundingGateway gateway;
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
    EXPECT_EQ(database
                  .query("SELECT COUNT(*) FROM outbox WHERE kind='fee_reminder' AND ref_id='" +
                         charge().id.text() + "'")
                  .at(0),
              "2");
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

TEST_P(Lowered, CashOfANoteThatThePayerGotLeavesTheInvoicePaid) {
    pay();
    credit(Fen{10'000}, true);
    EXPECT_EQ(view().invoice.refunded_fen, Fen{}) << "not before the provider says so";
    expect_proof();
    send_refund(payment::ResultClass::succeeded);
    EXPECT_EQ(refund().state, "SUCCEEDED");
    EXPECT_EQ(view().invoice.state, "PAID");
    EXPECT_EQ(view().invoice.refunded_fen, Fen{10'000});
    EXPECT_EQ(account_credit(), "0");
    expect_proof();
}

TEST_P(Lowered, CashOfANoteThatTheProviderRefusesBecomesAccountCredit) {
    pay();
    credit(Fen{10'000}, true);
    send_refund(payment::ResultClass::refused);
    EXPECT_EQ(refund().state, "FAILED");
    EXPECT_EQ(view().invoice.state, "PAID");
    EXPECT_EQ(account_credit(), "10000");
    expect_proof();
    // The money arrives after all: the tenant has it twice, so the invoice is owed again.
    RefundChanged fact;
    fact.provider = Provider::wechat;
    fact.out_trade_no = view().attempts.at(0).out_trade_no;
    fact.out_refund_no = refund().out_refund_no;
    fact.amount = Fen{10'000};
    fact.status = RefundChanged::Status::succeeded;
    gateway.number = view().attempts.at(0).mchid;
    wait(refund_changed(at.app, 0, fact));
    EXPECT_EQ(refund().state, "SUCCEEDED");
    EXPECT_EQ(view().invoice.state, "PARTLY_PAID");
    EXPECT_EQ(view().invoice.total_fen - view().invoice.paid_fen + view().invoice.refunded_fen, Fen{10'000});
    EXPECT_EQ(account_credit(), "10000");
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
