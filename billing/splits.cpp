// Largest remainder on exact fractions; ties by position, so that the same input gives the same bytes.
#include "billing/splits.hpp"

#include <algorithm>
#include <numeric>

namespace wefee {

std::vector<Fen> round_shares(std::span<const Fraction> exact, Fen total) {
    std::vector<Fen> shares;
    std::vector<Fraction> remainders;
    Fen given{};
    for (const auto& share : exact) {
        shares.emplace_back(floor_of(share));
        remainders.push_back(share - Fraction{shares.back()});
        given += shares.back();
    }
    const auto missing = (total - given).count();
    if (missing < 0 || missing > static_cast<std::int64_t>(shares.size()))
        throw std::domain_error("round_shares: the total is not that of the shares");
    std::vector<std::size_t> order(shares.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        return remainders[a] == remainders[b] ? a < b : remainders[a] > remainders[b];
    });
    for (std::size_t i = 0; i < static_cast<std::size_t>(missing); ++i) shares[order[i]] += Fen{1};
    return shares;
}

std::vector<Fen> split(Fen total, std::span<const Fen> weights) {
    if (total < Fen{}) {
        auto parts = split(-total, weights);
        for (auto& part : parts) part = -part;
        return parts;
    }
    Fen sum{};
    for (const auto weight : weights) {
        if (weight < Fen{}) throw std::domain_error("split: a weight is negative");
        sum += weight;
    }
    if (sum == Fen{}) {
        if (total != Fen{}) throw std::domain_error("split: nothing to split over");
        return std::vector<Fen>(weights.size());
    }
    std::vector<Fraction> exact;
    for (const auto weight : weights)
        exact.push_back(Fraction{total} * Fraction{weight.count(), sum.count()});
    return round_shares(exact, total);
}

Spread spread_oldest_first(Fen payment, std::span<const Fen> open) {
    Spread spread{{}, {}, payment};
    for (const auto owed : open) {
        const auto applied = std::max(Fen{}, std::min(spread.unused, owed));
        spread.applied.push_back(applied);
        spread.left.push_back(owed - applied);
        spread.unused -= applied;
    }
    return spread;
}

Fen sum_of(std::span<const Fen> amounts) {
    Fen sum{};
    for (const auto amount : amounts) sum += amount;
    return sum;
}

bool shares_add_up(Fen price, std::span<const Fen> shares) {
    return std::ranges::none_of(shares, [](Fen share) { return share < Fen{}; }) && sum_of(shares) == price;
}

CreditUse use_credit(Fen credit, Fen charge) {
    const auto used = std::max(Fen{}, std::min(credit, charge));
    return {charge - used, credit - used};
}

}  // namespace wefee
