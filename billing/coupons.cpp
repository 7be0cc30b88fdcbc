// The remaining amount stays exact while coupons are taken off; what each gave is the difference of rounded
// totals.
#include "billing/coupons.hpp"

#include <algorithm>

#include "billing/splits.hpp"

namespace wefee {
namespace {

std::vector<Fen> weights_of(std::span<const Fen> lines) {
    std::vector<Fen> weights;
    for (const auto line : lines) weights.push_back(std::max(line, Fen{}));
    return weights;
}

}  // namespace

Discount discount(Fen subtotal, std::span<const Coupon> coupons) {
    Discount result{std::vector<Fen>(coupons.size()), Fen{}};
    Fraction remaining{std::max(subtotal, Fen{})};
    const Fraction whole = remaining;
    const auto take = [&](std::size_t i, const Fraction& wanted) {
        remaining -= std::min(wanted, remaining);
        const auto so_far = rounded(whole - remaining);
        result.per_coupon[i] = so_far - result.total;
        result.total = so_far;
    };
    for (std::size_t i = 0; i < coupons.size(); ++i)
        if (coupons[i].kind == Coupon::Kind::percent)
            take(i, remaining * Fraction{coupons[i].basis_points, 10'000});
    for (std::size_t i = 0; i < coupons.size(); ++i)
        if (coupons[i].kind == Coupon::Kind::fixed) take(i, coupons[i].amount);
    return result;
}

std::vector<Fraction> exact_discount_shares(Fen discount, std::span<const Fen> lines) {
    const auto weights = weights_of(lines);
    Fen sum{};
    for (const auto weight : weights) sum += weight;
    std::vector<Fraction> shares;
    for (const auto weight : weights)
        shares.push_back(sum == Fen{} ? Fraction{}
                                      : Fraction{discount} * Fraction{weight.count(), sum.count()});
    return shares;
}

std::vector<Fen> discount_shares(Fen discount, std::span<const Fen> lines) {
    return split(discount, weights_of(lines));
}

}  // namespace wefee
