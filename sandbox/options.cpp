#include "sandbox/options.hpp"

#include "io/crypto.hpp"
#include "io/encoding.hpp"

namespace wefee::sandbox {
namespace {

/// Any test clock lies inside.
constexpr std::int64_t valid_from = 1'577'836'800;   // 2020-01-01
constexpr std::int64_t valid_until = 2'524'608'000;  // 2050-01-01

std::string public_pem(const io::PrivateKey& key) {
    const auto base64 = io::base64_encode(key.public_key().der());
    std::string pem = "-----BEGIN PUBLIC KEY-----\n";
    for (std::size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
    return pem + "-----END PUBLIC KEY-----\n";
}

std::string digits(std::size_t count) {
    std::string text;
    for (const char byte : io::random_bytes(count))
        text += static_cast<char>('0' + static_cast<unsigned char>(byte) % 10);
    return text;
}

/// The last character carries unused bits that are not zero: decoders that insist on zero must not pass.
std::string encoding_aes_key() { return io::random_alphanumeric(42) + "B"; }

}  // namespace

void Options::point_at(const std::string& base) {
    server_url = base;
    contract_ended_url = base + "/webhooks/wechatpay/v2/contract";
    alipay_gateway_url = base + "/webhooks/alipay/gateway";
    wecom_command_url = base + "/webhooks/wecom/command";
    wecom_data_url = base + "/webhooks/wecom/data";
    wecom_app_url = base + "/webhooks/wecom/app";
    wecom_system_url = base + "/webhooks/wecom/system";
}

Keys Keys::generate() {
    const auto draw = [] { return io::PrivateKey::generate_rsa().to_pem(); };
    return with({.merchant = draw(),
                 .platform_1 = draw(),
                 .platform_2 = draw(),
                 .wechat = draw(),
                 .alipay_app = draw(),
                 .alipay = draw(),
                 .foreign = draw()});
}

Keys Keys::with(const PrivateKeys& given) {
    Keys keys;
    keys.merchant_private_key = given.merchant;
    keys.merchant_serial = io::hex_upper(io::random_bytes(20));
    keys.platform_private_keys = {given.platform_1, given.platform_2};
    for (std::size_t i = 0; i < keys.platform_private_keys.size(); ++i) {
        const auto key = io::PrivateKey::parse(keys.platform_private_keys[i]);
        const auto serial = "5" + io::hex_upper(io::random_bytes(20)).substr(1);
        const auto certificate = io::Certificate::self_signed(key, "sandbox platform certificate", serial,
                                                              valid_from, valid_until);
        keys.platform_certificates[i] = certificate.to_pem();
        keys.platform_serials[i] = certificate.serial_hex();
    }
    keys.wechat_private_key = given.wechat;
    keys.wechat_public_key = public_pem(io::PrivateKey::parse(given.wechat));
    keys.wechat_public_key_id = "PUB_KEY_ID_0" + digits(30);
    keys.api_v3_key = io::random_alphanumeric(32);
    keys.api_v2_key = io::random_alphanumeric(32);
    keys.alipay_app_private_key = given.alipay_app;
    keys.alipay_private_key = given.alipay;
    keys.alipay_public_key = public_pem(io::PrivateKey::parse(given.alipay));
    keys.suite_secret = io::random_alphanumeric(43);
    keys.provider_secret = io::random_alphanumeric(64);
    keys.suite_token = io::random_alphanumeric(32);
    keys.suite_aes_key = encoding_aes_key();
    keys.provider_token = io::random_alphanumeric(32);
    keys.provider_aes_key = encoding_aes_key();
    keys.miniprogram_secret = io::random_alphanumeric(32);
    keys.foreign_private_key = given.foreign;
    return keys;
}

}  // namespace wefee::sandbox
