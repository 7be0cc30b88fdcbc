// Budgets: thresholds are told once, and a hard cap is a property of the bill.
#include "billing/budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "billing/consent.hpp"
#include "billing/limits.hpp"
#include "billing/rating.hpp"
#include "property.hpp"
#include "sample_prices.hpp"

namespace wefee {
namespace {

using testing::sample_prices;

CivilDay day(const char* text) { return parse_day(text).value(); }
const DaySpan november{day("2026-11-01"), day("2026-12-01")};

Budget budget_of(std::int64_t fen) {
    Budget budget;
    budget.amount = Fen{fen};
    return budget;
}

std::vector<int> crossed(const Budget& budget, std::int64_t cost, std::vector<int> told) {
    return newly_crossed(budget, Fen{cost}, told).percents;
}

TEST(Budget, AThresholdIsToldOnceAndSeveralAtOnceGiveTheHighest) {
    const auto budget = budget_of(50'000);
    EXPECT_EQ(crossed(budget, 24'999, {}), std::vector<int>{});
    EXPECT_EQ(crossed(budget, 25'000, {}), std::vector<int>{50});
    EXPECT_EQ(crossed(budget, 39'999, {50}), std::vector<int>{});
    EXPECT_EQ(crossed(budget, 50'000, {}), (std::vector<int>{50, 80, 100}));
    EXPECT_EQ(newly_crossed(budget, Fen{50'000}, {}).highest(), 100);
    EXPECT_EQ(crossed(budget, 60'000, {50, 80, 100}), std::vector<int>{});
}

TEST(Budget, ALimitThatActsWatchesAHundredPercentWhateverTheThresholdsAre) {
    auto budget = budget_of(1'000);
    budget.thresholds = {40, 150};
    EXPECT_EQ(watched_percents(budget), (std::vector<int>{40, 150}));
    budget.at_limit = LimitAction::ask;
    EXPECT_EQ(watched_percents(budget), (std::vector<int>{40, 100, 150}));
    budget.at_limit = LimitAction::notify;
    budget.hard_cap = true;
    budget.thresholds = {};
    EXPECT_EQ(watched_percents(budget), (std::vector<int>{100}));
}

TEST(Budget, WhatTheLimitStops) {
    auto budget = budget_of(1'000);
    budget.at_limit = LimitAction::stop;
    EXPECT_FALSE(budget_stops(budget, Fen{999}, false, "calls", true));
    EXPECT_TRUE(budget_stops(budget, Fen{1'000}, false, "calls", true));
    EXPECT_FALSE(budget_stops(budget, Fen{1'000}, false, "crm", false)) << "what costs nothing goes on";
    budget.features = {"archive"};
    EXPECT_TRUE(budget_stops(budget, Fen{1'000}, false, "archive", false));
    EXPECT_FALSE(budget_stops(budget, Fen{1'000}, false, "calls", true)) << "only the chosen ones";
    budget.hard_cap = true;
    EXPECT_TRUE(budget_stops(budget, Fen{1'000}, false, "calls", true)) << "nobody would pay for it";
    budget.hard_cap = false;
    budget.at_limit = LimitAction::ask;
    EXPECT_TRUE(budget_stops(budget, Fen{1'000}, false, "archive", false));
    EXPECT_FALSE(budget_stops(budget, Fen{1'000}, true, "archive", false)) << "a consent was granted since";
    budget.at_limit = LimitAction::notify;
    EXPECT_FALSE(budget_stops(budget, Fen{9'999}, false, "archive", true));
}

TEST(Budget, EveryMistakeIsNamed) {
    auto budget = budget_of(0);
    budget.thresholds = {80, 50, 0, 1'001};
    budget.features = {"archive", "archive", "nothing", "crm"};
    std::vector<std::string> pointers;
    for (const auto& problem : budget_problems(budget, sample_prices())) pointers.push_back(problem.pointer);
    EXPECT_EQ(pointers, (std::vector<std::string>{"/amount_fen", "/thresholds/1", "/thresholds/2",
                                                  "/thresholds/3", "/features/0", "/features/1",
                                                  "/features/2", "/features/3", "/features"}));
    EXPECT_TRUE(budget_problems(budget_of(1), sample_prices()).empty());
}

TEST(Budget, UsageIsProjectedToTheEndOfThePeriod) {
    EXPECT_EQ(projected(units(100), 10, 30), units(300));
    EXPECT_EQ(projected(units(100), 0, 30), units(3'000));
    EXPECT_EQ(projected(units(100), 31, 30), units(100));
    EXPECT_EQ(projected(Quantity{1}, 3, 4), Quantity{1});
}

/// A list with one plan of ¥0.01 a unit.
PriceList cheap(int tax_basis_points = 0) {
    PriceList list;
    list.meters = {{"messages", "消息", "条"}};
    Plan plan{.code = "pro", .title = "专业版"};
    plan.usage = {{.meter = "messages", .unit_price = MicroYuan{10'000}}};
    list.plans = {plan};
    list.tax_basis_points = tax_basis_points;
    return list;
}

RatedPeriod bill(const PriceList& list, std::int64_t used, std::optional<Fen> cap,
                 std::vector<AlreadyInvoiced> already = {}) {
    RatingInput input{.plan = "pro", .period = november, .full = november};
    input.usage = {{"messages", units(used), used}};
    input.already = std::move(already);
    input.budget_cap = cap;
    return rate(list, input);
}

TEST(Budget, W12OnARealBillAlsoInParts) {
    const auto part = bill(cheap(), 46'000 + 7'500, Fen{50'000}, {{"messages", Fen{46'000}}});
    EXPECT_EQ(part.total, Fen{4'000});
    EXPECT_EQ(part.suppressed, Fen{3'500});
    const auto whole = bill(cheap(), 46'000 + 7'500, Fen{50'000});
    EXPECT_EQ(whole.total, Fen{50'000});
    EXPECT_EQ(whole.suppressed, Fen{3'500});
    EXPECT_EQ(whole.lines.back().item_code, "budget_cap");
    EXPECT_EQ(whole.lines.back().kind, LineKind::cap);
    EXPECT_EQ(whole.lines.back().formula.text, "预算上限 ¥500.00,实际 ¥535.00");
    // A part after the capped one has nothing left to charge.
    const auto after =
        bill(cheap(), 60'000, Fen{50'000}, {{"messages", Fen{53'500}}, {"budget_cap", Fen{-3'500}}});
    EXPECT_EQ(after.total, Fen{});
    EXPECT_EQ(after.suppressed, Fen{10'000}) << "counts the whole period";
}

TEST(Budget, ACapBelowTheCostIsNoCreditAndACreditIsNotCapped) {
    EXPECT_EQ(bill(cheap(), 500, Fen{300}, {{"messages", Fen{400}}}).total, Fen{})
        << "what was invoiced stays";
    EXPECT_EQ(bill(cheap(), 100, Fen{300}, {{"messages", Fen{400}}}).total, Fen{-300})
        << "a correction goes through";
}

TEST(Budget, TheTaxOfACappedBillIsThatOfItsLines) {
    const auto rated = bill(cheap(600), 10'000, Fen{1'000});
    EXPECT_EQ(rated.net, Fen{943});
    EXPECT_EQ(rated.tax, Fen{57});
    EXPECT_EQ(rated.total, Fen{1'000});
    EXPECT_EQ(rated.suppressed, Fen{9'600});
    EXPECT_EQ(rated.lines.back().kind, LineKind::tax);
    EXPECT_EQ(rated.lines.back().formula.text, "¥9.43 × 6%");
    Fen shares{};
    for (const auto& line : rated.lines) shares += line.tax;
    EXPECT_EQ(shares, rated.tax);
    for (std::int64_t cap = 0; cap <= 2'000; ++cap) {
        const auto capped = bill(cheap(600), 10'000, Fen{cap});
        EXPECT_LE(capped.total, Fen{cap});
        EXPECT_GE(capped.total, Fen{cap - 1});
        EXPECT_EQ(capped.tax, rounded(Fraction{capped.net} * Fraction{6, 100}));
    }
}

TEST(Budget, ACapNeedsNoConsent) {
    const auto rated = bill(cheap(), 10'000, Fen{1'000});
    Consent consent;
    for (const auto& item : chargeable_items(cheap(), "pro", {}))
        consent.items.push_back(
            {item.code, item.title, item.unit_price, item.unit, item.how_counted, Fen{1'000'000}});
    consent.cap_charge = consent.cap_cycle = Fen{1'000'000};
    EXPECT_TRUE(covers(consent, cover_lines(rated), rated.total, Fen{}, Instant{}).ok);
}

/// One period's usage as it becomes known: events in any order, late ones among them, invoiced in parts.
TEST(Budget, NoOrderAndNoLatenessOfUsageBringsAPeriodAboveItsHardCap) {
    testing::for_seeds(300, [](testing::Random& random) {
        auto list = sample_prices();
        list.tax_basis_points = static_cast<int>(random.between(0, 2'000));
        RatingInput input{.plan = "pro", .period = november, .full = november};
        input.seats = {{november.start, random.between(0, 20)}};
        std::vector<std::pair<std::string, std::int64_t>> events;
        for (int i = 0; i < 12; ++i)
            events.emplace_back(random.chance(50) ? "api_calls" : "messages", random.between(1, 9'000));
        std::ranges::shuffle(events,
                             std::mt19937_64{static_cast<std::uint64_t>(random.between(1, 1'000'000))});
        const Fen cap{random.between(1, 250'000)};
        std::map<std::string, Quantity> used;
        for (const auto& [meter, quantity] : events) {
            used[meter] = used[meter] + units(quantity);
            input.usage.clear();
            for (const auto& [code, total] : used) input.usage.push_back({code, total, 1});
            std::vector<LateUsage> late;
            if (random.chance(30))
                late = {testing::late_usage({day("2026-10-01"), day("2026-11-01")},
                                            {"messages", units(random.between(0, 40'000)), 1}, Fen{})};
            input.budget_cap.reset();
            const auto uncapped = rate(list, input, late);
            input.budget_cap = cap;
            const auto capped = rate(list, input, late);
            EXPECT_LE(capped.total, std::max(cap, std::min(uncapped.total, Fen{})));
            EXPECT_EQ(capped.total + capped.suppressed, uncapped.total);
            EXPECT_EQ(capped.net + capped.tax, capped.total);
            Fen lines{};
            for (const auto& line : capped.lines) lines += line.amount();
            EXPECT_EQ(lines, capped.total);
            if (uncapped.total > cap)
                EXPECT_GE(capped.total, cap - Fen{1}) << "to the fen, as far as R6 has that total";
            if (uncapped.total <= cap) EXPECT_EQ(capped.suppressed, Fen{});
        }
    });
}

TEST(Budget, APeriodInvoicedInPartsComesToNoMoreThanItsHardCap) {
    testing::for_seeds(300, [](testing::Random& random) {
        const Fen cap{random.between(1, 20'000)};
        std::vector<AlreadyInvoiced> already;
        Fen charged{};
        std::int64_t used = 0;
        for (int part = 0; part < 6; ++part) {
            used += random.between(0, 6'000);
            const auto rated = bill(cheap(), used, cap, already);
            for (const auto& line : rated.lines) already.push_back({line.item_code, line.amount()});
            charged += rated.total;
            EXPECT_LE(charged, cap);
            EXPECT_EQ(charged + rated.suppressed, Fen{used});
            EXPECT_EQ(charged, std::min(cap, Fen{used}));
        }
    });
}

TEST(Budget, OneCapHoldsForABillOverSeveralStretchesWithCouponsAndTwoTaxRates) {
    testing::for_seeds(200, [](testing::Random& random) {
        auto first = sample_prices();
        auto second = sample_prices();
        first.tax_basis_points = static_cast<int>(random.between(0, 2'000));
        second.tax_basis_points = static_cast<int>(random.between(0, 2'000));
        second.coupons = {
            {"tenth", "九折", {.kind = Coupon::Kind::percent, .basis_points = 1'000}},
            {"fixed", "立减", {.kind = Coupon::Kind::fixed, .amount = Fen{random.between(1, 5'000)}}}};
        const auto change = add_days(november.start, static_cast<int>(random.between(1, 29)));
        RatingInput before{.plan = "pro", .period = {november.start, change}, .full = november};
        RatingInput after{.plan = "pro", .period = {change, november.end}, .full = november};
        before.usage = {{"api_calls", units(random.between(0, 9'000)), 1}};
        after.usage = {{"messages", units(random.between(0, 20'000)), 1}};
        if (random.chance(70)) after.coupons = {"tenth", "fixed"};
        const auto rated = [&](std::optional<Fen> cap) {
            after.budget_cap = cap;
            const std::array parts{RatingPart{&first, before}, RatingPart{&second, after}};
            return rate(parts);
        };
        const auto uncapped = rated({});
        const Fen cap{random.between(0, 120'000)};
        const auto capped = rated(cap);
        EXPECT_LE(capped.total, std::max(cap, std::min(uncapped.total, Fen{})));
        EXPECT_EQ(capped.total + capped.suppressed, uncapped.total);
        if (uncapped.total > cap) EXPECT_GE(capped.total, cap - Fen{1});
        Fen lines{}, shares{};
        for (const auto& line : capped.lines) lines += line.amount(), shares += line.tax;
        EXPECT_EQ(lines, capped.total);
        EXPECT_EQ(shares, capped.tax);
    });
}

}  // namespace
}  // namespace wefee
