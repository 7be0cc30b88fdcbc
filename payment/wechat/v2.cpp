// Reading, writing, signing and checking of APIv2 messages.
#include "payment/wechat/v2.hpp"

#include <stdexcept>

#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "payment/text.hpp"
#include "payment/xml_guard.hpp"

namespace wefee::payment::wechat::v2 {

namespace {

bool is_field_name(std::string_view name) {
    if (name.empty() || name.size() > 64) return false;
    for (const char c : name) {
        const bool fits =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!fits) return false;
    }
    return true;
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}

SignType other(SignType type) { return type == SignType::md5 ? SignType::hmac_sha256 : SignType::md5; }

void append_cdata(std::string& out, std::string_view value) {
    out += "<![CDATA[";
    for (std::size_t end; (end = value.find("]]>")) != std::string_view::npos; value.remove_prefix(end + 2)) {
        out += value.substr(0, end + 2);
        out += "]]><![CDATA[";  // the terminator is split over two sections
    }
    out += value;
    out += "]]>";
}

void require_writable(std::string_view name, std::string_view value) {
    if (!is_field_name(name)) throw std::invalid_argument("a field has a name that XML cannot carry");
    const Utf8 seen = inspect_utf8(value);
    if (!seen.well_formed) throw std::invalid_argument(std::string(name) + ": is not UTF-8");
    if (seen.supplementary)
        throw std::invalid_argument(std::string(name) + ": holds a character of 4 bytes (emoji)");
    if (value.find('\0') != std::string_view::npos)
        throw std::invalid_argument(std::string(name) + ": holds a NUL");
}

}  // namespace

std::string_view sign_type_name(SignType type) { return type == SignType::md5 ? "MD5" : "HMAC-SHA256"; }

std::optional<SignType> parse_sign_type(std::string_view name) {
    if (name == "MD5") return SignType::md5;
    if (name == "HMAC-SHA256") return SignType::hmac_sha256;
    return std::nullopt;
}

std::string_view value_of(const Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string_view{} : std::string_view{found->second};
}

std::string string_to_sign(const Fields& fields, std::string_view key) {
    std::string text;
    for (const auto& [name, value] : fields) {
        if (value.empty() || name == "sign") continue;
        text.append(name).append("=").append(value).append("&");
    }
    text.append("key=").append(key);
    return text;
}

std::string sign(const Fields& fields, std::string_view key, SignType type) {
    const std::string text = string_to_sign(fields, key);
    if (type == SignType::md5) return upper(io::md5_hex(text));
    return io::hex_upper(io::hmac_sha256(key, text));
}

SignCheck check_sign(const Fields& fields, std::string_view key, SignType configured, bool accept_other) {
    const std::string given = upper(value_of(fields, "sign"));
    if (given.empty() || key.empty()) return SignCheck::bad;
    const auto named = fields.find("sign_type");
    if (named != fields.end() && !named->second.empty() && !parse_sign_type(named->second))
        return SignCheck::bad;
    if (io::equal_constant_time(given, sign(fields, key, configured))) return SignCheck::good;
    if (accept_other && io::equal_constant_time(given, sign(fields, key, other(configured))))
        return SignCheck::good_with_other_algorithm;
    return SignCheck::bad;
}

std::optional<Fields> read(std::string_view xml, std::string_view root) {
    auto elements = read_flat_xml(xml, root);
    if (!elements) return std::nullopt;
    Fields fields;
    for (auto& [name, value] : *elements) {
        if (!is_field_name(name)) return std::nullopt;
        fields.emplace(std::move(name), std::move(value));
    }
    return fields;
}

std::string write(const Fields& fields, std::string_view root) {
    std::string xml;
    xml.append("<").append(root).append(">");
    for (const auto& [name, value] : fields) {
        require_writable(name, value);
        xml.append("<").append(name).append(">");
        append_cdata(xml, value);
        xml.append("</").append(name).append(">");
    }
    return xml.append("</").append(root).append(">");
}

std::string seal_req_info(std::string_view plain_xml, std::string_view api_v2_key) {
    return io::base64_encode(io::ecb_encrypt(io::md5_hex(api_v2_key), plain_xml));
}

std::optional<std::string> open_req_info(std::string_view req_info, std::string_view api_v2_key) {
    const auto cipher = io::base64_decode(req_info);
    if (!cipher || cipher->empty() || cipher->size() % 16 != 0) return std::nullopt;
    return io::ecb_decrypt(io::md5_hex(api_v2_key), *cipher);
}

}  // namespace wefee::payment::wechat::v2
