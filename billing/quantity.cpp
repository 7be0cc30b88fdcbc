// Quantities from and to text, by digits.
#include "billing/quantity.hpp"

namespace wefee {
namespace {

constexpr std::size_t places = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string text_of(Quantity quantity, std::string_view minus, bool grouping) {
    const auto count = quantity.count();
    const auto size =
        count < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    std::string whole = std::to_string(size / quantity_scale);
    if (grouping)
        for (auto at = static_cast<int>(whole.size()) - 3; at > 0; at -= 3)
            whole.insert(static_cast<std::size_t>(at), 1, ',');
    std::string decimals = std::to_string(size % quantity_scale);
    decimals.insert(0, places - decimals.size(), '0');
    while (!decimals.empty() && decimals.back() == '0') decimals.pop_back();
    return (count < 0 ? std::string(minus) : "") + whole + (decimals.empty() ? "" : "." + decimals);
}

}  // namespace

std::int64_t packages(Quantity quantity, Quantity size) {
    if (size.count() <= 0) throw std::domain_error("packages: the size must be positive");
    if (quantity.count() <= 0) return 0;
    return (quantity.count() - 1) / size.count() + 1;
}

std::optional<Quantity> parse_quantity(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto dot = text.find('.');
    const auto whole = text.substr(0, dot);
    const auto decimals = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    if (whole.empty() || decimals.size() > places || (dot != std::string_view::npos && decimals.empty()))
        return std::nullopt;
    std::int64_t count = 0;
    const auto push = [&count](char c) {
        return is_digit(c) && !__builtin_mul_overflow(count, 10, &count) &&
               !__builtin_add_overflow(count, c - '0', &count);
    };
    for (const char c : whole)
        if (!push(c)) return std::nullopt;
    for (std::size_t i = 0; i < places; ++i)
        if (!push(i < decimals.size() ? decimals[i] : '0')) return std::nullopt;
    return Quantity{negative ? -count : count};
}

std::string format_quantity(Quantity quantity) { return text_of(quantity, "-", false); }
std::string format_quantity_for_people(Quantity quantity) { return text_of(quantity, "\u2212", true); }

}  // namespace wefee
