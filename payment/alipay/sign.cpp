// Signing and assembling requests.
#include "payment/alipay/sign.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace wefee::payment::alipay {

namespace {

void add(io::Fields& fields, std::string_view name, std::string_view value) {
    if (!value.empty()) fields.emplace_back(name, value);
}

io::Fields all_params(const SignedCall& call) {
    io::Fields all = call.query;
    all.insert(all.end(), call.body.begin(), call.body.end());
    return all;
}

std::string html_escape(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

constexpr std::size_t aes_block = 16;
constexpr std::string_view zero_iv{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", aes_block};

}  // namespace

std::string request_text(const io::Fields& params) {
    std::vector<const std::pair<std::string, std::string>*> sorted;
    sorted.reserve(params.size());
    for (const auto& param : params)
        if (param.first != "sign" && !param.second.empty()) sorted.push_back(&param);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    std::string text;
    for (const auto* param : sorted) {
        if (!text.empty()) text += '&';
        text.append(param->first).append("=").append(param->second);
    }
    return text;
}

SignedCall sign_call(const Identity& identity, const Call& call, Instant now) {
    SignedCall signed_call;
    auto& query = signed_call.query;
    add(query, "method", call.method);
    add(query, "app_id", identity.app_id);
    add(query, "charset", "utf-8");
    add(query, "version", "1.0");
    add(query, "sign_type", "RSA2");
    add(query, "timestamp", format_local(now));
    add(query, "notify_url", call.notify_url);
    add(query, "return_url", call.return_url);
    add(query, "app_cert_sn", identity.app_cert_sn);
    add(query, "alipay_root_cert_sn", identity.alipay_root_cert_sn);
    add(query, "app_auth_token", call.app_auth_token);
    auto& body = signed_call.body;
    add(body, "alipay_sdk", call.alipay_sdk);
    if (call.encrypted) {
        if (!identity.aes_key) throw std::invalid_argument("alipay: content encryption without a key");
        add(body, "encrypt_type", "AES");
        add(body, "biz_content", seal_content(*identity.aes_key, call.biz_content));
    } else {
        add(body, "biz_content", call.biz_content);
    }
    const auto text = request_text(all_params(signed_call));
    query.emplace_back("sign", io::base64_encode(identity.app_key.sign_sha256(text)));
    return signed_call;
}

std::string encode_form(const io::Fields& fields) {
    std::string out;
    for (const auto& [name, value] : fields) {
        if (!out.empty()) out += '&';
        out.append(io::form_encode(name)).append("=").append(io::form_encode(value));
    }
    return out;
}

io::ClientRequest post_request(std::string_view gateway_url, const SignedCall& call) {
    return {.method = "POST",
            .url = std::string(gateway_url) + "?" + encode_form(call.query),
            .headers = {{"Content-Type", "application/x-www-form-urlencoded;charset=utf-8"}},
            .body = encode_form(call.body)};
}

std::string page_url(std::string_view gateway_url, const SignedCall& call) {
    return std::string(gateway_url) + "?" + encode_form(all_params(call));
}

std::string page_form(std::string_view gateway_url, const SignedCall& call) {
    std::string html = "<form action=\"" +
                       html_escape(std::string(gateway_url) + "?" + encode_form(call.query)) +
                       "\" method=\"post\" name=\"alipaySubmit\" accept-charset=\"utf-8\">\n";
    for (const auto& [name, value] : call.body)
        html += "<input type=\"hidden\" name=\"" + html_escape(name) + "\" value=\"" + html_escape(value) +
                "\">\n";
    html += "</form>\n<script>document.forms.alipaySubmit.submit();</script>\n";
    return html;
}

std::string order_string(const SignedCall& call) {
    std::string out;
    const auto append = [&](const std::pair<std::string, std::string>& param) {
        if (!out.empty()) out += '&';
        out.append(param.first).append("=").append(io::percent_encode(param.second));
    };
    for (const auto& param : call.query)
        if (param.first != "sign") append(param);
    for (const auto& param : call.body) append(param);
    for (const auto& param : call.query)
        if (param.first == "sign") append(param);
    return out;
}

std::string signing_deep_link(std::string_view signed_url) {
    const auto mark = signed_url.find('?');
    if (mark == std::string_view::npos) throw std::invalid_argument("alipay: a signed address has a query");
    return "alipays://platformapi/startapp?appId=60000157&appClearTop=false&startMultApp=YES&sign_params=" +
           io::percent_encode(signed_url.substr(mark + 1));
}

bool request_signature_holds(const io::Fields& params, const io::PublicKey& app_key) {
    const auto* sign_type = io::find_field(params, "sign_type");
    const auto* sign = io::find_field(params, "sign");
    if (sign_type == nullptr || *sign_type != "RSA2" || sign == nullptr) return false;
    const auto signature = io::base64_decode(*sign);
    return signature && app_key.verify_sha256(request_text(params), *signature);
}

std::string seal_content(std::string_view key16, std::string_view plain) {
    const auto padding = aes_block - plain.size() % aes_block;
    std::string padded(plain);
    padded.append(padding, static_cast<char>(padding));
    return io::base64_encode(io::cbc_encrypt(key16, zero_iv, padded));
}

std::optional<std::string> open_content(std::string_view key16, std::string_view base64_text) {
    const auto cipher = io::base64_decode(base64_text);
    if (!cipher || cipher->empty() || cipher->size() % aes_block != 0) return std::nullopt;
    auto plain = io::cbc_decrypt(key16, zero_iv, *cipher);
    const auto padding = static_cast<unsigned char>(plain.back());
    if (padding == 0 || padding > aes_block) return std::nullopt;
    const auto is_padding = [&](char c) { return static_cast<unsigned char>(c) == padding; };
    if (!std::all_of(plain.end() - padding, plain.end(), is_padding)) return std::nullopt;
    plain.resize(plain.size() - padding);
    return plain;
}

}  // namespace wefee::payment::alipay
