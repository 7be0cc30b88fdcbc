// Entitlements: every reason, what it says it costs, and where the feature can be bought.
#include "billing/entitlement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "property.hpp"
#include "sample_prices.hpp"

namespace wefee {
namespace {

using testing::sample_prices;
using enum EntitlementReason;
using State = SubscriptionState;

const PriceList prices = [] {
    auto list = sample_prices();
    list.features.push_back({.code = "mass", .title = "群发", .chargeable = true, .meter = "messages"});
    list.features.push_back({.code = "trade", .title = "交易", .chargeable = true, .meter = "orders"});
    list.add_ons = {{"bundle", "会话组合", {"archive"}, MicroYuan{100'000'000}}};
    return list;
}();

EntitlementFacts facts_of(State state, std::vector<std::string> add_ons = {}) {
    EntitlementFacts facts;
    facts.prices = &prices;
    facts.service = ServiceTerms{state, "pro", std::move(add_ons)};
    return facts;
}

BudgetStanding spent(LimitAction action, std::vector<std::string> features, bool agreed = false,
                     bool hard = false) {
    BudgetStanding standing;
    standing.budget.amount = Fen{50'000};
    standing.budget.at_limit = action;
    standing.budget.hard_cap = hard;
    standing.budget.features = std::move(features);
    standing.cost = Fen{50'000};
    standing.agreed = agreed;
    return standing;
}

struct Row {
    std::string name;
    EntitlementFacts facts;
    std::string feature;
    bool allowed;
    EntitlementReason reason;
};

std::vector<Row> rows() {
    std::vector<Row> all;
    const auto add = [&](std::string name, EntitlementFacts facts, std::string feature, bool allowed,
                         EntitlementReason reason) {
        all.push_back({std::move(name), std::move(facts), std::move(feature), allowed, reason});
    };
    add("in the plan", facts_of(State::active), "crm", true, included);
    add("not in the plan", facts_of(State::active), "archive", false, not_in_plan);
    add("module added", facts_of(State::active, {"archive"}), "archive", true, add_on);
    add("add-on offer added", facts_of(State::active, {"bundle"}), "archive", true, add_on);
    add("quota left", facts_of(State::active), "mass", true, included);
    auto used = facts_of(State::active);
    used.usage = {{"messages", units(10'000), 1}};
    add("quota used up", used, "mass", true, metered);
    used.usage = {{"messages", units(14'000), 1}};
    add("above the meter's cap the next unit is free", used, "mass", true, included);
    add("by the amount of each event", facts_of(State::active), "trade", true, metered);
    add("the grace after a failed deduction", facts_of(State::past_due), "calls", true, metered);
    add("trial", facts_of(State::trialing), "crm", true, trial);
    add("trial does not give more than the plan", facts_of(State::trialing), "archive", false, not_in_plan);
    add("restricted", facts_of(State::restricted), "calls", false, restricted);
    add("restricted, and never costs anything", facts_of(State::restricted), "crm", true, included);
    add("paused", facts_of(State::paused), "crm", false, paused);
    add("ended", facts_of(State::ended), "crm", false, no_subscription);
    add("not opened yet", facts_of(State::pending), "crm", false, no_subscription);
    EntitlementFacts nobody;
    nobody.prices = &prices;
    add("never subscribed", nobody, "archive", false, no_subscription);
    const auto with = [](EntitlementFacts facts, BudgetStanding standing) {
        facts.budget = std::move(standing);
        return facts;
    };
    const auto active = facts_of(State::active, {"archive"});
    add("budget: only told", with(active, spent(LimitAction::notify, {})), "calls", true, metered);
    add("budget: stops all that costs", with(active, spent(LimitAction::stop, {})), "calls", false,
        budget_stopped);
    add("budget: what is paid goes on", with(active, spent(LimitAction::stop, {})), "archive", true, add_on);
    add("budget: a chosen feature", with(active, spent(LimitAction::stop, {"archive"})), "archive", false,
        budget_stopped);
    add("budget: one not chosen", with(active, spent(LimitAction::stop, {"archive"})), "calls", true,
        metered);
    add("budget: asks", with(active, spent(LimitAction::ask, {})), "calls", false, budget_stopped);
    add("budget: was answered", with(active, spent(LimitAction::ask, {}, true)), "calls", true, metered);
    add("budget: hard cap", with(active, spent(LimitAction::notify, {}, false, true)), "calls", false,
        budget_stopped);
    return all;
}

TEST(Entitlement, EveryReason) {
    std::set<EntitlementReason> seen;
    for (const auto& row : rows()) {
        const auto answer = entitlement(row.facts, row.feature);
        ASSERT_TRUE(answer) << row.name;
        EXPECT_EQ(answer->allowed, row.allowed) << row.name;
        EXPECT_EQ(entitlement_reason_name(answer->reason), entitlement_reason_name(row.reason)) << row.name;
        EXPECT_FALSE(entitlement_reason_text(answer->reason).empty());
        seen.insert(answer->reason);
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(budget_stopped) + 1) << "a reason has no row";
    EXPECT_FALSE(entitlement(facts_of(State::active), "nothing"));
}

TEST(Entitlement, SaysWhereAMissingFeatureCanBeBought) {
    const auto codes = [](const std::vector<EntitlementSource>& offers) {
        std::vector<std::string> found;
        for (const auto& offer : offers) found.push_back(offer.kind + " " + offer.code);
        return found;
    };
    const auto missing = entitlement(facts_of(State::active), "archive");
    EXPECT_EQ(codes(missing->offers),
              (std::vector<std::string>{"plan yearly", "module archive", "add_on bundle"}));
    EXPECT_EQ(missing->offers[1].price, MicroYuan{120'000'000});
    EntitlementFacts nobody;
    nobody.prices = &prices;
    EXPECT_EQ(codes(entitlement(nobody, "archive")->offers), std::vector<std::string>{"plan yearly"});
    EXPECT_EQ(codes(entitlement(nobody, "calls")->offers), std::vector<std::string>{"plan pro"});
    EXPECT_TRUE(entitlement(facts_of(State::paused), "crm")->offers.empty());
}

TEST(Entitlement, SaysWhatTheNextUnitCosts) {
    const auto standing = [](std::string_view meter, std::int64_t used) {
        const auto& plan = *find_plan(prices, "pro");
        const auto charge = std::ranges::find(plan.usage, meter, &UsageCharge::meter);
        return meter_standing(*charge, *find_meter(prices, meter), units(used));
    };
    const auto messages = standing("messages", 9'999);
    EXPECT_EQ(messages.quota_left, units(1));
    EXPECT_EQ(messages.next_price, MicroYuan{0});
    EXPECT_EQ(standing("messages", 10'000).next_price, MicroYuan{50'000});
    EXPECT_EQ(standing("messages", 10'000).quota_left, units(0));
    EXPECT_EQ(standing("api_calls", 999).next_price, MicroYuan{100'000});
    EXPECT_EQ(standing("api_calls", 1'000).next_price, MicroYuan{80'000});
    EXPECT_EQ(standing("api_calls", 5'000).next_price, MicroYuan{1'003'500})
        << "the tier's fee is due as it is entered";
    EXPECT_EQ(standing("api_calls", 5'000).unit_price, MicroYuan{3'500});
    EXPECT_EQ(standing("storage", 100).next_price, MicroYuan{101 * 1'500'000 - 200'000'000})
        << "a volume tier makes it cheaper";
    EXPECT_EQ(standing("minutes", 59).next_price, MicroYuan{0});
    EXPECT_EQ(standing("minutes", 60).next_price, MicroYuan{10'000'000});
    EXPECT_FALSE(standing("orders", 1).next_price);
}

TEST(Entitlement, TheNextUnitCostsWhatTheBillGrowsBy) {
    testing::for_seeds(200, [](testing::Random& random) {
        const DaySpan november{parse_day("2026-11-01").value(), parse_day("2026-12-01").value()};
        RatingInput input{.plan = "pro", .period = november, .full = november};
        const auto used = random.between(0, 12'000);
        for (const std::string meter : {"api_calls", "messages", "minutes"}) {
            const auto& plan = *find_plan(prices, "pro");
            const auto charge = std::ranges::find(plan.usage, meter, &UsageCharge::meter);
            const auto next =
                meter_standing(*charge, *find_meter(prices, meter), units(used)).next_price.value();
            input.usage = {{meter, units(used), 1}};
            const auto before = rate(prices, input).net;
            input.usage = {{meter, units(used + 1), 1}};
            const auto grown = rate(prices, input).net - before;
            if (meter == "minutes" && used < 120)
                continue;  // below the meter's minimum the bill does not grow
            EXPECT_LE(std::abs(grown.count() * micro_yuan_per_fen - next.count()), micro_yuan_per_fen)
                << meter << " " << used;
        }
    });
}

}  // namespace
}  // namespace wefee
