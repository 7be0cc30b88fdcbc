// Every WeChat Pay notification of the vectors, sent to a running server in each way a merchant may hold
// WeChat's keys.
#include <algorithm>
#include <filesystem>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "payment/wechat/v2.hpp"
#include "tests/server/rig.hpp"

namespace wefee::server::tests {
namespace {

namespace v2 = payment::wechat::v2;

constexpr const char* v2_ack =
    "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>";
constexpr const char* v2_refusal =
    "<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[FAIL]]></return_msg></xml>";

const Json& vectors() {
    static const Json all = Json::parse(data("wechat-pay/vectors.json"));
    return all;
}

Instant vector_now() { return Instant{std::chrono::seconds{vectors().at("clock").get<std::int64_t>()}}; }

struct Keys {
    bool public_key = true;
    std::vector<std::string> certificates;        // "platform_old", "platform_new"
    std::string base_url = "http://127.0.0.1:1";  // nobody answers there
    std::string v2_sign_type = "MD5";
};

std::string section(const Rig& rig, const Keys& keys) {
    std::string text = fmt::format(
        "[wechatpay]\nbase_url = \"{}\"\nmchid = \"{}\"\nappid = \"wxd678efh567hg6787\"\nmerchant_serial = "
        "\"{}\"\n"
        "merchant_private_key_file = \"{}\"\napi_v3_key_file = \"{}\"\napi_v2_key_file = "
        "\"{}\"\nv2_sign_type = \"{}\"\n",
        keys.base_url, vectors().at("mchid").get<std::string>(),
        vectors().at("merchant_serial").get<std::string>(), data_path("wechat-pay/keys/merchant_private.pem"),
        data_path("wechat-pay/keys/api_v3_key.txt"), data_path("wechat-pay/keys/api_v2_key.txt"),
        keys.v2_sign_type);
    if (keys.public_key)
        text += fmt::format("public_key_id = \"{}\"\npublic_key_file = \"{}\"\n",
                            vectors().at("wechatpay_public_key_id").get<std::string>(),
                            data_path("wechat-pay/keys/wechatpay_pub_public.pem"));
    if (!keys.certificates.empty()) {
        const auto folder = rig.folder.path() / "certificates";
        std::filesystem::create_directory(folder);
        for (const auto& name : keys.certificates)
            std::filesystem::copy_file(data_path("wechat-pay/keys/" + name + "_cert.pem"),
                                       folder / (name + ".pem"));
        text += fmt::format("platform_cert_dir = \"{}\"\n", folder.string());
    }
    return text;
}

Delivery delivery(const Json& vector, int status) {
    Delivery one{
        vector.at("name").get<std::string>(), "POST", "/webhooks/wechatpay", {}, {}, status, std::nullopt};
    for (const auto& [name, value] : vector.at("headers").items())
        one.headers.emplace_back(name, value.get<std::string>());
    one.body = data("wechat-pay/" + vector.at("body_file").get<std::string>());
    one.answer =
        status == 200 ? R"({"code":"SUCCESS","message":"成功"})" : R"({"code":"FAIL","message":"失败"})";
    return one;
}

/// The status that the reference asks for when every key of the vectors is held.
int expected_status(const Json& vector) {
    const auto expect = vector.at("expect").get<std::string>();
    if (expect == "accept") return 200;
    return expect == "reject_decrypt" ? 500 : 401;
}

std::vector<Delivery> all_notifications(const std::vector<std::string>& unknown_signers = {}) {
    std::vector<Delivery> deliveries;
    for (const auto& vector : vectors().at("notifications")) {
        const bool unknown =
            std::ranges::count(unknown_signers, vector.at("verify_with").get<std::string>()) != 0;
        deliveries.push_back(delivery(vector, unknown ? 401 : expected_status(vector)));
    }
    EXPECT_EQ(deliveries.size(), 16U);
    return deliveries;
}

// All genuine ones of the vectors carry one notification id, so they are one message to the inbox however
// often they come.
constexpr std::int64_t one_message = 1;

TEST(WechatVectors, EveryNotificationGetsItsAnswerWhenPublicKeyAndCertificatesAreHeld) {
    Rig rig{vector_now()};
    rig.start(section(rig, {true, {"platform_old", "platform_new"}}));
    deliver_twice(rig, all_notifications(), one_message);
}

TEST(WechatVectors, PublicKeyModeRefusesWhatACertificateSigned) {
    Rig rig{vector_now()};
    rig.start(section(rig, {true, {}}));
    deliver_twice(rig, all_notifications({"platform_old", "platform_new"}), one_message);
}

TEST(WechatVectors, CertificateModeRefusesWhatThePublicKeyOrACertificateNotYetHeldSigned) {
    Rig rig{vector_now()};
    rig.start(section(rig, {false, {"platform_old"}}));
    auto deliveries = all_notifications({"platform_new", "wechatpay_pub"});
    for (auto& one : deliveries)  // its signer is unknown before its ciphertext is looked at
        if (one.status == 500) one.status = 401;
    deliver_twice(rig, deliveries, one_message);
}

TEST(WechatVectors, ARotatedCertificateIsFetchedOnceAndItsNotificationAccepted) {
    const auto& answer =
        *std::ranges::find(vectors().at("responses"), "certificates_download",
                           [](const Json& one) { return one.at("name").get<std::string>(); });
    const auto body = data("wechat-pay/bodies/certificates_response.json");
    std::string response =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    for (const auto& [name, value] : answer.at("headers").items())
        response += name + ": " + value.get<std::string>() + "\r\n";
    io::test::RawListener provider;
    std::string asked;
    std::thread serving([&] {
        auto peer = provider.accept();
        asked = peer.read_response();  // a GET has a head only
        peer.send(response + "\r\n" + body);
    });
    Rig rig{vector_now()};
    rig.start(section(rig, {false, {"platform_old"}, "http://127.0.0.1:" + std::to_string(provider.port())}));
    std::vector<Delivery> rotated;
    for (const auto& vector : vectors().at("notifications"))
        if (vector.at("name") == "transaction_success_rotated_cert") rotated.push_back(delivery(vector, 200));
    ASSERT_EQ(rotated.size(), 1U);
    deliver_twice(rig, rotated, one_message);
    serving.join();
    EXPECT_TRUE(asked.starts_with("GET /v3/certificates HTTP/1.1\r\n")) << asked;
    EXPECT_TRUE(std::filesystem::exists(rig.folder.path() / "certificates" /
                                        (vectors().at("platform_new_serial").get<std::string>() + ".pem")))
        << "a restart must be able to verify";
}

TEST(WechatVectors, TheInboxKeepsTheRawBytesAndWhatTheSignatureCovered) {
    Rig rig{vector_now()};
    rig.start(section(rig, {true, {}}));
    const auto& vector = vectors().at("notifications").at(1);
    ASSERT_EQ(vector.at("name"), "transaction_success_public_key");
    const auto one = delivery(vector, 200);
    ASSERT_EQ(rig.post(one.target, one.body, one.headers).status, 200);
    EXPECT_EQ(rig.column("SELECT raw FROM inbox"), std::vector{one.body});
    EXPECT_EQ(rig.column("SELECT dedup_key FROM inbox"),
              std::vector{Json::parse(one.body).at("id").get<std::string>()});
    const auto evidence = rig.column("SELECT evidence FROM inbox").at(0);
    for (const auto& [name, value] : vector.at("headers").items())
        if (name.starts_with("Wechatpay-") && name != "Wechatpay-Signature-Type")
            EXPECT_NE(evidence.find(name + ": " + value.get<std::string>() + "\n"), std::string::npos)
                << name;
}

const std::map<std::string, std::string>& v2_paths() {
    static const std::map<std::string, std::string> paths{{"v2_notify_contract_add", "contract"},
                                                          {"v2_notify_contract_delete", "contract"},
                                                          {"v2_notify_deduct_success", "deduction"},
                                                          {"v2_notify_deduct_fail", "deduction"},
                                                          {"v2_notify_refund", "refund"}};
    return paths;
}

Delivery v2_delivery(const std::string& name, const std::string& kind, std::string body, int status = 200) {
    return {name,
            "POST",
            "/webhooks/wechatpay/v2/" + kind,
            {{"Content-Type", "text/xml"}},
            std::move(body),
            status,
            status == 200 ? v2_ack : v2_refusal};
}

/// The vector signed with the other algorithm; a refund notice carries no sign.
std::string signed_by_hmac(const std::string& xml) {
    auto fields = v2::read(xml).value();
    if (!fields.contains("sign")) return xml;
    fields["sign"] = v2::sign(fields, data("wechat-pay/keys/api_v2_key.txt"), v2::SignType::hmac_sha256);
    return v2::write(fields);
}

TEST(WechatV2Vectors, EveryNoticeIsAcknowledgedExactlyUnderBothAlgorithms) {
    for (const std::string sign_type : {"MD5", "HMAC-SHA256"}) {
        SCOPED_TRACE(sign_type);
        Rig rig{vector_now()};
        Keys keys;
        keys.v2_sign_type = sign_type;
        rig.start(section(rig, keys));
        std::vector<Delivery> deliveries;
        for (const auto& [name, kind] : v2_paths()) {
            const auto xml = data("wechat-pay/bodies/" + name + ".xml");
            deliveries.push_back(v2_delivery(name, kind, sign_type == "MD5" ? xml : signed_by_hmac(xml)));
        }
        deliver_twice(rig, deliveries, 5);
    }
}

TEST(WechatV2Vectors, AChangedNoticeAForeignKeyAndDangerousXmlAreRefused) {
    Rig rig{vector_now()};
    rig.start(section(rig, {}));
    std::vector<Delivery> deliveries;
    for (const auto& [name, kind] : v2_paths()) {
        auto xml = data("wechat-pay/bodies/" + name + ".xml");
        const auto digit = kind == "refund" ? xml.find("WBzGpzQu") : xml.find("1900009191");
        xml[digit] = kind == "refund" ? 'X' : '2';
        deliveries.push_back(v2_delivery(name + " changed", kind, xml, 401));
        auto fields = v2::read(data("wechat-pay/bodies/" + name + ".xml")).value();
        if (fields.contains("sign")) {
            fields["sign"] = v2::sign(fields, "0123456789abcdef0123456789abcdef", v2::SignType::md5);
            deliveries.push_back(
                v2_delivery(name + " signed with another key", kind, v2::write(fields), 401));
            fields.erase("sign");
            deliveries.push_back(v2_delivery(name + " without sign", kind, v2::write(fields), 401));
        }
    }
    const std::string entity =
        "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><xml><return_code>&x;</return_code></xml>";
    for (const std::string& body :
         {std::string{}, std::string{"hello"}, std::string{"<xml><return_code>SUCCESS"}, entity})
        deliveries.push_back(v2_delivery("malformed", "deduction", body, 400));
    deliver_twice(rig, deliveries, 0);
}

}  // namespace
}  // namespace wefee::server::tests
