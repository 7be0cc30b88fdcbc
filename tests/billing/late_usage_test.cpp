// Usage of closed periods: billed at the prices of then, less what was invoiced; credits never exceed what
// there is.
#include <gtest/gtest.h>

#include <algorithm>

#include "billing/rating.hpp"
#include "tests/billing/sample_prices.hpp"

namespace wefee {
namespace {

using testing::late_usage;
using testing::sample_prices;

CivilDay day(const char* text) { return parse_day(text).value(); }
const DaySpan november{day("2026-11-01"), day("2026-12-01")}, october{day("2026-10-01"), day("2026-11-01")};

RatingInput with_late(LateUsage late) {
    RatingInput input{.plan = "pro", .period = november, .full = november};
    input.late = {std::move(late)};
    return input;
}

Fen late_of(const RatedPeriod& rated, std::string_view code) {
    const auto found = std::ranges::find(rated.lines, code, &RatedLine::item_code);
    return found == rated.lines.end() ? Fen{} : found->amount();
}

TEST(LateUsage, IsPricedAsItsPeriodWasAndShownWithItsDays) {
    auto late = late_usage(october, {"messages", units(10'300)}, Fen{500});
    late.stretches[0].charge = UsageCharge{.meter = "messages", .unit_price = MicroYuan{10'000}, .included = units(0)};
    late.days = "10月30日";
    const auto rated = rate(sample_prices(), with_late(late));
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
        return late_of(rate(sample_prices(), with_late(late_usage(october, {"minutes", units(minutes)}, Fen{invoiced}))),
                       "minutes.late");
    };
    EXPECT_EQ(credit(300, 8'000), Fen{-3'000});
    EXPECT_EQ(credit(60, 8'000), Fen{-6'000}) << "20 of 80 yuan stay";
    EXPECT_EQ(credit(60, 2'000), Fen{});
}

TEST(LateUsage, ACreditTakesNoMoreThanThePeriodHas) {
    const auto rated = rate(sample_prices(), with_late(late_usage(october, {"messages", units(0)}, Fen{50'000})));
    EXPECT_EQ(late_of(rated, "messages.late"), Fen{-32'000}) << "the plan and the minimum of minutes";
    EXPECT_EQ(rated.net, Fen{});
    EXPECT_EQ(rated.late.at(0).rest, Fen{-18'000});
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
