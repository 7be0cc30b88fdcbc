// Giving out every fen: largest remainder (R13), and one transfer over several invoices.
#pragma once

#include <span>
#include <vector>

#include "billing/fraction.hpp"

namespace wefee {

/// R13: floor every share, give the missing fen to the largest remainders, ties to the earlier one. `total`
/// must lie within one fen a share of the exact sum, else std::domain_error.
std::vector<Fen> round_shares(std::span<const Fraction> exact, Fen total);

/// `total` in proportion to `weights` (none negative, not all zero unless total is). The parts add up to
/// `total`.
std::vector<Fen> split(Fen total, std::span<const Fen> weights);

struct Spread {
    std::vector<Fen> applied;
    std::vector<Fen> left;  // still owed, per invoice
    Fen unused;             // of the payment
};

/// One payment over open amounts, which stand in order of their due days.
Spread spread_oldest_first(Fen payment, std::span<const Fen> open);

Fen sum_of(std::span<const Fen> amounts);

/// True when the shares of an order are its price to the fen.
bool shares_add_up(Fen price, std::span<const Fen> shares);

struct CreditUse {
    Fen due;
    Fen credit_left;
    friend bool operator==(const CreditUse&, const CreditUse&) = default;
};

/// Account credit pays first.
CreditUse use_credit(Fen credit, Fen charge);

}  // namespace wefee
