// Business fields: canonical, deterministic, and refused early with the field's name. And the start-up check.
#include <gtest/gtest.h>

#include <functional>

#include "payment/wechat/orders.hpp"
#include "payment/wechat/papay.hpp"
#include "payment/wechat/refunds.hpp"
#include "wechat_testing.hpp"

namespace wefee::payment::wechat {

using namespace testing;

namespace {

ManualOrder order() {
    return {.way = ManualOrder::Way::mini_program,
            .out_trade_no = "SCRM202511230000000001",
            .amount = Fen{19900},
            .description = "SCRM 专业版 2025年12月",
            .notify_url = "https://pay.example.com/wechat/notify",
            .payer = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            .expires_at = *parse_instant("2025-11-23T22:00:00+08:00")};
}

Deduction deduction() {
    return {.out_trade_no = "SCRMD202512010000000001",
            .amount = Fen{19900},
            .contract_id = "202511230000028648",
            .description = "SCRM 专业版 12月",
            .notify_url = "https://pay.example.com/wechat/papay/deduct"};
}

RefundRequest refund() {
    return {.out_trade_no = "SCRM202511230000000001",
            .transaction_id = "4200002500202511231234567890",
            .out_refund_no = "RF202511230000000001",
            .refund = Fen{9900},
            .total = Fen{19900},
            .reason = "多收",
            .notify_url = "https://pay.example.com/webhooks/wechatpay"};
}

/// The first word of the refusal, which names the field; empty when nothing was refused.
std::string refused_field(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::invalid_argument& refused) {
        const std::string text = refused.what();
        return text.substr(0, text.find(':'));
    }
    return {};
}

constexpr const char* emoji = "party \xF0\x9F\x8E\x89";

}  // namespace

TEST(WechatFields, AnOrdersTextIsCanonicalAndHoldsTheVectorsBody) {
    const Settings settings = vector_settings();
    const std::string text = order_fields(settings, order());
    EXPECT_EQ(text, order_fields(settings, order()));
    const auto call = read_order_fields(text);
    EXPECT_EQ(call.path, "/v3/pay/transactions/jsapi");
    EXPECT_EQ(call.mchid, settings.mchid);
    const auto& vector = vector_named("request_signing", "post_jsapi");
    EXPECT_EQ(nlohmann::json::parse(call.body), nlohmann::json::parse(vector.at("body").get<std::string>()));
}

TEST(WechatFields, TextsNeverChangeBetweenReleasesBecauseTheirDigestIsStored) {
    const Settings settings = vector_settings();
    EXPECT_EQ(
        deduction_fields(settings, deduction()),
        R"({"appid":"wxd678efh567hg6787","body":"SCRM 专业版 12月","contract_id":"202511230000028648",)"
        R"("fee_type":"CNY","mch_id":"1900009191","notify_url":"https://pay.example.com/wechat/papay/deduct",)"
        R"("out_trade_no":"SCRMD202512010000000001","spbill_create_ip":"127.0.0.1","total_fee":"19900",)"
        R"("trade_type":"PAP"})");
    EXPECT_EQ(
        refund_fields(refund()),
        R"({"amount":{"currency":"CNY","refund":9900,"total":19900},)"
        R"("notify_url":"https://pay.example.com/webhooks/wechatpay","out_refund_no":"RF202511230000000001",)"
        R"("reason":"多收","transaction_id":"4200002500202511231234567890"})");
    ManualOrder native = order();
    native.way = ManualOrder::Way::native_qr;
    native.payer.clear();
    native.expires_at = {};
    EXPECT_EQ(
        order_fields(settings, native),
        R"({"body":{"amount":{"currency":"CNY","total":19900},"appid":"wxd678efh567hg6787",)"
        R"("description":"SCRM 专业版 2025年12月","mchid":"1900009191",)"
        R"("notify_url":"https://pay.example.com/wechat/notify","out_trade_no":"SCRM202511230000000001"},)"
        R"("path":"/v3/pay/transactions/native"})");
}

TEST(WechatFields, ReadingGivesBackWhatWasWritten) {
    const std::string text = refund_fields(refund());
    EXPECT_EQ(read_refund_fields(text).body, text);
    EXPECT_EQ(read_refund_fields(text).refund, Fen{9900});
    const auto business = read_deduction_fields(deduction_fields(vector_settings(), deduction()));
    EXPECT_EQ(v2::value_of(business, "total_fee"), "19900");
    EXPECT_EQ(business.size(), 10U);
}

TEST(WechatFields, TextsOfAnotherCallAreNotSent) {
    const std::string of_refund = refund_fields(refund());
    const std::string of_order = order_fields(vector_settings(), order());
    for (const std::string& text : {std::string{}, std::string{"[]"}, of_refund})
        EXPECT_THROW(read_order_fields(text), std::invalid_argument);
    for (const std::string& text : {std::string{}, of_order, of_refund})
        EXPECT_THROW(read_deduction_fields(text), std::invalid_argument);
    for (const std::string& text : {std::string{"1"}, of_order})
        EXPECT_THROW(read_refund_fields(text), std::invalid_argument);
    EXPECT_THROW(read_order_fields(R"({"body":{},"path":"/v3/elsewhere"})"), std::invalid_argument);
}

TEST(WechatFields, TheMiniProgramsOwnAppidIsUsedThere) {
    Settings settings = vector_settings();
    settings.mini_program_appid = "wxmini";
    EXPECT_EQ(read_order_fields(order_fields(settings, order())).appid, "wxmini");
    ManualOrder native = order();
    native.way = ManualOrder::Way::native_qr;
    EXPECT_EQ(read_order_fields(order_fields(settings, native)).appid, settings.appid);
}

