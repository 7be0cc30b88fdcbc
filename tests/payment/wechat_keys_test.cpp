// The key ring and its keeper: rotation, bootstrap, the folder, and when nothing is downloaded.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "payment/wechat/certificates.hpp"
#include "payment/wechat/client.hpp"
#include "payment/wechat/notify_v3.hpp"
#include "payment/wechat/sign.hpp"
#include "wechat_testing.hpp"

namespace wefee::payment::wechat {

using namespace testing;
using Outcome = KeyKeeper::Outcome;

namespace {

struct WechatKeys : ::testing::Test {
    WechatKeys() {
        std::string pattern = (std::filesystem::temp_directory_path() / "wefee-keys-XXXXXX").string();
        folder = mkdtemp(pattern.data());
        settings.platform_cert_dir = folder;
        settings.public_keys.clear();
    }
    ~WechatKeys() override { std::filesystem::remove_all(folder); }

    KeyKeeper keeper() {
        return KeyKeeper(settings, keys, provider, clock, [this] { return monotonic; });
    }
    void store(const std::string& which) {
        std::filesystem::copy_file(std::string(WEFEE_TEST_DATA) + "/keys/platform_" + which + "_cert.pem",
                                   folder / (which + ".pem"));
    }
    std::string vector_list() const { return read_data("bodies/certificates_response.json"); }
    io::Certificate certificate(const std::string& which) const {
        return io::Certificate::parse(read_data("keys/platform_" + which + "_cert.pem"));
    }

