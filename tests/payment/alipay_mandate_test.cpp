// Agreements, refunds and the credential modes through the gateway.
#include <gtest/gtest.h>

#include "alipay_fake.hpp"

namespace wefee::payment::alipay {
namespace {

using namespace testing;

MandateRequest mandate() {
    return {.our_number = "AGR1",
            .serial = 1,
            .account_name = "tenant-42",
            .notify_url = "https://pay.example.test/alipay/notify",
            .return_url = "https://app.example.test/back",
            .single_limit = Fen{2990},
            .total_limit = std::nullopt,
            .period_months = 1,
            .first_execute_day = parse_day("2026-02-01").value()};
}

TEST_F(AlipayGatewayTest, ASigningPageOpensInABrowserOrInTheApp) {
    const auto page = run(gateway.sign_page(mandate(), 5s));
    EXPECT_TRUE(page.url.starts_with(
        "https://openapi.alipay.com/gateway.do?method=alipay.user.agreement.page.sign&"));
    EXPECT_EQ(page.mini_program, "");
    auto settings = key_mode();
    settings.sign_channel = "ALIPAYAPP";
    AlipayGateway in_app(settings, alipay, clock);
    EXPECT_TRUE(run(in_app.sign_page(mandate(), 5s))
                    .url.starts_with("alipays://platformapi/startapp?appId=60000157"));
    auto bad = mandate();
    bad.first_execute_day = parse_day("2026-01-31").value();
    EXPECT_THROW(run(gateway.sign_page(bad, 5s)), std::invalid_argument);
    EXPECT_TRUE(alipay.received.empty());
}

std::string agreement(const std::string& status) {
    return R"({"code":"10000","agreement_no":"A1","external_agreement_no":"AGR1","status":")" + status +
           R"(","sign_time":"2026-01-15 09:50:01","invalid_time":"2115-02-01 00:00:00",)"
           R"("principal_id":"2088000000000009","next_deduct_time":"2026-02-01"})";
}

TEST_F(AlipayGatewayTest, AnAgreementsStateIsRead) {
    const auto ask = [&](std::string node, std::string contract = "A1") {
        alipay.received.clear();
        alipay.script = {alipay.says(std::move(node))};
        return run(gateway.query_mandate("AGR1", contract, 5s));
    };
    const auto active = ask(agreement("NORMAL"));
    EXPECT_EQ(active.state, MandateState::active);
    ASSERT_TRUE(active.signed_fact);
    EXPECT_EQ(active.signed_fact->contract_id, "A1");
    EXPECT_EQ(active.signed_fact->our_number, "AGR1");
    EXPECT_EQ(active.next_deduct_day, parse_day("2026-02-01"));
    EXPECT_EQ(ask(agreement("STOP")).state, MandateState::suspended);
    EXPECT_EQ(ask(agreement("TEMP")).state, MandateState::signing);
    EXPECT_EQ(ask(agreement("NEW")).state, MandateState::unknown);
    EXPECT_EQ(ask(agreement("NORMAL"), "A2").state, MandateState::unknown);  // about another agreement
    const std::string none = R"({"code":"40004","sub_code":"USER_AGREEMENT_NOT_EXIST"})";
    EXPECT_EQ(ask(none, "").state, MandateState::not_signed);
    EXPECT_EQ(ask(none).state, MandateState::ended);
    ASSERT_TRUE(ask(none).ended_fact);
    EXPECT_EQ(ask(none).ended_fact->ended_at, ten_oclock);
    EXPECT_EQ(ask(R"({"code":"40004","sub_code":"SYSTEM_ERROR"})").state, MandateState::unknown);
    alipay.received.clear();
    alipay.script = {FakeAlipay::raw(200, R"({"alipay_user_agreement_query_response":)" + none + "}")};
    EXPECT_EQ(run(gateway.query_mandate("AGR1", "A1", 5s)).state, MandateState::unknown);
}

