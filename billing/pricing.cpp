// The five charge models. Quantities below zero (more corrections than usage) count as nothing used.
#include "billing/pricing.hpp"

#include <algorithm>
#include <array>

namespace wefee {
namespace {

constexpr std::array<std::string_view, 6> model_names{"per_unit", "graduated",  "volume",
                                                      "package",  "percentage", "flat"};

Fraction tier_amount(const Tier& tier, Quantity quantity) {
    Fraction amount = tier.package_size ? package_fee(tier.unit_price, *tier.package_size, quantity)
                                        : per_unit_fee(tier.unit_price, quantity);
    amount += tier.flat_fee;
    return tier.cap ? std::min(amount, Fraction{*tier.cap}) : amount;
}

void check(std::span<const Tier> tiers) {
    if (tiers.empty()) throw std::domain_error("a tiered price needs a tier");
}

}  // namespace

std::string_view charge_model_name(ChargeModel model) {
    return model_names.at(static_cast<std::size_t>(model));
}

std::optional<ChargeModel> parse_charge_model(std::string_view name) {
    const auto* found = std::ranges::find(model_names, name);
    if (found == model_names.end()) return std::nullopt;
    return static_cast<ChargeModel>(found - model_names.begin());
}

Fraction per_unit_fee(MicroYuan unit_price, Quantity quantity) {
    return in_fen(unit_price) * in_units(std::max(quantity, Quantity{}));
}

Fraction package_fee(MicroYuan package_price, Quantity size, Quantity quantity) {
    return in_fen(package_price) * Fraction{packages(quantity, size)};
}

std::vector<TierPart> graduated_parts(std::span<const Tier> tiers, Quantity quantity) {
    check(tiers);
    std::vector<TierPart> parts;
    Quantity below{};
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        if (i > 0 && quantity <= below) break;
        const auto top = tiers[i].up_to ? std::min(quantity, *tiers[i].up_to) : quantity;
        const auto inside = std::max(top - below, Quantity{});
        parts.push_back({i, below, inside, tier_amount(tiers[i], inside)});
        if (!tiers[i].up_to) break;
        below = *tiers[i].up_to;
    }
    return parts;
}

Fraction graduated_fee(std::span<const Tier> tiers, Quantity quantity) {
    Fraction fee;
    for (const auto& part : graduated_parts(tiers, quantity)) fee += part.amount;
    return fee;
}

TierPart volume_part(std::span<const Tier> tiers, Quantity quantity) {
    check(tiers);
    const auto total = std::max(quantity, Quantity{});
    std::size_t reached = 0;
    while (reached + 1 < tiers.size() && tiers[reached].up_to && total > *tiers[reached].up_to) ++reached;
    return {reached, Quantity{}, total, tier_amount(tiers[reached], total)};
}

Fraction volume_fee(std::span<const Tier> tiers, Quantity quantity) {
    return volume_part(tiers, quantity).amount;
}

Fraction percentage_event_fee(const Percentage& terms, Fen transaction, std::int64_t index) {
    if (index < terms.free_events) return {};
    Fraction fee = Fraction{transaction} * Fraction{terms.rate_ppm, 1'000'000} + Fraction{terms.fixed_fee};
    if (terms.event_minimum) fee = std::max(fee, Fraction{*terms.event_minimum});
    if (terms.event_maximum) fee = std::min(fee, Fraction{*terms.event_maximum});
    return fee;
}

Fraction percentage_fee(const Percentage& terms, std::span<const Fen> transactions) {
    Fraction fee;
    for (std::size_t i = 0; i < transactions.size(); ++i)
        fee += percentage_event_fee(terms, transactions[i], static_cast<std::int64_t>(i));
    return fee;
}

}  // namespace wefee
