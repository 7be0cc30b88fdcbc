// Money as integers: Fen (1/100 CNY) for amounts, MicroYuan (10^-6 CNY) for unit prices. No floating point.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wefee {

/// An amount in fen. Overflow throws std::overflow_error, never wraps.
class Fen {
public:
    constexpr Fen() = default;
    constexpr explicit Fen(std::int64_t count) : count_(count) {}
    constexpr std::int64_t count() const { return count_; }
    friend constexpr auto operator<=>(Fen, Fen) = default;
    friend constexpr Fen operator+(Fen a, Fen b) {
        std::int64_t sum{};
        if (__builtin_add_overflow(a.count_, b.count_, &sum)) throw std::overflow_error("Fen +");
        return Fen{sum};
    }
    friend constexpr Fen operator-(Fen a, Fen b) {
        std::int64_t difference{};
        if (__builtin_sub_overflow(a.count_, b.count_, &difference)) throw std::overflow_error("Fen -");
        return Fen{difference};
    }
    friend constexpr Fen operator-(Fen a) { return Fen{} - a; }
    constexpr Fen& operator+=(Fen other) { return *this = *this + other; }
    constexpr Fen& operator-=(Fen other) { return *this = *this - other; }

private:
    std::int64_t count_ = 0;
};

/// A unit price in 10^-6 yuan (1 fen = 10,000 micro-yuan).
class MicroYuan {
public:
    constexpr MicroYuan() = default;
    constexpr explicit MicroYuan(std::int64_t count) : count_(count) {}
    constexpr std::int64_t count() const { return count_; }
    friend constexpr auto operator<=>(MicroYuan, MicroYuan) = default;

private:
    std::int64_t count_ = 0;
};

inline constexpr std::int64_t micro_yuan_per_fen = 10'000;

/// numerator / denominator rounded once, half away from zero (rule R3). Throws std::overflow_error when the
/// result does not fit, std::domain_error when the denominator is not positive.
Fen round_to_fen(__int128 numerator, __int128 denominator);

/// "12.30", "12.3" and "12" to fen; at most two decimals, no sign but a leading '-', no exponent, no blanks.
/// Anything else, and what does not fit int64, is nullopt.
std::optional<Fen> parse_yuan(std::string_view text);

/// A decimal of yuan of any length to fen, rounded once, half away from zero. Anything else is nullopt.
std::optional<Fen> round_yuan(std::string_view text);

/// Fen as the providers want it: always two decimals, no grouping ("3612.50", "-0.05").
std::string format_yuan(Fen amount);

/// Fen as people read it: "¥3,612.50", minus as U+2212 before the sign (shown text only).
std::string format_yuan_for_people(Fen amount);

/// Unit price as people read it: no trailing zeros but at least two decimals ("¥0.0035", "¥99.00").
std::string format_unit_price(MicroYuan price);

}  // namespace wefee
