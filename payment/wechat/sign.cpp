// APIv3 messages, headers and their verification.
#include "payment/wechat/sign.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "io/encoding.hpp"

namespace wefee::payment::wechat {

namespace {

bool same_name(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

struct Wanted {
    std::string_view name;
    std::string_view value;
    int count = 0;
};

// Requests carry views and responses strings; both are walked here.
template <class Headers>
SignatureCheck collect(const Headers& headers, SignedHeaders& out) {
    std::array<Wanted, 5> wanted{Wanted{"Wechatpay-Timestamp", {}}, Wanted{"Wechatpay-Nonce", {}},
                                 Wanted{"Wechatpay-Serial", {}}, Wanted{"Wechatpay-Signature", {}},
                                 Wanted{"Wechatpay-Signature-Type", {}}};
    for (const auto& [name, value] : headers)
        for (Wanted& one : wanted)
            if (same_name(name, one.name)) {
                one.value = value;
                ++one.count;
            }
    for (std::size_t i = 0; i < 4; ++i)
        if (wanted[i].count != 1 || wanted[i].value.empty()) return SignatureCheck::headers;
    if (wanted[4].count > 1) return SignatureCheck::headers;
    // Absent means RSA; anything else that a message might choose is not ours to accept.
    if (wanted[4].count == 1 && wanted[4].value != signature_scheme) return SignatureCheck::signature_type;
    out = {wanted[0].value, wanted[1].value, wanted[2].value, wanted[3].value};
    return SignatureCheck::good;
}

std::optional<Instant> parse_timestamp(std::string_view text) {
    std::int64_t seconds{};
    if (text.empty() || text.size() > 12 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return Instant{std::chrono::seconds{seconds}};
}

bool in_window(std::string_view timestamp, Instant now) {
    const auto at = parse_timestamp(timestamp);
    return at && *at - now <= clock_tolerance && now - *at <= clock_tolerance;
}

bool holds(const io::PublicKey& key, const SignedHeaders& headers, std::string_view body) {
    const auto signature = io::base64_decode(headers.signature);
    // Unused bits of the last digit must be zero: one signature has one spelling.
    return signature && io::base64_encode(*signature) == headers.signature &&
           key.verify_sha256(provider_message(headers.timestamp, headers.nonce, body), *signature);
}

// Cuts `name="value"` off the front of `rest`.
std::optional<std::pair<std::string_view, std::string_view>> next_pair(std::string_view& rest) {
    const auto equals = rest.find("=\"");
    if (equals == std::string_view::npos) return std::nullopt;
    const auto quote = rest.find('"', equals + 2);
    if (quote == std::string_view::npos) return std::nullopt;
    const std::pair pair{rest.substr(0, equals), rest.substr(equals + 2, quote - equals - 2)};
    rest.remove_prefix(quote + 1);
    if (rest.empty()) return pair;
    if (rest.front() != ',') return std::nullopt;
    rest.remove_prefix(1);
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    return pair;
}

}  // namespace

std::string request_message(std::string_view method, std::string_view target, std::string_view timestamp,
                            std::string_view nonce, std::string_view body) {
    return fmt::format("{}\n{}\n{}\n{}\n{}\n", method, target, timestamp, nonce, body);
}

std::string provider_message(std::string_view timestamp, std::string_view nonce, std::string_view body) {
    std::string message;
    message.reserve(timestamp.size() + nonce.size() + body.size() + 3);
    message.append(timestamp).append("\n").append(nonce).append("\n").append(body).append("\n");
    return message;
}

std::string pay_message(std::string_view appid, std::string_view timestamp, std::string_view nonce,
                        std::string_view package) {
    return fmt::format("{}\n{}\n{}\n{}\n", appid, timestamp, nonce, package);
}

std::string sign_base64(const io::PrivateKey& key, std::string_view message) {
    return io::base64_encode(key.sign_sha256(message));
}

std::string write_authorization(const Authorization& parts) {
    return fmt::format(R"({} mchid="{}",nonce_str="{}",timestamp="{}",serial_no="{}",signature="{}")",
                       signature_scheme, parts.mchid, parts.nonce, parts.timestamp, parts.serial,
                       parts.signature);
}

std::optional<Authorization> parse_authorization(std::string_view header) {
    if (!header.starts_with(signature_scheme)) return std::nullopt;
    header.remove_prefix(signature_scheme.size());
    if (!header.starts_with(' ')) return std::nullopt;
    header.remove_prefix(1);
    Authorization parts;
    const std::array<std::pair<std::string_view, std::string*>, 5> known{
        std::pair{std::string_view{"mchid"}, &parts.mchid},
        {"nonce_str", &parts.nonce},
        {"timestamp", &parts.timestamp},
        {"serial_no", &parts.serial},
        {"signature", &parts.signature}};
    while (!header.empty()) {
        const auto pair = next_pair(header);
        if (!pair) return std::nullopt;
        std::string* target = nullptr;
        for (const auto& [name, value] : known)
            if (name == pair->first) target = value;
        if (target == nullptr || !target->empty() || pair->second.empty()) return std::nullopt;
        *target = pair->second;
    }
    for (const auto& [name, value] : known)
        if (value->empty()) return std::nullopt;
    return parts;
}

io::Headers signature_headers(const io::PrivateKey& key, std::string_view serial, Instant now,
                              std::string_view nonce, std::string_view body) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const std::string timestamp = std::to_string(seconds);
    return {{"Wechatpay-Timestamp", timestamp},
            {"Wechatpay-Nonce", std::string(nonce)},
            {"Wechatpay-Serial", std::string(serial)},
            {"Wechatpay-Signature", sign_base64(key, provider_message(timestamp, nonce, body))},
            {"Wechatpay-Signature-Type", std::string(signature_scheme)}};
}

std::string_view signature_check_name(SignatureCheck check) {
    switch (check) {
        case SignatureCheck::good:
            return "good";
        case SignatureCheck::headers:
            return "headers";
        case SignatureCheck::signature_type:
            return "signature_type";
        case SignatureCheck::timestamp:
            return "timestamp";
        case SignatureCheck::serial:
            return "serial";
        case SignatureCheck::probe:
            return "probe";
        case SignatureCheck::signature:
            return "signature";
    }
    return "signature";
}

SignatureCheck collect_signature(const io::Request& request, SignedHeaders& out) {
    return collect(request.headers, out);
}

SignatureCheck collect_signature(const io::Headers& headers, SignedHeaders& out) {
    return collect(headers, out);
}

SignatureCheck check_signature(const SignedHeaders& headers, std::string_view body, const KeyRing& keys,
                               Instant now) {
    if (!in_window(headers.timestamp, now)) return SignatureCheck::timestamp;
    const io::PublicKey* key = keys.find(headers.serial);
    if (key == nullptr) return SignatureCheck::serial;
    if (holds(*key, headers, body)) return SignatureCheck::good;
    return headers.signature.starts_with(probe_prefix) ? SignatureCheck::probe : SignatureCheck::signature;
}

}  // namespace wefee::payment::wechat
