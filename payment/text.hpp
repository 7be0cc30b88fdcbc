// What the providers accept as text: well-formed UTF-8, counted in characters, often without the 4-byte ones.
#pragma once

#include <cstddef>
#include <string_view>

namespace wefee::payment {

struct Utf8 {
    bool well_formed = true;     // no overlong forms, surrogates or stray bytes
    bool supplementary = false;  // holds a character of 4 bytes (emoji)
    std::size_t characters = 0;
};
Utf8 inspect_utf8(std::string_view text);

/// Throws std::invalid_argument with the field's name in it when `text` is empty, longer than `most`
/// characters, not UTF-8 or holds a character of 4 bytes.
void require_plain_text(std::string_view text, std::string_view field, std::size_t most);

/// Throws std::invalid_argument with the field's name in it when `text` has not `least` to `most` bytes of
/// letters, digits and the characters in `others`.
void require_token(std::string_view text, std::string_view field, std::size_t least, std::size_t most,
                   std::string_view others = {});

/// Throws std::invalid_argument unless `url` is an http(s) URL with a path, without query and fragment.
void require_callback_url(std::string_view url, std::string_view field, std::size_t most = 255);

}  // namespace wefee::payment
