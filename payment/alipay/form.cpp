// Decoding and verifying signed forms. This is the hot path of the callback: one buffer, one sort, one text.
#include "payment/alipay/form.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wefee::payment::alipay {

namespace {

constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

constexpr auto plain_characters = [] {
    std::array<bool, 256> plain{};
    plain.fill(true);
    plain['+'] = plain['%'] = false;
    return plain;
}();

// Decodes one name or value to `out`; nullptr on a broken %XX.
char* decode(std::string_view text, char* out) {
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        while (at != end && plain_characters[static_cast<unsigned char>(*at)]) *out++ = *at++;
        if (at == end) return out;
        if (*at == '+') {
            *out++ = ' ';
            ++at;
            continue;
        }
        if (end - at < 3) return nullptr;
        const int high = hex_value(at[1]);
        const int low = hex_value(at[2]);
        if (high < 0 || low < 0) return nullptr;
        *out++ = static_cast<char>(high * 16 + low);
        at += 3;
    }
}

bool by_name(const ReceivedForm::Parameter& a, const ReceivedForm::Parameter& b) { return a.name < b.name; }

bool takes_part(const ReceivedForm::Parameter& parameter, SignRule rule) {
    if (parameter.name == "sign" || parameter.name == "alipay_cert_sn") return false;
    if (parameter.name == "sign_type") return rule == SignRule::keep_sign_type;
    return rule != SignRule::drop_empty || !parameter.value.empty();
}

// Base64 of one spelling only: the last character before the padding must not carry bits that decoding drops.
std::optional<std::string> decode_signature(std::string_view base64) {
    const auto padding = base64.size() - base64.find_last_not_of('=') - 1;
    constexpr std::array<std::string_view, 2> clean_last{"AEIMQUYcgkosw048", "AQgw"};
    if (padding == 1 || padding == 2) {
        const char last = base64[base64.size() - padding - 1];
        if (clean_last[padding - 1].find(last) == std::string_view::npos) return std::nullopt;
    }
    return io::base64_decode(base64);
}

}  // namespace

std::optional<ReceivedForm> ReceivedForm::parse(std::string_view raw) {
    ReceivedForm form;
    form.decoded_ = std::make_unique_for_overwrite<char[]>(raw.size() + 1);  // decoding never grows
    form.parameters_.reserve(48);
    char* out = form.decoded_.get();
    for (std::size_t start = 0; start < raw.size();) {
        const auto end = std::min(raw.find('&', start), raw.size());
        const auto part = raw.substr(start, end - start);
        start = end + 1;
        if (part.empty()) continue;
        const auto equals = std::min(part.find('='), part.size());
        char* const name = out;
        char* const value = decode(part.substr(0, equals), name);
        if (value == nullptr || value == name) return std::nullopt;
        out = equals < part.size() ? decode(part.substr(equals + 1), value) : value;
        if (out == nullptr || form.parameters_.size() == parameters_max) return std::nullopt;
        form.parameters_.push_back(
            {{name, static_cast<std::size_t>(value - name)}, {value, static_cast<std::size_t>(out - value)}});
    }
    auto& parameters = form.parameters_;
    std::sort(parameters.begin(), parameters.end(), by_name);
    const auto twice =
        std::adjacent_find(parameters.begin(), parameters.end(),
                           [](const Parameter& a, const Parameter& b) { return a.name == b.name; });
    if (parameters.empty() || twice != parameters.end()) return std::nullopt;
    return form;
}

const ReceivedForm::Parameter* ReceivedForm::find(std::string_view name) const {
    const auto found = std::lower_bound(parameters_.begin(), parameters_.end(), Parameter{name, {}}, by_name);
    return found != parameters_.end() && found->name == name ? &*found : nullptr;
}

std::string_view ReceivedForm::value(std::string_view name) const {
    const auto* parameter = find(name);
    return parameter == nullptr ? std::string_view{} : parameter->value;
}

std::string_view sign_rule_name(SignRule rule) {
    switch (rule) {
        case SignRule::v1:
            return "v1";
        case SignRule::drop_empty:
            return "drop_empty";
        case SignRule::keep_sign_type:
            return "keep_sign_type";
    }
    return "v1";
}

std::string_view form_fault_name(FormFault fault) {
    switch (fault) {
        case FormFault::sign_missing:
            return "sign_missing";
        case FormFault::sign_malformed:
            return "sign_malformed";
        case FormFault::sign_type:
            return "sign_type";
        case FormFault::signature:
            return "signature";
    }
    return "signature";
}

std::string signed_text(const ReceivedForm& form, SignRule rule) {
    std::size_t size = 0;
    for (const auto& parameter : form.parameters())
        size += parameter.name.size() + parameter.value.size() + 2;
    std::string text;
    text.reserve(size);
    for (const auto& parameter : form.parameters()) {
        if (!takes_part(parameter, rule)) continue;
        if (!text.empty()) text += '&';
        text.append(parameter.name).append(1, '=').append(parameter.value);
    }
    return text;
}

std::expected<SignRule, FormFault> verify_form(const ReceivedForm& form, const io::PublicKey& alipay_key) {
    const auto sign = form.value("sign");
    if (sign.empty()) return std::unexpected(FormFault::sign_missing);
    const bool has_sign_type = form.has("sign_type");
    if (has_sign_type && form.value("sign_type") != "RSA2") return std::unexpected(FormFault::sign_type);
    const auto signature = decode_signature(sign);
    if (!signature) return std::unexpected(FormFault::sign_malformed);

    const auto holds = [&](SignRule rule) {
        return alipay_key.verify_sha256(signed_text(form, rule), *signature);
    };
    if (holds(SignRule::v1)) return SignRule::v1;
    const auto& parameters = form.parameters();
    const bool has_empty = std::any_of(parameters.begin(), parameters.end(),
                                       [](const auto& parameter) { return parameter.value.empty(); });
    if (has_empty && holds(SignRule::drop_empty)) return SignRule::drop_empty;
    if (has_sign_type && holds(SignRule::keep_sign_type)) return SignRule::keep_sign_type;
    return std::unexpected(FormFault::signature);
}

std::string write_signed_form(io::Fields params, const io::PrivateKey& alipay_key, SignRule rule) {
    std::erase_if(params, [](const auto& param) { return param.first == "sign"; });
    std::vector<ReceivedForm::Parameter> sorted;
    for (const auto& [name, value] : params) sorted.push_back({name, value});
    std::sort(sorted.begin(), sorted.end(), by_name);
    std::string text;
    for (const auto& parameter : sorted) {
        if (!takes_part(parameter, rule)) continue;
        if (!text.empty()) text += '&';
        text.append(parameter.name).append(1, '=').append(parameter.value);
    }
    params.emplace_back("sign", io::base64_encode(alipay_key.sign_sha256(text)));
    std::string form;
    for (const auto& [name, value] : params) {
        if (!form.empty()) form += '&';
        form.append(io::form_encode(name)).append(1, '=').append(io::form_encode(value));
    }
    return form;
}

}  // namespace wefee::payment::alipay
