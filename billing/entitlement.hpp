// Entitlements (C7): may a tenant use a feature now, why, and what the next unit costs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/budget.hpp"
#include "billing/machines/subscription.hpp"
#include "billing/rating.hpp"

namespace wefee {

enum class EntitlementReason {
    included,         // by the plan, or a feature that never costs anything
    add_on,           // by a module or an add-on that was added
    metered,          // allowed, and the next unit costs something or may do
    trial,            // in the trial's days
    not_in_plan,      // the plan does not hold it: `offers` say what does
    no_subscription,  // none, one that was not opened yet, or one that ended
    restricted,       // an overdue bill; only what can never cost anything goes on
    paused,
    budget_stopped,  // the customer's own budget
};
/// The stable code, and the words for people (zh-CN).
std::string_view entitlement_reason_name(EntitlementReason reason);
std::string_view entitlement_reason_text(EntitlementReason reason);

struct ServiceTerms {
    SubscriptionState state{};
    std::string plan;
    std::vector<std::string> add_ons = {};  // codes of modules or of add-on offers
};

struct BudgetStanding {
    Budget budget;
    Fen cost;             // of the open period, before any cap
    bool agreed = false;  // a consent was granted since the limit was reached
};

/// What a decision reads. `prices`: the subscription's list; without a subscription the one in force.
struct EntitlementFacts {
    const PriceList* prices = nullptr;
    std::optional<ServiceTerms> service = {};
    std::vector<UsageTotal> usage = {};  // of the open period
    std::optional<BudgetStanding> budget = {};
};

/// What gives the feature: kind plan, module or add_on. `price`: per period, 0 for a module inside a plan.
struct EntitlementSource {
    std::string kind;
    std::string code;
    std::string title;
    MicroYuan price;
    int months = 1;
    int weeks = 0;  // above 0: the period is of weeks
};

struct MeterStanding {
    std::string meter;
    std::string title;
    std::string unit;
    ChargeModel model{};
    Quantity used;
    Quantity included;
    std::optional<Quantity> quota_left;  // per unit and package prices only
    MicroYuan unit_price;                // of one unit or package where the period stands now
    std::optional<MicroYuan>
        next_price;  // of one further unit, rounded up; none: it depends on the event's amount
};

struct Entitlement {
    bool allowed = false;
    EntitlementReason reason{};
    std::string title;                             // the feature's
    std::optional<EntitlementSource> source = {};  // none: nothing the tenant has gives it
    std::optional<MeterStanding> meter = {};
    std::vector<EntitlementSource> offers = {};  // where it can be bought, when that is what is missing
};

/// Pure. nullopt: the list knows no such feature.
std::optional<Entitlement> entitlement(const EntitlementFacts& facts, std::string_view feature);

/// Where the period stands on one meter.
MeterStanding meter_standing(const UsageCharge& charge, const Meter& meter, Quantity used);

}  // namespace wefee
