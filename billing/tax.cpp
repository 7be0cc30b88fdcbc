// Rounded once; the lines' parts add up to it.
#include "billing/tax.hpp"

#include "billing/coupons.hpp"
#include "billing/splits.hpp"

namespace wefee {

Tax invoice_tax(std::span<const TaxableLine> lines) {
    std::vector<Fraction> exact;
    Fraction sum;
    for (const auto& line : lines) {
        exact.push_back((Fraction{line.amount} - line.discount_share) * rate_of(line.rate_basis_points));
        sum += exact.back();
    }
    const auto total = rounded(sum);
    return {round_shares(exact, total), total};
}

Tax invoice_tax(std::span<const Fen> lines, Fen discount, int rate_basis_points) {
    const auto shares = exact_discount_shares(discount, lines);
    std::vector<TaxableLine> taxable;
    for (std::size_t i = 0; i < lines.size(); ++i)
        taxable.push_back({lines[i], shares[i], rate_basis_points});
    return invoice_tax(taxable);
}

}  // namespace wefee
