// Signed forms: every vector, every flipped bit, every rule.
#include "payment/alipay/form.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "alipay_testing.hpp"

namespace wefee::payment::alipay {
namespace {

using namespace testing;

std::expected<SignRule, FormFault> verify(std::string_view body, const io::PublicKey& key = alipay_key()) {
    const auto form = ReceivedForm::parse(body);
    if (!form) return std::unexpected(FormFault::signature);
    return verify_form(*form, key);
}

std::string paid() { return data("notify/N01_paid.body"); }

std::vector<std::string> parts(const std::string& body) {
    std::vector<std::string> all;
    for (std::size_t start = 0; start <= body.size();) {
        const auto end = std::min(body.find('&', start), body.size());
        all.push_back(body.substr(start, end - start));
        start = end + 1;
    }
    return all;
}
std::string join(const std::vector<std::string>& all) {
    std::string body;
    for (const auto& part : all) body += (body.empty() ? "" : "&") + part;
    return body;
}
std::string without(const std::string& body, const std::string& name) {
    auto all = parts(body);
    std::erase_if(all, [&](const auto& part) { return part.starts_with(name + "="); });
    return join(all);
}

TEST(AlipayForm, EveryVectorGetsItsVerdictByItsRule) {
    const std::map<std::string, SignRule> accepted{{"valid", SignRule::v1},
                                                   {"valid_ignoring_alipay_cert_sn", SignRule::v1},
                                                   {"fallback_drop_empty", SignRule::drop_empty},
                                                   {"fallback_keep_sign_type", SignRule::keep_sign_type}};
    int checked = 0;
    for (const auto& vector : vectors("notify")) {
        const auto id = vector["id"].get<std::string>();
        SCOPED_TRACE(id);
        const auto form = ReceivedForm::parse(data(vector["body"]));
        ASSERT_TRUE(form);
        const auto verdict = verify_form(*form, alipay_key());
        const auto wanted = accepted.find(vector["expect"].get<std::string>());
        if (wanted == accepted.end()) {
            ASSERT_FALSE(verdict);
            EXPECT_EQ(verdict.error(), FormFault::signature);
        } else {
            ASSERT_TRUE(verdict);
            EXPECT_EQ(*verdict, wanted->second);
            if (vector["expect"] != "valid_ignoring_alipay_cert_sn")  // its file shows the text before that
                EXPECT_EQ(signed_text(*form, *verdict), data(vector["tosign"]));
        }
        ++checked;
    }
    EXPECT_EQ(checked, 23);
}

// What a message says: every parameter with a value. sign_type is no part of the V1 text; it is ours to
// choose.
io::Fields meaning(const ReceivedForm& form) {
    io::Fields said;
    for (const auto& [name, value] : form.parameters())
        if (!value.empty() && name != "sign_type") said.emplace_back(name, value);
    return said;
}

// Accepted is only what says the same: the case of a hex digit, and "sign_type=RSA2" turned into an empty
// value.
TEST(AlipayForm, OneBitFlippedInAnyByteIsRefusedOrSaysTheSame) {
    const auto body = paid();
    const auto original = meaning(*ReceivedForm::parse(body));
    int refused = 0;
    for (std::size_t i = 0; i < body.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto flipped = body;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
            const auto form = ReceivedForm::parse(flipped);
            if (form && verify_form(*form, alipay_key()))
                ASSERT_EQ(meaning(*form), original) << "byte " << i << " bit " << bit;
            else
                ++refused;
        }
    }
    EXPECT_GT(refused, static_cast<int>(body.size()) * 8 - 150);
}

TEST(AlipayForm, EveryPrefixIsRefused) {
    const auto body = paid();
    for (std::size_t length = 0; length < body.size(); ++length)
        ASSERT_FALSE(verify(std::string_view(body).substr(0, length))) << length;
}

TEST(AlipayForm, AnyOrderOfTheParametersIsAccepted) {
    const unsigned seed = 20260115;
    std::mt19937 random(seed);
    auto all = parts(paid());
    for (int round = 0; round < 200; ++round) {
        std::shuffle(all.begin(), all.end(), random);
        ASSERT_TRUE(verify(join(all))) << "seed " << seed << " round " << round;
    }
}

TEST(AlipayForm, ASignMustBeThereOnceAndWhole) {
    const auto body = paid();
    const auto refused = [](const std::string& text, FormFault fault) {
        const auto verdict = verify(text);
        ASSERT_FALSE(verdict) << text;
        EXPECT_EQ(verdict.error(), fault);
    };
    refused(without(body, "sign"), FormFault::sign_missing);
    refused(without(body, "sign") + "&sign=", FormFault::sign_missing);
    refused(without(body, "sign") + "&sign=%21%21", FormFault::sign_malformed);
    refused(without(body, "sign") + "&sign=AAAA", FormFault::signature);
    EXPECT_FALSE(ReceivedForm::parse(body + "&sign=AAAA"));
    EXPECT_FALSE(ReceivedForm::parse("sign=AAAA&" + body));
    EXPECT_FALSE(ReceivedForm::parse(body + "&total_amount=0.01"));
}

// The last character of a 344-character signature has four bits that decoding drops.
TEST(AlipayForm, ASignatureHasOneSpelling) {
    auto params = *io::parse_form(paid());
    for (auto& [name, value] : params) {
        if (name != "sign") continue;
        ASSERT_TRUE(value.ends_with("=="));
        value[value.size() - 3] = static_cast<char>(value[value.size() - 3] + 1);
    }
    std::string body;
    for (const auto& [name, value] : params)
        body += (body.empty() ? "" : "&") + io::form_encode(name) + "=" + io::form_encode(value);
    const auto verdict = verify(body);
    ASSERT_FALSE(verdict);
}

TEST(AlipayForm, TheAlgorithmIsOursToChoose) {
    const auto body = paid();
    for (const auto* type : {"RSA", "rsa2", "MD5", "", "RSA2%20", "HMAC"}) {
        const auto verdict = verify(without(body, "sign_type") + "&sign_type=" + type);
        ASSERT_FALSE(verdict) << type;
        EXPECT_EQ(verdict.error(), FormFault::sign_type);
    }
    EXPECT_TRUE(verify(without(body, "sign_type")));  // then RSA2, as configured
}

TEST(AlipayForm, AnotherKeyIsRefused) {
    EXPECT_FALSE(verify(paid(), wrong_private_key().public_key()));
    EXPECT_FALSE(verify(paid(), app_key().public_key()));
}

TEST(AlipayForm, AnAddedParameterIsRefusedUnderEveryRule) {
    for (const auto* file :
         {"N01_paid", "N10_empty_kept", "N11_empty_dropped", "N14_v2_rule", "N22_message_service_v1rule"}) {
        const auto body = data(std::string("notify/") + file + ".body");
        ASSERT_TRUE(verify(body)) << file;
        EXPECT_FALSE(verify(body + "&extra=1")) << file;
    }
}

TEST(AlipayForm, WhatIsNoFormIsRefused) {
    for (const auto* body : {"", "&", "&&&", "=1", "a=%", "a=%4", "a=%4g", "%zz=1", "a=1&a=2", "a=1&%61=2"})
        EXPECT_FALSE(ReceivedForm::parse(body)) << body;
    std::string many;
    for (std::size_t i = 0; i <= ReceivedForm::parameters_max; ++i) many += "p" + std::to_string(i) + "=1&";
    EXPECT_FALSE(ReceivedForm::parse(many));
}

TEST(AlipayForm, ValuesAreDecodedOnceAndNotTrimmed) {
    const auto form = ReceivedForm::parse("b=+x%2By++&a=1%253D2&c&d=p=q&e=%E4%bc%81&&");
    ASSERT_TRUE(form);
    EXPECT_EQ(form->value("b"), " x+y  ");
    EXPECT_EQ(form->value("a"), "1%3D2");
    EXPECT_TRUE(form->has("c"));
    EXPECT_EQ(form->value("c"), "");
    EXPECT_EQ(form->value("d"), "p=q");
    EXPECT_EQ(form->value("e"), "企");
    EXPECT_FALSE(form->has("f"));
    EXPECT_EQ(form->parameters().size(), 5u);
}

TEST(AlipayForm, GbkIsVerifiedAsBytesAndConvertedAfterwards) {
    const auto form = ReceivedForm::parse(data("notify/N15_gbk.body"));
    ASSERT_TRUE(form && verify_form(*form, alipay_key()));
    const auto fields = utf8_fields(*form);
    EXPECT_EQ(*io::find_field(fields, "subject"), "企微助手标准版 2026年1月 月费");
    EXPECT_EQ(io::find_field(fields, "sign"), nullptr);
}

TEST(AlipayForm, ConvertsByTheFormsOwnCharset) {
    EXPECT_EQ(to_utf8("\xC6\xF3", "GBK"), "企");
    EXPECT_EQ(to_utf8("\xC6\xF3", "gb2312"), "企");
    EXPECT_EQ(to_utf8("企 😀", "UTF-8"), "企 😀");
    EXPECT_EQ(to_utf8("a\xFF"
                      "b",
                      "utf-8"),
              "a\xEF\xBF\xBD"
              "b");
    EXPECT_EQ(to_utf8("a\xC6", "gbk"), "a\xEF\xBF\xBD");
    EXPECT_EQ(to_utf8("", "gbk"), "");
}

TEST(AlipayForm, WhatTheWriterSignsTheReaderAcceptsUnderTheSameRule) {
    const io::Fields params{
        {"notify_id", "1"}, {"subject", "A+B ~*&= 企"}, {"body", ""}, {"sign_type", "RSA2"}};
    for (const auto rule : {SignRule::v1, SignRule::drop_empty, SignRule::keep_sign_type}) {
        const auto verdict = verify(write_signed_form(params, alipay_private_key(), rule));
        ASSERT_TRUE(verdict) << sign_rule_name(rule);
        EXPECT_EQ(*verdict, rule);
    }
    EXPECT_FALSE(verify(write_signed_form(params, wrong_private_key())));
}

}  // namespace
}  // namespace wefee::payment::alipay
