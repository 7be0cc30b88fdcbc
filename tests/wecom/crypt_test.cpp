// Callback cryptography against the vectors made with the official library.
#include "wecom/crypt.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "support.hpp"
#include "wecom/envelope.hpp"

namespace wefee::wecom {
namespace {

using test::vectors;

const std::string sample_key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

CallbackCrypt crypt_of(const nlohmann::json& v) {
    return CallbackCrypt{v.at("token").get<std::string>(), v.at("encoding_aes_key").get<std::string>()};
}

std::string text(const nlohmann::json& v, const char* name) { return v.at(name).get<std::string>(); }

TEST(CallbackCrypt, EveryPositiveVectorIsSignedOpenedAndSealedByteForByte) {
    int seen = 0;
    for (const auto& v : vectors("callback_positive.json")) {
        SCOPED_TRACE(text(v, "id"));
        const auto crypt = crypt_of(v);
        EXPECT_EQ(crypt.signature(text(v, "timestamp"), text(v, "nonce"), text(v, "encrypt")),
                  text(v, "msg_signature"));
        const auto opened = crypt.open(text(v, "encrypt"));
        ASSERT_TRUE(opened.has_value());
        EXPECT_EQ(opened->message(), text(v, "plaintext"));
        EXPECT_EQ(opened->receiveid(), text(v, "receiveid"));
        const auto random16 = io::hex_decode(text(v, "random_hex"));
        EXPECT_EQ(crypt.seal(*random16, text(v, "plaintext"), text(v, "receiveid")), text(v, "encrypt"));
        ++seen;
    }
    EXPECT_EQ(seen, 42);
}

TEST(CallbackCrypt, EveryPadValueFrom1To32IsReadAndWritten) {
    std::vector<int> pads;
    for (const auto& v : vectors("padding_all_lengths.json")) {
        SCOPED_TRACE(text(v, "id"));
        const auto crypt = crypt_of(v);
        EXPECT_TRUE(crypt.signature_holds(text(v, "msg_signature"), text(v, "timestamp"), text(v, "nonce"),
                                          text(v, "encrypt")));
        const auto opened = crypt.open(text(v, "encrypt"));
        ASSERT_TRUE(opened.has_value());
        EXPECT_EQ(opened->message().size(), v.at("msg_bytes").get<std::size_t>());
        EXPECT_EQ(opened->receiveid(), text(v, "receiveid"));
        EXPECT_EQ(crypt.seal(*io::hex_decode(text(v, "random_hex")), opened->message(), opened->receiveid()),
                  text(v, "encrypt"));
        pads.push_back(v.at("pad").get<int>());
    }
    std::ranges::sort(pads);
    ASSERT_EQ(pads.size(), 32U);
    for (int i = 0; i < 32; ++i) EXPECT_EQ(pads[static_cast<std::size_t>(i)], i + 1);
}

TEST(CallbackCrypt, ABodyAbove64KiBKeepsItsWholeLength) {
    const auto v = vectors("large_body.json").at(0);
    const auto crypt = crypt_of(v);
    EXPECT_TRUE(crypt.signature_holds(text(v, "msg_signature"), text(v, "timestamp"), text(v, "nonce"),
                                      text(v, "encrypt")));
    auto opened = crypt.open(text(v, "encrypt"));
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->receiveid(), text(v, "receiveid"));
    const std::string message = std::move(*opened).take_message();
    EXPECT_EQ(message, std::string(70'000, 'A'));
    EXPECT_EQ(io::sha256_hex(message), text(v, "plaintext_sha256"));
}

/// What the decode steps 3 to 9 say, in the words of the vector file.
std::string decode_steps(const nlohmann::json& v) {
    std::optional<CallbackCrypt> crypt;
    try {
        crypt.emplace(text(v, "token"), text(v, "encoding_aes_key"));
    } catch (const std::invalid_argument&) {
        return "bad_key_config";
    }
    if (!crypt->signature_holds(text(v, "msg_signature"), text(v, "timestamp"), text(v, "nonce"),
                                text(v, "encrypt")))
        return "signature_mismatch";
    const auto opened = crypt->open(text(v, "encrypt"));
    if (opened) return opened->receiveid() == text(v, "receiveid") ? "ok" : "receiveid_mismatch";
    switch (opened.error()) {
        case OpenFailure::base64:
            return "bad_base64";
        case OpenFailure::length:
            return "bad_ciphertext_length";
        case OpenFailure::padding:
            return "bad_padding";
        case OpenFailure::layout:
            return "bad_layout";
    }
    return "?";
}

TEST(CallbackCrypt, EveryNegativeVectorFailsAtItsStep) {
    int seen = 0;
    for (const auto& v : vectors("callback_negative.json")) {
        ++seen;
        if (v.contains("raw_query")) continue;  // callback_test.cpp sends those through the door
        SCOPED_TRACE(text(v, "id") + " " + text(v, "name"));
        const std::string expected = text(v, "expect");
        if (expected == "bad_padding_or_layout")
            EXPECT_TRUE(decode_steps(v) == "bad_padding" || decode_steps(v) == "bad_layout")
                << decode_steps(v);
        else
            EXPECT_EQ(decode_steps(v), expected);
    }
    EXPECT_EQ(seen, 52);
}

TEST(CallbackCrypt, KeyWithUnusedBitsSetIsTheSameKeyAsWithoutThem) {  // T03
    const std::string masked = sample_key.substr(0, 42) + "A";  // 'C' is 000010: only the two unused bits
    const CallbackCrypt strange{"QDG6eK", sample_key};
    const CallbackCrypt plain{"QDG6eK", masked};
    EXPECT_EQ(strange.seal(std::string(16, 'r'), "m", "id"), plain.seal(std::string(16, 'r'), "m", "id"));
}

TEST(CallbackCrypt, ConfigurationIsRefusedWithoutTheSecretInTheMessage) {
    for (const auto& [token, key] :
         std::vector<std::pair<std::string, std::string>>{{"", sample_key},
                                                          {std::string(33, 'a'), sample_key},
                                                          {"with-dash", sample_key},
                                                          {"Token", ""},
                                                          {"Token", sample_key.substr(1)},
                                                          {"Token", sample_key + "="},
                                                          {"Token", sample_key.substr(0, 42) + "+"},
                                                          {"Token", sample_key.substr(0, 42) + "\n"}}) {
        try {
            const CallbackCrypt crypt(token, key);
            ADD_FAILURE() << "accepted: " << token << " " << key;
        } catch (const std::invalid_argument& error) {
            const std::string what = error.what();
            EXPECT_TRUE(key.size() < 8 || what.find(key.substr(0, 8)) == std::string::npos);
        }
    }
}

TEST(CallbackCrypt, OneFlippedBitAnywhereBreaksTheSignature) {
    const auto v = vectors("callback_positive.json").at(7);
    const auto crypt = crypt_of(v);
    for (const char* name : {"timestamp", "nonce", "encrypt", "msg_signature"}) {
        for (std::size_t at = 0; at < text(v, name).size(); ++at) {
            auto changed = v;
            std::string value = text(v, name);
            value[at] = static_cast<char>(value[at] ^ 1);
            changed[name] = value;
            EXPECT_FALSE(crypt.signature_holds(text(changed, "msg_signature"), text(changed, "timestamp"),
                                               text(changed, "nonce"), text(changed, "encrypt")))
                << name << " at " << at;
        }
    }
}

RC_GTEST_PROP(CallbackCryptProperty, OpenGivesBackWhatSealTook,
              (std::string message, std::string receiveid)) {
    const CallbackCrypt crypt{"QDG6eK", sample_key};
    const auto random16 = *rc::gen::container<std::string>(16, rc::gen::arbitrary<char>());
    const auto sealed = crypt.seal(random16, message, receiveid);
    RC_ASSERT(io::base64_decode(sealed)->size() % 32 == 0);
    const auto opened = crypt.open(sealed);
    RC_ASSERT(opened.has_value());
    RC_ASSERT(opened->message() == message);
    RC_ASSERT(opened->receiveid() == receiveid);
}

RC_GTEST_PROP(CallbackCryptProperty, OpenNeverFallsOverRandomCiphertext, (const std::string& bytes)) {
    const CallbackCrypt crypt{"QDG6eK", sample_key};
    std::string blocks = bytes;
    blocks.resize((bytes.size() / 32 + 1) * 32, 'x');
    (void)crypt.open(io::base64_encode(blocks));
    (void)crypt.open(bytes);
}

TEST(PassiveReply, IsWrittenAsInTheVectors) {
    int seen = 0;
    for (const auto& v : vectors("callback_positive.json")) {
        const std::string kind = text(v, "kind");
        if (!kind.starts_with("passive_reply")) continue;
        SCOPED_TRACE(text(v, "id"));
        const auto crypt = crypt_of(v);
        const SealedWith with{*io::hex_decode(text(v, "random_hex")), text(v, "timestamp"), text(v, "nonce"),
                              text(v, "receiveid")};
        const auto body = kind == "passive_reply_json" ? passive_reply_json(crypt, with, text(v, "plaintext"))
                                                       : passive_reply_xml(crypt, with, text(v, "plaintext"));
        EXPECT_EQ(body, text(v, "http_body"));
        ++seen;
    }
    EXPECT_EQ(seen, 3);
}

TEST(PassiveReply, GreysTheButtonOutForTheMemberWhoClicked) {  // plaintext of vector P035
    for (const auto& v : vectors("callback_positive.json"))
        if (text(v, "id") == "P035")
            EXPECT_EQ(update_button_message("woTD_user_1", "wpTD_bDwAAabcXyz0123456789AAAAAA", 1760003006,
                                            "已确认"),
                      text(v, "plaintext"));
}

}  // namespace
}  // namespace wefee::wecom
