// Signed bytes, headers and signatures equal the vectors', byte for byte.
#include <gtest/gtest.h>

#include "io/encoding.hpp"
#include "payment/wechat/client.hpp"
#include "payment/wechat/sign.hpp"
#include "wechat_testing.hpp"

namespace wefee::payment::wechat {

using namespace testing;

TEST(WechatRequestSigning, EveryVectorHasTheSameMessageSignatureAndHeader) {
    const auto key = private_key("merchant");
    for (const auto& one : vectors().at("request_signing")) {
        SCOPED_TRACE(one.at("name").get<std::string>());
        const std::string nonce = one.at("nonce_str");
        const std::string timestamp = one.at("timestamp");
        const std::string message =
            request_message(one.at("method").get<std::string>(), one.at("url").get<std::string>(), timestamp,
                            nonce, one.at("body").get<std::string>());
        EXPECT_EQ(message, read_data(one.at("message_file")));
        EXPECT_EQ(io::sha256_hex(message), one.at("message_sha256").get<std::string>());
        const std::string signature = sign_base64(key, message);
        EXPECT_EQ(signature, one.at("signature").get<std::string>());
        const Authorization parts{vectors().at("mchid"), nonce, timestamp, vectors().at("merchant_serial"),
                                  signature};
        EXPECT_EQ(write_authorization(parts), one.at("authorization").get<std::string>());
    }
}

TEST(WechatRequestSigning, ARequestCarriesExactlyTheVectorsHeader) {
    const Settings settings = vector_settings();
    for (const auto& one : vectors().at("request_signing")) {
        SCOPED_TRACE(one.at("name").get<std::string>());
        const auto request =
            make_v3_request(settings, one.at("method").get<std::string>(), one.at("url").get<std::string>(),
                            one.at("body"), vector_now(), one.at("nonce_str").get<std::string>());
        EXPECT_EQ(*io::find_header(request.headers, "Authorization"),
                  one.at("authorization").get<std::string>());
        EXPECT_EQ(*io::find_header(request.headers, "Wechatpay-Serial"), public_key_id());
        EXPECT_EQ(request.url, settings.base_url + one.at("url").get<std::string>());
        EXPECT_EQ(io::find_header(request.headers, "Content-Type") != nullptr, !request.body.empty());
        EXPECT_NE(io::find_header(request.headers, "User-Agent"), nullptr);
    }
}

TEST(WechatRequestSigning, APathPrefixOfTheBaseUrlIsSigned) {
    Settings settings = vector_settings();
    settings.base_url = "http://127.0.0.1:9/wechatpay";
    const auto request = make_v3_request(settings, "GET", "/v3/certificates", {}, vector_now(), "N");
    const auto parts = parse_authorization(*io::find_header(request.headers, "Authorization"));
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->signature,
              sign_base64(private_key("merchant"),
                          request_message("GET", "/wechatpay/v3/certificates", parts->timestamp, "N", "")));
}

TEST(WechatRequestSigning, ACertificateOnlyMerchantNamesNoKey) {
    Settings settings = vector_settings();
    settings.public_keys.clear();
    const auto request = make_v3_request(settings, "GET", "/v3/certificates", {}, vector_now(), "N");
    EXPECT_EQ(io::find_header(request.headers, "Wechatpay-Serial"), nullptr);
}

TEST(WechatRequestSigning, TheAuthorizationHeaderIsReadInAnyOrder) {
    const auto parts = parse_authorization(
        R"(WECHATPAY2-SHA256-RSA2048 signature="s=",serial_no="S", timestamp="1",mchid="m",nonce_str="n")");
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->signature, "s=");
    EXPECT_EQ(parts->serial, "S");
    EXPECT_EQ(parts->timestamp, "1");
    EXPECT_EQ(parts->mchid, "m");
    EXPECT_EQ(parts->nonce, "n");
}

