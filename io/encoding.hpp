// Text encodings: base64, hex, percent-encoding, forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wefee::io {

std::string base64_encode(std::string_view data);
/// Standard alphabet, length a multiple of 4, padding only at the end; anything else is nullopt. Unused bits
/// of the last character need not be zero (WeCom key texts carry such bits).
std::optional<std::string> base64_decode(std::string_view text);

std::string hex_lower(std::string_view data);
std::string hex_upper(std::string_view data);
std::optional<std::string> hex_decode(std::string_view text);

/// RFC 3986: unreserved stays, the rest is %XX in upper case.
std::string percent_encode(std::string_view text);
/// As application/x-www-form-urlencoded writes it (Java style): space '+', '*' kept, '~' as %7E.
std::string form_encode(std::string_view text);
/// Decodes once. `plus_is_space` for forms. nullopt on a broken %XX.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

using Fields = std::vector<std::pair<std::string, std::string>>;  // order and repeats kept
/// "a=1&b=2" decoded once. A part without '=' has an empty value. nullopt on a broken %XX.
std::optional<Fields> parse_form(std::string_view body, bool plus_is_space = true);
const std::string* find_field(const Fields& fields, std::string_view name);

}  // namespace wefee::io
