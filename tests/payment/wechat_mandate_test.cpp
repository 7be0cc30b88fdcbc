// Mandates through the port: signing pages, contract queries, ending, and the notice before a deduction.
#include <gtest/gtest.h>

#include "io/encoding.hpp"
#include "payment/wechat/gateway.hpp"
#include "payment/wechat/papay.hpp"
#include "payment/wechat/results.hpp"
#include "wechat_testing.hpp"

namespace wefee::payment::wechat {

using namespace testing;
using Signing = FakeProvider::Signing;

namespace {

class WechatMandates : public ::testing::Test {
protected:
    MandateRequest request() const {
        return {.our_number = "SCRMC20251123000001",
                .serial = 176390339201,
                .account_name = "租户42",
                .notify_url = "https://pay.example.com/webhooks/wechatpay/v2/contract",
                .return_url = "https://pay.example.com/done"};
    }
    MandateStatus query() { return run(gateway.query_mandate("SCRMC20251123000001", {}, testing::limit)); }
    v2::Fields contract(const std::string& state) const {
        return {{"return_code", "SUCCESS"},
                {"result_code", "SUCCESS"},
                {"mch_id", "1900009191"},
                {"appid", "wxd678efh567hg6787"},
                {"contract_id", "202511230000028648"},
                {"plan_id", "12535"},
                {"contract_code", "SCRMC20251123000001"},
                {"contract_state", state},
                {"contract_signed_time", "2025-11-23 21:05:00"},
                {"contract_expired_time", "2026-11-23 21:05:00"},
                {"openid", "openid-1"}};
    }
    OrderResult announce() { return run(gateway.announce("202511230000028648", Fen{19900}, testing::limit)); }

