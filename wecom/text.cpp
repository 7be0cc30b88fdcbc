// UTF-8 counting and cutting, by hand: the toolchain has no Unicode library and none is needed for code
// points.
#include "wecom/text.hpp"

#include <array>
#include <cstring>

namespace wefee::wecom {
namespace {

constexpr std::string_view ellipsis = "…";

bool continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Bytes of the code point at `at`; 0 when it is not well formed.
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!continuation(text[at + i])) return 0;
    const unsigned char second = byte(1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool too_large = lead == 0xF4 && second > 0x8F;
    return overlong || surrogate || too_large ? 0 : length;
}

/// Characters that an amount, a date or a clock time is made of: digits, signs, units and what joins them.
bool figure_character(std::string_view character) {
    if (character.size() == 1)
        return std::strchr("0123456789.,:/-+%", character[0]) != nullptr && character[0] != '\0';
    static constexpr std::array<std::string_view, 9> wide{"¥", "￥", "−", "–", "年", "月", "日", "元", "至"};
    for (const auto part : wide)
        if (part == character) return true;
    return false;
}

std::size_t previous(std::string_view text, std::size_t at) {
    do --at;
    while (at > 0 && continuation(text[at]));
    return at;
}

/// No amount or date is longer (the largest int64 of fen with grouping has 26 characters); what is, is some
/// id.
constexpr int figure_characters_max = 30;

/// The largest cut position not after `at` that lies inside no figure.
std::size_t before_figure(std::string_view text, std::size_t at) {
    const auto character = [&](std::size_t from) {
        std::size_t end = from + 1;
        while (end < text.size() && continuation(text[end])) ++end;
        return text.substr(from, end - from);
    };
    if (at >= text.size() || !figure_character(character(at))) return at;
    std::size_t start = at;
    for (int seen = 0; start > 0; ++seen) {
        const std::size_t left = previous(text, start);
        if (!figure_character(character(left))) break;
        if (seen == figure_characters_max) return at;
        start = left;
    }
    return start;
}

std::string cut_at(std::string_view text, std::size_t at) {
    std::string_view kept = text.substr(0, before_figure(text, at));
    while (!kept.empty() && kept.back() == ' ') kept.remove_suffix(1);
    return std::string{kept}.append(ellipsis);
}

}  // namespace

bool valid_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        std::uint64_t eight{};  // ASCII runs, eight bytes a step
        if (at + sizeof eight <= text.size()) {
            std::memcpy(&eight, text.data() + at, sizeof eight);
            if ((eight & 0x8080808080808080ULL) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        const std::size_t length = sequence_length(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::size_t code_points(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += continuation(c) ? 0 : 1;
    return count;
}

std::string cut_code_points(std::string_view text, std::size_t limit) {
    if (code_points(text) <= limit) return std::string{text};
    if (limit == 0) return {};
    std::size_t at = 0;
    for (std::size_t kept = 0; at < text.size(); ++at)
        if (!continuation(text[at]) && kept++ == limit - 1) break;
    return cut_at(text, at);
}

std::string cut_bytes(std::string_view text, std::size_t limit_bytes) {
    if (text.size() <= limit_bytes) return std::string{text};
    if (limit_bytes < ellipsis.size()) return {};
    std::size_t at = limit_bytes - ellipsis.size();
    while (at > 0 && continuation(text[at])) --at;
    return cut_at(text, at);
}

}  // namespace wefee::wecom
