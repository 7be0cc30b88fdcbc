// Certificate SNs, credential modes and the start-up self-check.
#include "payment/alipay/certs.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "io/encoding.hpp"

namespace wefee::payment::alipay {

std::string certificate_sn(const io::Certificate& certificate) {
    return io::md5_hex(certificate.issuer_rfc2253() + certificate.serial_decimal());
}

std::string root_bundle_sn(const std::vector<io::Certificate>& bundle) {
    std::string joined;
    for (const auto& certificate : bundle) {
        if (!certificate.signature_is_rsa()) continue;
        if (!joined.empty()) joined += '_';
        joined += certificate_sn(certificate);
    }
    return joined;
}

namespace {

using Mistakes = std::vector<std::string>;

bool all_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool certificate_mode(const Settings& settings) {
    return !settings.app_certificate.empty() || !settings.alipay_certificate.empty() ||
           !settings.alipay_root_certificates.empty();
}

// Parses for the check's sake; the parse error itself may quote input, so only the setting is named.
std::optional<std::vector<io::Certificate>> parse_certificates(std::string_view text) {
    try {
        auto parsed = io::Certificate::parse_all(text);
        if (parsed.empty()) return std::nullopt;
        return parsed;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

void check_identity_texts(const Settings& settings, Mistakes& mistakes) {
    if (!all_digits(settings.app_id) || settings.app_id.size() > 32)
        mistakes.emplace_back("alipay.app_id: must be the application's number (digits)");
    if (!all_digits(settings.seller_id) || settings.seller_id.size() > 32)
        mistakes.emplace_back("alipay.seller_id: must be the merchant's PID (digits, 2088...)");
    if (!settings.gateway_url.starts_with("https://") && !settings.gateway_url.starts_with("http://"))
        mistakes.emplace_back("alipay.gateway_url: must be an http(s) address");
    if (settings.gateway_url.find_first_of("?#") != std::string::npos)
        mistakes.emplace_back("alipay.gateway_url: must not have a query of its own");
    if (!settings.aes_key.empty()) {
        const auto key = io::base64_decode(settings.aes_key);
        if (!key || key->size() != 16)
            mistakes.emplace_back("alipay.aes_key: must be the base64 text of 16 bytes");
    }
}

void check_products(const Settings& settings, Mistakes& mistakes) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 2> products{
        {{"CYCLE_PAY_AUTH", "CYCLE_PAY_AUTH_P"}, {"GENERAL_WITHHOLDING", "GENERAL_WITHHOLDING_P"}}};
    const auto known = std::find_if(products.begin(), products.end(), [&](const auto& product) {
        return product.first == settings.product_code;
    });
    if (known == products.end())
        mistakes.emplace_back("alipay.product_code: must be CYCLE_PAY_AUTH or GENERAL_WITHHOLDING");
    else if (known->second != settings.personal_product_code)
        mistakes.emplace_back("alipay.personal_product_code: must be " + std::string(known->second) +
                              " with product_code " + settings.product_code);
    if (settings.sign_scene.empty() || settings.sign_scene == "DEFAULT|DEFAULT")
        mistakes.emplace_back("alipay.sign_scene: must be the scene agreed with Alipay, not DEFAULT|DEFAULT");
    constexpr std::array<std::string_view, 3> channels{"ALIPAYAPP", "QRCODE", "QRCODEORSMS"};
    if (std::find(channels.begin(), channels.end(), settings.sign_channel) == channels.end())
        mistakes.emplace_back("alipay.sign_channel: must be ALIPAYAPP, QRCODE or QRCODEORSMS");
}

void check_key_mode(const Settings& settings, Mistakes& mistakes) {
    if (!settings.alipay_public_key) {
        mistakes.emplace_back("alipay.alipay_public_key_file: missing (or the three certificate files)");
    } else if (settings.alipay_public_key->der() == settings.app_private_key.public_key().der()) {
        mistakes.emplace_back(
            "alipay.alipay_public_key_file: holds our own application public key; Alipay's public key "
            "belongs there");
    }
}

void check_certificate_mode(const Settings& settings, Mistakes& mistakes) {
    if (settings.alipay_public_key)
        mistakes.emplace_back(
            "alipay.alipay_public_key_file: not together with certificate files (one mode at a time)");
    const auto own = parse_certificates(settings.app_certificate);
    const auto alipay = parse_certificates(settings.alipay_certificate);
    const auto roots = parse_certificates(settings.alipay_root_certificates);
    const auto our_public = settings.app_private_key.public_key().der();
    if (!own)
        mistakes.emplace_back("alipay.app_cert_file: missing or not a certificate");
    else if (own->front().public_key().der() != our_public)
        mistakes.emplace_back("alipay.app_cert_file: belongs to another key than app_private_key_file");
    if (!alipay)
        mistakes.emplace_back("alipay.alipay_cert_file: missing or not a certificate");
    else if (alipay->front().public_key().der() == our_public)
        mistakes.emplace_back("alipay.alipay_cert_file: holds our own application certificate");
    if (!roots || root_bundle_sn(*roots).empty())
        mistakes.emplace_back("alipay.alipay_root_cert_file: missing or without an RSA root");
}

}  // namespace

std::vector<std::string> self_check(const Settings& settings) {
    Mistakes mistakes;
    check_identity_texts(settings, mistakes);
    check_products(settings, mistakes);
    // RSA2 asks for 2048 bits: a signature is as long as its key.
    if (settings.app_private_key.sign_sha256("wefee").size() < 256)
        mistakes.emplace_back("alipay.app_private_key_file: RSA2 needs an RSA key of at least 2048 bits");
    if (certificate_mode(settings))
        check_certificate_mode(settings, mistakes);
    else
        check_key_mode(settings, mistakes);
    return mistakes;
}

Identity make_identity(const Settings& settings) {
    if (const auto mistakes = self_check(settings); !mistakes.empty()) {
        std::string all;
        for (const auto& mistake : mistakes) all += (all.empty() ? "" : "; ") + mistake;
        throw std::invalid_argument(all);
    }
    std::optional<std::string> aes_key;
    if (!settings.aes_key.empty()) aes_key = io::base64_decode(settings.aes_key);
    if (!certificate_mode(settings))
        return {.app_id = settings.app_id,
                .app_key = settings.app_private_key,
                .alipay_key = *settings.alipay_public_key,
                .aes_key = std::move(aes_key)};
    const auto alipay = io::Certificate::parse(settings.alipay_certificate);
    return {
        .app_id = settings.app_id,
        .app_key = settings.app_private_key,
        .alipay_key = alipay.public_key(),
        .app_cert_sn = certificate_sn(io::Certificate::parse(settings.app_certificate)),
        .alipay_root_cert_sn = root_bundle_sn(io::Certificate::parse_all(settings.alipay_root_certificates)),
        .alipay_cert_sn = certificate_sn(alipay),
        .aes_key = std::move(aes_key)};
}

}  // namespace wefee::payment::alipay
