// What the words of all notices are made with: texts that fit their places. For billing/notice*.cpp only.
#pragma once

#include <algorithm>
#include <string>

#include "billing/notice.hpp"

namespace wefee::notice_parts {

inline constexpr std::size_t title_most = 26;
inline constexpr std::size_t lead_most = 30;
inline constexpr std::size_t value_most = 26;

inline std::string two_digits(unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); }

inline bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

inline std::size_t length_of(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, starts_code_point));
}

/// Names of companies and items may be long: at most `most` code points, the last one … when something was
/// cut.
inline std::string fitted(const std::string& text, std::size_t most) {
    if (length_of(text) <= most) return text;
    std::size_t seen = 0;
    std::size_t end = 0;
    for (; end < text.size(); ++end)
        if (starts_code_point(text[end]) && ++seen == most) break;
    return text.substr(0, end) + "…";
}

/// "name amount" in one value: the name gives way, never the amount.
inline std::string named_amount(const std::string& name, Fen amount) {
    const auto money = " " + format_yuan_for_people(amount);
    return fitted(name, value_most - std::min(value_most - 1, length_of(money))) + money;
}

/// At most six facts; one without a value is left out.
inline void add_fact(Notice& notice, std::string name, const std::string& value) {
    if (!value.empty() && notice.facts.size() < 6)
        notice.facts.push_back({std::move(name), fitted(value, value_most)});
}

}  // namespace wefee::notice_parts
