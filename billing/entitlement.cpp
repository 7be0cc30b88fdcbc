// First what the tenant has, then what its state and its budget leave of it.
#include "billing/entitlement.hpp"

#include <algorithm>
#include <array>

namespace wefee {
namespace {

struct ReasonWords {
    EntitlementReason reason;
    std::string_view name;
    std::string_view text;
};
constexpr std::array reasons{
    ReasonWords{EntitlementReason::included, "included", "当前套餐已包含此功能"},
    ReasonWords{EntitlementReason::add_on, "add_on", "已加购包含此功能的模块"},
    ReasonWords{EntitlementReason::metered, "metered", "可以使用,按用量计费"},
    ReasonWords{EntitlementReason::trial, "trial", "试用期内可以使用"},
    ReasonWords{EntitlementReason::not_in_plan, "not_in_plan", "当前套餐不包含此功能"},
    ReasonWords{EntitlementReason::no_subscription, "no_subscription", "尚未开通或已结束订阅"},
    ReasonWords{EntitlementReason::restricted, "restricted", "账单逾期未付,收费功能已限制"},
    ReasonWords{EntitlementReason::paused, "paused", "服务已暂停"},
    ReasonWords{EntitlementReason::budget_stopped, "budget_stopped",
                "本期费用已达预算上限,按贵公司的设置停用"},
};

const ReasonWords& words_of(EntitlementReason reason) { return reasons.at(static_cast<std::size_t>(reason)); }

bool holds(const std::vector<std::string>& codes, std::string_view code) {
    return std::ranges::find(codes, code) != codes.end();
}

bool gives(const PriceList& prices, const std::vector<std::string>& modules, std::string_view feature) {
    return std::ranges::any_of(modules, [&](const std::string& code) {
        const auto* module = find_module(prices, code);
        return module && holds(module->features, feature);
    });
}

bool in_any_module(const PriceList& prices, std::string_view feature) {
    return std::ranges::any_of(prices.modules,
                               [&](const Module& module) { return holds(module.features, feature); });
}

EntitlementSource plan_source(const Plan& plan) {
    return {"plan", plan.code, plan.title, plan.price, plan.months, plan.weeks};
}

std::optional<EntitlementSource> add_on_source(const PriceList& prices, const std::string& code,
                                               std::string_view feature, const Plan& plan) {
    if (const auto* module = find_module(prices, code); module && holds(module->features, feature))
        return EntitlementSource{"module",      module->code,
                                 module->title, module->price.value_or(MicroYuan{}),
                                 plan.months,   plan.weeks};
    if (const auto* offer = find_add_on(prices, code); offer && gives(prices, offer->modules, feature))
        return EntitlementSource{"add_on", offer->code, offer->title, offer->price, plan.months, plan.weeks};
    return std::nullopt;
}

const UsageCharge* charge_of(const Plan& plan, const Feature& feature) {
    if (feature.meter.empty()) return nullptr;
    const auto found = std::ranges::find(plan.usage, feature.meter, &UsageCharge::meter);
    return found == plan.usage.end() ? nullptr : &*found;
}

/// What gives the feature to a tenant with these terms: its plan first, then what was added. A feature of no
/// module is everybody's when it never costs anything, and else of those whose plan prices its meter.
std::optional<EntitlementSource> source_of(const PriceList& prices, const Plan& plan,
                                           const ServiceTerms& terms, const Feature& feature) {
    if (gives(prices, plan.modules, feature.code)) return plan_source(plan);
    for (const auto& code : terms.add_ons)
        if (auto source = add_on_source(prices, code, feature.code, plan)) return source;
    if (in_any_module(prices, feature.code)) return std::nullopt;
    if (!feature.chargeable || charge_of(plan, feature)) return plan_source(plan);
    return std::nullopt;
}

/// Everything on the list that would give it: modules and add-ons only to who has a plan they can stand
/// beside.
std::vector<EntitlementSource> offers_of(const PriceList& prices, const Feature& feature, const Plan* plan) {
    std::vector<EntitlementSource> offers;
    const bool in_module = in_any_module(prices, feature.code);
    for (const auto& other : prices.plans)
        if (&other != plan &&
            (gives(prices, other.modules, feature.code) || (!in_module && charge_of(other, feature))))
            offers.push_back(plan_source(other));
    if (!plan) return offers;
    for (const auto& module : prices.modules)
        if (module.price && holds(module.features, feature.code))
            offers.push_back({"module", module.code, module.title, *module.price, plan->months, plan->weeks});
    for (const auto& offer : prices.add_ons)
        if (gives(prices, offer.modules, feature.code))
            offers.push_back({"add_on", offer.code, offer.title, offer.price, plan->months, plan->weeks});
    return offers;
}

bool costs(const std::optional<MeterStanding>& meter) {
    return meter && (!meter->next_price || *meter->next_price > MicroYuan{});
}

EntitlementReason reason_of(const EntitlementFacts& facts, const Feature& feature,
                            const Entitlement& answer) {
    using enum EntitlementReason;
    const auto state = facts.service->state;
    const bool next_costs = costs(answer.meter);
    if (state == SubscriptionState::paused) return paused;
    if (!answer.source) return not_in_plan;
    if (state == SubscriptionState::restricted && (feature.chargeable || next_costs)) return restricted;
    const auto& budget = facts.budget;
    if (budget && budget_stops(budget->budget, budget->cost, budget->agreed, feature.code, next_costs))
        return budget_stopped;
    if (state == SubscriptionState::trialing) return trial;
    if (next_costs) return metered;
    return answer.source->kind == "plan" ? included : add_on;
}

bool allows(EntitlementReason reason) { return reason <= EntitlementReason::trial; }

bool runs(const std::optional<ServiceTerms>& service) {
    return service && service->state != SubscriptionState::pending &&
           service->state != SubscriptionState::ended;
}

}  // namespace

std::string_view entitlement_reason_name(EntitlementReason reason) { return words_of(reason).name; }
std::string_view entitlement_reason_text(EntitlementReason reason) { return words_of(reason).text; }

std::optional<Entitlement> entitlement(const EntitlementFacts& facts, std::string_view code) {
    const auto& prices = *facts.prices;
    const auto* feature = find_feature(prices, code);
    if (!feature) return std::nullopt;
    Entitlement answer;
    answer.title = feature->title;
    const auto* plan = runs(facts.service) ? find_plan(prices, facts.service->plan) : nullptr;
    if (!plan) {
        answer.reason = EntitlementReason::no_subscription;
        answer.offers = offers_of(prices, *feature, nullptr);
        return answer;
    }
    answer.source = source_of(prices, *plan, *facts.service, *feature);
    const auto* charge = charge_of(*plan, *feature);
    const auto* meter = charge ? find_meter(prices, charge->meter) : nullptr;
    if (meter) {
        const auto total = std::ranges::find(facts.usage, charge->meter, &UsageTotal::meter);
        answer.meter =
            meter_standing(*charge, *meter, total == facts.usage.end() ? Quantity{} : total->quantity);
    }
    answer.reason = reason_of(facts, *feature, answer);
    answer.allowed = allows(answer.reason);
    if (answer.reason == EntitlementReason::not_in_plan) answer.offers = offers_of(prices, *feature, plan);
    return answer;
}

}  // namespace wefee
