// Exact fractions of 128-bit integers: what a price is before it is rounded once (rule R3).
#pragma once

#include <compare>

#include "billing/money.hpp"

namespace wefee {

/// Always reduced, denominator positive. Overflow throws std::overflow_error, a zero denominator
/// std::domain_error.
class Fraction {
public:
    constexpr Fraction() = default;
    constexpr Fraction(std::int64_t whole) : numerator_(whole) {}   // NOLINT: whole numbers are fractions
    constexpr Fraction(Fen amount) : numerator_(amount.count()) {}  // NOLINT: in fen
    Fraction(__int128 numerator, __int128 denominator);

    constexpr __int128 numerator() const { return numerator_; }
    constexpr __int128 denominator() const { return denominator_; }

    friend Fraction operator+(const Fraction& a, const Fraction& b);
    friend Fraction operator-(const Fraction& a, const Fraction& b);
    friend Fraction operator*(const Fraction& a, const Fraction& b);
    friend Fraction operator/(const Fraction& a, const Fraction& b);
    friend Fraction operator-(const Fraction& a) { return Fraction{} - a; }
    Fraction& operator+=(const Fraction& other) { return *this = *this + other; }
    Fraction& operator-=(const Fraction& other) { return *this = *this - other; }
    friend constexpr bool operator==(const Fraction&, const Fraction&) = default;
    friend std::strong_ordering operator<=>(const Fraction& a, const Fraction& b);

private:
    __int128 numerator_ = 0;
    __int128 denominator_ = 1;
};

/// R3: to a whole fen, half away from zero. `amount` is in fen.
Fen rounded(const Fraction& amount);

/// The largest whole number that is not above `value`, and the smallest that is not below it.
std::int64_t floor_of(const Fraction& value);
std::int64_t ceil_of(const Fraction& value);

/// A unit price as an exact number of fen.
inline Fraction in_fen(MicroYuan price) { return {price.count(), micro_yuan_per_fen}; }

}  // namespace wefee
