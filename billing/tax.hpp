// Tax (R6): once on the exact sum of an invoice, then given to the lines by largest remainder.
#pragma once

#include <span>
#include <vector>

#include "billing/fraction.hpp"

namespace wefee {

struct TaxableLine {
    Fen amount;               // rounded
    Fraction discount_share;  // exact
    int rate_basis_points = 0;
};

struct Tax {
    std::vector<Fen> per_line;
    Fen total;
};

Tax invoice_tax(std::span<const TaxableLine> lines);

/// All lines at one rate, with one discount spread over them.
Tax invoice_tax(std::span<const Fen> lines, Fen discount, int rate_basis_points);

/// A tax-exclusive rate as a fraction: 600 is 6 %.
inline Fraction rate_of(int basis_points) { return {basis_points, 10'000}; }

}  // namespace wefee
