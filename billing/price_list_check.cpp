// What forbids the publication of a price list: hidden fees, bundling, things nobody can reach or tell apart.
#include <algorithm>
#include <array>
#include <set>

#include "billing/price_list_issues.hpp"

namespace wefee {
namespace {

/// Heads of item codes that are ours: a meter may not be called so.
constexpr std::array<std::string_view, 12> reserved_codes{
    "plan",     "module", "add_on",  "seats",          "tax",   "minimum", "cap",
    "discount", "coupon", "one_off", "account_credit", "credit"};

bool is_code(std::string_view text) {
    return !text.empty() && text.size() <= 48 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool holds(const std::vector<std::string>& texts, std::string_view text) {
    return std::ranges::find(texts, text) != texts.end();
}

std::vector<std::string> meters_of(const Plan& plan) {
    std::vector<std::string> meters;
    for (const auto& charge : plan.usage) meters.push_back(charge.meter);
    return meters;
}

class Check {
public:
    explicit Check(const PriceList& prices) : prices_(prices) {
        for (const auto& plan : prices.plans)
            std::ranges::move(meters_of(plan), std::back_inserter(charged_));
    }

    std::vector<Issue> run() {
        head();
        each(prices_.features, "features", [this](const auto& row, const auto& at) { feature(row, at); });
        each(prices_.modules, "modules", [this](const auto& row, const auto& at) { module(row, at); });
        each(prices_.meters, "meters", [this](const auto& row, const auto& at) { meter(row, at); });
        each(prices_.plans, "plans", [this](const auto& row, const auto& at) { plan(row, at); });
        each(prices_.add_ons, "add_ons", [this](const auto& row, const auto& at) { add_on(row, at); });
        each(prices_.one_offs, "one_offs", [this](const auto& row, const auto& at) { one_off(row, at); });
        each(prices_.coupons, "coupons", [this](const auto& row, const auto& at) { coupon(row, at); });
        tail();
        return issues_.take();
    }

private:
    /// Codes and titles of a list, then `check` for each row. What can be bought stands in lines and consents
    /// by its code alone, so plans, modules, add-ons and coupons share one set of names.
    template <class Row, class Body>
    void each(const std::vector<Row>& rows, std::string_view list, Body check) {
        std::set<std::string> own;
        auto& names = list == "features" || list == "meters" ? own : sold_;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto at = list_pointer(list, i);
            named(rows[i], at, names);
            check(rows[i], at);
        }
    }
    template <class Row>
    void named(const Row& row, const std::string& at, std::set<std::string>& names) {
        if (!is_code(row.code)) issues_.add("bad_code", at + "/code", "1-48 of a-z, 0-9 and _");
        if (!names.insert(row.code).second) issues_.add("duplicate_code", at + "/code", row.code);
        if (row.title.empty()) issues_.add("missing_text", at + "/title", "a title is shown to customers");
    }

    /// A list of codes at `pointer`/`name`: each once, each known.
    template <class Find>
    void references(const std::vector<std::string>& codes, std::string_view name, const std::string& pointer,
                    Find find) {
        std::set<std::string_view> seen;
        for (std::size_t i = 0; i < codes.size(); ++i) {
            const auto here = pointer + list_pointer(name, i);
            if (!seen.insert(codes[i]).second) issues_.add("duplicate_code", here, codes[i]);
            if (!find(prices_, codes[i])) issues_.add("unknown_reference", here, codes[i]);
        }
    }

    void forced_modules(const std::vector<std::string>& modules, const std::string& pointer) {
        references(modules, "modules", pointer, find_module);
        for (std::size_t i = 0; i < modules.size(); ++i) {
            const auto* module = find_module(prices_, modules[i]);
            if (module && !module->price)
                issues_.add("bundling", pointer + list_pointer("modules", i),
                            "it forces a module that has no own price");
        }
    }

    bool has_module_price(const std::string& feature) const {
        return std::ranges::any_of(prices_.modules,
                                   [&](const Module& m) { return m.price && holds(m.features, feature); });
    }
    bool has_module(const std::string& feature) const {
        return std::ranges::any_of(prices_.modules,
                                   [&](const Module& m) { return holds(m.features, feature); });
    }
    bool is_charged(const std::string& meter) const { return holds(charged_, meter); }
    bool is_sold(const Module& module) const {
        const auto in = [&](const auto& offer) { return holds(offer.modules, module.code); };
        return module.price || std::ranges::any_of(prices_.plans, in) ||
               std::ranges::any_of(prices_.add_ons, in);
    }

    void feature(const Feature& feature, const std::string& pointer) {
        const bool metered = !feature.meter.empty();
        if (metered && !find_meter(prices_, feature.meter))
            issues_.add("unknown_reference", pointer + "/meter", feature.meter);
        const bool charged = metered && is_charged(feature.meter);
        if (feature.chargeable && !charged && !has_module_price(feature.code))
            issues_.add("hidden_fee", pointer,
                        "this feature can be charged, but no module or meter lists its price");
        if (!feature.chargeable && charged)
            issues_.add("hidden_fee", pointer, "a plan charges its meter, but it is listed as free");
        if (!feature.chargeable && !metered && !has_module(feature.code))
            issues_.add("unreachable", pointer, "no module holds this feature");
    }

    void module(const Module& module, const std::string& pointer) {
        references(module.features, "features", pointer, find_feature);
        if (module.price) issues_.price(module.price->count(), pointer + "/price_micro_yuan");
        if (!is_sold(module))
            issues_.add("unreachable", pointer,
                        "no plan or add-on holds this module, and it is not sold alone");
    }

    void meter(const Meter& meter, const std::string& pointer) {
        if (std::ranges::find(reserved_codes, meter.code) != reserved_codes.end())
            issues_.add("bad_code", pointer + "/code", "this name is kept for other lines");
        if (meter.unit.empty())
            issues_.add("missing_text", pointer + "/unit", "the unit is shown on every line");
        const bool unique = meter.aggregation == Aggregation::unique;
        if (unique && meter.property.empty())
            issues_.add("unique_without_property", pointer, "property: whose different values are counted");
        if (!unique && !meter.property.empty())
            issues_.add("wrong_model", pointer + "/property", "only a unique count has one");
        std::set<std::string_view> seen;
        for (std::size_t i = 0; i < meter.filters.size(); ++i) {
            const auto here = pointer + list_pointer("filters", i);
            const auto& filter = meter.filters[i];
            if (filter.property.empty())
                issues_.add("missing_text", here + "/property", "which property is looked at");
            if (!seen.insert(filter.property).second)
                issues_.add("duplicate_code", here + "/property", filter.property);
            if (filter.values.empty())
                issues_.add("bad_value", here + "/values", "no event would ever count");
        }
        references(meter.dimensions, "dimensions", pointer,
                   [](const PriceList&, const std::string&) { return true; });
    }

    void period(const Plan& plan, const std::string& pointer) {
        if (plan.months != 1 && plan.months != 3 && plan.months != 12)
            issues_.add("bad_value", pointer + "/months", "1, 3 or 12");
        issues_.count(plan.weeks, pointer + "/weeks");
        if (plan.weeks > 0 && plan.months != 1)
            issues_.add("wrong_model", pointer + "/months", "a plan by the week has no months");
        if (plan.weeks > 0 && plan.day_count == DayCount::thirty)
            issues_.add("wrong_model", pointer + "/day_count", "only months have thirty days");
    }

    /// Seats have one price or tiers; tiers are a ledger of days.
    void seats(const Plan& plan, const std::string& pointer) {
        issues_.count(plan.included_seats, pointer + "/included_seats");
        issues_.price(plan.seat_price.count(), pointer + "/seat_price_micro_yuan");
        if (plan.seat_tiers.empty()) return;
        check_tiers(plan.seat_tiers, pointer, "seat_tiers", issues_);
        if (plan.seat_price != MicroYuan{})
            issues_.add("wrong_model", pointer + "/seat_price_micro_yuan", "the tiers price the seats");
        if (plan.seat_rule != SeatRule::prorated)
            issues_.add("wrong_model", pointer + "/seat_rule", "seats in tiers are prorated");
        for (std::size_t i = 0; i < plan.seat_tiers.size(); ++i) {
            const auto here = pointer + list_pointer("seat_tiers", i);
            const auto& tier = plan.seat_tiers[i];
            if (tier.package_size)
                issues_.add("wrong_model", here + "/package_size", "seats are not sold in packages");
            if (tier.cap) issues_.add("wrong_model", here + "/cap_fen", "a tier of seats has no cap");
            if (tier.up_to && tier.up_to->count() % quantity_scale != 0)
                issues_.add("bad_value", here + "/up_to", "a whole number of seats");
        }
    }

    void plan(const Plan& plan, const std::string& pointer) {
        forced_modules(plan.modules, pointer);
        period(plan, pointer);
        issues_.price(plan.price.count(), pointer + "/price_micro_yuan");
        seats(plan, pointer);
        std::set<std::string_view> seen;
        for (std::size_t i = 0; i < plan.usage.size(); ++i) {
            const auto here = pointer + list_pointer("usage", i);
            if (!seen.insert(plan.usage[i].meter).second)
                issues_.add("duplicate_code", here + "/meter", plan.usage[i].meter);
            check_usage(plan.usage[i], prices_, here, issues_);
        }
        issues_.limits(plan.minimum, plan.cap, pointer);
        issues_.count(plan.trial_days, pointer + "/trial_days");
        credits(plan.credits, meters_of(plan), pointer);
    }

    void add_on(const AddOnOffer& offer, const std::string& pointer) {
        if (offer.modules.empty()) issues_.add("bad_value", pointer + "/modules", "an add-on holds a module");
        forced_modules(offer.modules, pointer);
        issues_.price(offer.price.count(), pointer + "/price_micro_yuan");
        credits(offer.credits, charged_, pointer);
    }

    /// Lines and consents tell them apart by their codes, as everything that is sold.
    void credits(const std::vector<IncludedCredit>& credits, const std::vector<std::string>& charged,
                 const std::string& pointer) {
        for (std::size_t i = 0; i < credits.size(); ++i)
            named(credits[i], pointer + list_pointer("credits", i), sold_);
        check_credits(credits, charged, prices_, pointer, issues_);
    }

    void one_off(const OneOffOffer& offer, const std::string& pointer) {
        if (offer.unit.empty())
            issues_.add("missing_text", pointer + "/unit", "the unit is shown on every line");
        issues_.price(offer.price.count(), pointer + "/price_micro_yuan");
    }

    void coupon(const CouponOffer& offer, const std::string& pointer) {
        const bool percent = offer.terms.kind == Coupon::Kind::percent;
        const auto bad = [&](bool given, std::string_view field, std::string text) {
            issues_.add("coupon_out_of_range", given ? pointer + "/" + std::string(field) : pointer,
                        std::move(text));
        };
        const auto points = offer.terms.basis_points;
        const auto amount = offer.terms.amount;
        if (percent && (points <= 0 || points > 10'000))
            bad(points != 0, "basis_points", "basis_points: 1-10000");
        if (!percent && amount <= Fen{}) bad(amount != Fen{}, "amount_fen", "amount_fen: above 0");
        if (percent && amount != Fen{}) issues_.add("wrong_model", pointer + "/amount_fen", "only for fixed");
        if (!percent && points != 0)
            issues_.add("wrong_model", pointer + "/basis_points", "only for percent");
        issues_.count(offer.periods, pointer + "/periods");
    }

    void head() {
        if (prices_.title.empty()) issues_.add("missing_text", "/title", "a title is shown to customers");
        if (!prices_.effective_from.ok())
            issues_.add("bad_value", "", "effective_from: from which day is it in force");
    }

    void tail() {
        if (prices_.plans.empty()) issues_.add("missing_text", "/plans", "nothing is for sale");
        if (prices_.tax_basis_points < 0 || prices_.tax_basis_points > 10'000)
            issues_.add("bad_value", "/tax_basis_points", "0-10000");
        if (prices_.tax_basis_points != 0 && prices_.tax_title.empty())
            issues_.add("missing_text", "/tax_title", "the tax is named on every invoice");
        if (prices_.terms.version.empty())
            issues_.add("missing_text", "/terms/version", "consents are bound to a version");
        if (prices_.terms.text.empty())
            issues_.add("missing_text", "/terms/text", "terms are shown before consent");
        if (prices_.refund_policy.empty())
            issues_.add("missing_text", "/refund_policy", "it is shown before consent");
    }

    const PriceList& prices_;
    Issues issues_;
    std::set<std::string> sold_;
    std::vector<std::string> charged_;  // meters that some plan charges
};

}  // namespace

std::vector<Issue> validate(const PriceList& prices) { return Check(prices).run(); }

}  // namespace wefee