TEST(WechatFields, AnOrderThatWouldBeRefusedNamesItsField) {
    const Settings settings = vector_settings();
    const auto with = [&](const std::function<void(ManualOrder&)>& change) {
        ManualOrder changed = order();
        change(changed);
        return refused_field([&] { (void)order_fields(settings, changed); });
    };
    EXPECT_EQ(with([](auto&) {}), "");
    EXPECT_EQ(with([](auto& o) { o.out_trade_no = "short"; }), "out_trade_no");
    EXPECT_EQ(with([](auto& o) { o.out_trade_no = std::string(33, '1'); }), "out_trade_no");
    EXPECT_EQ(with([](auto& o) { o.out_trade_no = "with blank"; }), "out_trade_no");
    EXPECT_EQ(with([](auto& o) { o.amount = Fen{0}; }), "amount");
    EXPECT_EQ(with([](auto& o) { o.description = emoji; }), "description");
    EXPECT_EQ(with([](auto& o) { o.description.clear(); }), "description");
    EXPECT_EQ(with([](auto& o) { o.description = std::string(128, 'x'); }), "description");
    EXPECT_EQ(with([](auto& o) { o.description = "a\nb"; }), "description");
    EXPECT_EQ(with([](auto& o) { o.notify_url = "https://pay.example.com/n?x=1"; }), "notify_url");
    EXPECT_EQ(with([](auto& o) { o.payer.clear(); }), "payer");
    EXPECT_EQ(with([](auto& o) { o.way = ManualOrder::Way::wap; }), "way");
    EXPECT_EQ(with([](auto& o) { o.way = ManualOrder::Way::page; }), "way");
}

TEST(WechatFields, DescriptionsAreCountedInCharacters) {
    ManualOrder wide = order();
    wide.description.clear();
    for (int i = 0; i < 127; ++i) wide.description += "元";
    EXPECT_NO_THROW((void)order_fields(vector_settings(), wide));
    wide.description += "元";
    EXPECT_EQ(refused_field([&] { (void)order_fields(vector_settings(), wide); }), "description");
}

TEST(WechatFields, ADeductionOrRefundThatWouldBeRefusedNamesItsField) {
    const Settings settings = vector_settings();
    const auto deduct = [&](const std::function<void(Deduction&)>& change) {
        Deduction changed = deduction();
        change(changed);
        return refused_field([&] { (void)deduction_fields(settings, changed); });
    };
    EXPECT_EQ(deduct([](auto& d) { d.contract_id.clear(); }), "contract_id");
    EXPECT_EQ(deduct([](auto& d) { d.description = emoji; }), "description");
    EXPECT_EQ(deduct([](auto& d) { d.amount = Fen{-1}; }), "amount");
    EXPECT_EQ(deduct([](auto& d) { d.out_trade_no = ""; }), "out_trade_no");
    EXPECT_EQ(deduct([](auto& d) { d.notify_url = ""; }), "notify_url");
    const auto give_back = [&](const std::function<void(RefundRequest&)>& change) {
        RefundRequest changed = refund();
        change(changed);
        return refused_field([&] { (void)refund_fields(changed); });
    };
    EXPECT_EQ(give_back([](auto& r) { r.refund = Fen{19901}; }), "refund");
    EXPECT_EQ(give_back([](auto& r) { r.refund = Fen{0}; }), "refund");
    EXPECT_EQ(give_back([](auto& r) { r.out_refund_no = "a b"; }), "out_refund_no");
    EXPECT_EQ(give_back([](auto& r) { r.reason = emoji; }), "reason");
    EXPECT_EQ(give_back([](auto& r) { r.transaction_id.clear(), r.out_trade_no = "x"; }), "out_trade_no");
}

TEST(WechatSettings, GoodOnesHaveNoMistakes) {
    EXPECT_EQ(mistakes(vector_settings(), false), std::vector<std::string>{});
}

TEST(WechatSettings, AllMistakesAreListedAtOnceWithoutASecret) {
    Settings settings = vector_settings();
    settings.mchid.clear();
    settings.api_v3_key = "short-secret";
    settings.deduct_mode = 3;
    settings.deduct_days = 7;
    settings.public_keys.push_back(NamedKey{"KEY", settings.merchant_key.public_key()});
    const auto all = mistakes(settings, false);
    EXPECT_EQ(all.size(), 6U);
    for (const std::string& sentence : all) EXPECT_EQ(sentence.find("short-secret"), std::string::npos);
}

TEST(WechatSettings, ProductionRefusesPublishedSecretsAndPlainHttp) {
    const auto all = mistakes(vector_settings(), true);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_TRUE(all[0].starts_with("base_url"));
    EXPECT_TRUE(all[1].starts_with("api_v3_key"));
    EXPECT_TRUE(all[2].starts_with("api_v2_key"));
    Settings weak = vector_settings();
    weak.base_url = "https://api.mch.weixin.qq.com";
    weak.api_v3_key = std::string(32, '0');
    weak.api_v2_key = "q8Zr2LwX5vNt7KcB1mHs9JdF4gPyE6aU";
    ASSERT_EQ(mistakes(weak, true).size(), 1U);
    weak.api_v3_key = weak.api_v2_key;
    EXPECT_TRUE(mistakes(weak, true).front().starts_with("api_v2_key"));
}

TEST(WechatSettings, SomeVerificationKeyMustExist) {
    Settings settings = vector_settings();
    settings.public_keys.clear();
    EXPECT_EQ(mistakes(settings, false).size(), 1U);
    settings.platform_cert_dir = "/somewhere";
    EXPECT_TRUE(mistakes(settings, false).empty());
}

}  // namespace wefee::payment::wechat
