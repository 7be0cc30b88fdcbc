// Published vectors for each primitive; every flipped bit of a signature or sealed text is refused.
#include "io/crypto.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <thread>

#include "io/encoding.hpp"

namespace wefee::io {
namespace {

std::string unhex(std::string_view text) { return hex_decode(text).value(); }

TEST(Digest, MatchesPublishedExamples) {
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
    const auto raw = sha256("abc");
    EXPECT_EQ(hex_lower({reinterpret_cast<const char*>(raw.data()), raw.size()}), sha256_hex("abc"));
}

TEST(Hmac, MatchesRfc4231AndForgetsTheKeyBefore) {
    EXPECT_EQ(hex_lower(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex_lower(hmac_sha256("", "")),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    EXPECT_EQ(hex_lower(hmac_sha256(std::string(131, '\xaa'),
                                    "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Compare, SeesContentAndLength) {
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_TRUE(equal_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_constant_time("abc", "abcd"));
}

TEST(Random, DrawsTheWholeAlphabetAndNeverTheSame) {
    EXPECT_EQ(random_bytes(32).size(), 32U);
    EXPECT_NE(random_bytes(32), random_bytes(32));
    const auto text = random_alphanumeric(20'000);
    EXPECT_EQ(text.size(), 20'000U);
    EXPECT_EQ(std::set<char>(text.begin(), text.end()).size(), 62U);
}

TEST(Gcm, MatchesTheSpecificationsTestCase16) {
    const auto key = unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const auto nonce = unhex("cafebabefacedbaddecaf888");
    const auto aad = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const auto plain = unhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16a"
        "edf5aa0de657"
        "ba637b39");
    const auto sealed = gcm_seal(key, nonce, aad, plain);
    EXPECT_EQ(hex_lower(sealed),
              "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10568288"
              "38c5f61e6393ba7a0a"
              "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
    EXPECT_EQ(gcm_open(key, nonce, aad, sealed), plain);
}

TEST(Gcm, RefusesEveryFlippedBitAndEveryPrefix) {
    const std::string key(32, 'k'), nonce(12, 'n');
    const auto sealed = gcm_seal(key, nonce, "aad", "plain text");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        auto changed = sealed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(gcm_open(key, nonce, "aad", changed)) << bit;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size)
        EXPECT_FALSE(gcm_open(key, nonce, "aad", sealed.substr(0, size))) << size;
    EXPECT_FALSE(gcm_open(key, nonce, "aae", sealed));
    EXPECT_FALSE(gcm_open(std::string(32, 'K'), nonce, "aad", sealed));
    EXPECT_FALSE(gcm_open(key, std::string(12, 'N'), "aad", sealed));
    EXPECT_FALSE(gcm_open(key, "short", "aad", sealed));
    EXPECT_EQ(gcm_open(key, nonce, "aad", sealed), "plain text");
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Gcm, SealsEmptyTextAndEmptyAssociatedData) {
    const std::string key(32, 'k'), nonce(12, 'n');
    EXPECT_EQ(gcm_open(key, nonce, "", gcm_seal(key, nonce, "", "")), "");
    EXPECT_EQ(gcm_open(key, nonce, "", gcm_seal(key, nonce, "", "x")), "x");
    EXPECT_THROW(gcm_open("short", nonce, "", "x"), std::invalid_argument);
    EXPECT_THROW(gcm_seal(key, "short", "", "x"), std::invalid_argument);
}

TEST(Cbc, MatchesNistSp80038a) {
    const auto iv = unhex("000102030405060708090a0b0c0d0e0f"),
               plain = unhex("6bc1bee22e409f96e93d7e117393172a");
    const auto key128 = unhex("2b7e151628aed2a6abf7158809cf4f3c");
    const auto key256 = unhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    EXPECT_EQ(hex_lower(cbc_encrypt(key128, iv, plain)), "7649abac8119b246cee98e9b12e9197d");
    EXPECT_EQ(hex_lower(cbc_encrypt(key256, iv, plain)), "f58c4c04d6e5f1ba779eabfb5f7bfbd6");
    EXPECT_EQ(cbc_decrypt(key256, iv, cbc_encrypt(key256, iv, plain + plain)), plain + plain);
    EXPECT_EQ(cbc_encrypt(key128, iv, ""), "");
}

TEST(Cbc, RefusesPartialBlocksAndOddKeys) {
    const std::string key(32, 'k'), iv(16, 'i');
    EXPECT_THROW(cbc_decrypt(key, iv, "15 bytes only.."), std::invalid_argument);
    EXPECT_THROW(cbc_encrypt(key, iv, "17 bytes, one more"), std::invalid_argument);
    EXPECT_THROW(cbc_encrypt(std::string(24, 'k'), iv, std::string(16, 'x')), std::invalid_argument);
    EXPECT_THROW(cbc_encrypt(key, "short", std::string(16, 'x')), std::invalid_argument);
}

TEST(Ecb, MatchesNistSp80038aAndChecksPadding) {
    const auto key = unhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    const auto plain = unhex("6bc1bee22e409f96e93d7e117393172a");
    EXPECT_EQ(hex_lower(ecb_encrypt(key, plain)).substr(0, 32), "f3eed1bdb5d2a03c064b5a7e3db181f8");
    for (std::size_t size = 0; size < 40; ++size)
        EXPECT_EQ(ecb_decrypt(key, ecb_encrypt(key, std::string(size, 'x'))), std::string(size, 'x'));
    EXPECT_FALSE(ecb_decrypt(key, ""));
    EXPECT_FALSE(ecb_decrypt(key, "not a block"));
    EXPECT_FALSE(ecb_decrypt(key, ecb_encrypt(key, plain).substr(0, 16)));  // its last byte is no padding
    EXPECT_EQ(ERR_peek_error(), 0U);
}

class KeyPair : public testing::Test {
protected:
    static const PrivateKey& rsa() {
        static const auto key = PrivateKey::generate_rsa();
        return key;
    }
};

TEST_F(KeyPair, SignatureHoldsForItsDataAndNoOther) {
    for (const auto& key : {rsa(), PrivateKey::generate_ec_p256()}) {
        const auto verifier = key.public_key();
        const auto signature = key.sign_sha256("data");
        EXPECT_TRUE(verifier.verify_sha256("data", signature));
        EXPECT_FALSE(verifier.verify_sha256("datb", signature));
        EXPECT_FALSE(verifier.verify_sha256("data", ""));
        EXPECT_FALSE(verifier.verify_sha256("data", signature + "x"));
        for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
            auto changed = signature;
            changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
            EXPECT_FALSE(verifier.verify_sha256("data", changed)) << bit;
        }
        EXPECT_TRUE(verifier.verify_sha256("data", signature));  // a refusal leaves the kept context usable
        EXPECT_EQ(ERR_peek_error(), 0U);
    }
}

TEST_F(KeyPair, ManyKeysTakeTurnsInTheCacheOfAThread) {
    std::vector<std::pair<PublicKey, std::string>> signers;
    for (int i = 0; i < 40; ++i) {
        const auto key = PrivateKey::generate_ec_p256();
        signers.emplace_back(key.public_key(), key.sign_sha256("data"));
    }
    for (int round = 0; round < 2; ++round)
        for (std::size_t i = 0; i < signers.size(); ++i) {
            EXPECT_TRUE(signers[i].first.verify_sha256("data", signers[i].second));
            EXPECT_FALSE(signers[i].first.verify_sha256("data", signers[(i + 1) % signers.size()].second));
        }
}

TEST_F(KeyPair, OneKeyServesSeveralThreads) {
    const auto verifier = rsa().public_key();
    const auto signature = rsa().sign_sha256("data");
    std::vector<std::jthread> threads;
    std::atomic<int> held = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 50; ++round) held += verifier.verify_sha256("data", signature);
        });
    threads.clear();
    EXPECT_EQ(held, 200);
}

TEST_F(KeyPair, EveryWrittenFormIsTheSameKey) {
    const auto pkcs8 = rsa().to_pem();
    EXPECT_TRUE(pkcs8.starts_with("-----BEGIN PRIVATE KEY-----"));
    BIO* bio = BIO_new_mem_buf(pkcs8.data(), static_cast<int>(pkcs8.size()));
    EVP_PKEY* raw = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO* traditional = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey_traditional(traditional, raw, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(traditional, &text);
    const std::string pkcs1(text, static_cast<std::size_t>(size));
    BIO_free(bio);
    BIO_free(traditional);
    EVP_PKEY_free(raw);
    EXPECT_TRUE(pkcs1.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    const auto line = [](std::string_view pem) {
        const auto body = pem.find('\n') + 1;
        return std::string(pem.substr(body, pem.rfind("-----END") - body));
    };
    for (const auto& form : {pkcs8, pkcs1, line(pkcs8), line(pkcs1)})
        EXPECT_EQ(PrivateKey::parse(form).public_key().der(), rsa().public_key().der());
    EXPECT_EQ(PublicKey::parse(base64_encode(rsa().public_key().der())).der(), rsa().public_key().der());
}

TEST_F(KeyPair, AnythingElseIsRefusedWithoutShowingIt) {
    const auto pem = rsa().to_pem();
    const std::string texts[] = {"", "not a key", "AAAA", pem.substr(0, pem.size() / 2),
                                 "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"};
    for (const auto& text : texts) {
        EXPECT_THROW(PublicKey::parse(text), std::invalid_argument);
        try {
            PrivateKey::parse(text);
            ADD_FAILURE() << text;
        } catch (const std::invalid_argument& mistake) {
            if (text.size() > 8) EXPECT_FALSE(std::string_view(mistake.what()).contains(text.substr(0, 8)));
        }
    }
    EXPECT_THROW(PublicKey::parse(pem), std::invalid_argument);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(KeyPair, OaepReturnsThePlainTextToTheOwnerOnly) {
    const auto cipher = rsa().public_key().encrypt_oaep_sha1("6222020000000000");
    EXPECT_EQ(cipher.size(), 256U);
    EXPECT_EQ(rsa().decrypt_oaep_sha1(cipher), "6222020000000000");
    EXPECT_EQ(rsa().decrypt_oaep_sha1(rsa().public_key().encrypt_oaep_sha1(std::string(214, 'x'))),
              std::string(214, 'x'));
    EXPECT_THROW(rsa().public_key().encrypt_oaep_sha1(std::string(215, 'x')), std::runtime_error);
    EXPECT_THROW(PrivateKey::generate_rsa().decrypt_oaep_sha1(cipher), std::runtime_error);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace wefee::io
