// Reduces early, checks every step.
#include "billing/fraction.hpp"

#include <limits>

namespace wefee {
namespace {

__int128 times(__int128 a, __int128 b) {
    __int128 product{};
    if (__builtin_mul_overflow(a, b, &product)) throw std::overflow_error("Fraction *");
    return product;
}

__int128 plus(__int128 a, __int128 b) {
    __int128 sum{};
    if (__builtin_add_overflow(a, b, &sum)) throw std::overflow_error("Fraction +");
    return sum;
}

__int128 gcd(__int128 a, __int128 b) {
    while (b != 0) {
        const __int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

std::int64_t to_int64(__int128 value) {
    if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min())
        throw std::overflow_error("Fraction to integer");
    return static_cast<std::int64_t>(value);
}

}  // namespace

Fraction::Fraction(__int128 numerator, __int128 denominator) {
    if (denominator == 0) throw std::domain_error("Fraction: zero denominator");
    const __int128 divisor = gcd(numerator, denominator);
    numerator_ = numerator / divisor;
    denominator_ = denominator / divisor;
    if (denominator_ < 0) {
        numerator_ = times(numerator_, -1);
        denominator_ = times(denominator_, -1);
    }
}

Fraction operator+(const Fraction& a, const Fraction& b) {
    const __int128 common = gcd(a.denominator_, b.denominator_);
    const __int128 left = times(a.numerator_, b.denominator_ / common);
    const __int128 right = times(b.numerator_, a.denominator_ / common);
    return {plus(left, right), times(a.denominator_ / common, b.denominator_)};
}

Fraction operator-(const Fraction& a, const Fraction& b) {
    Fraction negated = b;
    negated.numerator_ = times(b.numerator_, -1);
    return a + negated;
}

Fraction operator*(const Fraction& a, const Fraction& b) {
    const Fraction left{a.numerator_, b.denominator_};
    const Fraction right{b.numerator_, a.denominator_};
    return {times(left.numerator_, right.numerator_), times(left.denominator_, right.denominator_)};
}

Fraction operator/(const Fraction& a, const Fraction& b) {
    if (b.numerator_ == 0) throw std::domain_error("Fraction: division by zero");
    return a * Fraction{b.denominator_, b.numerator_};
}

std::strong_ordering operator<=>(const Fraction& a, const Fraction& b) { return (a - b).numerator_ <=> 0; }

Fen rounded(const Fraction& amount) { return round_to_fen(amount.numerator(), amount.denominator()); }

std::int64_t floor_of(const Fraction& value) {
    __int128 whole = value.numerator() / value.denominator();
    if (value.numerator() % value.denominator() < 0) --whole;
    return to_int64(whole);
}

std::int64_t ceil_of(const Fraction& value) {
    __int128 whole = value.numerator() / value.denominator();
    if (value.numerator() % value.denominator() > 0) ++whole;
    return to_int64(whole);
}

}  // namespace wefee