TEST(WechatRequestSigning, AMissingDoubledOrUnknownPartIsRefused) {
    const std::string scheme = "WECHATPAY2-SHA256-RSA2048 ";
    const std::string whole = R"(mchid="m",nonce_str="n",timestamp="1",serial_no="S",signature="s")";
    ASSERT_TRUE(parse_authorization(scheme + whole));
    for (const std::string& bad :
         {std::string{}, whole, "WECHATPAY2-SM2-WITH-SM3 " + whole, scheme + whole + R"(,mchid="m")",
          scheme + whole + R"(,x="y")", scheme + R"(mchid="m",nonce_str="n",timestamp="1",serial_no="S")",
          scheme + R"(mchid="",nonce_str="n",timestamp="1",serial_no="S",signature="s")",
          scheme + whole + "x", scheme + R"(mchid="m)"})
        EXPECT_FALSE(parse_authorization(bad)) << bad;
}

TEST(WechatPaySign, EveryVectorHasTheSameMessageAndSignature) {
    for (const auto& one : vectors().at("client_pay_sign")) {
        SCOPED_TRACE(one.at("name").get<std::string>());
        const std::string message =
            pay_message(one.at("appId").get<std::string>(), one.at("timeStamp").get<std::string>(),
                        one.at("nonceStr").get<std::string>(), one.at("fourth_line").get<std::string>());
        EXPECT_EQ(message, read_data(one.at("message_file")));
        EXPECT_EQ(sign_base64(private_key("merchant"), message), one.at("signature").get<std::string>());
    }
}

TEST(WechatResponses, EveryVectorVerifiesAndIsSignedAlikeHere) {
    const KeyRing keys({{public_key_id(), public_key("wechatpay_pub")},
                        {platform_serial("old"), public_key("platform_old")}});
    for (const auto& one : vectors().at("responses")) {
        SCOPED_TRACE(one.at("name").get<std::string>());
        io::ClientResponse response{.status = one.at("status"), .headers = {}, .body = {}};
        response.body =
            one.contains("body_file") ? read_data(one.at("body_file")) : one.at("body").get<std::string>();
        for (const auto& [name, value] : one.at("headers").items())
            response.headers.emplace_back(name, value.get<std::string>());
        const auto nonce = one.at("headers").at("Wechatpay-Nonce").get<std::string>();
        EXPECT_EQ(provider_message("1763903392", nonce, response.body), read_data(one.at("message_file")));
        const auto answer = judge_v3(response, keys, vector_now());
        EXPECT_TRUE(answer.verified);
        const bool is_error = response.status >= 400;
        EXPECT_EQ(answer.kind, is_error ? V3Answer::Kind::error : V3Answer::Kind::success);
        if (is_error) EXPECT_EQ(answer.code, "ORDERPAID");
        const auto own =
            signature_headers(private_key(one.at("verify_with")), "S", vector_now(), nonce, response.body);
        EXPECT_EQ(*io::find_header(own, "Wechatpay-Signature"),
                  one.at("headers").at("Wechatpay-Signature").get<std::string>());
    }
}

TEST(WechatOaep, TheVectorDecryptsAndTheLongestPlaintextFits) {
    const auto& one = vectors().at("rsa_oaep_sha1");
    const auto cipher = io::base64_decode(one.at("ciphertext_for_merchant_private_key").get<std::string>());
    ASSERT_TRUE(cipher);
    const auto key = private_key("merchant");
    EXPECT_EQ(key.decrypt_oaep_sha1(*cipher), one.at("plaintext").get<std::string>());
    const std::string longest(one.at("max_plaintext_bytes_rsa2048").get<std::size_t>(), 'x');
    EXPECT_EQ(key.decrypt_oaep_sha1(key.public_key().encrypt_oaep_sha1(longest)), longest);
}

TEST(WechatV2Sign, EveryVectorHasTheSameTextAndSign) {
    const std::string key = vectors().at("api_v2_key");
    for (const auto& one : vectors().at("v2")) {
        SCOPED_TRACE(one.at("name").get<std::string>());
        v2::Fields fields;
        for (const auto& [name, value] : one.at("params").items()) fields[name] = value.get<std::string>();
        const auto type = v2::parse_sign_type(one.at("sign_type").get<std::string>());
        ASSERT_TRUE(type);
        EXPECT_EQ(v2::string_to_sign(fields, key), one.at("string_to_sign").get<std::string>());
        EXPECT_EQ(v2::sign(fields, key, *type), one.at("sign").get<std::string>());
        fields["sign"] = one.at("sign");
        EXPECT_EQ(v2::check_sign(fields, key, *type, false), v2::SignCheck::good);
    }
}

TEST(WechatV2Sign, EmptyFieldsAreLeftOutAndUnknownOnesAreCovered) {
    v2::Fields fields{{"a", "1"}, {"empty", ""}, {"new_field", "x"}, {"sign", "old"}};
    EXPECT_EQ(v2::string_to_sign(fields, "k"), "a=1&new_field=x&key=k");
}

TEST(WechatV2Sign, TheSignIsComparedWithoutRegardToCase) {
    v2::Fields fields{{"a", "1"}};
    std::string sign = v2::sign(fields, "k", v2::SignType::md5);
    for (char& c : sign) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    fields["sign"] = sign;
    EXPECT_EQ(v2::check_sign(fields, "k", v2::SignType::md5, false), v2::SignCheck::good);
}

TEST(WechatV2Sign, TheMessageNeverChoosesTheAlgorithm) {
    for (const std::string& named : {std::string{"MD5"}, std::string{}, std::string{"HMAC-SHA256"}}) {
        v2::Fields fields{{"a", "1"}, {"sign_type", named}};
        fields["sign"] = v2::sign(fields, "k", v2::SignType::md5);
        EXPECT_EQ(v2::check_sign(fields, "k", v2::SignType::hmac_sha256, false), v2::SignCheck::bad) << named;
        EXPECT_EQ(v2::check_sign(fields, "k", v2::SignType::hmac_sha256, true),
                  v2::SignCheck::good_with_other_algorithm);
    }
    for (const std::string& named : {"NONE", "RSA", "md5", "SHA1"}) {
        v2::Fields fields{{"a", "1"}, {"sign_type", named}};
        fields["sign"] = v2::sign(fields, "k", v2::SignType::md5);
        EXPECT_EQ(v2::check_sign(fields, "k", v2::SignType::md5, true), v2::SignCheck::bad) << named;
    }
}

TEST(WechatV2Sign, AnAbsentOrEmptySignIsNeverGood) {
    for (const auto type : {v2::SignType::md5, v2::SignType::hmac_sha256}) {
        EXPECT_EQ(v2::check_sign({{"a", "1"}}, "k", type, true), v2::SignCheck::bad);
        EXPECT_EQ(v2::check_sign({{"a", "1"}, {"sign", ""}}, "k", type, true), v2::SignCheck::bad);
        v2::Fields unkeyed{{"a", "1"}};
        unkeyed["sign"] = v2::sign(unkeyed, "", type);
        EXPECT_EQ(v2::check_sign(unkeyed, "", type, true), v2::SignCheck::bad) << "an empty key is no key";
    }
}

TEST(WechatV2Refund, TheVectorOpensAndSealsBack) {
    const auto& one = vectors().at("v2_refund_req_info");
    const std::string key = vectors().at("api_v2_key");
    EXPECT_EQ(v2::open_req_info(one.at("req_info").get<std::string>(), key),
              one.at("plaintext").get<std::string>());
    EXPECT_EQ(v2::seal_req_info(one.at("plaintext").get<std::string>(), key),
              one.at("req_info").get<std::string>());
    EXPECT_FALSE(v2::open_req_info(one.at("req_info").get<std::string>(), "another key of 32 characters!!!"));
    for (const std::string& bad : {"", "=", "AAAA", "not base64!"})
        EXPECT_FALSE(v2::open_req_info(bad, key)) << bad;
}

}  // namespace wefee::payment::wechat
