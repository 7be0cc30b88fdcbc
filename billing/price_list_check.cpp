// What forbids the publication of a price list: hidden fees, bundling, prices that cannot be worked out.
#include <algorithm>
#include <array>
#include <set>

#include "billing/price_list.hpp"

namespace wefee {
namespace {

/// Heads of item codes that are ours: a meter may not be called so.
constexpr std::array<std::string_view, 7> reserved_codes{"plan",    "module", "seats",   "tax",
                                                         "minimum", "cap",    "discount"};

bool is_code(std::string_view text) {
    return !text.empty() && text.size() <= 48 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::string at(std::string_view list, std::size_t i) {
    return "/" + std::string(list) + "/" + std::to_string(i);
}

class Check {
public:
    explicit Check(const PriceList& prices) : prices_(prices) {}

    std::vector<Issue> run() {
        codes(prices_.features, "features");
        codes(prices_.modules, "modules");
        codes(prices_.meters, "meters");
        codes(prices_.plans, "plans");
        for (std::size_t i = 0; i < prices_.features.size(); ++i)
            feature(prices_.features[i], at("features", i));
        for (std::size_t i = 0; i < prices_.modules.size(); ++i) module(prices_.modules[i], at("modules", i));
        for (std::size_t i = 0; i < prices_.meters.size(); ++i) meter(prices_.meters[i], at("meters", i));
        for (std::size_t i = 0; i < prices_.plans.size(); ++i) plan(prices_.plans[i], at("plans", i));
        whole();
        return std::move(issues_);
    }

private:
    void add(std::string_view code, std::string pointer, std::string text) {
        issues_.push_back({std::string(code), std::move(pointer), std::move(text)});
    }

    template <class Row>
    void codes(const std::vector<Row>& rows, std::string_view list) {
        std::set<std::string_view> seen;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!is_code(rows[i].code)) add("bad_code", at(list, i) + "/code", "1-48 of a-z, 0-9 and _");
            if (!seen.insert(rows[i].code).second) add("duplicate_code", at(list, i) + "/code", rows[i].code);
            if (rows[i].title.empty())
                add("missing_text", at(list, i) + "/title", "a title is shown to customers");
        }
    }

    bool has_module_price(const std::string& feature) const {
        return std::ranges::any_of(prices_.modules, [&](const Module& module) {
            return module.price && std::ranges::find(module.features, feature) != module.features.end();
        });
    }

    bool is_metered(const std::string& meter) const {
        return std::ranges::any_of(prices_.plans, [&](const Plan& plan) {
            return std::ranges::find(plan.usage, meter, &UsageCharge::meter) != plan.usage.end();
        });
    }

    void feature(const Feature& feature, const std::string& pointer) {
        if (!feature.meter.empty() && !find_meter(prices_, feature.meter))
            add("unknown_reference", pointer + "/meter", feature.meter);
        const bool priced =
            has_module_price(feature.code) || (!feature.meter.empty() && is_metered(feature.meter));
        if (feature.chargeable && !priced)
            add("hidden_fee", pointer, "this feature can be charged, but no module or meter lists its price");
        if (!feature.chargeable && !feature.meter.empty() && is_metered(feature.meter))
            add("hidden_fee", pointer + "/chargeable", "a plan charges its meter, but it is listed as free");
    }

    void module(const Module& module, const std::string& pointer) {
        for (std::size_t i = 0; i < module.features.size(); ++i)
            if (!find_feature(prices_, module.features[i]))
                add("unknown_reference", pointer + at("features", i), module.features[i]);
        if (module.price) not_negative(module.price->count(), pointer + "/price");
    }

    void meter(const Meter& meter, const std::string& pointer) {
        if (meter.unit.empty()) add("missing_text", pointer + "/unit", "the unit is shown on every line");
        if (std::ranges::find(reserved_codes, meter.code) != reserved_codes.end())
            add("bad_code", pointer + "/code", "this name is kept for other lines");
    }

    void plan(const Plan& plan, const std::string& pointer) {
        for (std::size_t i = 0; i < plan.modules.size(); ++i) {
            const auto* module = find_module(prices_, plan.modules[i]);
            if (!module) add("unknown_reference", pointer + at("modules", i), plan.modules[i]);
            if (module && !module->price)
                add("bundling", pointer + at("modules", i), "the plan forces a module that has no own price");
        }
        not_negative(plan.price.count(), pointer + "/price");
        not_negative(plan.seat_price.count(), pointer + "/seat_price");
        not_negative(plan.included_seats, pointer + "/included_seats", "bad_value");
        not_negative(plan.trial_days, pointer + "/trial_days", "bad_value");
        if (plan.months != 1 && plan.months != 3 && plan.months != 12)
            add("bad_value", pointer + "/months", "1, 3 or 12");
        limits(plan.minimum, plan.cap, pointer);
        std::set<std::string_view> seen;
        for (std::size_t i = 0; i < plan.usage.size(); ++i) {
            if (!seen.insert(plan.usage[i].meter).second)
                add("duplicate_code", pointer + at("usage", i) + "/meter", plan.usage[i].meter);
            usage(plan.usage[i], pointer + at("usage", i));
        }
    }

