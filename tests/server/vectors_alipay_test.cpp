// Every Alipay notification of the vectors, as raw form bodies to a running server.
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/server/rig.hpp"

namespace wefee::server::tests {
namespace {

const Instant vector_now = parse_instant("2026-01-15T10:00:04+08:00").value();

std::string section(const std::string& keys) {
    return fmt::format(
        "[alipay]\ngateway_url = \"http://127.0.0.1:1/gateway.do\"\napp_id = \"2021000000000001\"\n"
        "seller_id = \"2088000000000001\"\napp_private_key_file = \"{}\"\n{}",
        data_path("alipay/keys/app_private_pkcs8.pem"), keys);
}

std::string key_mode() {
    return section(
        fmt::format("alipay_public_key_file = \"{}\"\n", data_path("alipay/keys/alipay_public.pem")));
}

std::string certificate_mode() {
    return section(
        fmt::format("app_cert_file = \"{}\"\nalipay_cert_file = \"{}\"\nalipay_root_cert_file = \"{}\"\n",
                    data_path("alipay/cert/appCertPublicKey_TEST.crt"),
                    data_path("alipay/cert/alipayCertPublicKey_RSA2_TEST.crt"),
                    data_path("alipay/cert/alipayRootCert_TEST.crt")));
}

/// Statuses by `expect`. A return_url query is genuine but no notification: it names no notify_id.
int expected_status(const std::string& expect) {
    static const std::map<std::string, int> statuses{{"valid", 200},
                                                     {"fallback_drop_empty", 200},
                                                     {"fallback_keep_sign_type", 200},
                                                     {"invalid", 401},
                                                     {"valid_ignoring_alipay_cert_sn", 400}};
    return statuses.at(expect);
}

std::vector<Delivery> all_notifications(const std::string& path) {
    std::vector<Delivery> deliveries;
    for (const auto& vector : Json::parse(data("alipay/index.json"))) {
        if (!vector.at("kind").get<std::string>().starts_with("notif")) continue;
        Delivery one;
        one.name = vector.at("id").get<std::string>();
        one.target = path;
        one.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
        one.body = data("alipay/" + vector.at("body").get<std::string>());
        one.status = expected_status(vector.at("expect").get<std::string>());
        one.answer = one.status == 200 ? "success" : "failure";
        deliveries.push_back(std::move(one));
    }
    EXPECT_EQ(deliveries.size(), 23U);
    return deliveries;
}

TEST(AlipayVectors, EveryNotificationGetsItsAnswerWithTheConfiguredKey) {
    Rig rig{vector_now};
    rig.start(key_mode());
    deliver_twice(rig, all_notifications("/webhooks/alipay"), 19);
}

TEST(AlipayVectors, CertificateModeTakesTheKeyOutOfTheCertificate) {
    Rig rig{vector_now};
    rig.start(certificate_mode());
    deliver_twice(rig, all_notifications("/webhooks/alipay"), 19);
}

TEST(AlipayVectors, TheGatewayAddressTakesTheSameMessagesAndIsNoSecondInbox) {
    Rig rig{vector_now};
    rig.start(key_mode());
    deliver_twice(rig, all_notifications("/webhooks/alipay/gateway"), 19);
    const auto paid = data("alipay/notify/N01_paid.body");
    EXPECT_EQ(rig.post("/webhooks/alipay", paid).body, "success");
    EXPECT_EQ(rig.counts().inbox, 19) << "the same notify_id on the other path is a repeat";
}

TEST(AlipayVectors, GenuineMessagesOfAForeignAppOrAWrongAmountAreKeptForTheBusinessChecks) {
    Rig rig{vector_now};
    rig.start(key_mode());
    for (const std::string name : {"N19_other_app", "N20_wrong_amount_signed"}) {
        const auto body = data("alipay/notify/" + name + ".body");
        const auto reply = rig.post("/webhooks/alipay", body);
        EXPECT_EQ(reply.status, 200) << name;
        EXPECT_EQ(reply.body, "success") << name;
        const auto kept = rig.column("SELECT raw FROM inbox ORDER BY id DESC LIMIT 1");
        EXPECT_EQ(kept, std::vector{body}) << name;
    }
    EXPECT_EQ(rig.counts(), (Counts{2, 0}));
}

TEST(AlipayVectors, TheOtherKeyPairRefusesEveryMessage) {
    Rig rig{vector_now};
    rig.start(
        section(fmt::format("alipay_public_key_file = \"{}\"\n", data_path("alipay/keys/wrong_public.pem"))));
    auto deliveries = all_notifications("/webhooks/alipay");
    std::int64_t genuine = 0;
    for (auto& one : deliveries) {
        if (one.name == "N13_wrong_key") {  // signed by exactly this pair
            one.status = 200, one.answer = "success";
            ++genuine;
        } else {
            one.status = 401, one.answer = "failure";
        }
    }
    ASSERT_EQ(genuine, 1);
    deliver_twice(rig, deliveries, 1);
}

TEST(AlipayVectors, OnlyTheBodyCountsNeverTheQuery) {
    Rig rig{vector_now};
    rig.start(key_mode());
    const auto paid = data("alipay/notify/N01_paid.body");
    EXPECT_EQ(rig.post("/webhooks/alipay?_url=%2Fx&sign=1", paid).body, "success");
    EXPECT_EQ(rig.post("/webhooks/alipay?" + paid, "").status, 400);
    EXPECT_EQ(rig.counts(), (Counts{1, 1}));
}

}  // namespace
}  // namespace wefee::server::tests
