// Requests byte for byte as the official SDK sends them.
#include "payment/alipay/sign.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "alipay_testing.hpp"
#include "payment/alipay/fields.hpp"

namespace wefee::payment::alipay {
namespace {

using namespace testing;
using Json = nlohmann::ordered_json;

const std::string gateway = "https://openapi.alipay.com/gateway.do";
const Instant ten_oclock = parse_instant("2026-01-15T10:00:00+08:00").value();

std::string text(const Json& params, const std::string& name) {
    return params.contains(name) ? params[name].get<std::string>() : "";
}

Identity identity_for(const Json& params) {
    if (params.contains("app_cert_sn")) return make_identity(certificate_mode());
    if (params.contains("encrypt_type")) return make_identity(encrypted_mode());
    return make_identity(key_mode());
}

Call call_of(const Json& params, const Identity& identity) {
    const auto content = text(params, "biz_content");
    return {.method = text(params, "method"),
            .biz_content = identity.aes_key ? open_content(*identity.aes_key, content).value() : content,
            .notify_url = text(params, "notify_url"),
            .return_url = text(params, "return_url"),
            .app_auth_token = text(params, "app_auth_token"),
            .alipay_sdk = text(params, "alipay_sdk"),
            .encrypted = identity.aes_key.has_value()};
}

io::Fields fields_of(const SignedCall& call) {
    auto all = call.query;
    all.insert(all.end(), call.body.begin(), call.body.end());
    return all;
}

TEST(AlipayRequest, EveryVectorIsBuiltByteForByte) {
    int checked = 0;
    for (const auto& vector : vectors("request")) {
        const auto id = vector["id"].get<std::string>();
        SCOPED_TRACE(id);
        const auto wanted = json_data("request/" + id + ".json");
        const auto identity = identity_for(wanted["params"]);
        const auto call = sign_call(identity, call_of(wanted["params"], identity), ten_oclock);
        EXPECT_EQ(request_text(fields_of(call)), data(vector["tosign"]));
        EXPECT_EQ(*io::find_field(call.query, "sign"), data(vector["sign"]));
        EXPECT_TRUE(request_signature_holds(fields_of(call), app_key().public_key()));
        if (wanted.contains("path_and_query")) {
            const auto request = post_request(gateway, call);
            EXPECT_EQ(request.url,
                      "https://openapi.alipay.com" + wanted["path_and_query"].get<std::string>());
            EXPECT_EQ(request.body, wanted["body"].get<std::string>());
        } else if (wanted.contains("order_string")) {
            EXPECT_EQ(order_string(call), wanted["order_string"].get<std::string>());
        } else if (wanted.contains("url")) {
            EXPECT_EQ(page_url(gateway, call), wanted["url"].get<std::string>());
            EXPECT_EQ(signing_deep_link(page_url(gateway, call)), wanted["deep_link"].get<std::string>());
        } else {
            EXPECT_EQ(gateway + "?" + encode_form(call.query), wanted["form_action"].get<std::string>());
            EXPECT_EQ(call.body.size(), wanted["form_inputs"].size());
        }
        ++checked;
    }
    EXPECT_EQ(checked, 11);
}

TEST(AlipayRequest, AFormEscapesWhatHtmlWouldChange) {
    const auto call = sign_call(make_identity(key_mode()),
                                {.method = "alipay.trade.page.pay",
                                 .biz_content = R"({"subject":"\"a\" <b> & 'c'"})",
                                 .notify_url = "https://pay.example.test/n"},
                                ten_oclock);
    const auto html = page_form(gateway, call);
    EXPECT_NE(
        html.find(R"(value="{&quot;subject&quot;:&quot;\&quot;a\&quot; &lt;b&gt; &amp; &#39;c&#39;&quot;}")"),
        std::string::npos);
    // "&notify_url" unescaped would be read as a "not sign"
    EXPECT_EQ(html.find("&notify_url"), std::string::npos);
    EXPECT_NE(html.find("&amp;notify_url"), std::string::npos);
}

TEST(AlipayRequest, TheServersTimeZoneChangesNothing) {
    const auto identity = make_identity(key_mode());
    const Call call{.method = "alipay.trade.query", .biz_content = R"({"out_trade_no":"A"})"};
    const auto here = post_request(gateway, sign_call(identity, call, ten_oclock));
    for (const auto* zone : {"UTC", "America/New_York", "Asia/Shanghai"}) {
        setenv("TZ", zone, 1);
        tzset();
        const auto there = post_request(gateway, sign_call(identity, call, ten_oclock));
        EXPECT_EQ(there.url, here.url) << zone;
        EXPECT_EQ(there.body, here.body) << zone;
    }
    unsetenv("TZ");
    tzset();
    EXPECT_NE(here.url.find("timestamp=2026-01-15+10%3A00%3A00"), std::string::npos);
}

TEST(AlipayRequest, EmptyParametersAreNeitherSentNorSigned) {
    const auto call = sign_call(make_identity(key_mode()),
                                {.method = "alipay.trade.query", .biz_content = "{}"}, ten_oclock);
    EXPECT_EQ(io::find_field(call.query, "notify_url"), nullptr);
    EXPECT_EQ(request_text({{"b", "2"}, {"empty", ""}, {"a", "0"}, {"sign", "x"}, {"sign_type", "RSA2"}}),
              "a=0&b=2&sign_type=RSA2");
}

TEST(AlipayRequest, AChangedParameterOrAnotherAlgorithmIsNoticed) {
    const auto signed_call = sign_call(make_identity(key_mode()),
                                       {.method = "alipay.trade.query", .biz_content = "{}"}, ten_oclock);
    const auto good = fields_of(signed_call);
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto changed = good;
        changed[i].second += "0";
        EXPECT_FALSE(request_signature_holds(changed, app_key().public_key())) << good[i].first;
    }
    EXPECT_FALSE(request_signature_holds(good, alipay_key()));
    EXPECT_FALSE(request_signature_holds({}, app_key().public_key()));
}

TEST(AlipayContent, EncryptsAsTheOfficialSdkAndBack) {
    const auto key = io::base64_decode(data("keys/aes_key.base64.txt")).value();
    int checked = 0;
    for (const auto& one : json_data("aes/aes_cases.json")["cases"]) {
        const auto plain = one["plain"].get<std::string>();
        const auto cipher = one["cipher_base64"].get<std::string>();
        EXPECT_EQ(seal_content(key, plain), cipher);
        EXPECT_EQ(open_content(key, cipher), plain);
        ++checked;
    }
    EXPECT_EQ(checked, 4);
}

TEST(AlipayContent, WhatIsNotOurCiphertextOpensAsNothing) {
    const auto key = io::base64_decode(data("keys/aes_key.base64.txt")).value();
    for (const auto* text : {"", "!", "AAAA", "Wc7AB6me5JvTnyuCS34tJ"})
        EXPECT_FALSE(open_content(key, text)) << text;
    // a whole block whose padding is wrong
    const std::string zero_iv(16, '\0');
    for (const char padding : {'\0', '\x11', '\x05'}) {
        std::string block(16, 'x');
        block.back() = padding;
        EXPECT_FALSE(open_content(key, io::base64_encode(io::cbc_encrypt(key, zero_iv, block))));
    }
}

TEST(AlipayContent, IsRefusedWithoutAKey) {
    EXPECT_THROW(
        sign_call(make_identity(key_mode()),
                  {.method = "alipay.trade.query", .biz_content = "{}", .encrypted = true}, ten_oclock),
        std::invalid_argument);
}

}  // namespace
}  // namespace wefee::payment::alipay
