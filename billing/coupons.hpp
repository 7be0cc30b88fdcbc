// Coupons (R14): percentages first, one after another, then fixed amounts; never below zero.
#pragma once

#include <span>
#include <vector>

#include "billing/fraction.hpp"

namespace wefee {

struct Coupon {
    enum class Kind { percent, fixed };
    Kind kind{};
    int basis_points = 0;  // percent: 10 % is 1,000
    Fen amount{};          // fixed
};

struct Discount {
    std::vector<Fen> per_coupon;  // in the order given; they add up to `total`
    Fen total;
};

Discount discount(Fen subtotal, std::span<const Coupon> coupons);

/// The exact part of a discount that falls on each line, in proportion to the lines; lines at or below zero
/// carry none.
std::vector<Fraction> exact_discount_shares(Fen discount, std::span<const Fen> lines);

/// The same in whole fen, by R13.
std::vector<Fen> discount_shares(Fen discount, std::span<const Fen> lines);

}  // namespace wefee
