// session_key data, cash-desk and JS-SDK signatures against the vectors; the WeChat side's code exchange.
#include "wecom/login.hpp"

#include <gtest/gtest.h>

#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "run.hpp"
#include "support.hpp"

namespace wefee::wecom {
namespace {

using test::vectors;

std::string text(const nlohmann::json& v, const char* name) { return v.at(name).get<std::string>(); }

TEST(SessionData, EveryVectorGivesItsResult) {
    int seen = 0;
    for (const auto& v : vectors("miniprogram_session.json")) {
        SCOPED_TRACE(text(v, "id"));
        ++seen;
        if (v.contains("rawData")) {
            EXPECT_TRUE(
                raw_data_signature_holds(text(v, "rawData"), text(v, "session_key"), text(v, "signature")));
            EXPECT_FALSE(raw_data_signature_holds(text(v, "rawData") + " ", text(v, "session_key"),
                                                  text(v, "signature")));
            EXPECT_FALSE(raw_data_signature_holds(text(v, "rawData"), text(v, "session_key"), ""));
            continue;
        }
        const auto result = decrypt_session_data(text(v, "session_key"), text(v, "iv"),
                                                 text(v, "encryptedData"), text(v, "expect_appid"));
        if (text(v, "result") == "ok") {
            ASSERT_TRUE(result.has_value());
            EXPECT_EQ(*result, text(v, "plaintext"));
        } else {
            ASSERT_FALSE(result.has_value());
            EXPECT_EQ(result.error() == SessionDataError::watermark, text(v, "result") == "reject_watermark");
        }
    }
    EXPECT_EQ(seen, 4);
}

TEST(SessionData, WhatTheClientSendsCannotBreakIt) {
    const std::string key = "ABEiM0RVZneImaq7zN3u/w==";
    for (const auto& [session_key, iv, data] :
         std::vector<std::array<std::string, 3>>{{"", key, key},
                                                 {key, "", key},
                                                 {key, key, ""},
                                                 {"AA==", key, key},
                                                 {key, "AA==", key},
                                                 {key, key, "AA=="},
                                                 {"!", key, key},
                                                 {key, key, std::string(1000, 'A')},
                                                 {key, key, key}})
        EXPECT_EQ(decrypt_session_data(session_key, iv, data, "wx").error(), SessionDataError::decrypt);
    const std::string raw_key = io::base64_decode(key).value();
    for (const std::string plain : {R"({"watermark":{"appid":1}})", R"({"watermark":"wx"})", R"({})"}) {
        const std::size_t pad = 16 - plain.size() % 16;
        const auto data = io::base64_encode(
            io::cbc_encrypt(raw_key, raw_key, plain + std::string(pad, static_cast<char>(pad))));
        EXPECT_EQ(decrypt_session_data(key, key, data, "wx").error(), SessionDataError::watermark) << plain;
        EXPECT_EQ(decrypt_session_data(key, key, data, "").error(), SessionDataError::watermark) << plain;
    }
}

TEST(PaytoolSignature, EveryVectorIsSignedAndItsStringIsTheSame) {
    int seen = 0;
    for (const auto& v : vectors("paytool_sig.json")) {
        SCOPED_TRACE(text(v, "id"));
        auto params = v.at("params");
        EXPECT_EQ(paytool_string_to_sign(params.dump()), text(v, "string_to_sign"));
        EXPECT_EQ(paytool_signature(text(v, "secret"), params.dump()), text(v, "sig"));
        params["sig"] = "whatever";
        EXPECT_EQ(paytool_signature(text(v, "secret"), params.dump()), text(v, "sig"));
        ++seen;
    }
    EXPECT_EQ(seen, 3);
    EXPECT_THROW(paytool_string_to_sign("[]"), std::invalid_argument);
}

TEST(JsapiSignature, EveryVectorIsSignedWithoutTheFragment) {
    int seen = 0;
    for (const auto& v : vectors("jsapi_signature.json")) {
        const auto stamp = v.at("timestamp").get<std::int64_t>();
        EXPECT_EQ(jsapi_signature(text(v, "ticket"), text(v, "nonceStr"), stamp, text(v, "url")),
                  text(v, "signature"));
        EXPECT_EQ(jsapi_signature(text(v, "ticket"), text(v, "nonceStr"), stamp, text(v, "url") + "#/home"),
                  text(v, "signature"));
        ++seen;
    }
    EXPECT_EQ(seen, 2);
}

TEST(MiniProgramLogin, ExchangesTheCodeOnceWithExactlyTheDocumentedQuery) {  // T24, T25
    test::ScriptedWecom wechat;
    test::FakeClock clock;
    wechat.answer("/sns/jscode2session", R"({"openid":"o1","session_key":"k","unionid":"u"})");
    wechat.answer("/sns/jscode2session", R"({"errcode":40163,"errmsg":"code been used"})");
    wechat.answer("/sns/jscode2session", "", 0);
    MiniProgramLogin login("https://api.weixin.qq.com", "wx1", "s&cret", wechat, clock);
    const auto session = test::run(login.exchange("c/1"));
    ASSERT_TRUE(session.has_value());
    EXPECT_EQ(session->openid, "o1");
    EXPECT_EQ(wechat.last("/sns/jscode2session").query,
              "appid=wx1&secret=s%26cret&js_code=c%2F1&grant_type=authorization_code");
    const auto used = test::run(login.exchange("c/1"));
    EXPECT_EQ(used.error().error_class, ErrorClass::user_again);
    const auto lost = test::run(login.exchange("c/2"));
    EXPECT_TRUE(lost.error().outcome_unknown);
    EXPECT_EQ(wechat.calls.size(), 3U);  // never repeated by itself
}

}  // namespace
}  // namespace wefee::wecom
