// What the Alipay tests share: the vectors, their keys, and settings made of them.
#pragma once

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "payment/alipay/certs.hpp"
#include "payment/alipay/settings.hpp"

namespace wefee::payment::alipay::testing {

inline std::string data(const std::string& path) {
    std::ifstream file(std::string(WEFEE_TEST_DATA) + "/" + path, std::ios::binary);
    if (!file) throw std::runtime_error("no test data: " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline nlohmann::ordered_json json_data(const std::string& path) {
    return nlohmann::ordered_json::parse(data(path));
}

/// The vectors of one kind: "request", "response", "notify".
inline std::vector<nlohmann::ordered_json> vectors(const std::string& kind) {
    std::vector<nlohmann::ordered_json> found;
    for (const auto& vector : json_data("index.json"))
        if (vector["kind"] == kind) found.push_back(vector);
    return found;
}

inline const io::PrivateKey& app_key() {
    static const auto key = io::PrivateKey::parse(data("keys/app_private_pkcs8.pem"));
    return key;
}
inline const io::PublicKey& alipay_key() {
    static const auto key = io::PublicKey::parse(data("keys/alipay_public.pem"));
    return key;
}
/// Plays Alipay.
inline const io::PrivateKey& alipay_private_key() {
    static const auto key = io::PrivateKey::parse(data("keys/alipay_private_pkcs8.pem"));
    return key;
}
inline const io::PrivateKey& wrong_private_key() {
    static const auto key = io::PrivateKey::parse(data("keys/wrong_private_pkcs8.pem"));
    return key;
}

inline Settings key_mode() {
    return {.app_id = "2021000000000001",
            .seller_id = "2088000000000001",
            .app_private_key = app_key(),
            .alipay_public_key = alipay_key()};
}
inline Settings certificate_mode() {
    auto settings = key_mode();
    settings.alipay_public_key.reset();
    settings.app_certificate = data("cert/appCertPublicKey_TEST.crt");
    settings.alipay_certificate = data("cert/alipayCertPublicKey_RSA2_TEST.crt");
    settings.alipay_root_certificates = data("cert/alipayRootCert_TEST.crt");
    return settings;
}
inline Settings encrypted_mode() {
    auto settings = key_mode();
    settings.aes_key = data("keys/aes_key.base64.txt");
    return settings;
}

}  // namespace wefee::payment::alipay::testing
