// Subscriptions through time: periods, stretches, bills in arrears and in advance, and what changes cost.
#include "billing/subscription.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "billing/change.hpp"
#include "billing/error.hpp"
#include "billing/splits.hpp"
#include "property.hpp"

namespace wefee {
namespace {

CivilDay day(const char* text) { return parse_day(text).value(); }
MicroYuan price(std::int64_t fen) { return MicroYuan{fen * micro_yuan_per_fen}; }

struct PlanPrice {
    const char* code;
    std::int64_t fen;
    int months = 1;
    std::int64_t seat_fen = 0;
    SeatRule rule = SeatRule::prorated;
};

std::shared_ptr<const PriceList> list_of(std::vector<PlanPrice> plans, Timing timing, int tax = 0) {
    auto list = std::make_shared<PriceList>();
    list->id = "prl_1";
    list->version = 1;
    list->tax_basis_points = tax;
    list->modules = {{.code = "crm", .title = "客户", .price = price(0)},
                     {.code = "mass", .title = "群发", .price = price(8000)},
                     {.code = "archive", .title = "存档", .price = price(12'000)}};
    list->add_ons = {{"growth", "增长包", {"mass", "archive"}, price(18'000)}};
    list->coupons = {{"tenth", "九折", {.kind = Coupon::Kind::percent, .basis_points = 1000}},
                     {"fifty", "减五十", {.kind = Coupon::Kind::fixed, .amount = Fen{5000}}}};
    list->meters = {{"calls", "调用", "次"}};
    for (const auto& plan : plans)
        list->plans.push_back({.code = plan.code,
                               .title = plan.code,
                               .modules = {"crm"},
                               .months = plan.months,
                               .price = price(plan.fen),
                               .seat_price = price(plan.seat_fen),
                               .seat_rule = plan.rule,
                               .usage = {{.meter = "calls", .unit_price = MicroYuan{10'000}}},
                               .timing = timing});
    return list;
}

Subscription start(const char* on, std::shared_ptr<const PriceList> prices, const char* plan,
                   int anchor_day) {
    Subscription subscription{.started_on = day(on)};
    subscription.terms = {
        {.from = day(on), .prices = std::move(prices), .plan = plan, .anchor_day = anchor_day}};
    return subscription;
}

/// The same with another plan from a day on.
Subscription with_plan(Subscription subscription, const char* from, const char* plan) {
    auto terms = subscription.terms.back();
    terms.from = day(from);
    terms.plan = plan;
    subscription.terms.push_back(std::move(terms));
    return subscription;
}

/// The same, paused or resumed from a day on.
Subscription with_pause(Subscription subscription, const char* from, bool paused) {
    return changed(std::move(subscription), {.paused = paused}, day(from));
}

Subscription with_seats(Subscription subscription, const char* from, std::int64_t seats) {
    subscription.seats.push_back({day(from), seats});
    return subscription;
}

std::vector<BilledItem> paid(const RatedPeriod& bill) {
    return billed_in_advance(bill, bill.lines.front().period.start);
}

std::int64_t amount_of(const RatedPeriod& bill, std::string_view code) {
    const auto found = std::ranges::find(bill.lines, code, &RatedLine::item_code);
    return found == bill.lines.end() ? -1 : found->amount().count();
}

TEST(Periods, AreBoundedByTheAnchorAndNeverByThePeriodBefore) {
    const auto subscription = start("2024-01-31", list_of({{"a", 1000}}, Timing::arrears), "a", 31);
    auto period = period_from(subscription, day("2024-01-31"));
    EXPECT_EQ(period, (DaySpan{day("2024-01-31"), day("2024-02-29")}));
    period = period_from(subscription, period.end);
    EXPECT_EQ(period, (DaySpan{day("2024-02-29"), day("2024-03-31")}));
    EXPECT_EQ(period_holding(subscription, day("2024-04-29")),
              (DaySpan{day("2024-03-31"), day("2024-04-30")}));
}

TEST(Periods, EndWhereThePlansLengthChangesAndOnTheLastDay) {
    const auto prices = list_of({{"month", 1000}, {"year", 12'000, 12}}, Timing::arrears);
    auto subscription = with_plan(start("2023-06-29", prices, "month", 29), "2023-09-28", "year");
    EXPECT_EQ(period_holding(subscription, day("2023-09-27")).end, day("2023-09-28"));
    EXPECT_EQ(period_holding(subscription, day("2023-09-28")).end, day("2024-06-29"));
    subscription.last_day = day("2023-10-01");
    EXPECT_EQ(period_holding(subscription, day("2023-09-28")).end, day("2023-10-02"));
}

TEST(Bills, AStubIsMeasuredAgainstItsAnchorPeriod) {  // A07
    const auto subscription = start("2024-03-05", list_of({{"a", 1000}}, Timing::advance), "a", 1);
    EXPECT_EQ(opening_bill(subscription).total, Fen{871});
}

TEST(Bills, TheTrialCountsFromTheFirstDayWhateverPlanFollows) {  // A14
    auto list = *list_of({{"small", 1000}, {"big", 10'000'000}}, Timing::arrears);
    for (auto& plan : list.plans) plan.trial_days = 13;
    const auto prices = std::make_shared<const PriceList>(list);
    const auto subscription = with_plan(start("2024-03-05", prices, "small", 1), "2024-03-10", "big");
    const PeriodUsage usage{
        .days = {{"calls", day("2024-03-12"), units(1000), 1}, {"calls", day("2024-03-20"), units(7), 1}}};
    const auto bill = closing_bill(subscription, period_from(subscription, day("2024-03-05")), usage);
    EXPECT_EQ(amount_of(bill, "plan.big"), 4'516'129);
    EXPECT_EQ(amount_of(bill, "calls"), 7) << "usage of the trial is free";
}

/// R2, S11: the days of a level are those of the full anchor period, wherever it is cut.
TEST(Bills, ALevelIsPaidForItsDaysOfTheFullPeriod) {
    auto list = *list_of({{"a", 0}, {"b", 0}}, Timing::arrears);
    list.meters = {{"storage", "存储", "GB", Aggregation::time_weighted}};
    for (auto& plan : list.plans)
        plan.usage = {{.meter = "storage", .unit_price = MicroYuan{1'000'000}, .included = units(31)}};
    list.plans[1].usage[0].included = {};
    const auto prices = std::make_shared<const PriceList>(list);
    const PeriodUsage usage{.days = {{"storage", day("2025-03-16"), units(310), 1}}};
    const auto bill_of = [&](const Subscription& subscription) {
        return closing_bill(subscription, period_from(subscription, subscription.started_on), usage);
    };
    EXPECT_EQ(amount_of(bill_of(start("2025-03-01", prices, "b", 1)), "storage"), 16'000) << "16 of 31 days";
    EXPECT_EQ(amount_of(bill_of(start("2025-03-16", prices, "b", 1)), "storage"), 16'000) << "a stub";
    EXPECT_EQ(amount_of(bill_of(start("2025-03-16", prices, "a", 1)), "storage"), 12'900)
        << "what is included is not prorated";
    auto ended = start("2025-03-01", prices, "b", 1);
    ended.last_day = day("2025-03-20");
    EXPECT_EQ(amount_of(bill_of(ended), "storage"), 5'000) << "5 of 31 days";
    const auto changed = bill_of(with_plan(start("2025-03-01", prices, "a", 1), "2025-03-26", "b"));
    EXPECT_EQ(amount_of(changed, "storage"), 10'000 - 3'100);
    EXPECT_EQ(amount_of(changed, "storage@2025-03-26"), 6'000);
}

TEST(Trials, AreTheDaysThatCostNothingUnderThePlanOfEach) {
    auto list = *list_of({{"none", 1000}, {"ten", 1000}, {"twenty", 1000}}, Timing::arrears);
    list.plans[1].trial_days = 10;
    list.plans[2].trial_days = 20;
    const auto prices = std::make_shared<const PriceList>(list);
    const auto over = [](const Subscription& subscription, const char* from) {
        return format_day(trial_over(subscription, day(from)));
    };
    const auto ten = start("2024-03-05", prices, "ten", 1);
    EXPECT_TRUE(on_trial(ten, day("2024-03-14")));
    EXPECT_FALSE(on_trial(ten, day("2024-03-15")));
    EXPECT_EQ(over(ten, "2024-03-05"), "2024-03-15");
    EXPECT_EQ(over(ten, "2024-03-20"), "2024-03-20") << "none lasts";
    EXPECT_EQ(over(with_plan(ten, "2024-03-08", "none"), "2024-03-05"), "2024-03-08");
    EXPECT_EQ(over(with_plan(ten, "2024-03-14", "twenty"), "2024-03-05"), "2024-03-25")
        << "one goes over into the other";
    EXPECT_EQ(over(with_plan(ten, "2024-03-16", "twenty"), "2024-03-05"), "2024-03-15")
        << "two, with a day between them that costs";
    const auto longer = with_plan(start("2024-03-05", prices, "none", 1), "2024-03-08", "twenty");
    EXPECT_FALSE(on_trial(longer, day("2024-03-07")));
    EXPECT_TRUE(on_trial(longer, day("2024-03-08")));
    auto again = ten;
    again.first_started_on = day("2024-03-01");
    EXPECT_EQ(over(again, "2024-03-05"), "2024-03-11") << "what is left of it in a second subscription";
    again.first_started_on = day("2024-01-01");
    EXPECT_EQ(over(again, "2024-03-05"), "2024-03-05") << "nothing is left";
    auto waived = longer;
    waived.trial = false;
    EXPECT_FALSE(on_trial(waived, day("2024-03-08")));
    const auto bill = closing_bill(longer, period_from(longer, day("2024-03-05")), {});
    EXPECT_EQ(amount_of(bill, "plan.none"), 97) << "3 of 31 days";
    EXPECT_EQ(amount_of(bill, "plan.twenty@2024-03-25"), 226) << "7 of 31 days";
}

TEST(Bills, TheLastDayIsBilledAndTheDayOfAChangeIsTheNewPlans) {  // B07
    const auto prices = list_of({{"a", 3100}, {"b", 0}}, Timing::arrears);
    auto ended = start("2022-11-01", prices, "a", 1);
    ended.last_day = day("2022-12-18");
    EXPECT_EQ(closing_bill(ended, period_from(ended, day("2022-12-01")), {}).total, Fen{1800});
    const auto changed = with_plan(start("2022-11-01", prices, "a", 1), "2022-12-18", "b");
    const auto bill = closing_bill(changed, period_from(changed, day("2022-12-01")), {});
    EXPECT_EQ(amount_of(bill, "plan.a"), 1700);
    EXPECT_EQ(amount_of(bill, "plan.b@2022-12-18"), 0);
}

TEST(Bills, UsageIsPricedByThePlanOfItsDay) {
    auto list = *list_of({{"a", 0}, {"b", 0}}, Timing::arrears);
    list.plans[1].usage[0].unit_price = MicroYuan{20'000};
    const auto changed =
        with_plan(start("2024-03-01", std::make_shared<PriceList>(list), "a", 1), "2024-03-12", "b");
    const PeriodUsage usage{
        .days = {{"calls", day("2024-03-11"), units(100), 1}, {"calls", day("2024-03-12"), units(100), 1}}};
    const auto bill = closing_bill(changed, period_from(changed, day("2024-03-01")), usage);
    EXPECT_EQ(amount_of(bill, "calls"), 100);
    EXPECT_EQ(amount_of(bill, "calls@2024-03-12"), 200);
}

TEST(Bills, InAdvanceTheNextPeriodIsBilledWithTheUsageOfThisOne) {
    const auto subscription = start("2024-03-01", list_of({{"a", 1000}}, Timing::advance), "a", 1);
    EXPECT_EQ(opening_bill(subscription).total, Fen{1000});
    const PeriodUsage usage{.days = {{"calls", day("2024-03-11"), units(30), 1}}};
    const auto bill = closing_bill(subscription, period_from(subscription, day("2024-03-01")), usage);
    EXPECT_EQ(amount_of(bill, "calls"), 30);
    EXPECT_EQ(amount_of(bill, "plan.a@2024-04-01"), 1000);
    EXPECT_EQ(bill.total, Fen{1030});
}

TEST(Bills, AnAddOnsDaysAreOneLineHoweverOftenItWasSwitched) {
    auto subscription = start("2024-04-01", list_of({{"a", 1000}}, Timing::arrears), "a", 1);
    const auto at = [&](const char* from, std::vector<std::string> add_ons) {
        auto terms = subscription.terms.back();
        terms.from = day(from);
        terms.add_ons = std::move(add_ons);
        subscription.terms.push_back(std::move(terms));
    };
    at("2024-04-05", {"mass"});
    at("2024-04-10", {});
    at("2024-04-20", {"mass", "growth"});
    const auto bill = closing_bill(subscription, period_from(subscription, day("2024-04-01")), {});
    EXPECT_EQ(amount_of(bill, "plan.a"), 1000) << "an add-on does not cut the plan's line";
    EXPECT_EQ(amount_of(bill, "module.mass"), 4267) << "5 and 11 days of 30";
    EXPECT_EQ(amount_of(bill, "add_on.growth"), 3667) << "11 days, less the module that is paid already";
}

TEST(Bills, CouponsTakePercentagesFirstAndTaxFollows) {  // N10, R6
    auto subscription = start("2024-03-01", list_of({{"a", 10'000}}, Timing::arrears, 1000), "a", 1);
    subscription.terms.back().coupons = {"fifty", "tenth"};
    const auto bill = closing_bill(subscription, period_from(subscription, day("2024-03-01")), {});
    EXPECT_EQ(amount_of(bill, "coupon.fifty"), -5000 + 0);
    EXPECT_EQ(amount_of(bill, "coupon.tenth"), -1000);
    EXPECT_EQ(bill.net, Fen{4000});
    EXPECT_EQ(bill.tax, Fen{400});
}

TEST(Changes, AnUpgradeCreditsTheUnusedDaysAndChargesTheRest) {  // B02, B04
    for (const auto& [anchor, from, credit, tax, charge] :
         {std::tuple{1, "2024-03-01", 645, 161, 968}, std::tuple{5, "2024-03-05", 774, 194, 1161}}) {
        const auto prices = list_of({{"a", 1000}, {"b", 1500}}, Timing::advance, 2500);
        const auto before = start(from, prices, "a", anchor);
        const auto change = change_bill(before, with_plan(before, "2024-03-12", "b"), day("2024-03-12"),
                                        paid(opening_bill(before)));
        ASSERT_EQ(change.credits.size(), 1U);
        EXPECT_EQ(change.credit_net, Fen{credit});
        EXPECT_EQ(change.credit_tax, Fen{tax});
        EXPECT_EQ(change.charge.net, Fen{charge});
    }
}

TEST(Changes, FromMonthToYearTheYearKeepsItsAnniversary) {  // B01
    const auto prices = list_of({{"month", 1000}, {"year", 12'000, 12}}, Timing::advance);
    const auto before = start("2023-06-29", prices, "month", 29);
    const std::vector<BilledItem> billed{{"plan.month", Fen{1000}}};
    const auto change =
        change_bill(before, with_plan(before, "2023-09-28", "year"), day("2023-09-28"), billed);
    EXPECT_EQ(change.credit_net, Fen{32});
    EXPECT_EQ(change.charge.net, Fen{9016});
}

TEST(Changes, WithANewAnchorTheNewPlanRunsToIt) {  // B10
    const auto prices = list_of({{"old", 24'995}, {"new", 59'995}}, Timing::advance);
    const auto before = start("2016-05-01", prices, "old", 1);
    auto after = with_plan(before, "2016-05-05", "new");
    after.terms.back().anchor_day = 10;
    const auto change = change_bill(before, after, day("2016-05-05"), paid(opening_bill(before)));
    EXPECT_EQ(change.charge.net, Fen{9999});
    EXPECT_EQ(change.credit_net, Fen{21'770});
    EXPECT_EQ(change.balance(), Fen{-11'771});
}

TEST(Changes, DownOneDayUpTheNextAndTheBalancePays) {  // B16
    const auto prices = list_of({{"a", 59'995}, {"b", 995}, {"c", 2995}}, Timing::advance);
    const auto first = start("2012-05-01", prices, "a", 1);
    const auto second = with_plan(first, "2012-05-07", "b");
    const auto down = change_bill(first, second, day("2012-05-07"), paid(opening_bill(first)));
    EXPECT_EQ(down.charge.net, Fen{802});
    EXPECT_EQ(down.credit_net, Fen{48'383});
    EXPECT_EQ(down.balance(), Fen{-47'581});
    const auto up =
        change_bill(second, with_plan(second, "2012-05-08", "c"), day("2012-05-08"), paid(down.charge));
    EXPECT_EQ(up.charge.net, Fen{2319});
    EXPECT_EQ(up.credit_net, Fen{770});
    EXPECT_EQ(use_credit(Fen{47'581}, up.balance()).credit_left, Fen{46'032});
}

TEST(Changes, SeatsAreCreditedAndChargedForTheRest) {  // S01
    const auto prices = list_of({{"a", 0, 1, 1000}}, Timing::advance);
    const auto before = with_seats(start("2025-04-01", prices, "a", 1), "2025-04-01", 5);
    const auto change = change_bill(before, with_seats(before, "2025-04-16", 10), day("2025-04-16"),
                                    paid(opening_bill(before)));
    EXPECT_EQ(change.credit_net, Fen{2500});
    EXPECT_EQ(change.charge.net, Fen{5000});
    EXPECT_EQ(change.charge.lines.size(), 1U) << "the plan goes on unchanged";
}

TEST(Changes, WithoutProrationOnlySeatsAboveTheHighestPaidAreCharged) {  // S03
    const auto prices = list_of({{"a", 0, 1, 1000, SeatRule::high_water}}, Timing::advance);
    const auto ten = with_seats(start("2025-04-01", prices, "a", 1), "2025-04-01", 10);
    EXPECT_EQ(opening_bill(ten).total, Fen{10'000});
    const auto five = with_seats(ten, "2025-04-10", 5);
    const auto down = change_bill(ten, five, day("2025-04-10"), paid(opening_bill(ten)));
    EXPECT_EQ(down.balance(), Fen{});
    const auto up =
        change_bill(five, with_seats(five, "2025-04-20", 15), day("2025-04-20"), paid(opening_bill(ten)));
    EXPECT_EQ(up.balance(), Fen{5000});
}

TEST(Changes, SeatsWithoutProrationGiveNothingBackWhenThePlanChanges) {  // R8
    const auto prices =
        list_of({{"a", 0, 1, 1000, SeatRule::high_water}, {"b", 0, 1, 1000}}, Timing::advance);
    const auto before = with_seats(start("2025-04-01", prices, "a", 1), "2025-04-01", 10);
    const auto change = change_bill(before, with_plan(before, "2025-04-16", "b"), day("2025-04-16"),
                                    paid(opening_bill(before)));
    EXPECT_EQ(change.credit_net, Fen{});
    EXPECT_EQ(amount_of(change.charge, "seats"), 5000) << "15 of 30 days on the plan that prorates";
}

TEST(Changes, TheReverseOnTheSameDayCostsNothing) {
    const auto prices = list_of({{"a", 995}, {"b", 2995}}, Timing::advance, 600);
    const auto before = start("2024-03-05", prices, "a", 5);
    const auto there = with_plan(before, "2024-03-12", "b");
    const auto back = with_plan(there, "2024-03-12", "a");
    const auto change = change_bill(before, back, day("2024-03-12"), paid(opening_bill(before)));
    EXPECT_TRUE(change.credits.empty());
    EXPECT_TRUE(change.charge.lines.empty());
}

TEST(Changes, ACreditIsNeverMoreThanWasBilled) {  // R7
    const auto prices = list_of({{"a", 9000}, {"b", 0}}, Timing::advance);
    const auto before = start("2025-04-01", prices, "a", 1);
    const auto after = with_plan(before, "2025-04-11", "b");
    EXPECT_EQ(change_bill(before, after, day("2025-04-11"), {{"plan.a", Fen{9000}}}).credit_net, Fen{6000});
    EXPECT_EQ(change_bill(before, after, day("2025-04-11"), {{"plan.a", Fen{100}}}).credit_net, Fen{100});
    EXPECT_EQ(change_bill(before, after, day("2025-04-11"), {}).credit_net, Fen{});
}

TEST(Changes, WhatACouponTookOffIsNotGivenBack) {  // R6, R7
    auto before = start("2025-04-01", list_of({{"a", 9000}, {"b", 0}}, Timing::advance, 1000), "a", 1);
    before.terms.back().coupons = {"tenth"};
    const auto bill = opening_bill(before);
    EXPECT_EQ(bill.total, Fen{8910}) << "9000, a tenth off, ten percent tax";
    const auto change =
        change_bill(before, with_plan(before, "2025-04-11", "b"), day("2025-04-11"), paid(bill));
    EXPECT_EQ(change.credit_net, Fen{5400}) << "20 of 30 days of what was paid";
    EXPECT_EQ(change.credit_total, Fen{5940});
}

TEST(Changes, InArrearsNothingIsDueBeforeThePeriodsBill) {
    const auto prices = list_of({{"a", 1000, 1, 100}, {"b", 1500, 1, 100}}, Timing::arrears);
    const auto before = with_seats(start("2024-03-01", prices, "a", 1), "2024-03-01", 3);
    const auto after = with_seats(with_plan(before, "2024-03-12", "b"), "2024-03-12", 9);
    const auto change = change_bill(before, after, day("2024-03-12"), {});
    EXPECT_EQ(change.balance(), Fen{});
    EXPECT_TRUE(change.charge.lines.empty());
}

std::shared_ptr<const PriceList> edited(std::shared_ptr<const PriceList> prices, auto edit) {
    auto list = std::make_shared<PriceList>(*prices);
    for (auto& plan : list->plans) edit(plan);
    return list;
}

TEST(Bills, AWeeklyPlanFollowsItsFirstDayAndEndsAMonthlyPeriodThatItReplaces) {
    const auto prices =
        std::make_shared<PriceList>(*list_of({{"month", 3100}, {"week", 700}}, Timing::arrears));
    prices->plans[1].weeks = 1;
    auto subscription = start("2025-01-01", prices, "week", 17);
    EXPECT_EQ(period_from(subscription, day("2025-01-01")), (DaySpan{day("2025-01-01"), day("2025-01-08")}));
    subscription.terms.push_back(
        {.from = day("2025-01-03"), .prices = prices, .plan = "week", .anchor_day = 3});
    EXPECT_EQ(period_holding(subscription, day("2025-01-09")),
              (DaySpan{day("2025-01-08"), day("2025-01-15")}))
        << "the day of the month is no matter of weeks";
    const auto moved = with_plan(start("2025-01-01", prices, "month", 1), "2025-01-11", "week");
    EXPECT_EQ(amount_of(closing_bill(moved, period_from(moved, day("2025-01-01")), {}), "plan.month"), 1000);
    const auto stub = period_from(moved, day("2025-01-11"));
    EXPECT_EQ(stub, (DaySpan{day("2025-01-11"), day("2025-01-15")}));
    EXPECT_EQ(amount_of(closing_bill(moved, stub, {}), "plan.week"), 400);
}

TEST(Bills, ThirtyDayMonthsCountForPlanAddOnsSeatsAndMinimum) {
    const auto prices = edited(list_of({{"a", 3000, 1, 600}}, Timing::arrears), [](Plan& plan) {
        plan.day_count = DayCount::thirty;
        plan.minimum = Fen{30'000};
    });
    auto subscription = with_seats(start("2025-02-23", prices, "a", 15), "2025-02-23", 1);
    subscription.terms.front().add_ons = {"mass"};
    subscription.seats.push_back({day("2025-03-01"), 3});
    const auto bill = closing_bill(subscription, period_from(subscription, day("2025-02-23")), {});  // 22/30
    EXPECT_EQ(amount_of(bill, "plan.a"), 2200);
    EXPECT_EQ(amount_of(bill, "module.mass"), 5867);
    EXPECT_EQ(amount_of(bill, "seats"), 440 + 2 * 280);
    EXPECT_EQ(bill.net, Fen{22'000});
}

TEST(Pauses, InAdvanceCreditTheirDaysAndChargeWhatIsLeftWhenItGoesOn) {
    const auto prices = list_of({{"a", 3000, 1, 600}}, Timing::advance);
    const auto running = with_seats(start("2024-06-01", prices, "a", 1), "2024-06-01", 2);
    auto billed = paid(opening_bill(running));
    const auto paused = with_pause(running, "2024-06-11", true);
    const auto pause = change_bill(running, paused, day("2024-06-11"), billed);
    EXPECT_TRUE(pause.charge.lines.empty());
    EXPECT_EQ(pause.credit_total, Fen{2000 + 800});
    const auto back = change_bill(paused, with_pause(paused, "2024-06-11", false), day("2024-06-11"), billed);
    EXPECT_EQ(back.charge.total, pause.credit_total) << "the reverse of the same day";
    const auto resumed = with_pause(paused, "2024-06-21", false);
    const auto resume = change_bill(paused, resumed, day("2024-06-21"), billed);
    EXPECT_TRUE(resume.credits.empty());
    EXPECT_EQ(amount_of(resume.charge, "plan.a"), 1000);
    EXPECT_EQ(amount_of(resume.charge, "seats"), 400);
    EXPECT_TRUE(advance_bill(paused, day("2024-07-01")).lines.empty()) << "nothing is due while it lasts";
    EXPECT_EQ(advance_bill(resumed, day("2024-07-01")).total, Fen{3000 + 1200});
}

TEST(Pauses, InArrearsAreLeftOutOfOneStretch) {
    auto list = *list_of({{"a", 3000, 1, 600}}, Timing::arrears);
    list.meters.push_back({"storage", "存储", "GB", Aggregation::time_weighted});
    list.plans[0].usage[0].included = units(100);
    list.plans[0].usage.push_back({.meter = "storage", .unit_price = MicroYuan{1'000'000}});
    list.plans[0].minimum = Fen{30'000};
    const auto prices = std::make_shared<const PriceList>(list);
    auto subscription = with_seats(start("2024-06-01", prices, "a", 1), "2024-06-01", 2);
    subscription.terms.front().add_ons = {"mass"};
    subscription = with_pause(with_pause(subscription, "2024-06-11", true), "2024-06-21", false);
    subscription.seats.push_back({day("2024-06-15"), 5});
    const PeriodUsage usage{.days = {{"calls", day("2024-06-05"), units(60), 1},
                                     {"calls", day("2024-06-15"), units(70), 1},
                                     {"calls", day("2024-06-25"), units(80), 1},
                                     {"storage", day("2024-06-15"), units(3), 1}},
                            .levels = {{"storage", units(30)}}};
    const auto bill = closing_bill(subscription, period_from(subscription, day("2024-06-01")), usage);
    EXPECT_EQ(amount_of(bill, "plan.a"), 2000) << "20 of 30 days";
    EXPECT_EQ(amount_of(bill, "module.mass"), 5333);
    EXPECT_EQ(amount_of(bill, "seats"), 400 + 1000) << "2 for ten days, 5 for ten";
    EXPECT_EQ(amount_of(bill, "calls"), 40) << "what is included is there once, paused days are free";
    EXPECT_EQ(amount_of(bill, "storage"), 1000 + 1100);
    EXPECT_EQ(bill.net, Fen{20'000}) << "the minimum of 20 days";
    EXPECT_EQ(bill.lines.front().period, (DaySpan{day("2024-06-01"), day("2024-07-01")}));
}

TEST(Pauses, LeaveAValueThatStandsAsItBecameInThem) {
    auto list = *list_of({{"a", 0}}, Timing::arrears);
    list.meters = {{"contacts", "客户数", "个", Aggregation::latest}};
    list.plans[0].usage = {{.meter = "contacts", .unit_price = MicroYuan{10'000}}};
    const auto paused =
        with_pause(start("2024-06-01", std::make_shared<const PriceList>(list), "a", 1), "2024-06-11", true);
    const PeriodUsage usage{.days = {{"contacts", day("2024-06-05"), units(100), 1},
                                     {"contacts", day("2024-06-15"), units(-70), 1},
                                     {"contacts", day("2024-06-25"), units(20), 1}}};
    const auto contacts = [&](const Subscription& subscription) {
        return amount_of(closing_bill(subscription, period_from(subscription, day("2024-06-01")), usage),
                         "contacts");
    };
    EXPECT_EQ(contacts(with_pause(paused, "2024-06-21", false)), 50);
    EXPECT_EQ(contacts(with_pause(paused, "2024-06-25", false)), 50);
    EXPECT_EQ(contacts(paused), 100) << "as it was when the pause began";
}

TEST(Pauses, AreCountedAsThePlanCountsDaysForPricesMinimumsAndCredits) {
    const auto prices = edited(list_of({{"a", 3000}}, Timing::arrears), [](Plan& plan) {
        plan.day_count = DayCount::thirty;
        plan.credits = {{"gift", "赠送", Fen{3000}, {}, true}};
        plan.usage[0].minimum = Fen{6000};
    });
    const auto running = start("2025-02-23", prices, "a", 15);  // 22 of 30 days
    const auto subscription =
        with_pause(with_pause(running, "2025-02-26", true), "2025-03-03", false);  // 7 of them
    const auto bill = closing_bill(subscription, period_from(subscription, day("2025-02-23")), {});
    EXPECT_EQ(amount_of(bill, "plan.a"), 1500);
    EXPECT_EQ(amount_of(bill, "calls.minimum"), 3000);
    EXPECT_EQ(amount_of(bill, "credit.gift"), -1500);
}

TEST(Pauses, GiveNoSeatsOfTheHighestNumberBackAndChargeThemOnceAPeriod) {  // R8
    const auto prices = list_of({{"a", 0, 1, 1000, SeatRule::high_water}}, Timing::advance);
    const auto running = with_seats(start("2024-06-01", prices, "a", 1), "2024-06-01", 10);
    const auto billed = paid(opening_bill(running));
    const auto paused = with_pause(running, "2024-06-11", true);
    EXPECT_EQ(change_bill(running, paused, day("2024-06-11"), billed).balance(), Fen{});
    const auto in_june = with_pause(paused, "2024-06-21", false);
    EXPECT_EQ(change_bill(paused, in_june, day("2024-06-21"), billed).balance(), Fen{});
    const auto more = with_seats(in_june, "2024-06-21", 12);
    EXPECT_EQ(change_bill(paused, more, day("2024-06-21"), billed).balance(), Fen{2000});
    const auto in_july = with_pause(paused, "2024-07-16", false);
    EXPECT_EQ(change_bill(paused, in_july, day("2024-07-16"), {}).balance(), Fen{10'000});
}

/// R9: whatever happens on whatever day, what was charged less what was given back is the ledger's running
/// total.
TEST(Changes, SeatsInTiersInAdvanceCostTheDifferenceOfRunningTotals) {
    testing::for_seeds(200, [](testing::Random& random) {
        const auto tier = [&](std::optional<Quantity> up_to) {
            return Tier{.up_to = up_to,
                        .unit_price = MicroYuan{random.between(0, 30'000'000)},
                        .flat_fee = Fen{random.between(0, 3'000)}};
        };
        const auto prices = edited(list_of({{"a", 0}, {"b", 0}}, Timing::advance), [&](Plan& plan) {
            plan.seat_tiers = {tier(units(random.between(1, 5))), tier(units(random.between(6, 12))),
                               tier({})};
            plan.included_seats = random.between(0, 2);
            plan.day_count = random.chance(50) ? DayCount::thirty : DayCount::actual;
        });
        auto subscription =
            with_seats(start("2025-01-15", prices, "a", 15), "2025-01-15", random.between(0, 15));
        const auto period = period_from(subscription, day("2025-01-15"));
        auto billed = paid(opening_bill(subscription));
        Fen balance = opening_bill(subscription).total;
        for (auto on = period.start; on < period.end; on = add_days(on, 1)) {
            if (random.chance(70)) continue;
            TermsWish wish{.seats = random.between(0, 20)};
            if (random.chance(10)) wish.plan = random.chance(50) ? "a" : "b";
            if (random.chance(20)) wish.paused = random.chance(50);
            const auto after = changed(subscription, wish, on);
            const auto change = change_bill(subscription, after, on, billed);
            auto& seats = *std::ranges::find(billed, seats_item(), &BilledItem::item_code);
            for (const auto& credit : change.credits) seats.left -= credit.gross;
            for (const auto& line : change.charge.lines) seats.left += line.amount();
            balance += change.balance();
            subscription = after;
            ASSERT_EQ(balance.count(), whole_period(subscription, period, {}).total.count())
                << format_day(on);
        }
    });
}

TEST(Bills, AOneOffItemIsChargedWholeWithTaxAndWithoutCoupons) {
    auto prices = *list_of({{"a", 1000}}, Timing::arrears, 600);
    prices.one_offs = {{"setup", "实施", "次", price(50'000)}};
    const auto order = [&](const std::vector<OneOffOrder>& items) {
        return one_off_bill(prices, items, day("2025-06-23"));
    };
    const auto bill = order({{"setup", 2}});  // B19
    EXPECT_EQ(amount_of(bill, "one_off.setup"), 100'000);
    EXPECT_EQ(bill.tax, Fen{6'000});
    EXPECT_EQ(bill.total, Fen{106'000});
    try {
        order({{"setup", 1}, {"a", 1}, {"setup", 1}});
        ADD_FAILURE() << "only what is listed, and once";
    } catch (const Error& error) {
        ASSERT_EQ(error.fields().size(), 2U);
        EXPECT_EQ(error.fields()[0].pointer, "/one_offs/1/code");
        EXPECT_EQ(error.fields()[1].pointer, "/one_offs/2/code");
    }
}

}  // namespace
}  // namespace wefee
