// Answers of the gateway: cut from the raw bytes, verified, then read.
#include "payment/alipay/response.hpp"

#include <gtest/gtest.h>

#include <map>

#include "alipay_testing.hpp"
#include "payment/alipay/json_scan.hpp"

namespace wefee::payment::alipay {
namespace {

using namespace testing;

const std::string pay = "alipay.trade.pay";

std::optional<std::string> aes() { return io::base64_decode(data("keys/aes_key.base64.txt")); }

Answer read(std::string_view raw, const std::string& method = pay) {
    return read_response(raw, method, alipay_key(), aes());
}

TEST(AlipayResponse, EveryVectorGetsItsVerdict) {
    const std::map<std::string, Trust> wanted{{"valid", Trust::signed_as_is},
                                              {"fallback_unescape_slash", Trust::signed_unescaped},
                                              {"invalid", Trust::bad_signature},
                                              {"unsigned", Trust::unsigned_error}};
    int checked = 0;
    for (const auto& vector : vectors("response")) {
        const auto id = vector["id"].get<std::string>();
        SCOPED_TRACE(id);
        const auto raw = data(vector["raw"]);
        const auto method = vector["method"].get<std::string>();
        EXPECT_EQ(read(raw, method).trust, wanted.at(vector["expect"].get<std::string>()));
        const auto cut = cut_response(raw, method);
        ASSERT_TRUE(cut);
        if (vector["expect"] == "valid") EXPECT_EQ(cut->node, data(vector["tosign"]));
        ++checked;
    }
    EXPECT_EQ(checked, 13);
}

TEST(AlipayResponse, FieldsAreReadFromTheVerifiedText) {
    const auto ok = read(data("response/S05_cert_mode.raw"));
    EXPECT_TRUE(ok.trusted());
    EXPECT_EQ(ok.code(), "10000");
    EXPECT_EQ(ok.field("total_amount"), "29.90");
    EXPECT_EQ(ok.cert_sn, "7f94d09f9c650a5849416e1b3a1b4583");
    EXPECT_EQ(read(data("response/S06_cert_rotated.raw")).cert_sn, "a01a398d60559e99762f60afcaf40113");
    const auto refused = read(data("response/S10_business_failed.raw"));
    EXPECT_EQ(refused.code(), "40004");
    EXPECT_EQ(refused.sub_code(), "ACQ.CYCLE_PAY_DATE_NOT_MATCH");
    const auto slashes = read(data("response/S02_signed_unescaped.raw"), "alipay.trade.precreate");
    EXPECT_EQ(slashes.field("qr_code"), "https://qr.alipay.com/bax00000000000000000");
    EXPECT_TRUE(read(data("response/S12_error_response.raw")).error_node);
}

TEST(AlipayResponse, AnEncryptedAnswerIsVerifiedThenDecrypted) {
    const auto raw = data("response/S13_encrypted.raw");
    const auto answer = read(raw, "alipay.trade.precreate");
    EXPECT_EQ(answer.node, data("response/S13_encrypted.plain.json"));
    EXPECT_EQ(answer.field("out_trade_no"), "QR_20260115_000001");
    EXPECT_EQ(read_response(raw, "alipay.trade.precreate", alipay_key(), std::nullopt).trust,
              Trust::unreadable);
    const auto forged =
        write_response("alipay.trade.precreate", "{\"code\":\"10000\"}", wrong_private_key(), {}, aes());
    EXPECT_EQ(read(forged, "alipay.trade.precreate").trust, Trust::bad_signature);
    EXPECT_TRUE(read(forged, "alipay.trade.precreate").fields.empty());
}

TEST(AlipayResponse, OneBitFlippedInAnyByteProvesNothing) {
    const auto raw = data("response/S05_cert_mode.raw");
    const auto original = read(raw);
    for (std::size_t i = 0; i < raw.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto flipped = raw;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
            const auto answer = read(flipped);
            // The unsigned sibling alipay_cert_sn may change; what is trusted may not.
            if (answer.trusted()) {
                ASSERT_EQ(answer.node, original.node) << "byte " << i << " bit " << bit;
                ASSERT_EQ(answer.fields, original.fields);
            }
        }
    }
}

TEST(AlipayResponse, EveryPrefixIsUnreadable) {
    const auto raw = data("response/S01_ok_escaped_slash.raw");
    for (std::size_t length = 0; length < raw.size(); ++length)
        ASSERT_EQ(read(std::string_view(raw).substr(0, length), "alipay.trade.precreate").trust,
                  Trust::unreadable);
}

TEST(AlipayResponse, MembersInAnyOrderAndWhiteSpaceAnywhere) {
    const std::string node =
        R"({ "code" : "10000", "deep":{"sign":"x","list":[1,[2],{"sign":null}]}, "n":-1.5e3 })";
    const auto sign = io::base64_encode(alipay_private_key().sign_sha256(node));
    const std::string before = "\r\n\t {";
    const auto member = "\"alipay_trade_pay_response\" :\n" + node;
    const auto signature = " \"sign\":\"" + sign + "\"";
    EXPECT_TRUE(read(before + member + " , " + signature + " } \n").trusted());
    EXPECT_TRUE(read(before + signature + " , " + member + "}").trusted());
    EXPECT_TRUE(read("{\"other\":[], " + signature + ",\"x\":true," + member + "}").trusted());
}

TEST(AlipayResponse, AmbiguousOrBrokenTextIsUnreadable) {
    const auto good = write_response(pay, R"({"code":"10000"})", alipay_private_key());
    ASSERT_TRUE(read(good).trusted());
    const auto inside = good.substr(1, good.size() - 2);
    const std::string deep_open(20, '[');
    const std::string deep_close(20, ']');
    for (const auto& raw :
         {std::string("{") + inside + "," + inside + "}",              // everything twice
          "{" + inside + ",\"sign\":\"AAAA\"}",                        // two signatures
          "{" + inside + ",\"error_response\":{\"code\":\"10000\"}}",  // two nodes
          "{" + inside + ",\"\\u0073ign\":\"AAAA\"}",                  // a name in disguise
          "{" + inside + ",\"x\":" + deep_open + deep_close + "}",     // too deep
          good + "x", good + good, "[" + good + "]", std::string("<html>"), std::string("null"),
          std::string("{}"), std::string("{\"sign\":\"AAAA\"}"), "{" + inside + ",}",
          "{" + inside + ",\"x\":}", std::string("{\"alipay_trade_pay_response\":7,\"sign\":\"AAAA\"}")})
        EXPECT_EQ(read(raw).trust, Trust::unreadable) << raw;
    // a name twice inside the node: the verified text and the parsed value could differ
    EXPECT_EQ(read(write_response(pay, R"({"code":"40004","code":"10000"})", alipay_private_key())).trust,
              Trust::unreadable);
    EXPECT_EQ(read(write_response(pay, R"({"a":{"b":1,"b":2},"code":"10000"})", alipay_private_key())).trust,
              Trust::unreadable);
}

TEST(AlipayResponse, ASignatureThatIsNotOneIsBad) {
    for (const auto* sign : {R"("")", "null", "7", R"("!!")", R"(["x"])"})
        EXPECT_EQ(
            read(std::string(R"({"alipay_trade_pay_response":{"code":"10000"},"sign":)") + sign + "}").trust,
            Trust::bad_signature)
            << sign;
}

TEST(AlipayResponse, TheSlashFallbackReadsEscapesInPairs) {
    // JSON for: a\/b  (an escaped backslash, then a slash)
    const std::string signed_text = R"({"code":"10000","x":"a\\/b"})";
    const std::string sent = R"({"code":"10000","x":"a\\\/b"})";
    const auto raw = "{\"alipay_trade_pay_response\":" + sent + ",\"sign\":\"" +
                     io::base64_encode(alipay_private_key().sign_sha256(signed_text)) + "\"}";
    EXPECT_EQ(read(raw).trust, Trust::signed_unescaped);
    EXPECT_EQ(read(raw).field("x"), "a\\/b");
}

TEST(AlipayJsonScan, FindsTheExactBytesOfEachMember) {
    const auto members = scan_object(R"( {"a" : [1, "]" , {"b":"}"}] , "c":"\"" , "d": null})");
    ASSERT_TRUE(members);
    ASSERT_EQ(members->size(), 3u);
    EXPECT_EQ((*members)[0].value, R"([1, "]" , {"b":"}"}])");
    EXPECT_EQ((*members)[1].value, R"("\"")");
    EXPECT_EQ((*members)[2].name, "d");
    EXPECT_EQ((*members)[2].value, "null");
}

TEST(AlipayJsonScan, ManyMembersAreRefused) {
    std::string text = "{";
    for (std::size_t i = 0; i <= members_max; ++i) text += (i ? ",\"" : "\"") + std::to_string(i) + "\":1";
    EXPECT_FALSE(scan_object(text + "}"));
}

}  // namespace
}  // namespace wefee::payment::alipay
