// UTF-8 inspection and the checks of request fields before they are stored with an intent.
#include "payment/text.hpp"

#include <stdexcept>
#include <string>

namespace wefee::payment {

namespace {

// Bytes of the character that starts with `lead`; 0 when no character starts so.
std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) return 3;
    if (lead >= 0xF0 && lead <= 0xF4) return 4;
    return 0;
}

// The second byte carries the rules against overlong forms, surrogates and values above U+10FFFF.
bool second_byte_fits(unsigned char lead, unsigned char second) {
    switch (lead) {
        case 0xE0:
            return second >= 0xA0 && second <= 0xBF;
        case 0xED:
            return second >= 0x80 && second <= 0x9F;
        case 0xF0:
            return second >= 0x90 && second <= 0xBF;
        case 0xF4:
            return second >= 0x80 && second <= 0x8F;
        default:
            return second >= 0x80 && second <= 0xBF;
    }
}

[[noreturn]] void refuse(std::string_view field, std::string_view why) {
    throw std::invalid_argument(std::string(field) + ": " + std::string(why));
}

}  // namespace

Utf8 inspect_utf8(std::string_view text) {
    Utf8 result;
    for (std::size_t at = 0; at < text.size(); ++result.characters) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = sequence_length(lead);
        if (length == 0 || at + length > text.size()) return {.well_formed = false};
        for (std::size_t i = 1; i < length; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            const bool fits = i == 1 ? second_byte_fits(lead, next) : next >= 0x80 && next <= 0xBF;
            if (!fits) return {.well_formed = false};
        }
        result.supplementary = result.supplementary || length == 4;
        at += length;
    }
    return result;
}

void require_plain_text(std::string_view text, std::string_view field, std::size_t most) {
    if (text.empty()) refuse(field, "is empty");
    const Utf8 seen = inspect_utf8(text);
    if (!seen.well_formed) refuse(field, "is not UTF-8");
    if (seen.supplementary) refuse(field, "holds a character of 4 bytes (emoji)");
    if (seen.characters > most) refuse(field, "is longer than " + std::to_string(most) + " characters");
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) refuse(field, "holds a control character");
}

void require_token(std::string_view text, std::string_view field, std::size_t least, std::size_t most,
                   std::string_view others) {
    if (text.size() < least || text.size() > most)
        refuse(field, "must have " + std::to_string(least) + " to " + std::to_string(most) + " characters");
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!plain && others.find(c) == std::string_view::npos)
            refuse(field, "holds a character that is refused");
    }
}

void require_callback_url(std::string_view url, std::string_view field, std::size_t most) {
    if (url.size() > most) refuse(field, "is longer than " + std::to_string(most) + " bytes");
    std::string_view rest = url;
    if (rest.starts_with("https://"))
        rest.remove_prefix(8);
    else if (rest.starts_with("http://"))
        rest.remove_prefix(7);
    else
        refuse(field, "is not an http(s) URL");
    const auto slash = rest.find('/');
    if (slash == 0 || slash == std::string_view::npos) refuse(field, "needs a host and a path");
    for (const char c : rest)
        if (c <= 0x20 || c >= 0x7F || c == '?' || c == '#' || c == '"' || c == '<' || c == '>' || c == '&')
            refuse(field, "must have no query, no fragment and no blanks");
}

}  // namespace wefee::payment
