// Rounding, and the texts that amounts are read from and written to. Digits only, never floating point.
#include "billing/money.hpp"

#include <algorithm>
#include <limits>

namespace wefee {
namespace {

/// |value| as unsigned, so that the smallest int64 has one too.
std::uint64_t magnitude(std::int64_t value) {
    return value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                     : static_cast<std::uint64_t>(value);
}

std::string grouped(std::uint64_t whole) {
    std::string digits = std::to_string(whole);
    for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

std::string two_digits(std::uint64_t value) {
    return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Fen round_to_fen(__int128 numerator, __int128 denominator) {
    if (denominator <= 0) throw std::domain_error("round_to_fen: the denominator must be positive");
    __int128 quotient = numerator / denominator;
    const __int128 remainder = numerator % denominator;
    const __int128 size = remainder < 0 ? -remainder : remainder;
    if (size >= denominator - size) quotient += numerator < 0 ? -1 : 1;
    if (quotient > std::numeric_limits<std::int64_t>::max() ||
        quotient < std::numeric_limits<std::int64_t>::min())
        throw std::overflow_error("round_to_fen");
    return Fen{static_cast<std::int64_t>(quotient)};
}

std::optional<Fen> parse_yuan(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::int64_t fen = 0;
    const auto push = [&fen](int digit) {
        return !__builtin_mul_overflow(fen, 10, &fen) && !__builtin_sub_overflow(fen, digit, &fen);
    };
    std::size_t at = 0;
    // Counted downwards: the negative half of int64 is the larger one.
    for (; at < text.size() && is_digit(text[at]); ++at)
        if (!push(text[at] - '0')) return std::nullopt;
    if (at == 0) return std::nullopt;
    std::string_view decimals;
    if (at < text.size()) {
        decimals = text.substr(at + 1);
        if (text[at] != '.' || decimals.empty() || decimals.size() > 2) return std::nullopt;
    }
    for (std::size_t place = 0; place < 2; ++place) {
        const char c = place < decimals.size() ? decimals[place] : '0';
        if (!is_digit(c) || !push(c - '0')) return std::nullopt;
    }
    if (negative) return Fen{fen};
    if (fen == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
    return Fen{-fen};
}

std::optional<Fen> round_yuan(std::string_view text) {
    const auto point = text.find('.');
    const auto kept = std::min(text.size(), point == std::string_view::npos ? text.size() : point + 3);
    const auto cut = text.substr(kept);
    const auto whole = parse_yuan(text.substr(0, kept));
    if (!whole || !std::ranges::all_of(cut, is_digit)) return std::nullopt;
    if (cut.empty() || cut.front() < '5') return whole;
    std::int64_t away{};
    if (__builtin_add_overflow(whole->count(), text.starts_with('-') ? -1 : 1, &away)) return std::nullopt;
    return Fen{away};
}

std::string format_yuan(Fen amount) {
    const auto size = magnitude(amount.count());
    return (amount.count() < 0 ? "-" : "") + std::to_string(size / 100) + "." + two_digits(size % 100);
}

std::string format_yuan_for_people(Fen amount) {
    const auto size = magnitude(amount.count());
    return (amount.count() < 0 ? "\u2212¥" : "¥") + grouped(size / 100) + "." + two_digits(size % 100);
}

std::string format_unit_price(MicroYuan price) {
    const auto size = magnitude(price.count());
    std::string decimals = std::to_string(size % 1'000'000);
    decimals.insert(0, 6 - decimals.size(), '0');
    while (decimals.size() > 2 && decimals.back() == '0') decimals.pop_back();
    return (price.count() < 0 ? "\u2212¥" : "¥") + grouped(size / 1'000'000) + "." + decimals;
}

}  // namespace wefee
