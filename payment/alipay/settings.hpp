// What the Alipay adapter is configured with. Plain values: files are read and keys parsed before.
#pragma once

#include <optional>
#include <string>

#include "io/crypto.hpp"

namespace wefee::payment::alipay {

/// Key mode: `alipay_public_key`. Certificate mode: the three certificate texts. Never both.
struct Settings {
    std::string gateway_url = "https://openapi.alipay.com/gateway.do";
    std::string app_id;
    std::string seller_id;  // our PID (2088...)
    io::PrivateKey app_private_key;
    std::optional<io::PublicKey> alipay_public_key = std::nullopt;  // Alipay's, never our application's own
    std::string app_certificate = "";             // contents of appCertPublicKey_<appid>.crt
    std::string alipay_certificate = "";          // contents of alipayCertPublicKey_RSA2.crt (leaf first)
    std::string alipay_root_certificates = "";    // contents of alipayRootCert.crt
    std::string aes_key = "";                     // base64 of 16 bytes; empty: no content encryption
    std::string product_code = "CYCLE_PAY_AUTH";  // or GENERAL_WITHHOLDING
    std::string personal_product_code = "CYCLE_PAY_AUTH_P";  // or GENERAL_WITHHOLDING_P
    std::string sign_scene = "INDUSTRY|DEFAULT_SCENE";       // as agreed with Alipay
    std::string sign_channel = "QRCODEORSMS";         // QRCODE, QRCODEORSMS: https page; ALIPAYAPP: deep link
    std::string qr_product_code = "QR_CODE_OFFLINE";  // older contracts: FACE_TO_FACE_PAYMENT
    std::string unsign_notify_url = "";               // empty: Alipay tells the application gateway
};

}  // namespace wefee::payment::alipay
