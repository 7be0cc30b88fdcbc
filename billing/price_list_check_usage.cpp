// Usage prices that cannot be worked out, or that say what their model does not use.
#include <algorithm>

#include "billing/price_list_issues.hpp"

namespace wefee {
namespace {

bool is_tiered(ChargeModel model) { return model == ChargeModel::graduated || model == ChargeModel::volume; }

bool has_unit_price(ChargeModel model) {
    return model == ChargeModel::per_unit || model == ChargeModel::package || model == ChargeModel::flat;
}

bool counts_each_event(Aggregation aggregation) {
    return aggregation == Aggregation::sum || aggregation == Aggregation::count;
}

bool says_something(const Percentage& terms) {
    return terms.rate_ppm != 0 || terms.fixed_fee != Fen{} || terms.free_events != 0 || terms.event_minimum ||
           terms.event_maximum;
}

}  // namespace

void check_tiers(const std::vector<Tier>& tiers, const std::string& pointer, std::string_view name,
                 Issues& issues) {
    if (tiers.empty()) return issues.add("tier_gap", pointer, "a tiered price needs a tier");
    Quantity below{};
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        const auto here = pointer + list_pointer(name, i);
        const auto& tier = tiers[i];
        const bool last = i + 1 == tiers.size();
        if (last && tier.up_to) issues.add("tier_gap", here + "/up_to", "quantities above have no price");
        if (!last && !tier.up_to) issues.add("tier_overlap", here, "an open tier hides the next one");
        if (tier.up_to && *tier.up_to <= below) issues.add("tier_overlap", here + "/up_to", "must rise");
        if (tier.up_to) below = std::max(below, *tier.up_to);
        issues.price(tier.unit_price.count(), here + "/unit_price_micro_yuan");
        issues.price(tier.flat_fee.count(), here + "/flat_fee_fen");
        if (tier.package_size && tier.package_size->count() <= 0)
            issues.add("bad_value", here + "/package_size", "a package holds something");
        if (tier.cap) issues.price(tier.cap->count(), here + "/cap_fen");
    }
}

namespace {

void check_percentage(const Percentage& terms, const std::string& here, Issues& issues) {
    issues.price(terms.rate_ppm, here + "/rate_ppm");
    issues.price(terms.fixed_fee.count(), here + "/fixed_fee_fen");
    issues.count(terms.free_events, here + "/free_events");
    if (terms.event_minimum) issues.price(terms.event_minimum->count(), here + "/event_minimum_fen");
    if (terms.event_maximum) issues.price(terms.event_maximum->count(), here + "/event_maximum_fen");
    if (terms.event_minimum && terms.event_maximum && *terms.event_minimum > *terms.event_maximum)
        issues.add("bad_value", here + "/event_maximum_fen", "lies below the minimum");
}

void check_quota(const UsageCharge& charge, bool meter_known, const std::string& pointer, Issues& issues) {
    const auto here = pointer + "/included";
    issues.count(charge.included.count(), here);
    if (charge.included.count() <= 0) return;
    if (!meter_known)
        issues.add("quota_without_meter", here, "there is no meter that counts against this quota");
    if (charge.model == ChargeModel::flat || charge.model == ChargeModel::percentage)
        issues.add("quota_without_meter", here,
                   "this price does not count units; free_events is the quota of a percentage");
    if (is_tiered(charge.model)) issues.add("wrong_model", here, "use a first tier at price 0");
}

void check_strays(const UsageCharge& charge, const std::string& pointer, Issues& issues) {
    const auto stray = [&](bool set, std::string_view field, std::string_view who) {
        if (set)
            issues.add("wrong_model", pointer + "/" + std::string(field), "only for " + std::string(who));
    };
    stray(!has_unit_price(charge.model) && charge.unit_price != MicroYuan{}, "unit_price_micro_yuan",
          "per_unit, package and flat");
    stray(charge.model != ChargeModel::package && charge.package_size != Quantity{}, "package_size",
          "package");
    stray(!is_tiered(charge.model) && !charge.tiers.empty(), "tiers", "graduated and volume");
    stray(charge.model != ChargeModel::percentage && says_something(charge.percentage), "percentage",
          "percentage");
}

}  // namespace

void check_credits(const std::vector<IncludedCredit>& credits, const std::vector<std::string>& charged,
                   const PriceList& prices, const std::string& pointer, Issues& issues) {
    for (std::size_t i = 0; i < credits.size(); ++i) {
        const auto here = pointer + list_pointer("credits", i);
        const auto& credit = credits[i];
        issues.price(credit.amount.count(), here + "/amount_fen");
        if (credit.amount == Fen{}) issues.add("useless_credit", here + "/amount_fen", "a credit of nothing");
        if (charged.empty()) issues.add("useless_credit", here, "nothing is metered that it could pay");
        for (std::size_t j = 0; j < credit.meters.size(); ++j) {
            const auto& meter = credit.meters[j];
            const auto at = here + list_pointer("meters", j);
            const auto first = credit.meters.begin();
            if (!find_meter(prices, meter))
                issues.add("unknown_reference", at, meter);
            else if (std::ranges::find(charged, meter) == charged.end())
                issues.add("useless_credit", at, "nothing charges " + meter);
            if (std::find(first, first + static_cast<std::ptrdiff_t>(j), meter) !=
                first + static_cast<std::ptrdiff_t>(j))
                issues.add("duplicate_code", at, meter);
        }
    }
}

void check_usage(const UsageCharge& charge, const PriceList& prices, const std::string& pointer,
                 Issues& issues) {
    const auto* meter = find_meter(prices, charge.meter);
    if (!meter) issues.add("unknown_reference", pointer + "/meter", charge.meter);
    issues.price(charge.unit_price.count(), pointer + "/unit_price_micro_yuan");
    check_quota(charge, meter != nullptr, pointer, issues);
    if (charge.model == ChargeModel::package && charge.package_size <= Quantity{}) {
        const bool given = charge.package_size < Quantity{};
        issues.add("bad_value", given ? pointer + "/package_size" : pointer,
                   "package_size: a package holds something");
    }
    check_strays(charge, pointer, issues);
    if (charge.model == ChargeModel::percentage && meter && !counts_each_event(meter->aggregation))
        issues.add("wrong_model", pointer + "/model",
                   "an event has a price of its own only where a meter counts each: sum or count");
    if (is_tiered(charge.model)) check_tiers(charge.tiers, pointer, "tiers", issues);
    if (charge.model == ChargeModel::percentage)
        check_percentage(charge.percentage, pointer + "/percentage", issues);
    issues.limits(charge.minimum, charge.cap, pointer);
}

}  // namespace wefee
