// Text encodings over lookup tables; strict on input, so that one text has one meaning.
#include "io/encoding.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace wefee::io {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view lower_digits = "0123456789abcdef";
constexpr std::string_view upper_digits = "0123456789ABCDEF";
constexpr std::uint8_t invalid = 0xFF;

using Table = std::array<std::uint8_t, 256>;

constexpr Table base64_values = [] {
    Table table{};
    table.fill(invalid);
    for (std::size_t i = 0; i < base64_alphabet.size(); ++i)
        table[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}();

constexpr Table hex_values = [] {
    Table table{};
    table.fill(invalid);
    for (std::size_t i = 0; i < 16; ++i) {
        table[static_cast<unsigned char>(lower_digits[i])] = static_cast<std::uint8_t>(i);
        table[static_cast<unsigned char>(upper_digits[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}();

constexpr bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::uint8_t value_of(const Table& table, char c) { return table[static_cast<unsigned char>(c)]; }

std::string to_hex(std::string_view data, std::string_view digits) {
    std::string text;
    text.reserve(data.size() * 2);
    for (const char c : data) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

void append_percent(std::string& text, char c) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back('%');
    text.push_back(upper_digits[byte >> 4]);
    text.push_back(upper_digits[byte & 15]);
}

/// Decodes the last group, which alone may carry padding. False when it is not base64.
bool decode_last_group(std::string_view group, std::string& out) {
    const std::size_t padding = group[3] != '=' ? 0 : group[2] == '=' ? 2 : 1;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto value = i >= 4 - padding ? std::uint8_t{0} : value_of(base64_values, group[i]);
        if (value == invalid) return false;
        bits = (bits << 6) | value;
    }
    out.push_back(static_cast<char>(bits >> 16));
    if (padding < 2) out.push_back(static_cast<char>((bits >> 8) & 0xFF));
    if (padding < 1) out.push_back(static_cast<char>(bits & 0xFF));
    return true;
}

}  // namespace

std::string base64_encode(std::string_view data) {
    std::string text;
    text.reserve((data.size() + 2) / 3 * 4);
    const auto byte = [data](std::size_t i) -> std::uint32_t {
        return i < data.size() ? static_cast<unsigned char>(data[i]) : 0U;
    };
    for (std::size_t i = 0; i < data.size(); i += 3) {
        const auto bits = (byte(i) << 16) | (byte(i + 1) << 8) | byte(i + 2);
        text.push_back(base64_alphabet[bits >> 18]);
        text.push_back(base64_alphabet[(bits >> 12) & 63]);
        text.push_back(i + 1 < data.size() ? base64_alphabet[(bits >> 6) & 63] : '=');
        text.push_back(i + 2 < data.size() ? base64_alphabet[bits & 63] : '=');
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string data;
    if (text.empty()) return data;
    data.reserve(text.size() / 4 * 3);
    const auto last = text.size() - 4;
    data.resize(last / 4 * 3);
    int seen = 0;  // all values together: a bit above the sixth tells of one that is none
    for (std::size_t in = 0, out = 0; in < last; in += 4, out += 3) {
        const int a = value_of(base64_values, text[in]), b = value_of(base64_values, text[in + 1]);
        const int c = value_of(base64_values, text[in + 2]), d = value_of(base64_values, text[in + 3]);
        seen |= a | b | c | d;
        data[out] = static_cast<char>((a << 2) | (b >> 4));
        data[out + 1] = static_cast<char>((b << 4) | (c >> 2));
        data[out + 2] = static_cast<char>((c << 6) | d);
    }
    if (seen > 63) return std::nullopt;
    if (!decode_last_group(text.substr(last), data)) return std::nullopt;
    return data;
}

std::string hex_lower(std::string_view data) { return to_hex(data, lower_digits); }
std::string hex_upper(std::string_view data) { return to_hex(data, upper_digits); }

std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string data;
    data.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = value_of(hex_values, text[i]), low = value_of(hex_values, text[i + 1]);
        if ((high | low) > 15) return std::nullopt;
        data.push_back(static_cast<char>((high << 4) | low));
    }
    return data;
}

std::string percent_encode(std::string_view text) {
    std::string encoded;
    encoded.reserve(text.size() + text.size() / 2);
    for (const char c : text) {
        if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~')
            encoded.push_back(c);
        else
            append_percent(encoded, c);
    }
    return encoded;
}

std::string form_encode(std::string_view text) {
    std::string encoded;
    encoded.reserve(text.size() + text.size() / 2);
    for (const char c : text) {
        if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '*')
            encoded.push_back(c);
        else if (c == ' ')
            encoded.push_back('+');
        else
            append_percent(encoded, c);
    }
    return encoded;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (text.size() - i < 3) return std::nullopt;
            const auto high = value_of(hex_values, text[i + 1]), low = value_of(hex_values, text[i + 2]);
            if ((high | low) > 15) return std::nullopt;
            decoded.push_back(static_cast<char>((high << 4) | low));
            i += 2;
        } else {
            decoded.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
        }
    }
    return decoded;
}

std::optional<Fields> parse_form(std::string_view body, bool plus_is_space) {
    Fields fields;
    while (!body.empty()) {
        const auto part = body.substr(0, body.find('&'));
        body.remove_prefix(part.size() < body.size() ? part.size() + 1 : part.size());
        if (part.empty()) continue;  // "a=1&&b=2": an empty part names nothing
        const auto equals = part.find('=');
        auto name = percent_decode(part.substr(0, equals), plus_is_space);
        auto value =
            percent_decode(equals == part.npos ? std::string_view{} : part.substr(equals + 1), plus_is_space);
        if (!name || !value) return std::nullopt;
        fields.emplace_back(std::move(*name), std::move(*value));
    }
    return fields;
}

const std::string* find_field(const Fields& fields, std::string_view name) {
    for (const auto& [key, value] : fields)
        if (key == name) return &value;
    return nullptr;
}

}  // namespace wefee::io