TEST_F(AlipayGatewayTest, EndingAMandateIsBelievedWhenAlipaySaysSo) {
    alipay.script = {alipay.says(R"({"code":"10000","msg":"Success"})")};
    const auto ended = run(gateway.end_mandate("AGR1", "A1", "the tenant asked", 5s));
    EXPECT_EQ(ended.state, MandateState::ended);
    EXPECT_EQ(ended.ended_fact->cause, MandateEnded::Cause::by_us);

    alipay.received.clear();  // the answer is lost: the query tells
    alipay.script = {FakeAlipay::breaks(asio::error::timed_out), alipay.says(agreement("NORMAL"))};
    EXPECT_EQ(run(gateway.end_mandate("AGR1", "A1", "", 5s)).state, MandateState::active);

    alipay.received.clear();  // released before
    alipay.script = {alipay.refuses("40004", "AGREEMENT_NOT_EXSIT"),
                     alipay.refuses("40004", "AGREEMENT_HAS_UNSIGNED")};
    EXPECT_EQ(run(gateway.end_mandate("AGR1", "A1", "", 5s)).state, MandateState::ended);

    alipay.received.clear();  // only our number is known
    alipay.script = {alipay.says(agreement("NORMAL")), alipay.says(R"({"code":"10000"})")};
    EXPECT_EQ(run(gateway.end_mandate("AGR1", "", "", 5s)).state, MandateState::ended);
    EXPECT_EQ(biz_text(alipay.received[1].biz, "agreement_no"), "A1");
}

TEST_F(AlipayGatewayTest, APlanIsMovedToALaterDay) {
    const auto day = parse_day("2026-02-10").value();
    alipay.script = {alipay.says(R"({"code":"10000","agreement_no":"A1","deduct_time":"2026-02-10"})"),
                     alipay.refuses("40004", "ILLEGAL_EXECUTION_TIME"),
                     alipay.says(R"({"code":"10000","agreement_no":"A2","deduct_time":"2026-02-10"})")};
    EXPECT_EQ(run(gateway.modify_plan("A1", day, "", 5s)).deduct_day, day);
    EXPECT_EQ(run(gateway.modify_plan("A1", day, "", 5s)).result, ResultClass::refused);
    EXPECT_EQ(run(gateway.modify_plan("A1", day, "", 5s)).result, ResultClass::unknown);
}

TEST_F(AlipayGatewayTest, ARefundIsDoneOnlyWhenThisCallMovedMoney) {
    const auto fields = gateway.fields(RefundRequest{.out_trade_no = "CHG_1",
                                                     .transaction_id = "T1",
                                                     .out_refund_no = "RFD_1",
                                                     .refund = Fen{1000},
                                                     .total = Fen{2990},
                                                     .reason = "",
                                                     .notify_url = ""});
    const auto refund = [&](FakeAlipay::Handler handler) {
        alipay.received.clear();
        alipay.script = {std::move(handler)};
        return run(gateway.refund(fields, 5s));
    };
    const auto done = refund(
        alipay.says(R"({"code":"10000","out_trade_no":"CHG_1","fund_change":"Y","refund_fee":"10.00"})"));
    EXPECT_EQ(done.result, ResultClass::succeeded);
    ASSERT_TRUE(done.change);
    EXPECT_EQ(done.change->amount, Fen{1000});
    EXPECT_FALSE(done.change->cumulative);
    EXPECT_EQ(done.change->out_refund_no, "RFD_1");
    EXPECT_EQ(refund(alipay.says(
                         R"({"code":"10000","out_trade_no":"CHG_1","fund_change":"N","refund_fee":"10.00"})"))
                  .result,
              ResultClass::accepted);
    EXPECT_EQ(refund(alipay.says(R"({"code":"10000","out_trade_no":"CHG_1"})")).result,
              ResultClass::accepted);
    EXPECT_EQ(refund(alipay.says(
                         R"({"code":"10000","out_trade_no":"CHG_2","fund_change":"Y","refund_fee":"10.00"})"))
                  .result,
              ResultClass::unknown);
    EXPECT_EQ(refund(FakeAlipay::breaks(asio::error::eof)).result, ResultClass::unknown);
    for (const auto& row : refund_codes)
        EXPECT_EQ(refund(alipay.refuses("40004", "ACQ." + std::string(row.code))).result, row.result)
            << row.code;
}