    void usage(const UsageCharge& charge, const std::string& pointer) {
        if (!find_meter(prices_, charge.meter)) add("unknown_reference", pointer + "/meter", charge.meter);
        not_negative(charge.unit_price.count(), pointer + "/unit_price");
        not_negative(charge.included.count(), pointer + "/included", "bad_value");
        limits(charge.minimum, charge.cap, pointer);
        const bool tiered = charge.model == ChargeModel::graduated || charge.model == ChargeModel::volume;
        if (tiered) tiers(charge.tiers, pointer + "/tiers");
        if (!tiered && !charge.tiers.empty())
            add("wrong_model", pointer + "/tiers", "only graduated and volume have tiers");
        if (charge.included.count() > 0 && charge.model != ChargeModel::per_unit &&
            charge.model != ChargeModel::package)
            add("wrong_model", pointer + "/included", "use a first tier at price 0, or free events");
        if (charge.model == ChargeModel::package && charge.package_size.count() <= 0)
            add("bad_value", pointer + "/package_size", "a package holds something");
        if (charge.model == ChargeModel::percentage) percentage(charge.percentage, pointer + "/percentage");
    }

    void tiers(const std::vector<Tier>& tiers, const std::string& pointer) {
        if (tiers.empty()) return add("tier_gap", pointer, "a tiered price needs a tier");
        Quantity below{};
        for (std::size_t i = 0; i < tiers.size(); ++i) {
            const auto here = pointer + "/" + std::to_string(i);
            const bool last = i + 1 == tiers.size();
            if (last && tiers[i].up_to) add("tier_gap", here + "/up_to", "quantities above have no price");
            if (!last && !tiers[i].up_to)
                add("tier_overlap", here + "/up_to", "an open tier hides the next one");
            if (tiers[i].up_to && *tiers[i].up_to <= below) add("tier_overlap", here + "/up_to", "must rise");
            if (tiers[i].up_to) below = std::max(below, *tiers[i].up_to);
            not_negative(tiers[i].unit_price.count(), here + "/unit_price");
            not_negative(tiers[i].flat_fee.count(), here + "/flat_fee");
            if (tiers[i].cap) not_negative(tiers[i].cap->count(), here + "/cap");
            if (tiers[i].package_size && tiers[i].package_size->count() <= 0)
                add("bad_value", here + "/package_size", "a package holds something");
        }
    }

    void percentage(const Percentage& terms, const std::string& pointer) {
        not_negative(terms.rate_ppm, pointer + "/rate_ppm");
        not_negative(terms.fixed_fee.count(), pointer + "/fixed_fee");
        not_negative(terms.free_events, pointer + "/free_events", "bad_value");
        if (terms.event_minimum) not_negative(terms.event_minimum->count(), pointer + "/event_minimum");
        if (terms.event_maximum) not_negative(terms.event_maximum->count(), pointer + "/event_maximum");
        if (terms.event_minimum && terms.event_maximum && *terms.event_minimum > *terms.event_maximum)
            add("bad_value", pointer + "/event_maximum", "lies below the minimum");
    }

    void limits(std::optional<Fen> minimum, std::optional<Fen> cap, const std::string& pointer) {
        if (minimum) not_negative(minimum->count(), pointer + "/minimum");
        if (cap) not_negative(cap->count(), pointer + "/cap");
        if (minimum && cap && *minimum > *cap) add("bad_value", pointer + "/cap", "lies below the minimum");
    }

    void not_negative(std::int64_t value, std::string pointer, std::string_view code = "negative_price") {
        if (value < 0) add(code, std::move(pointer), "must not be negative");
    }

    void whole() {
        if (prices_.plans.empty()) add("missing_text", "/plans", "nothing is for sale");
        if (!prices_.effective_from.ok()) add("bad_value", "/effective_from", "a date is needed");
        if (prices_.tax_basis_points < 0 || prices_.tax_basis_points > 10'000)
            add("bad_value", "/tax_basis_points", "0-10000");
        if (prices_.terms.version.empty())
            add("missing_text", "/terms/version", "consents are bound to a version");
        if (prices_.terms.text.empty()) add("missing_text", "/terms/text", "terms are shown before consent");
        if (prices_.refund_policy.empty())
            add("missing_text", "/refund_policy", "it is shown before consent");
    }

    const PriceList& prices_;
    std::vector<Issue> issues_;
};

}  // namespace

std::vector<Issue> validate(const PriceList& prices) { return Check(prices).run(); }

}  // namespace wefee
