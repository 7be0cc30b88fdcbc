// Header look-ups: names compare without regard to case, values are left as they came.
#include "io/http.hpp"

#include <algorithm>
#include <cstddef>

namespace wefee::io {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

const std::string* find_header(const Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers)
        if (same_name(key, name)) return &value;
    return nullptr;
}

std::size_t count_header(const Headers& headers, std::string_view name) {
    return static_cast<std::size_t>(
        std::ranges::count_if(headers, [name](const auto& header) { return same_name(header.first, name); }));
}

std::string_view Request::header(std::string_view name) const {
    std::string_view found;
    std::size_t count = 0;
    for (const auto& [key, value] : headers)
        if (same_name(key, name)) {
            found = value;
            ++count;
        }
    // Two of them have no single meaning; a caller that cares to tell the cases apart asks header_count.
    return count == 1 ? found : std::string_view{};
}

std::size_t Request::header_count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(headers, [name](const auto& header) { return same_name(header.first, name); }));
}

}  // namespace wefee::io