    Settings settings = vector_settings();
    FakeClock clock{vector_now()};
    FakeProvider provider{clock};
    KeyRing keys{{{public_key_id(), public_key("wechatpay_pub")}}};
    WechatGateway gateway{settings, keys, nullptr, provider, clock};
};

v2::Fields query_of(const std::string& url) {
    const auto form = io::parse_form(std::string_view(url).substr(url.find('?') + 1), false);
    v2::Fields fields;
    for (const auto& [name, value] : form.value()) EXPECT_TRUE(fields.emplace(name, value).second) << name;
    return fields;
}

}  // namespace

TEST_F(WechatMandates, TheLinkIsSignedRawWithMd5AndEscapedOnceInUpperCase) {
    settings.v2_sign_type = v2::SignType::hmac_sha256;  // these pages know only MD5
    const auto page = run(gateway.sign_page(request(), testing::limit));
    EXPECT_TRUE(page.url.starts_with(settings.base_url + "/papay/entrustweb?"));
    EXPECT_NE(
        page.url.find("notify_url=https%3A%2F%2Fpay.example.com%2Fwebhooks%2Fwechatpay%2Fv2%2Fcontract&"),
        std::string::npos)
        << page.url;
    auto fields = query_of(page.url);
    EXPECT_EQ(fields.at("notify_url"), request().notify_url);
    EXPECT_EQ(fields.at("return_web"), "1");
    EXPECT_EQ(fields.at("version"), "1.0");
    EXPECT_EQ(fields.at("timestamp"), "1763903392");
    EXPECT_EQ(fields.at("plan_id"), "12535");
    EXPECT_EQ(fields.at("contract_display_account"), "租户42");
    EXPECT_EQ(v2::check_sign(fields, settings.api_v2_key, v2::SignType::md5, false), v2::SignCheck::good);
    EXPECT_TRUE(provider.seen.empty());
}

TEST_F(WechatMandates, TheMiniProgramsArgumentIsSignedOverItsOwnFields) {
    const auto page = run(gateway.sign_page(request(), testing::limit));
    const auto argument = nlohmann::json::parse(page.mini_program);
    EXPECT_EQ(argument.at("appId"), "wxbd687630cd02ce1d");
    EXPECT_EQ(argument.at("path"), "pages/index/index");
    const auto& extra = argument.at("extraData");
    EXPECT_EQ(extra.at("request_serial"), 176390339201);
    EXPECT_TRUE(extra.at("timestamp").is_number());
    v2::Fields fields;
    for (const auto& [name, value] : extra.items())
        fields[name] = value.is_string() ? value.get<std::string>() : value.dump();
    EXPECT_EQ(fields.size(), 9U);
    EXPECT_EQ(v2::check_sign(fields, settings.api_v2_key, v2::SignType::md5, false), v2::SignCheck::good);
}

TEST_F(WechatMandates, APageThatWouldBeRefusedNamesItsField) {
    const auto refused = [&](auto change) {
        MandateRequest changed = request();
        change(changed);
        try {
            run(gateway.sign_page(changed, testing::limit));
        } catch (const std::invalid_argument& error) {
            return std::string(error.what()).substr(0, std::string(error.what()).find(':'));
        }
        return std::string{};
    };
    EXPECT_EQ(refused([](auto&) {}), "");
    EXPECT_EQ(refused([](auto& r) { r.account_name = "a b"; }), "account_name");
    EXPECT_EQ(refused([](auto& r) { r.account_name = "a&b"; }), "account_name");
    EXPECT_EQ(refused([](auto& r) { r.account_name = "\xF0\x9F\x8E\x89"; }), "account_name");
    EXPECT_EQ(refused([](auto& r) { r.our_number = "A-1"; }), "our_number");
    EXPECT_EQ(refused([](auto& r) { r.our_number = std::string(33, 'A'); }), "our_number");
    EXPECT_EQ(refused([](auto& r) { r.serial = 0; }), "serial");
    EXPECT_EQ(refused([](auto& r) { r.serial = 1'000'000'000'000; }), "serial");
    EXPECT_EQ(refused([](auto& r) { r.notify_url = "https://a/b?c=1"; }), "notify_url");
    EXPECT_EQ(refused([](auto& r) {
                  r.account_name.clear();
                  for (int i = 0; i < 100; ++i) r.account_name += "户";
              }),
              "notify_url")
        << "the link is over 1024 bytes";
}

TEST_F(WechatMandates, AStateOfZeroMeansValid) {
    provider.answer_v2(contract("0"));
    const auto status = query();
    EXPECT_EQ(status.state, MandateState::active);
    ASSERT_TRUE(status.signed_fact);
    EXPECT_EQ(status.signed_fact->contract_id, "202511230000028648");
    EXPECT_EQ(status.signed_fact->payer, "openid-1");
    EXPECT_EQ(format_instant(status.signed_fact->signed_at), "2025-11-23T21:05:00+08:00");
    const auto sent = provider.last_v2();
    EXPECT_EQ(sent.at("plan_id"), "12535");
    EXPECT_EQ(sent.at("contract_code"), "SCRMC20251123000001");
    EXPECT_EQ(sent.at("version"), "1.0");
    EXPECT_FALSE(sent.contains("nonce_str"));
}

TEST_F(WechatMandates, OtherStatesAreSigningEndedOrNotSigned) {
    provider.answer_v2(contract("9"));
    EXPECT_EQ(query().state, MandateState::signing);
    provider.answer_v2(contract("1"));
    EXPECT_EQ(query().state, MandateState::not_signed);
    auto ended = contract("1");
    ended["contract_terminated_time"] = "2025-12-24 08:00:00";
    ended["contract_termination_mode"] = "2";
    provider.answer_v2(ended);
    const auto status = query();
    EXPECT_EQ(status.state, MandateState::ended);
    ASSERT_TRUE(status.ended_fact);
    EXPECT_EQ(status.ended_fact->cause, MandateEnded::Cause::by_payer);
    for (const std::string state : {"", "2", "00"}) {
        provider.answer_v2(contract(state));
        EXPECT_EQ(query().state, MandateState::unknown) << state;
    }
    provider.answer_v2(
        {{"return_code", "SUCCESS"}, {"result_code", "FAIL"}, {"err_code", "CONTRACT_NOT_EXIST"}});
    EXPECT_EQ(query().state, MandateState::not_signed);
}

TEST_F(WechatMandates, AContractOfSomebodyElseIsUnknown) {
    for (const auto& [name, value] :
         {std::pair{"plan_id", "1"}, {"contract_code", "OTHER"}, {"mch_id", "1900000000"}}) {
        auto fields = contract("0");
        fields[name] = value;
        provider.answer_v2(fields);
        EXPECT_EQ(query().state, MandateState::unknown) << name;
    }
    provider.answer_v2(contract("0"), Signing::tampered);
    EXPECT_EQ(query().state, MandateState::unknown);
    provider.answer_v2(contract("0"));
    EXPECT_EQ(run(gateway.query_mandate({}, "999", testing::limit)).state, MandateState::unknown);
    EXPECT_EQ(provider.last_v2().at("contract_id"), "999");
    EXPECT_FALSE(provider.last_v2().contains("contract_code"));
}

TEST_F(WechatMandates, EndingIsAFactOnlyWhenItWasAnswered) {
    provider.answer_v2(
        {{"return_code", "SUCCESS"}, {"result_code", "SUCCESS"}, {"contract_id", "202511230000028648"}});
    const auto ended =
        run(gateway.end_mandate("SCRMC20251123000001", "202511230000028648", "客户注销", testing::limit));
    EXPECT_EQ(ended.state, MandateState::ended);
    ASSERT_TRUE(ended.ended_fact);
    EXPECT_EQ(ended.ended_fact->cause, MandateEnded::Cause::by_us);
    EXPECT_EQ(provider.last().url, settings.base_url + "/papay/deletecontract");
    EXPECT_EQ(provider.last_v2().at("contract_termination_remark"), "客户注销");
    provider.break_with(boost::system::errc::make_error_code(boost::system::errc::timed_out));
    const auto nothing = run(gateway.end_mandate("SCRMC20251123000001", {}, "r", testing::limit));
    EXPECT_EQ(nothing.state, MandateState::unknown);
    EXPECT_FALSE(nothing.ended_fact);
}

TEST_F(WechatMandates, ANoticeIsTheVectorsBodyAndSucceedsWith204) {
    settings.deduct_days = 3;
    provider.answer_v3(204, "");
    EXPECT_EQ(announce().result, ResultClass::succeeded);
    const auto& vector = vector_named("request_signing", "post_papay_notify");
    EXPECT_EQ(provider.last().url, settings.base_url + vector.at("url").get<std::string>());
    EXPECT_EQ(nlohmann::json::parse(provider.last().body),
              nlohmann::json::parse(vector.at("body").get<std::string>()));
    settings.deduct_days.reset();
    provider.answer_v3(204, "");
    announce();
    EXPECT_FALSE(nlohmann::json::parse(provider.last().body).contains("deduct_duration"));
}

TEST_F(WechatMandates, EveryCodeOfANoticeComesThroughAsItsRowSays) {
    for (const CodeRow& row : rows::notice) {
        provider.answer_v3(400, nlohmann::json{{"code", row.code}}.dump());
        const auto result = announce();
        EXPECT_EQ(result.result, row.result) << row.code;
        EXPECT_EQ(result.cause, row.cause) << row.code;
    }
    provider.answer_v3(204, "", Signing::probe);
    EXPECT_EQ(announce().result, ResultClass::unknown);
}

TEST_F(WechatMandates, WithoutTheNoticeModeNothingIsSent) {
    EXPECT_TRUE(gateway.needs_announcement());
    settings.deduct_mode = 1;
    EXPECT_FALSE(gateway.needs_announcement());
    EXPECT_EQ(announce().result, ResultClass::succeeded);
    EXPECT_TRUE(provider.seen.empty());
}

}  // namespace wefee::payment::wechat
