// Orders and deductions through the port, against a provider that signs: what each answer comes to.
#include <gtest/gtest.h>

#include <set>

#include "io/encoding.hpp"
#include "payment/wechat/gateway.hpp"
#include "payment/wechat/results.hpp"
#include "payment/wechat/sign.hpp"
#include "wechat_testing.hpp"

namespace wefee::payment::wechat {

using namespace testing;
using Signing = FakeProvider::Signing;
using enum ResultClass;

namespace {

const std::string order_number = "SCRM202511230000000001";

class WechatOrders : public ::testing::Test {
protected:
    std::string mini_program() const {
        return gateway.fields(ManualOrder{.way = ManualOrder::Way::mini_program,
                                          .out_trade_no = order_number,
                                          .amount = Fen{19900},
                                          .description = "SCRM 专业版",
                                          .notify_url = "https://pay.example.com/webhooks/wechatpay",
                                          .payer = "openid-1"});
    }
    std::string deduction() const {
        return gateway.fields(
            Deduction{.out_trade_no = order_number,
                      .amount = Fen{19900},
                      .contract_id = "202511230000028648",
                      .description = "SCRM 专业版",
                      .notify_url = "https://pay.example.com/webhooks/wechatpay/v2/deduction"});
    }
    OrderResult deduct() { return run(gateway.deduct(deduction(), testing::limit)); }
    OrderCreated create() { return run(gateway.create_order(mini_program(), testing::limit)); }
    OrderResult query(bool is_deduction) {
        return run(gateway.query(order_number, Fen{19900}, is_deduction, testing::limit));
    }

