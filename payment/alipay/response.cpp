// Reading the gateway's answers: cut, verify, decrypt, then parse.
#include "payment/alipay/response.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "payment/alipay/json_scan.hpp"
#include "payment/alipay/sign.hpp"

namespace wefee::payment::alipay {

namespace {

// alipay.trade.pay -> alipay_trade_pay_response
std::string node_name(std::string_view method) {
    std::string name(method);
    std::replace(name.begin(), name.end(), '.', '_');
    return name + "_response";
}

// The content of a JSON string without escapes: signatures and serial numbers have none, but a "\/" of
// base64.
std::optional<std::string> plain_string(std::string_view quoted) {
    const auto parsed = nlohmann::json::parse(quoted, nullptr, false);
    if (!parsed.is_string()) return std::nullopt;
    return parsed.get<std::string>();
}

std::string unescape_slashes(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            // "\\" is one pair: its second backslash escapes nothing
            if (text[i + 1] != '/') out += text[i];
            ++i;
        }
        out += text[i];
    }
    return out;
}

Trust judge(const Cut& cut, const io::PublicKey& alipay_key) {
    if (cut.sign.empty()) return Trust::unsigned_error;
    const auto text = plain_string(cut.sign);
    const auto signature = text ? io::base64_decode(*text) : std::nullopt;
    if (!signature || signature->empty()) return Trust::bad_signature;
    if (alipay_key.verify_sha256(cut.node, *signature)) return Trust::signed_as_is;
    if (cut.node.find("\\/") == std::string_view::npos) return Trust::bad_signature;
    return alipay_key.verify_sha256(unescape_slashes(cut.node), *signature) ? Trust::signed_unescaped
                                                                            : Trust::bad_signature;
}

// Top-level strings and integers of the node; false when it is not an object.
bool read_fields(const std::string& node, io::Fields& fields) {
    const auto parsed = nlohmann::json::parse(node, nullptr, false);
    if (!parsed.is_object()) return false;
    for (const auto& [name, value] : parsed.items()) {
        if (value.is_string())
            fields.emplace_back(name, value.get<std::string>());
        else if (value.is_number_integer())
            fields.emplace_back(name, value.dump());
    }
    return true;
}

}  // namespace

std::string_view trust_name(Trust trust) {
    switch (trust) {
        case Trust::signed_as_is:
            return "signed_as_is";
        case Trust::signed_unescaped:
            return "signed_unescaped";
        case Trust::unsigned_error:
            return "unsigned_error";
        case Trust::bad_signature:
            return "bad_signature";
        case Trust::unreadable:
            return "unreadable";
    }
    return "unreadable";
}

std::string_view Answer::field(std::string_view name) const {
    const auto* value = io::find_field(fields, name);
    return value == nullptr ? std::string_view{} : std::string_view(*value);
}

std::optional<Cut> cut_response(std::string_view raw, std::string_view method) {
    const auto members = scan_object(raw);
    if (!members) return std::nullopt;
    const auto wanted = node_name(method);
    Cut cut;
    for (const auto& member : *members) {
        const bool is_error = member.name == "error_response";
        if (member.name == wanted || is_error) {
            if (!cut.node.empty()) return std::nullopt;  // both: which one would be meant?
            cut.node = member.value;
            cut.error_node = is_error;
        } else if (member.name == "sign") {
            cut.sign = member.value;
        } else if (member.name == "alipay_cert_sn") {
            cut.cert_sn = member.value;
        }
    }
    if (cut.node.empty() || (cut.node.front() != '{' && cut.node.front() != '"')) return std::nullopt;
    return cut;
}

Answer read_response(std::string_view raw, std::string_view method, const io::PublicKey& alipay_key,
                     const std::optional<std::string>& aes_key) {
    Answer answer;
    const auto cut = cut_response(raw, method);
    if (!cut) return answer;
    answer.error_node = cut->error_node;
    if (!cut->cert_sn.empty()) answer.cert_sn = plain_string(cut->cert_sn).value_or("");
    const auto trust = judge(*cut, alipay_key);
    answer.node = std::string(cut->node);
    if (cut->node.front() == '"') {
        const bool verified = trust == Trust::signed_as_is || trust == Trust::signed_unescaped;
        if (!verified) {  // nothing unverified is decrypted
            answer.trust = trust;
            return answer;
        }
        const auto cipher = aes_key ? plain_string(cut->node) : std::nullopt;
        auto plain = cipher ? open_content(*aes_key, *cipher) : std::nullopt;
        // Decrypted text is under the same rules as received text.
        if (!plain || !scan_object(*plain)) return answer;
        answer.node = std::move(*plain);
    }
    if (read_fields(answer.node, answer.fields)) answer.trust = trust;
    return answer;
}

std::string write_response(std::string_view method, std::string_view node, const io::PrivateKey& alipay_key,
                           std::string_view cert_sn, const std::optional<std::string>& aes_key) {
    std::string value = aes_key ? "\"" + seal_content(*aes_key, node) + "\"" : std::string(node);
    std::string out = "{\"" + node_name(method) + "\":" + value;
    if (!cert_sn.empty()) out += ",\"alipay_cert_sn\":\"" + std::string(cert_sn) + "\"";
    return out + ",\"sign\":\"" + io::base64_encode(alipay_key.sign_sha256(value)) + "\"}";
}

}  // namespace wefee::payment::alipay