TEST_F(AlipayGatewayTest, ARefundQueryNeverFreesTheNumber) {
    const auto ask = [&](std::string node) {
        alipay.received.clear();
        alipay.script = {alipay.says(std::move(node))};
        return run(gateway.query_refund("CHG_1", "RFD_1", Fen{1000}, 5s));
    };
    const auto done =
        ask(R"({"code":"10000","out_trade_no":"CHG_1","out_request_no":"RFD_1","refund_amount":"10.00",)"
            R"("refund_status":"REFUND_SUCCESS","gmt_refund_pay":"2026-01-16 09:00:04"})");
    EXPECT_EQ(done.result, ResultClass::succeeded);
    ASSERT_TRUE(done.change);
    EXPECT_EQ(format_local(done.change->at), "2026-01-16 09:00:04");
    EXPECT_EQ(ask(R"({"code":"10000","msg":"Success"})").result, ResultClass::not_found);
    EXPECT_EQ(
        ask(R"({"code":"10000","out_trade_no":"CHG_1","out_request_no":"RFD_1","refund_amount":"10.00"})")
            .result,
        ResultClass::in_progress);
    EXPECT_EQ(
        ask(R"({"code":"10000","out_trade_no":"CHG_1","out_request_no":"RFD_1","refund_amount":"11.00",)"
            R"("refund_status":"REFUND_SUCCESS"})")
            .result,
        ResultClass::differs);
    EXPECT_EQ(
        ask(R"({"code":"10000","out_trade_no":"CHG_1","out_request_no":"RFD_2","refund_amount":"10.00",)"
            R"("refund_status":"REFUND_SUCCESS"})")
            .result,
        ResultClass::unknown);
}

TEST_F(AlipayGatewayTest, CertificateModeSendsBothSerialNumbers) {
    AlipayGateway with_certificates(certificate_mode(), alipay, clock);
    alipay.cert_sn = "7f94d09f9c650a5849416e1b3a1b4583";
    alipay.script = {alipay.says(std::string(paid))};
    EXPECT_EQ(run(with_certificates.deduct(deduction_fields(), 5s)).result, ResultClass::succeeded);
    EXPECT_EQ(*io::find_field(alipay.received[0].params, "app_cert_sn"), "11563727d470aa1279ee9883667157b1");
    EXPECT_NE(io::find_field(alipay.received[0].params, "alipay_root_cert_sn"), nullptr);
}

TEST_F(AlipayGatewayTest, ARenewedCertificateKeepsItsKeyAndAnotherKeyProvesNothing) {
    AlipayGateway with_certificates(certificate_mode(), alipay, clock);
    alipay.cert_sn = "a01a398d60559e99762f60afcaf40113";
    alipay.otherwise = alipay.says(std::string(paid));
    EXPECT_EQ(run(with_certificates.deduct(deduction_fields(), 5s)).result, ResultClass::succeeded);
    alipay.key = wrong_private_key();
    const auto foreign = run(with_certificates.deduct(deduction_fields(), 5s));
    EXPECT_EQ(foreign.result, ResultClass::unknown);
    EXPECT_EQ(foreign.code, "unknown_certificate");
}

TEST_F(AlipayGatewayTest, WithAContentKeyNothingTravelsInTheClear) {
    AlipayGateway encrypting(encrypted_mode(), alipay, clock);
    const auto aes = io::base64_decode(data("keys/aes_key.base64.txt"));
    alipay.script = {[&](const Received& call) {
        EXPECT_EQ(*io::find_field(call.params, "encrypt_type"), "AES");
        EXPECT_EQ(biz_text(open_content(*aes, call.biz).value(), "out_trade_no"), "CHG_1");
        return io::ClientResponse{.status = 200,
                                  .headers = {},
                                  .body = write_response(call.method, paid, alipay_private_key(), {}, aes)};
    }};
    EXPECT_EQ(run(encrypting.deduct(deduction_fields(), 5s)).result, ResultClass::succeeded);
}

}  // namespace
}  // namespace wefee::payment::alipay
