// Quota left and the price of one further unit, from the same charge models that rate a bill.
#include <algorithm>

#include "billing/entitlement.hpp"

namespace wefee {
namespace {

/// What `used` units cost in fen, exact and before rounding; the meter's cap holds.
Fraction cost_of(const UsageCharge& charge, Quantity used) {
    const auto above = std::max(used - charge.included, Quantity{});
    Fraction cost;
    switch (charge.model) {
        case ChargeModel::per_unit:
            cost = per_unit_fee(charge.unit_price, above);
            break;
        case ChargeModel::package:
            cost = package_fee(charge.unit_price, charge.package_size, above);
            break;
        case ChargeModel::graduated:
            cost = graduated_fee(charge.tiers, used);
            break;
        case ChargeModel::volume:
            cost = volume_fee(charge.tiers, used);
            break;
        case ChargeModel::flat:
            cost = used > Quantity{} ? in_fen(charge.unit_price) : Fraction{};
            break;
        case ChargeModel::percentage:
            break;  // by each event's amount
    }
    return charge.cap ? std::min(cost, Fraction{*charge.cap}) : cost;
}

/// Of the tier that the next unit falls into.
MicroYuan unit_price_at(const UsageCharge& charge, Quantity next) {
    if (charge.tiers.empty()) return charge.unit_price;
    for (const auto& tier : charge.tiers)
        if (!tier.up_to || next <= *tier.up_to) return tier.unit_price;
    return charge.tiers.back().unit_price;
}

bool has_quota(ChargeModel model) { return model == ChargeModel::per_unit || model == ChargeModel::package; }

}  // namespace

MeterStanding meter_standing(const UsageCharge& charge, const Meter& meter, Quantity used) {
    used = std::max(used, Quantity{});
    const auto next = used + units(1);
    MeterStanding standing;
    standing.meter = meter.code;
    standing.title = meter.title;
    standing.unit = meter.unit;
    standing.model = charge.model;
    standing.used = used;
    standing.included = charge.included;
    standing.unit_price = unit_price_at(charge, next);
    if (has_quota(charge.model)) standing.quota_left = std::max(charge.included - used, Quantity{});
    if (charge.model != ChargeModel::percentage) {
        const auto further = cost_of(charge, next) - cost_of(charge, used);
        standing.next_price = MicroYuan{ceil_of(further * Fraction{micro_yuan_per_fen})};
    }
    return standing;
}

}  // namespace wefee