    Settings settings = vector_settings();
    FakeClock clock{vector_now()};
    FakeProvider provider{clock};
    KeyRing keys{{{public_key_id(), public_key("wechatpay_pub")}}};
    WechatGateway gateway{settings, keys, nullptr, provider, clock};
};

const Signing bad_signings[]{Signing::none,  Signing::empty,     Signing::probe,         Signing::tampered,
                             Signing::stale, Signing::other_key, Signing::unknown_serial};

nlohmann::json v3_order(const std::string& state) {
    nlohmann::json order{{"appid", "wxd678efh567hg6787"},
                         {"mchid", "1900009191"},
                         {"out_trade_no", order_number},
                         {"trade_state", state},
                         {"amount", {{"total", 19900}, {"currency", "CNY"}}}};
    if (state == "SUCCESS" || state == "REFUND") {
        order["transaction_id"] = "4200002500202511231234567890";
        order["success_time"] = "2025-11-23T21:09:50+08:00";
        order["payer"] = {{"openid", "openid-1"}};
    }
    return order;
}

v2::Fields v2_order(const std::string& state) {
    v2::Fields fields{{"return_code", "SUCCESS"},      {"result_code", "SUCCESS"},
                      {"appid", "wxd678efh567hg6787"}, {"mch_id", "1900009191"},
                      {"out_trade_no", order_number},  {"trade_state", state},
                      {"total_fee", "19900"},          {"fee_type", "CNY"}};
    if (state == "SUCCESS" || state == "REFUND") {
        fields["transaction_id"] = "4200002500202512011234567891";
        fields["time_end"] = "20251201090501";
        fields["openid"] = "openid-1";
    }
    return fields;
}

v2::Fields v2_answer(const std::string& err_code = {}) {
    v2::Fields fields{{"return_code", "SUCCESS"},
                      {"mch_id", "1900009191"},
                      {"appid", "wxd678efh567hg6787"},
                      {"result_code", err_code.empty() ? "SUCCESS" : "FAIL"}};
    if (!err_code.empty()) fields["err_code"] = err_code;
    return fields;
}

io::ClientResponse html(int status) {
    return {.status = status, .headers = {}, .body = "<html>Bad Gateway</html>"};
}

boost::system::error_code timed_out() {
    return boost::system::errc::make_error_code(boost::system::errc::timed_out);
}
boost::system::error_code reset() {
    return boost::system::errc::make_error_code(boost::system::errc::connection_reset);
}

}  // namespace

TEST_F(WechatOrders, AMiniProgramOrderCarriesParametersThatOurKeySigned) {
    provider.answer_v3(200, R"({"prepay_id":"wx201410272009395522657a690389285100"})");
    const auto created = create();
    EXPECT_EQ(created.result.result, accepted);
    EXPECT_EQ(created.instructions.prepay_id, "wx201410272009395522657a690389285100");
    const auto params = nlohmann::json::parse(created.instructions.client_params);
    EXPECT_EQ(params.size(), 5U);
    for (const auto& [name, value] : params.items()) EXPECT_TRUE(value.is_string()) << name;
    EXPECT_EQ(params.at("signType"), "RSA");
    EXPECT_EQ(params.at("timeStamp"), "1763903392");
    const std::string message =
        pay_message("wxd678efh567hg6787", "1763903392", params.at("nonceStr").get<std::string>(),
                    "prepay_id=wx201410272009395522657a690389285100");
    const auto signature = io::base64_decode(params.at("paySign").get<std::string>());
    ASSERT_TRUE(signature);
    EXPECT_TRUE(public_key("merchant").verify_sha256(message, *signature));
    EXPECT_EQ(provider.last().url, settings.base_url + "/v3/pay/transactions/jsapi");
}

TEST_F(WechatOrders, ANativeOrderGivesTheTextOfItsQrCode) {
    ManualOrder order{.way = ManualOrder::Way::native_qr,
                      .out_trade_no = order_number,
                      .amount = Fen{1},
                      .description = "d",
                      .notify_url = "https://pay.example.com/n"};
    provider.answer_v3(200, R"({"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz1"})");
    const auto created = run(gateway.create_order(gateway.fields(order), testing::limit));
    EXPECT_EQ(created.result.result, accepted);
    EXPECT_EQ(created.instructions.qr_code, "weixin://wxpay/bizpayurl?pr=JyC91EIz1");
    EXPECT_TRUE(created.instructions.client_params.empty());
}

TEST_F(WechatOrders, ASuccessThatCannotBeVerifiedIsUnknown) {
    for (const Signing signing : bad_signings) {
        provider.answer_v3(200, R"({"prepay_id":"wx1"})", signing);
        const auto created = create();
        EXPECT_EQ(created.result.result, unknown) << static_cast<int>(signing);
        EXPECT_TRUE(created.result.code.starts_with("UNVERIFIED_")) << created.result.code;
        EXPECT_TRUE(created.instructions.client_params.empty());
    }
}

TEST_F(WechatOrders, NoAnswerAtAllIsUnknown) {
    provider.break_with(timed_out());
    EXPECT_EQ(create().result.code, "TIMED_OUT");
    provider.break_with(reset());
    EXPECT_EQ(create().result.code, "TRANSPORT");
    provider.break_with(timed_out());
    EXPECT_EQ(deduct().result, unknown);
    for (const int status : {202, 301, 302, 500, 502, 503}) {
        provider.answer_raw(html(status));
        EXPECT_EQ(create().result.result, unknown) << status;
        provider.answer_raw(html(status));
        EXPECT_EQ(deduct().result, unknown) << status;
    }
    provider.answer_v3(200, "no json");
    EXPECT_EQ(create().result.code, "UNREADABLE");
}

TEST_F(WechatOrders, EveryCodeOfCreateComesThroughAsItsRowSays) {
    for (const CodeRow& row : rows::create) {
        provider.answer_v3(400, nlohmann::json{{"code", row.code}, {"message", "原因"}}.dump());
        const auto result = create().result;
        EXPECT_EQ(result.result, row.result) << row.code;
        EXPECT_EQ(result.cause, row.cause) << row.code;
        EXPECT_EQ(result.code, row.code);
        EXPECT_TRUE(result.detail.starts_with("原因 [")) << result.detail;
    }
}

TEST_F(WechatOrders, AnErrorWhoseSignatureIsWrongIsUnknownAnUnsignedOneIsTaken) {
    const std::string body = R"({"code":"PARAM_ERROR","message":"m"})";
    provider.answer_v3(400, body, Signing::none);
    EXPECT_EQ(create().result.result, refused);
    for (const Signing signing : {Signing::tampered, Signing::probe, Signing::other_key, Signing::empty}) {
        provider.answer_v3(400, body, signing);
        EXPECT_EQ(create().result.result, unknown);
    }
}

TEST_F(WechatOrders, ANumberReusedWithOtherParametersGoesToAPerson) {
    provider.answer_v3(400, R"({"code":"INVALID_REQUEST","message":"请求重入时参数与首次请求时不一致"})",
                       Signing::good, "268498688");
    EXPECT_EQ(create().result.result, differs);
}

TEST_F(WechatOrders, ARepeatSendsTheSameBytesWithAFreshNonceAndSignature) {
    const std::string fields = mini_program();
    std::set<std::string> authorizations;
    std::set<std::string> bodies;
    for (int i = 0; i < 3; ++i) {
        provider.answer_v3(200, R"({"prepay_id":"wx1"})");
        run(gateway.create_order(fields, testing::limit));
        authorizations.insert(*io::find_header(provider.last().headers, "Authorization"));
        bodies.insert(provider.last().body);
    }
    EXPECT_EQ(authorizations.size(), 3U);
    EXPECT_EQ(bodies.size(), 1U);
}

TEST_F(WechatOrders, ARepeatedDeductionDiffersOnlyInNonceAndSign) {
    const std::string fields = deduction();
    std::vector<v2::Fields> sent;
    for (int i = 0; i < 2; ++i) {
        provider.answer_v2(v2_answer());
        run(gateway.deduct(fields, testing::limit));
        sent.push_back(provider.last_v2());
    }
    EXPECT_NE(sent[0]["nonce_str"], sent[1]["nonce_str"]);
    for (auto& one : sent) {
        one.erase("nonce_str");
        one.erase("sign");
        EXPECT_EQ(nlohmann::json(one), nlohmann::json::parse(fields));
    }
}

TEST_F(WechatOrders, FieldsOfAnotherMerchantAreNotSent) {
    const std::string order = mini_program();
    const std::string deduction_text = deduction();
    settings.mchid = "1900000000";
    EXPECT_EQ(run(gateway.create_order(order, testing::limit)).result.code, "FIELDS_OF_OTHER_MERCHANT");
    EXPECT_EQ(run(gateway.deduct(deduction_text, testing::limit)).result, refused);
    EXPECT_TRUE(provider.seen.empty());
    EXPECT_THROW(run(gateway.deduct("{}", testing::limit)), std::invalid_argument);
}

TEST_F(WechatOrders, AcceptedIsNotPaid) {
    provider.answer_v2(v2_answer());
    const auto result = deduct();
    EXPECT_EQ(result.result, accepted);
    EXPECT_FALSE(result.payment);
    EXPECT_EQ(provider.last().url, settings.base_url + "/pay/pappayapply");
    EXPECT_EQ(provider.last_v2().at("trade_type"), "PAP");
    EXPECT_EQ(provider.last_v2().at("total_fee"), "19900");
}

TEST_F(WechatOrders, HmacIsNamedAndSigned) {
    settings.v2_sign_type = v2::SignType::hmac_sha256;
    provider.answer_v2(v2_answer(), Signing::good, v2::SignType::hmac_sha256);
    EXPECT_EQ(deduct().result, accepted);
    auto sent = provider.last_v2();
    EXPECT_EQ(sent.at("sign_type"), "HMAC-SHA256");
    EXPECT_EQ(v2::check_sign(sent, settings.api_v2_key, v2::SignType::hmac_sha256, false),
              v2::SignCheck::good);
}

TEST_F(WechatOrders, EveryCodeOfApplyComesThroughAsItsRowSays) {
    for (const CodeRow& row : rows::apply) {
        provider.answer_v2(v2_answer(std::string(row.code)));
        const auto result = deduct();
        EXPECT_EQ(result.result, row.result) << row.code;
        EXPECT_EQ(result.cause, row.cause) << row.code;
    }
    provider.answer_v2(v2_answer("A_NEW_CODE"));
    EXPECT_EQ(deduct().result, unknown);
}

TEST_F(WechatOrders, AV2AnswerThatCannotBeVerifiedIsUnknown) {
    for (const Signing signing : {Signing::none, Signing::empty, Signing::tampered, Signing::other_key})
        for (const std::string& code : {"", "NOTENOUGH"}) {
            provider.answer_v2(v2_answer(code), signing);
            EXPECT_EQ(deduct().result, unknown) << static_cast<int>(signing) << code;
        }
    provider.answer_v2({{"return_code", "FAIL"}, {"return_msg", "签名错误"}}, Signing::none);
    const auto failed_transport = deduct();
    EXPECT_EQ(failed_transport.result, unknown);
    EXPECT_EQ(failed_transport.detail, "签名错误");
    provider.answer_raw({.status = 200, .headers = {}, .body = "<!DOCTYPE xml><xml></xml>"});
    EXPECT_EQ(deduct().code, "UNREADABLE");
    auto foreign = v2_answer();
    foreign["mch_id"] = "1900000000";
    provider.answer_v2(foreign);
    EXPECT_EQ(deduct().code, "FOREIGN_MCHID");
    auto odd = v2_answer();
    odd["result_code"] = "PERHAPS";
    provider.answer_v2(odd);
    EXPECT_EQ(deduct().result, unknown);
}

TEST_F(WechatOrders, EveryTradeStateComesThroughBothQueries) {
    for (const StateRow& row : trade_states) {
        provider.answer_v3(200, v3_order(std::string(row.state)).dump());
        const auto order = query(false);
        EXPECT_EQ(order.result, row.result) << row.state;
        EXPECT_EQ(order.payment.has_value(), row.result == succeeded);
        provider.answer_v2(v2_order(std::string(row.state)));
        const auto deducted = query(true);
        EXPECT_EQ(deducted.result, row.result) << row.state;
        EXPECT_EQ(deducted.payment.has_value(), row.result == succeeded);
        if (row.state == "CLOSED") EXPECT_EQ(deducted.cause, FailureCause::closed_unpaid);
    }
    provider.answer_v3(200, v3_order("A_NEW_STATE").dump());
    EXPECT_EQ(query(false).result, unknown);
}

TEST_F(WechatOrders, AQueriedPaymentIsWhole) {
    provider.answer_v2(v2_order("SUCCESS"));
    const auto paid = query(true).payment;
    ASSERT_TRUE(paid);
    EXPECT_EQ(paid->amount, Fen{19900});
    EXPECT_EQ(paid->mchid, "1900009191");
    EXPECT_EQ(paid->transaction_id, "4200002500202512011234567891");
    EXPECT_EQ(format_instant(paid->paid_at), "2025-12-01T09:05:01+08:00");
    EXPECT_EQ(provider.last().url, settings.base_url + "/pay/orderquery");
    auto incomplete = v2_order("SUCCESS");
    incomplete.erase("transaction_id");
    provider.answer_v2(incomplete);
    EXPECT_EQ(query(true).result, unknown);
}

TEST_F(WechatOrders, AFailedDeductionTellsItsCauseWhenTheQueryDoes) {
    auto failed_order = v2_order("PAY_FAIL");
    failed_order["err_code"] = "NOTENOUGH";
    provider.answer_v2(failed_order);
    EXPECT_EQ(query(true).cause, FailureCause::balance_not_enough);
}

TEST_F(WechatOrders, APaymentOfAnotherAmountMerchantOrNumberIsNeverOurs) {
    const auto v3_with = [&](const std::function<void(nlohmann::json&)>& change) {
        auto order = v3_order("SUCCESS");
        change(order);
        provider.answer_v3(200, order.dump());
        const auto result = query(false);
        EXPECT_FALSE(result.payment);
        return result.result;
    };
    EXPECT_EQ(v3_with([](auto& o) { o["amount"]["total"] = 19901; }), differs);
    EXPECT_EQ(v3_with([](auto& o) { o["mchid"] = "1900000000"; }), differs);
    EXPECT_EQ(v3_with([](auto& o) { o["out_trade_no"] = "SCRM202511230000000002"; }), differs);
    EXPECT_EQ(v3_with([](auto& o) { o["amount"]["currency"] = "USD"; }), differs);
    EXPECT_EQ(v3_with([](auto& o) { o["amount"].erase("total"); }), unknown);
    EXPECT_EQ(v3_with([](auto& o) { o["amount"]["total"] = 19900.0; }), unknown);
    auto foreign = v2_order("SUCCESS");
    foreign["total_fee"] = "1";
    provider.answer_v2(foreign);
    EXPECT_EQ(query(true).result, differs);
}

TEST_F(WechatOrders, NotFoundProvesNothingAndOtherQueryErrorsChangeNothing) {
    provider.answer_v3(404, R"({"code":"ORDER_NOT_EXIST","message":"m"})");
    EXPECT_EQ(query(false).result, not_found);
    provider.answer_v2(v2_answer("ORDERNOTEXIST"));
    EXPECT_EQ(query(true).result, not_found);
    for (const std::string code : {"SIGN_ERROR", "PARAM_ERROR", "SYSTEMERROR", "FREQUENCY_LIMITED"}) {
        provider.answer_v3(400, nlohmann::json{{"code", code}}.dump());
        EXPECT_EQ(query(false).result, unknown);
        provider.answer_v2(v2_answer(code));
        EXPECT_EQ(query(true).result, unknown);
    }
    provider.answer_v3(200, v3_order("SUCCESS").dump(), Signing::tampered);
    EXPECT_EQ(query(false).result, unknown);
}

TEST_F(WechatOrders, AQueryEscapesTheNumberAsItIsSigned) {
    provider.answer_v3(404, R"({"code":"ORDER_NOT_EXIST"})");
    run(gateway.query("A|B_01-*", Fen{1}, false, testing::limit));
    EXPECT_EQ(provider.last().url,
              settings.base_url + "/v3/pay/transactions/out-trade-no/A%7CB_01-%2A?mchid=1900009191");
}

TEST_F(WechatOrders, ClosingIsAcceptedAndAPaidOrderSaysSo) {
    provider.answer_v3(204, "");
    EXPECT_EQ(run(gateway.close(order_number, false, testing::limit)).result, accepted);
    EXPECT_EQ(provider.last().body, R"({"mchid":"1900009191"})");
    provider.answer_v3(400, R"({"code":"ORDERPAID","message":"该订单已支付"})");
    EXPECT_EQ(run(gateway.close(order_number, false, testing::limit)).result, already);
    provider.answer_v3(204, "", Signing::none);
    EXPECT_EQ(run(gateway.close(order_number, false, testing::limit)).result, unknown);
    provider.answer_v2(v2_answer());
    EXPECT_EQ(run(gateway.close(order_number, true, testing::limit)).result, accepted);
    EXPECT_EQ(provider.last().url, settings.base_url + "/pay/closeorder");
    provider.answer_v2(v2_answer("ORDERPAID"));
    EXPECT_EQ(run(gateway.close(order_number, true, testing::limit)).result, already);
}

}  // namespace wefee::payment::wechat
