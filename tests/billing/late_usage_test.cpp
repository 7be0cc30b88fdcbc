// Usage of closed periods: billed at the prices of then, less what was invoiced; credits never exceed what
// there is.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "billing/rating.hpp"
#include "tests/billing/sample_prices.hpp"

namespace wefee {
namespace {

using testing::late_usage;
using testing::sample_prices;

CivilDay day(const char* text) { return parse_day(text).value(); }
const DaySpan november{day("2026-11-01"), day("2026-12-01")}, october{day("2026-10-01"), day("2026-11-01")};

RatedPeriod november_with(const LateUsage& late) {
    return rate(sample_prices(), {.plan = "pro", .period = november, .full = november}, {&late, 1});
}

/// The sample list with other terms of its plan.
PriceList prices_of(const std::function<void(Plan&)>& edit) {
    auto prices = sample_prices();
    edit(prices.plans[0]);
    return prices;
}

Fen late_of(const RatedPeriod& rated, std::string_view code) {
    const auto found = std::ranges::find(rated.lines, code, &RatedLine::item_code);
    return found == rated.lines.end() ? Fen{} : found->amount();
}

TEST(LateUsage, IsPricedAsItsPeriodWasAndShownWithItsDays) {
    const auto then =
        prices_of([](Plan& plan) { plan.usage[1] = {.meter = "messages", .unit_price = MicroYuan{10'000}}; });
    auto late = late_usage(october, {"messages", units(10'300)}, Fen{500}, then);
    late.meters[0].days = "10月30日";
    const auto rated = november_with(late);
    EXPECT_EQ(late_of(rated, "messages.late"), Fen{10'300 - 500});
    const auto line = std::ranges::find(rated.lines, "messages.late", &RatedLine::item_code);
    EXPECT_EQ(line->title, "群发消息 10月补记");
    EXPECT_NE(line->evidence.find("10月30日补记"), std::string::npos) << line->evidence;
    ASSERT_EQ(rated.late.size(), 1U);
    EXPECT_EQ(rated.late[0].amount, Fen{9'800});
}

TEST(LateUsage, ACorrectionDownToTheMinimumGivesBackWhatWasAboveIt) {
    // 60 minutes a package at 10 yuan, at least 20 yuan a month.
    const auto credit = [](std::int64_t minutes, std::int64_t invoiced) {
        return late_of(november_with(late_usage(october, {"minutes", units(minutes)}, Fen{invoiced})),
                       "minutes.late");
    };
    EXPECT_EQ(credit(300, 8'000), Fen{-3'000});
    EXPECT_EQ(credit(60, 8'000), Fen{-6'000}) << "20 of 80 yuan stay";
    EXPECT_EQ(credit(60, 2'000), Fen{});
}

TEST(LateUsage, ACreditTakesNoMoreThanThePeriodHas) {
    const auto rated = november_with(late_usage(october, {"messages", units(0)}, Fen{50'000}));
    EXPECT_EQ(late_of(rated, "messages.late"), Fen{-32'000}) << "the plan and the minimum of minutes";
    EXPECT_EQ(rated.net, Fen{});
    EXPECT_EQ(rated.late.at(0).rest, Fen{-18'000});
}

/// October is ¥300 for the plan, ¥20 at least for minutes, and calls at ¥0.10: what is above ¥320 is calls.
LateUsage late_calls(std::int64_t calls, const PriceList& then, std::vector<AlreadyInvoiced> already) {
    auto late = late_usage(october, {"api_calls", units(calls)}, Fen{}, then);
    late.already = std::move(already);
    return late;
}

TEST(LateUsage, WhatThePlansMinimumHadPaidForIsNotPaidAgain) {
    const auto then = prices_of([](Plan& plan) { plan.minimum = Fen{40'000}; });
    const std::vector<AlreadyInvoiced> invoiced{{"minimum", Fen{8'000}}};
    const auto within = november_with(late_calls(500, then, invoiced));
    EXPECT_EQ(late_of(within, "api_calls.late"), Fen{5'000});
    EXPECT_EQ(late_of(within, "minimum.late"), Fen{-5'000}) << "the minimum tops up by so much less";
    const auto beyond = november_with(late_calls(1'000, then, invoiced));
    EXPECT_EQ(late_of(beyond, "api_calls.late") + late_of(beyond, "minimum.late"), Fen{2'000})
        << "¥420 of ¥400";
}

TEST(LateUsage, UsageThatIsTakenBackStaysUnderThePlansMinimum) {
    const auto then = prices_of([](Plan& plan) { plan.minimum = Fen{40'000}; });
    const auto rated = november_with(late_calls(0, then, {{"api_calls", Fen{10'000}}}));
    EXPECT_EQ(late_of(rated, "api_calls.late"), Fen{-10'000});
    EXPECT_EQ(late_of(rated, "minimum.late"), Fen{8'000});
}

TEST(LateUsage, ThePlansCapHoldsForTheWholePeriod) {
    const auto then = prices_of([](Plan& plan) { plan.cap = Fen{35'000}; });
    const auto rated = november_with(late_calls(1'000, then, {{"api_calls", Fen{2'000}}}));
    EXPECT_EQ(late_of(rated, "api_calls.late"), Fen{8'000});
    EXPECT_EQ(late_of(rated, "cap.late"), Fen{-7'000}) << "¥10 were left to the cap";
    EXPECT_NE(
        std::ranges::find(rated.lines, "cap.late", &RatedLine::item_code)->title.find("封顶减免 10月补记"),
        std::string::npos);
}

TEST(LateUsage, WhatIsAddedMakesRoomForWhatIsGivenBackWhateverTheOrder) {
    const auto then = prices_of([](Plan& plan) { plan.minimum = Fen{200'000}; });
    const auto late = late_calls(0, then, {{"api_calls", Fen{100'000}}, {"minimum", Fen{68'000}}});
    const auto rated = november_with(late);
    EXPECT_EQ(late_of(rated, "api_calls.late"), Fen{-100'000});
    EXPECT_EQ(late_of(rated, "minimum.late"), Fen{100'000});
    EXPECT_TRUE(std::ranges::all_of(rated.late, [](const LateBilled& one) { return one.rest == Fen{}; }));
}

TEST(LateUsage, LevelsByDaysKeepAFormulaExact) {
    auto prices = sample_prices();
    prices.plans[0].usage[2] = {.meter = "storage", .unit_price = MicroYuan{31'000}};
    RatingInput input{.plan = "pro", .period = october, .full = october};
    UsageTotal total{"storage", Quantity{161'290}};  // 5/31, rounded
    total.unit_days = units(5);
    total.days = 31;
    input.usage = {total};
    const auto rated = rate(prices, input);
    const auto line = std::ranges::find(rated.lines, "storage", &RatedLine::item_code);
    EXPECT_EQ(line->amount(), Fen{1}) << "0.5 fen, where the rounded quantity would give 0.499999";
    EXPECT_EQ(line->formula.unit, "GB·天");
    EXPECT_EQ(line->formula.factor_den, 31);
}

}  // namespace
}  // namespace wefee
