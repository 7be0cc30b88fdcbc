// Certificate serial numbers and the two credential modes of Alipay's v2 gateway, checked once at start-up.
// Source: Alipay Open Platform, "public key certificate mode" (common/02mse7, common/055cla).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/crypto.hpp"
#include "payment/alipay/settings.hpp"

namespace wefee::payment::alipay {

/// Lower-case hex MD5 of the issuer (RFC 2253, unescaped) followed by the serial number in decimal.
std::string certificate_sn(const io::Certificate& certificate);

/// alipay_root_cert_sn: the SNs of the RSA-signed certificates of the bundle in file order, joined by '_'.
/// SM2 and ECDSA roots do not count; nothing is verified (one of the RSA roots is signed with SHA-1).
std::string root_bundle_sn(const std::vector<io::Certificate>& bundle);

/// What signs our requests and verifies Alipay's messages.
struct Identity {
    std::string app_id;
    io::PrivateKey app_key;
    io::PublicKey alipay_key;
    std::string app_cert_sn = "";                       // certificate mode only, else empty
    std::string alipay_root_cert_sn = "";               // likewise
    std::string alipay_cert_sn = "";                    // likewise: of the configured Alipay certificate
    std::optional<std::string> aes_key = std::nullopt;  // 16 raw bytes
};

/// Every mistake in the settings, one sentence each that names the setting; empty when fit to start. Refuses
/// above all an Alipay public key that is our own application's public half.
std::vector<std::string> self_check(const Settings& settings);

/// Throws std::invalid_argument with all mistakes of self_check.
Identity make_identity(const Settings& settings);

}  // namespace wefee::payment::alipay
