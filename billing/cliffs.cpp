// Cliffs: the whole bill is rated again with more usage of one meter, so every limit and the tax have their
// say.
#include <algorithm>
#include <set>

#include "billing/recommend.hpp"

namespace wefee {
namespace {

bool is_whole(Quantity quantity) { return quantity.count() % quantity_scale == 0; }

/// The first quantity above `edge`: a whole unit further where units are counted whole.
Quantity above(Quantity edge, Quantity used) {
    return is_whole(edge) && is_whole(used) ? edge + units(1) : edge + Quantity{1};
}

Quantity next_package(Quantity used, Quantity size) {
    return Quantity{(packages(used, size) + 1) * size.count()};
}

/// Rising quantities above `used` at which the price changes its course.
std::set<Quantity> edges_above(const UsageCharge& charge, Quantity used) {
    std::set<Quantity> edges;
    if (charge.model == ChargeModel::percentage || charge.model == ChargeModel::flat) return edges;
    edges.insert(above(used, used));
    if (charge.package_size > Quantity{}) edges.insert(next_package(used, charge.package_size));
    for (const auto& tier : charge.tiers) {
        if (tier.package_size) edges.insert(next_package(used, *tier.package_size));
        if (tier.up_to && *tier.up_to >= used) edges.insert(above(*tier.up_to, used));
    }
    return edges;
}

RatingInput with_quantity(RatingInput input, const std::string& meter, Quantity quantity) {
    const auto found = std::ranges::find(input.usage, meter, &UsageTotal::meter);
    if (found == input.usage.end())
        input.usage.push_back({meter, quantity, 0});
    else
        found->quantity = quantity;
    return input;
}

}  // namespace

std::vector<Cliff> find_cliffs(const PriceList& prices, const RatingInput& input, std::int64_t& rate_calls) {
    std::vector<Cliff> cliffs;
    const auto* plan = find_plan(prices, input.plan);
    if (!plan) return cliffs;
    const auto bill = rate(prices, input).total;
    ++rate_calls;
    for (const auto& charge : plan->usage) {
        const auto* meter = find_meter(prices, charge.meter);
        const auto total = std::ranges::find(input.usage, charge.meter, &UsageTotal::meter);
        const auto used = total == input.usage.end() ? Quantity{} : total->quantity;
        Cliff best{input.period, charge.meter, meter->title, meter->unit, used, used, bill, bill};
        for (const auto quantity : edges_above(charge, used)) {
            const auto then = rate(prices, with_quantity(input, charge.meter, quantity)).total;
            ++rate_calls;
            if (then >= best.bill_at) continue;
            best.at = quantity;
            best.bill_at = then;
        }
        if (best.saving() > Fen{}) cliffs.push_back(std::move(best));
    }
    return cliffs;
}

}  // namespace wefee
