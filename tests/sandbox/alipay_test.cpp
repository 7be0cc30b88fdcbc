// Alipay through sockets: agreements and their window, QR codes, refunds, notifications; and every refusal.
#include <gtest/gtest.h>

#include "io/encoding.hpp"
#include "rig.hpp"

namespace wefee::sandbox::test {
namespace {

using payment::ManualOrder;
using payment::ResultClass;

constexpr auto limit = 10s;

struct Agreed : Rig {
    Agreed() {
        new_user(0, 100'000);
        agreement = alipay_agreement("A1", "2026-03-08");
    }
    payment::OrderResult take(const std::string& number, std::int64_t fen) {
        return deduct(alipay, number, fen, agreement);
    }
    payment::Verdict judged(const Heard& heard) {
        payment::alipay::AlipayDoor door(io::PublicKey::parse(test_keys().alipay_public_key));
        return door.verify(heard.request(), clock.now());
    }
    ProviderFact fact(const Heard& heard) {
        return payment::alipay::AlipayDoor::decode_notification(heard.body);
    }
    payment::OrderCreated create(const std::string& number, std::int64_t fen, ManualOrder::Way way) {
        const ManualOrder order{.way = way,
                                .out_trade_no = number,
                                .amount = Fen{fen},
                                .description = "企微助手 月费",
                                .notify_url = notify_url("alipay"),
                                .return_url = "http://127.0.0.1/back",
                                .payer = "",
                                .expires_at = clock.now() + 2h};
        return run(alipay.create_order(alipay.fields(order), limit));
    }
    std::string agreement;
};

TEST(AlipayDeduction, RunsFromSignatureToNotification) {
    Agreed rig;
    const auto signed_notices = rig.merchant.heard("/webhooks/alipay");
    ASSERT_EQ(signed_notices.size(), 1U);
    ASSERT_TRUE(std::holds_alternative<payment::Receipt>(rig.judged(signed_notices[0])));
    const auto fact = std::get<MandateSigned>(rig.fact(signed_notices[0]));
    EXPECT_EQ(fact.our_number, "A1");
    EXPECT_EQ(fact.contract_id, rig.agreement);
    EXPECT_EQ(rig.run(rig.alipay.query_mandate("A1", "", limit)).state, payment::MandateState::active);

    rig.merchant.forget();
    rig.go_to("2026-03-08 10:00:00");
    const auto result = rig.take("A0000001", 9'900);
    ASSERT_EQ(result.result, ResultClass::succeeded) << result.code << result.detail;
    rig.settle();
    const auto heard = rig.merchant.heard("/webhooks/alipay");
    ASSERT_EQ(heard.size(), 1U);
    ASSERT_TRUE(std::holds_alternative<payment::Receipt>(rig.judged(heard[0])));
    const auto paid = std::get<PaymentSucceeded>(rig.fact(heard[0]));
    EXPECT_EQ(paid.amount, Fen{9'900});
    EXPECT_EQ(paid.transaction_id, result.payment->transaction_id);
    EXPECT_EQ(rig.query(rig.alipay, "A0000001", 9'900).result, ResultClass::succeeded);
    EXPECT_EQ(rig.get("/sandbox/mandates")["mandates"][0]["next_deduct_day"], "2026-04-08");
    EXPECT_EQ(rig.get("/sandbox/books")["refused"]["count"], 0);
}

TEST(AlipayDeduction, IsTakenOnlyInTheFiveDaysBeforeTheDay) {
    Agreed rig;
    EXPECT_EQ(rig.take("A0000001", 100).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("outside_window"), 1);
    rig.go_to("2026-03-09 00:00:00");
    EXPECT_EQ(rig.take("A0000002", 100).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("outside_window"), 2);
    EXPECT_EQ(rig.get("/sandbox/books")["totals"]["alipay"]["taken_fen"], 0);
}

TEST(AlipayDeduction, IsOpenFromTheFifthDayBefore) {
    Agreed rig;
    rig.go_to("2026-03-03 00:00:00");
    EXPECT_EQ(rig.take("A0000001", 100).result, ResultClass::succeeded);
}

TEST(AlipayDeduction, IsOpenToTheEndOfTheDay) {
    Agreed rig;
    rig.go_to("2026-03-08 23:59:59");
    EXPECT_EQ(rig.take("A0000001", 100).result, ResultClass::succeeded);
}

TEST(AlipayDeduction, IsTakenOnceAPeriodWithinItsLimits) {
    Agreed rig;
    rig.go_to("2026-03-05 10:00:00");
    EXPECT_EQ(rig.take("A0000001", 10'001).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("amount_above_cap"), 1);
    EXPECT_EQ(rig.take("A0000002", 10'000).result, ResultClass::succeeded);
    EXPECT_EQ(rig.take("A0000003", 100).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("second_charge_in_period"), 1);
    rig.go_to("2026-04-05 10:00:00");
    EXPECT_EQ(rig.take("A0000004", 10'000).result, ResultClass::succeeded);
    rig.go_to("2026-05-05 10:00:00");
    EXPECT_EQ(rig.take("A0000005", 5'001).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("total_exceeded"), 1);
    EXPECT_EQ(rig.take("A0000006", 5'000).result, ResultClass::succeeded);
}

TEST(AlipayDeduction, TakesMoneyOnceForANumberHoweverOftenItIsSent) {
    Agreed rig;
    rig.go_to("2026-03-08 10:00:00");
    rig.take("A0000001", 1'000);
    EXPECT_EQ(rig.take("A0000001", 1'000).result, ResultClass::already);
    EXPECT_EQ(rig.take("A0000001", 900).result, ResultClass::differs);
    EXPECT_EQ(rig.refused("number_reused"), 1);
    EXPECT_EQ(rig.order("A0000001")["taken_fen"], 1'000);
}

TEST(AlipayDeduction, FailsWithoutBalanceAndSucceedsWithTheSameNumberLater) {
    Agreed rig;
    rig.post("/sandbox/users", {{"user", "boss"}, {"alipay_balance_fen", 999}});
    rig.go_to("2026-03-07 10:00:00");
    const auto failed = rig.take("A0000001", 1'000);
    EXPECT_EQ(failed.result, ResultClass::refused);
    EXPECT_EQ(failed.cause, FailureCause::balance_not_enough);
    EXPECT_EQ(rig.query(rig.alipay, "A0000001", 1'000).result, ResultClass::not_found);
    rig.post("/sandbox/users", {{"user", "boss"}, {"alipay_balance_fen", 1'000}});
    rig.go_to("2026-03-08 10:00:00");
    EXPECT_EQ(rig.take("A0000001", 1'000).result, ResultClass::succeeded);
    EXPECT_EQ(rig.get("/sandbox/books")["refused"]["count"], 0);
}

TEST(AlipayDeduction, ThatSucceededWhileTheAnswerGotLostIsFoundByTheQuery) {
    Agreed rig;
    rig.go_to("2026-03-08 10:00:00");
    rig.post("/sandbox/faults",
             {{"on", "call"}, {"provider", "alipay"}, {"path", "alipay.trade.pay"}, {"kind", "lose_reply"}});
    EXPECT_EQ(rig.take("A0000001", 1'000).result, ResultClass::unknown);
    EXPECT_EQ(rig.query(rig.alipay, "A0000001", 1'000).result, ResultClass::succeeded);
}

TEST(AlipayAnswer, ThatIsUnsignedOrForgedLeavesTheOutcomeUnknown) {
    Agreed rig;
    rig.go_to("2026-03-08 10:00:00");
    int number = 0;
    for (const char* kind : {"unsigned", "bad_signature", "garbled", "system_error", "status", "empty"}) {
        rig.post("/sandbox/faults", {{"on", "call"}, {"path", "alipay.trade.precreate"}, {"kind", kind}});
        EXPECT_EQ(rig.create("Q" + std::to_string(++number), 100, ManualOrder::Way::native_qr).result.result,
                  ResultClass::unknown)
            << kind;
    }
}

TEST(AlipayMandate, EndedByThePayerIsToldToTheApplicationGatewayOnly) {
    Agreed rig;
    rig.merchant.forget();
    rig.post("/sandbox/mandates/end", {{"contract_id", rig.agreement}});
    ASSERT_EQ(rig.merchant.heard("/webhooks/alipay").size(), 1U);
    EXPECT_EQ(rig.merchant.heard("/webhooks/alipay/gateway").size(), 1U);
    EXPECT_TRUE(std::holds_alternative<MandateEnded>(rig.fact(rig.merchant.heard()[0])));
    rig.go_to("2026-03-08 10:00:00");
    EXPECT_EQ(rig.take("A0000001", 100).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("mandate_ended"), 1);
}

TEST(AlipayMandate, EndsByUs) {
    Agreed rig;
    EXPECT_EQ(rig.run(rig.alipay.end_mandate("A1", rig.agreement, "", limit)).state,
              payment::MandateState::ended);
}

TEST(AlipayMandate, LinkWithAChangedFieldIsRefused) {
    Rig rig;
    payment::MandateRequest request;
    request.our_number = "A1";
    request.account_name = "企微助手";
    request.notify_url = rig.notify_url("alipay");
    request.single_limit = Fen{100};
    request.first_execute_day = parse_day("2026-03-08").value();
    auto link = rig.run(rig.alipay.sign_page(request, limit)).url;
    const auto at = link.find("A1");
    ASSERT_NE(at, std::string::npos);
    link.replace(at, 2, "A2");
    int status = 0;
    rig.post("/sandbox/mandates/sign", {{"user", "boss"}, {"link", link}}, &status);
    EXPECT_EQ(status, 400);
    EXPECT_EQ(rig.refused("wrong_signature"), 1);
}

TEST(AlipayOrder, BehindAQrCodeExistsOnlyOnceItWasScanned) {
    Agreed rig;
    rig.merchant.forget();
    const auto created = rig.create("Q0000001", 5'000, ManualOrder::Way::native_qr);
    ASSERT_EQ(created.result.result, ResultClass::accepted) << created.result.code << created.result.detail;
    EXPECT_EQ(rig.query(rig.alipay, "Q0000001", 5'000, false).result, ResultClass::not_found);
    EXPECT_EQ(rig.post("/sandbox/payments/pay",
                       {{"user", "boss"}, {"qr_code", created.instructions.qr_code}})["state"],
              "TRADE_SUCCESS");
    EXPECT_EQ(rig.query(rig.alipay, "Q0000001", 5'000, false).result, ResultClass::succeeded);
    ASSERT_EQ(rig.merchant.heard("/webhooks/alipay").size(), 1U);
    EXPECT_EQ(rig.create("Q0000001", 5'000, ManualOrder::Way::native_qr).result.result, ResultClass::already);
}

TEST(AlipayOrder, IsPaidOnItsPage) {
    Agreed rig;
    const auto created = rig.create("P0000001", 5'000, ManualOrder::Way::page);
    EXPECT_EQ(rig.post("/sandbox/payments/pay",
                       {{"user", "boss"}, {"page_url", created.instructions.redirect_url}})["state"],
              "TRADE_SUCCESS");
    auto forged = created.instructions.redirect_url;
    forged.replace(forged.find("P0000001"), 8, "P0000002");
    int status = 0;
    rig.post("/sandbox/payments/pay", {{"user", "boss"}, {"page_url", forged}}, &status);
    EXPECT_EQ(status, 400);
}

TEST(AlipayOrder, WithoutBalanceWaitsAndCanBeClosed) {
    Agreed rig;
    const auto created = rig.create("Q0000001", 100'001, ManualOrder::Way::native_qr);
    int status = 0;
    rig.post("/sandbox/payments/pay", {{"user", "boss"}, {"qr_code", created.instructions.qr_code}}, &status);
    EXPECT_EQ(status, 409);
    EXPECT_EQ(rig.query(rig.alipay, "Q0000001", 100'001, false).result, ResultClass::in_progress);
    EXPECT_EQ(rig.run(rig.alipay.close("Q0000001", false, limit)).result, ResultClass::accepted);
    EXPECT_EQ(rig.query(rig.alipay, "Q0000001", 100'001, false).result, ResultClass::failed);
}

TEST(AlipayRefund, MovesMoneyOnceAndToldWhenPartial) {
    Agreed rig;
    rig.go_to("2026-03-08 10:00:00");
    rig.take("A0000001", 5'000);
    rig.settle();
    rig.merchant.forget();
    const auto refund = [&](const std::string& number, std::int64_t fen) {
        return rig.run(rig.alipay.refund(rig.alipay.fields(payment::RefundRequest{.out_trade_no = "A0000001",
                                                                                  .transaction_id = "",
                                                                                  .out_refund_no = number,
                                                                                  .refund = Fen{fen},
                                                                                  .total = Fen{5'000},
                                                                                  .reason = "退款",
                                                                                  .notify_url = ""}),
                                         limit));
    };
    EXPECT_EQ(refund("R1", 3'000).result, ResultClass::succeeded);
    refund("R1", 3'000);
    refund("R1", 2'000);
    EXPECT_EQ(rig.refused("refund_differs"), 1);
    refund("R2", 2'001);
    EXPECT_EQ(rig.refused("refund_above_rest"), 1);
    rig.settle();
    const auto heard = rig.merchant.heard("/webhooks/alipay");
    ASSERT_EQ(heard.size(), 1U);
    const auto change = std::get<RefundChanged>(rig.fact(heard[0]));
    EXPECT_EQ(change.amount, Fen{3'000});
    EXPECT_TRUE(change.cumulative);
    EXPECT_EQ(rig.run(rig.alipay.query_refund("A0000001", "R1", Fen{3'000}, limit)).result,
              ResultClass::succeeded);
    EXPECT_EQ(rig.get("/sandbox/books")["totals"]["alipay"]["refunded_fen"], 3'000);
}

TEST(AlipayNotification, IsRepeatedSevenTimesUntilTheWordIsExactlySuccess) {
    Agreed rig;
    rig.go_to("2026-03-08 10:00:00");
    rig.merchant.forget();
    rig.merchant.answer_next(std::vector<io::Response>(
        8, io::Response{.status = 200, .content_type = "", .body = "success\n", .headers = {}}));
    rig.take("A0000001", 1'000);
    rig.settle();
    std::size_t tries = 1;
    for (const std::chrono::seconds gap : {240s, 600s, 600s, 3600s, 7200s, 21600s, 54000s}) {
        rig.advance(gap - 1s);
        ASSERT_EQ(rig.merchant.heard("/webhooks/alipay").size(), tries);
        rig.advance(1s);
        ASSERT_EQ(rig.merchant.heard("/webhooks/alipay").size(), ++tries);
    }
    const auto heard = rig.merchant.heard("/webhooks/alipay");
    const auto id = [](const Heard& one) { return *io::find_field(*io::parse_form(one.body), "notify_id"); };
    EXPECT_EQ(id(heard.front()), id(heard.back()));
    rig.advance(100h);
    EXPECT_EQ(rig.merchant.heard("/webhooks/alipay").size(), 8U);
}

TEST(AlipayNotification, SpoiltOnesAreRefusedByTheDoor) {
    Agreed rig;
    rig.go_to("2026-03-08 10:00:00");
    rig.merchant.forget();
    rig.post("/sandbox/faults", {{"on", "notification"}, {"event", "trade_status_sync"}, {"kind", "tamper"}});
    rig.merchant.answer_next(
        {io::Response{.status = 401, .content_type = "", .body = "failure", .headers = {}}});
    rig.take("A0000001", 1'000);
    rig.settle();
    rig.advance(240s);
    const auto heard = rig.merchant.heard("/webhooks/alipay");
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<payment::Refusal>(rig.judged(heard[0])));
    EXPECT_TRUE(std::holds_alternative<payment::Receipt>(rig.judged(heard[1])));
}

TEST(AlipayGate, ChecksTheApplicationBeforeTheSignatureAndAnswersAStrangerUnsigned) {
    Rig rig;
    const auto strange = rig.raw("POST", "/gateway.do?method=alipay.trade.query&app_id=2099");
    EXPECT_NE(strange.body.find("isv.invalid-app-id"), std::string::npos);
    EXPECT_EQ(strange.body.find("\"sign\""), std::string::npos);
    const auto unsigned_call = rig.raw(
        "POST", "/gateway.do?method=alipay.trade.query&app_id=" + rig.options.alipay_app_id +
                    "&charset=utf-8&sign_type=RSA2&version=1.0&sign=AAAA&timestamp=2026-03-02+10%3A00%3A00");
    EXPECT_NE(unsigned_call.body.find("isv.invalid-signature"), std::string::npos);
    EXPECT_NE(unsigned_call.body.find("method=alipay.trade.query"), std::string::npos)
        << "prints the string it built";
    EXPECT_EQ(rig.refused("wrong_signature"), 1);
    EXPECT_EQ(rig.refused("unknown_merchant"), 1);
}

}  // namespace
}  // namespace wefee::sandbox::test
