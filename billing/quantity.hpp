// Counted quantities: integers of 10^-6 units (a usage event has at most six decimals).
#pragma once

#include "billing/fraction.hpp"

namespace wefee {

/// In 10^-6 units. Overflow throws std::overflow_error.
class Quantity {
public:
    constexpr Quantity() = default;
    constexpr explicit Quantity(std::int64_t count) : count_(count) {}
    constexpr std::int64_t count() const { return count_; }
    friend constexpr auto operator<=>(Quantity, Quantity) = default;
    friend constexpr Quantity operator+(Quantity a, Quantity b) {
        std::int64_t sum{};
        if (__builtin_add_overflow(a.count_, b.count_, &sum)) throw std::overflow_error("Quantity +");
        return Quantity{sum};
    }
    friend constexpr Quantity operator-(Quantity a, Quantity b) {
        std::int64_t difference{};
        if (__builtin_sub_overflow(a.count_, b.count_, &difference)) throw std::overflow_error("Quantity -");
        return Quantity{difference};
    }

private:
    std::int64_t count_ = 0;
};

inline constexpr std::int64_t quantity_scale = 1'000'000;

/// Whole units.
constexpr Quantity units(std::int64_t whole) {
    std::int64_t count{};
    if (__builtin_mul_overflow(whole, quantity_scale, &count)) throw std::overflow_error("units");
    return Quantity{count};
}

inline Fraction in_units(Quantity quantity) { return {quantity.count(), quantity_scale}; }

/// Started packages of `size`, which must be positive; nothing used is no package (R12).
std::int64_t packages(Quantity quantity, Quantity size);

/// "12.5", "-3": at most six decimals, no exponent, no blanks; anything else is nullopt.
std::optional<Quantity> parse_quantity(std::string_view text);

/// "12400.5": no grouping, no trailing zeros.
std::string format_quantity(Quantity quantity);

/// "12,400.5", minus as U+2212: shown text only.
std::string format_quantity_for_people(Quantity quantity);

}  // namespace wefee
