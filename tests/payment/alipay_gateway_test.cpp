// Orders through the gateway: deductions, manual payments, queries, closing.
#include <gtest/gtest.h>

#include <map>

#include "alipay_fake.hpp"

namespace wefee::payment::alipay {
namespace {

using namespace testing;

TEST_F(AlipayGatewayTest, ADeductionThatIsSignedWithOurNumberAndAmountSucceeded) {
    const auto result = deduct(alipay.says(std::string(paid)));
    ASSERT_EQ(result.result, ResultClass::succeeded);
    ASSERT_TRUE(result.payment);
    EXPECT_EQ(result.payment->mchid, "2088000000000001");
    EXPECT_EQ(result.payment->app_id, "2021000000000001");
    EXPECT_EQ(result.payment->out_trade_no, "CHG_1");
    EXPECT_EQ(result.payment->transaction_id, "2026011522001400000000000001");
    EXPECT_EQ(result.payment->amount, Fen{2990});
    EXPECT_EQ(result.payment->contract_id, "20265115000000000001");
    EXPECT_EQ(result.payment->payer, "2088000000000009");
    EXPECT_EQ(format_local(result.payment->paid_at), "2026-01-15 10:00:03");
    EXPECT_EQ(*io::find_field(alipay.received[0].params, "notify_url"),
              "https://pay.example.test/alipay/notify");
}

TEST_F(AlipayGatewayTest, ASuccessWithOtherFieldsIsNeverApplied) {
    const auto changed = [&](std::string_view from, std::string_view to) {
        std::string node(paid);
        node.replace(node.find(from), from.size(), to);
        const auto result = deduct(alipay.says(node));
        EXPECT_FALSE(result.payment) << to;
        return result.result;
    };
    EXPECT_EQ(changed("29.90", "29.91"), ResultClass::differs);
    EXPECT_EQ(changed("29.90", "x"), ResultClass::unknown);
    EXPECT_EQ(changed("CHG_1", "CHG_2"), ResultClass::unknown);
    EXPECT_EQ(changed("2026-01-15 10:00:03", ""), ResultClass::unknown);
    EXPECT_EQ(changed("2026011522001400000000000001", ""), ResultClass::unknown);
    EXPECT_EQ(changed("\"gmt_payment\"", "\"async_pay_apply_status\":\"S\",\"gmt_payment\""),
              ResultClass::accepted);
}

TEST_F(AlipayGatewayTest, EveryRefusalOfTheTableReachesTheFlow) {
    for (const auto& row : pay_codes) {
        const auto result = deduct(alipay.refuses("40004", "ACQ." + std::string(row.code)));
        EXPECT_EQ(result.result, row.result) << row.code;
        EXPECT_EQ(result.cause, row.cause) << row.code;
        EXPECT_EQ(result.code, "ACQ." + std::string(row.code));
        EXPECT_FALSE(result.payment);
    }
}

TEST_F(AlipayGatewayTest, WhatIsNotSignedOrNotAnAnswerIsUnknown) {
    const std::string unsigned_refusal =
        R"({"alipay_trade_pay_response":{"code":"40004","sub_code":"ACQ.AGREEMENT_NOT_EXIST"}})";
    auto forged = alipay;
    forged.key = wrong_private_key();
    const auto forged_success = [&](const Received& call) { return forged.answer(call, std::string(paid)); };
    const std::vector<FakeAlipay::Handler> handlers{
        FakeAlipay::raw(200, unsigned_refusal),
        FakeAlipay::raw(200, R"({"alipay_trade_pay_response":)" + std::string(paid) + "}"),
        FakeAlipay::raw(200, data("response/S11_unsigned_gateway_error.raw")),
        FakeAlipay::raw(200, data("response/S12_error_response.raw")),
        FakeAlipay::raw(200, data("response/S08_tampered.raw")),
        forged_success,
        FakeAlipay::raw(200, "<html>\xC4\xE3</html>"),
        FakeAlipay::raw(200, ""),
        FakeAlipay::raw(502, "{}"),
        FakeAlipay::raw(302, ""),
        alipay.refuses("20000", "isp.unknow-error"),
        alipay.refuses("10003", ""),
        alipay.refuses("40004", "ACQ.SYSTEM_ERROR"),
        alipay.refuses("40004", "ACQ.NEVER_HEARD_OF"),
        FakeAlipay::breaks(asio::error::timed_out),
        FakeAlipay::breaks(asio::error::connection_reset)};
    for (std::size_t i = 0; i < handlers.size(); ++i) {
        const auto result = deduct(handlers[i]);
        EXPECT_EQ(result.result, ResultClass::unknown) << i;
        EXPECT_FALSE(result.payment) << i;
        EXPECT_FALSE(result.code.empty()) << i;
        EXPECT_EQ(alipay.received.size(), 1u) << "nothing is sent twice by itself";
    }
}

TEST_F(AlipayGatewayTest, ASignedGatewayRefusalWasNotExecuted) {
    const auto result = deduct(alipay.refuses("40003", "isv.missing-signature-config"));
    EXPECT_EQ(result.result, ResultClass::refused);
    EXPECT_EQ(result.cause, FailureCause::merchant_blocked);
    EXPECT_FALSE(result.detail.empty());
}

TEST_F(AlipayGatewayTest, ALimitThatHasPassedSendsNothing) {
    const auto result = run(gateway.deduct(deduction_fields(), 0ms));
    EXPECT_EQ(result.result, ResultClass::unknown);
    EXPECT_EQ(result.code, "timed_out");
    EXPECT_TRUE(alipay.received.empty());
}

// The one that costs money when it is wrong: the answer is lost after Alipay took the money.
TEST_F(AlipayGatewayTest, AReplyLostAfterSuccessIsFoundByQueryAndTheSameNumberTakesNoMoneyAgain) {
    std::map<std::string, std::string> books;  // number -> biz_content of the paid trade
    alipay.otherwise = [&](const Received& call) {
        const auto number = biz_text(call.biz, "out_trade_no");
        if (call.method == "alipay.trade.query")
            return alipay.answer(call,
                                 books.contains(number)
                                     ? trade("TRADE_SUCCESS", R"(,"send_pay_date":"2026-01-15 10:00:03")")
                                     : R"({"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"})");
        if (books.contains(number))
            return alipay.answer(call, books[number] == call.biz
                                           ? R"({"code":"40004","sub_code":"ACQ.TRADE_HAS_SUCCESS"})"
                                           : R"({"code":"40004","sub_code":"ACQ.CONTEXT_INCONSISTENT"})");
        books[number] = call.biz;
        throw boost::system::system_error(asio::error::timed_out);  // executed, but nobody hears of it
    };
    const auto fields = deduction_fields();
    EXPECT_EQ(run(gateway.deduct(fields, 5s)).result, ResultClass::unknown);
    clock.at += 90s;
    EXPECT_EQ(run(gateway.deduct(fields, 5s)).result,
              ResultClass::already);  // the same number, the same fields
    const auto found = run(gateway.query("CHG_1", Fen{2990}, true, 5s));
    ASSERT_EQ(found.result, ResultClass::succeeded);
    EXPECT_EQ(found.payment->amount, Fen{2990});
    EXPECT_EQ(books.size(), 1u);
    EXPECT_EQ(alipay.received[0].biz, alipay.received[1].biz);
    EXPECT_NE(*io::find_field(alipay.received[0].params, "timestamp"),
              *io::find_field(alipay.received[1].params, "timestamp"));
    auto dearer = stored_call(fields);
    dearer.biz_content.replace(dearer.biz_content.find("29.90"), 5, "39.90");
    EXPECT_EQ(run(gateway.deduct(store_call(dearer), 5s)).result, ResultClass::differs);
}

TEST_F(AlipayGatewayTest, AQueryIsDecidedByTheTradesState) {
    EXPECT_EQ(query(trade("WAIT_BUYER_PAY")).result, ResultClass::in_progress);
    EXPECT_EQ(query(trade("TRADE_FINISHED", R"(,"send_pay_date":"2026-01-15 10:00:03")")).result,
              ResultClass::succeeded);
    const auto closed = query(trade("TRADE_CLOSED"));
    EXPECT_EQ(closed.result, ResultClass::failed);
    EXPECT_EQ(closed.cause, FailureCause::closed_unpaid);
    EXPECT_EQ(query(trade("TRADE_CLOSED", R"(,"send_pay_date":"2026-01-15 10:00:03")")).result,
              ResultClass::differs);
    EXPECT_EQ(query(trade("SOMETHING_NEW")).result, ResultClass::unknown);
    EXPECT_EQ(query(R"({"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"})").result, ResultClass::not_found);
    EXPECT_EQ(query(R"({"code":"40002","sub_code":"isv.invalid-parameter"})").result, ResultClass::unknown);
    EXPECT_EQ(query(R"({"code":"10000","out_trade_no":"CHG_2","trade_status":"TRADE_CLOSED"})").result,
              ResultClass::unknown);
}

TEST_F(AlipayGatewayTest, ClosingIsTakenOrQueried) {
    const auto close = [&](std::string node) {
        alipay.received.clear();
        alipay.script = {alipay.says(std::move(node))};
        return run(gateway.close("CHG_1", false, 5s)).result;
    };
    EXPECT_EQ(close(R"({"code":"10000","trade_no":"T1","out_trade_no":"CHG_1"})"), ResultClass::accepted);
    EXPECT_EQ(close(R"({"code":"40004","sub_code":"ACQ.TRADE_STATUS_ERROR"})"), ResultClass::already);
    EXPECT_EQ(close(R"({"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"})"), ResultClass::not_found);
}

ManualOrder manual(ManualOrder::Way way) {
    return {.way = way,
            .out_trade_no = "QR_1",
            .amount = Fen{2990},
            .description = "月费",
            .notify_url = "https://pay.example.test/alipay/notify",
            .return_url = "https://app.example.test/back",
            .payer = "",
            .expires_at = ten_oclock + 2h};
}

TEST_F(AlipayGatewayTest, AQrOrderGivesTheTextOfTheCode) {
    alipay.script = {
        alipay.says(R"({"code":"10000","out_trade_no":"QR_1","qr_code":"https:\/\/qr.alipay.com\/bax1"})"),
        alipay.says(R"({"code":"10000","out_trade_no":"QR_1"})"),
        alipay.refuses("40004", "ACQ.TRADE_HAS_SUCCESS")};
    const auto fields = gateway.fields(manual(ManualOrder::Way::native_qr));
    const auto created = run(gateway.create_order(fields, 5s));
    EXPECT_EQ(created.result.result, ResultClass::accepted);
    EXPECT_EQ(created.instructions.qr_code, "https://qr.alipay.com/bax1");
    EXPECT_EQ(run(gateway.create_order(fields, 5s)).result.result, ResultClass::unknown);
    EXPECT_EQ(run(gateway.create_order(fields, 5s)).result.result, ResultClass::already);
}

TEST_F(AlipayGatewayTest, APageOrderIsASignedAddressAndNoCall) {
    for (const auto way : {ManualOrder::Way::page, ManualOrder::Way::wap}) {
        const auto created = run(gateway.create_order(gateway.fields(manual(way)), 5s));
        EXPECT_EQ(created.result.result, ResultClass::accepted);
        const auto& url = created.instructions.redirect_url;
        const auto params = io::parse_form(url.substr(url.find('?') + 1)).value();
        EXPECT_TRUE(request_signature_holds(params, app_key().public_key()));
        EXPECT_EQ(*io::find_field(params, "return_url"), "https://app.example.test/back");
    }
    EXPECT_TRUE(alipay.received.empty());
    EXPECT_THROW(gateway.fields(manual(ManualOrder::Way::mini_program)), std::invalid_argument);
}

TEST_F(AlipayGatewayTest, FieldsOfAnotherCallAreRefused) {
    EXPECT_THROW(run(gateway.deduct(gateway.fields(manual(ManualOrder::Way::native_qr)), 5s)),
                 std::invalid_argument);
    EXPECT_THROW(run(gateway.create_order(deduction_fields(), 5s)), std::invalid_argument);
    EXPECT_THROW(run(gateway.refund(deduction_fields(), 5s)), std::invalid_argument);
    EXPECT_TRUE(alipay.received.empty());
}

TEST_F(AlipayGatewayTest, AlipayNeedsNoAnnouncement) {
    EXPECT_FALSE(gateway.needs_announcement());
    EXPECT_EQ(run(gateway.announce("A1", Fen{2990}, 5s)).result, ResultClass::succeeded);
    EXPECT_TRUE(alipay.received.empty());
}

}  // namespace
}  // namespace wefee::payment::alipay