    std::filesystem::path folder;
    Settings settings = vector_settings();
    FakeClock clock{vector_now()};
    FakeProvider provider{clock};
    KeyRing keys;
    std::chrono::steady_clock::time_point monotonic{std::chrono::hours{1}};
};

}  // namespace

TEST(WechatCertificates, TheVectorsListDecryptsToTheStoredCertificates) {
    const auto list = open_certificate_list(read_data("bodies/certificates_response.json"),
                                            vectors().at("api_v3_key").get<std::string>());
    ASSERT_TRUE(list);
    std::map<std::string, std::string> seen;
    for (const auto& one : *list) seen[one.serial_hex()] = one.to_pem();
    ASSERT_EQ(seen.size(), vectors().at("certificates_plaintext").size());
    for (const auto& [serial, file] : vectors().at("certificates_plaintext").items())
        EXPECT_EQ(seen[serial], io::Certificate::parse(read_data(file)).to_pem());
}

TEST(WechatCertificates, OneBadEntryDiscardsTheWholeList) {
    const std::string key = vectors().at("api_v3_key");
    const std::string good = read_data("bodies/certificates_response.json");
    EXPECT_FALSE(open_certificate_list(good, "another-apiv3-key-of-32-bytes-00"));
    for (const std::string& bad : {std::string{}, std::string{"{}"}, std::string{R"({"data":1})"},
                                   std::string{R"({"data":[1]})"}, std::string{R"({"data":[{}]})"}})
        EXPECT_FALSE(open_certificate_list(bad, key)) << bad;
    auto renamed = nlohmann::json::parse(good);
    renamed["data"][1]["serial_no"] = "5FF637E711A638D4746B60B2E9EDA3680255A72C";
    EXPECT_FALSE(open_certificate_list(renamed.dump(), key)) << "a certificate under another serial";
    auto cut = nlohmann::json::parse(good);
    cut["data"][0]["encrypt_certificate"]["ciphertext"] = "AAAA";
    EXPECT_FALSE(open_certificate_list(cut.dump(), key));
}

TEST(WechatCertificates, WhatIsSealedIsOpened) {
    const std::string key = vectors().at("api_v3_key");
    const std::vector<io::Certificate> one{io::Certificate::parse(read_data("keys/platform_new_cert.pem"))};
    const auto opened = open_certificate_list(seal_certificate_list(one, key), key);
    ASSERT_TRUE(opened);
    ASSERT_EQ(opened->size(), 1U);
    EXPECT_EQ(opened->front().serial_hex(), platform_serial("new"));
}

TEST_F(WechatKeys, TheFirstListIsBelievedWhenItDecryptsAndItsOwnCertificateSignedIt) {
    KeyKeeper one = keeper();
    EXPECT_TRUE(keys.serials().empty());
    provider.answer_from_certificate(vector_list(), "old");
    EXPECT_EQ(run(one.refresh()), Outcome::changed);
    EXPECT_NE(keys.find(platform_serial("old")), nullptr);
    EXPECT_NE(keys.find(platform_serial("new")), nullptr);
    EXPECT_EQ(provider.last().url, settings.base_url + "/v3/certificates");
}

TEST_F(WechatKeys, AListThatItsOwnCertificateDidNotSignIsDiscarded) {
    KeyKeeper one = keeper();
    provider.answer_v3(200, vector_list());  // signed, but by a key that the list does not hold
    EXPECT_EQ(run(one.refresh()), Outcome::failed);
    monotonic += std::chrono::minutes{1};
    provider.answer_v3(200, vector_list(), FakeProvider::Signing::none);
    EXPECT_EQ(run(one.refresh()), Outcome::failed);
    monotonic += std::chrono::minutes{1};
    clock.advance(std::chrono::seconds{-400});
    provider.answer_from_certificate(vector_list(), "old");
    clock.advance(std::chrono::seconds{400});
    EXPECT_EQ(run(one.refresh()), Outcome::failed) << "too old";
    EXPECT_TRUE(keys.serials().empty());
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    EXPECT_FALSE(one.last_failure().empty());
}

TEST_F(WechatKeys, ARestartDuringAnOutageStillVerifies) {
    {
        KeyKeeper first = keeper();
        provider.answer_from_certificate(vector_list(), "old");
        ASSERT_EQ(run(first.refresh()), Outcome::changed);
    }
    KeyRing later;
    const KeyKeeper second(settings, later, provider, clock);
    EXPECT_EQ(later.serials(), keys.serials());
    const V3Door door(settings, later, nullptr);
    EXPECT_TRUE(std::holds_alternative<Receipt>(
        door.verify(vector_notification("transaction_success_rotated_cert").view(), vector_now())));
}

TEST_F(WechatKeys, RefreshesAreHeldBackToOneAMinute) {
    KeyKeeper one = keeper();
    provider.break_with(boost::system::errc::make_error_code(boost::system::errc::timed_out));
    EXPECT_EQ(run(one.refresh()), Outcome::failed);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(run(one.refresh()), Outcome::held_back);
    monotonic += std::chrono::seconds{59};
    clock.advance(std::chrono::hours{5});  // the wall clock has no say
    EXPECT_EQ(run(one.refresh()), Outcome::held_back);
    EXPECT_EQ(provider.seen.size(), 1U);
    monotonic += std::chrono::seconds{1};
    provider.answer_v3(404, R"({"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"})");
    EXPECT_EQ(run(one.refresh()), Outcome::failed);
    EXPECT_EQ(provider.seen.size(), 2U);
}

TEST_F(WechatKeys, AnUnknownCertificateAsksForNewerKeysAnUnknownPublicKeyNever) {
    store("old");
    settings.public_keys = {NamedKey{public_key_id(), public_key("wechatpay_pub")}};
    KeyKeeper one = keeper();
    V3Door door(settings, keys, &one);
    const auto refusal_of = [&](const std::string& serial) {
        Message message = vector_notification("transaction_success_public_key");
        message.set("Wechatpay-Serial", serial);
        return std::get<Refusal>(door.verify(message.view(), vector_now()));
    };
    EXPECT_TRUE(refusal_of(platform_serial("new")).try_newer_keys);
    EXPECT_FALSE(refusal_of("PUB_KEY_ID_0000000000000000000000000000000099").try_newer_keys);
    EXPECT_FALSE(refusal_of(platform_serial("old")).try_newer_keys) << "known, but the signature is wrong";
    EXPECT_FALSE(one.may_help(public_key_id()));
}

TEST_F(WechatKeys, AfterTheRefreshTheRotatedCertificatesNotificationIsTaken) {
    store("old");
    KeyKeeper one = keeper();
    V3Door door(settings, keys, &one);
    const Message message = vector_notification("transaction_success_rotated_cert");
    ASSERT_TRUE(std::get<Refusal>(door.verify(message.view(), vector_now())).try_newer_keys);
    provider.answer_from_certificate(vector_list(), "old");
    EXPECT_TRUE(run(door.refresh_keys()));
    EXPECT_TRUE(std::holds_alternative<Receipt>(door.verify(message.view(), vector_now())));
    EXPECT_FALSE(run(door.refresh_keys())) << "held back";
}

TEST_F(WechatKeys, PublicKeyModeDownloadsNothing) {
    settings.platform_cert_dir.clear();
    settings.public_keys = {NamedKey{public_key_id(), public_key("wechatpay_pub")},
                            NamedKey{"PUB_KEY_ID_2", public_key("platform_new")}};
    KeyKeeper one = keeper();
    EXPECT_EQ(run(one.refresh()), Outcome::not_in_use);
    EXPECT_FALSE(one.may_help(platform_serial("old")));
    EXPECT_TRUE(provider.seen.empty());
    EXPECT_EQ(keys.serials().size(), 2U) << "several public keys at once";
}

TEST_F(WechatKeys, AnExpiredCertificateIsNoKey) {
    const auto key = private_key("platform_old");
    const auto now = std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count();
    write_certificate(folder, io::Certificate::self_signed(key, "expired", "AA11", now - 100, now));
    write_certificate(folder, io::Certificate::self_signed(key, "valid", "BB22", now - 100, now + 1));
    const KeyKeeper one = keeper();
    EXPECT_EQ(keys.serials(), std::vector<std::string>{"BB22"});
}

TEST_F(WechatKeys, AFileThatIsNoCertificateStopsTheStart) {
    std::ofstream(folder / "broken.pem") << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    try {
        keeper();
        FAIL() << "started";
    } catch (const std::runtime_error& refused) {
        EXPECT_NE(std::string_view(refused.what()).find("broken.pem"), std::string_view::npos);
    }
    settings.platform_cert_dir = folder / "absent";
    EXPECT_THROW(keeper(), std::runtime_error);
}

TEST_F(WechatKeys, AResponseUnderANewCertificateIsVerifiedAfterOneRefresh) {
    store("old");
    KeyKeeper one = keeper();
    Client client(settings, keys, &one, provider, clock);
    provider.answer_from_certificate(R"({"prepay_id":"wx1"})", "new");
    provider.answer_from_certificate(vector_list(), "old");
    const auto answer = run(client.v3("POST", "/v3/pay/transactions/jsapi", "{}", testing::limit));
    EXPECT_EQ(answer.kind, V3Answer::Kind::success);
    EXPECT_EQ(provider.seen.size(), 2U);
}

TEST(WechatKeyRing, ASwapIsWholeAndOldKeysLiveOn) {
    KeyRing ring({{"A", public_key("platform_old")}});
    const io::PublicKey* before = ring.find("A");
    EXPECT_FALSE(ring.replace({{"A", public_key("platform_old")}})) << "nothing changed";
    EXPECT_TRUE(ring.replace({{"B", public_key("platform_new")}}));
    EXPECT_EQ(ring.find("A"), nullptr);
    EXPECT_NE(ring.find("B"), nullptr);
    EXPECT_EQ(before->der(), public_key("platform_old").der());
    EXPECT_TRUE(ring.replace({{"B", public_key("platform_old")}})) << "the same serial with another key";
}

TEST(WechatKeyRing, ReadersNeverSeeHalfASwap) {
    const KeyRing::Map first{{"A", public_key("platform_old")}, {"B", public_key("platform_old")}};
    const KeyRing::Map second{{"A", public_key("platform_new")}, {"B", public_key("platform_new")}};
    KeyRing ring(first);
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        for (int i = 0; i < 200; ++i) ring.replace(i % 2 == 0 ? second : first);
        stop = true;
    });
    while (!stop) ASSERT_NE(ring.find("A"), nullptr);
    writer.join();
}

}  // namespace wefee::payment::wechat
