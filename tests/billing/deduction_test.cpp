// One deduction under R15: each thing that stands against it, alone.
#include "billing/deduction.hpp"

#include <gtest/gtest.h>

namespace wefee {
namespace {

using Obstacles = std::vector<DeductionObstacle>;

CivilDay day(const char* text) { return parse_day(text).value(); }
Instant at(const char* text) { return parse_local(text).value(); }

DeductionFacts wechat() {
    return {.amount = Fen{9'900},
            .due = Fen{9'900},
            .cover = Cover{.ok = true},
            .mandate = DeductionMandate{Provider::wechat},
            .announced = Announced{day("2026-03-01"), Fen{10'000}}};
}

TEST(Deduction, NothingStandsAgainstWhatWasConfirmedSignedAndAnnounced) {
    EXPECT_EQ(obstacles(wechat(), at("2026-03-03 07:00:00")), Obstacles{});
}

TEST(Deduction, EachObstacleIsFound) {
    using enum DeductionObstacle;
    const auto noon = at("2026-03-03 12:00:00");
    const auto without = [&](auto edit) {
        auto facts = wechat();
        edit(facts);
        return obstacles(facts, noon);
    };
    EXPECT_EQ(without([](auto& f) { f.cover.reset(); }), Obstacles{no_consent});
    EXPECT_EQ(without([](auto& f) { f.cover->ok = false; }), Obstacles{not_covered});
    EXPECT_EQ(without([](auto& f) { f.mandate.reset(); }), Obstacles{no_mandate});
    EXPECT_EQ(without([](auto& f) { f.due = Fen{9'899}; }), Obstacles{above_due});
    EXPECT_EQ(without([](auto& f) { f.announced.reset(); }), Obstacles{not_announced});
    EXPECT_EQ(without([](auto& f) { f.amount = f.due = Fen{10'001}; }), Obstacles{above_announced});
    for (const auto* moment :
         {"2026-03-02 12:00:00", "2026-03-03 06:59:59", "2026-03-03 22:00:00", "2026-03-10 12:00:00"})
        EXPECT_EQ(obstacles(wechat(), at(moment)), Obstacles{outside_window}) << moment;
}

TEST(Deduction, AlipaysWindowEndsWithItsExecuteDateWhichMovesAfterSuccessOnly) {
    auto facts = wechat();
    facts.announced.reset();
    facts.mandate = DeductionMandate{Provider::alipay, day("2019-07-06")};
    for (const auto* moment : {"2019-07-01 07:00:00", "2019-07-06 21:59:59"})
        EXPECT_EQ(obstacles(facts, at(moment)), Obstacles{});
    for (const auto* moment : {"2019-06-30 12:00:00", "2019-07-07 12:00:00"})
        EXPECT_EQ(obstacles(facts, at(moment)), Obstacles{DeductionObstacle::outside_window});
    executed(*facts.mandate, false);
    EXPECT_EQ(facts.mandate->execute_date, day("2019-07-06"));
    executed(*facts.mandate, true);
    EXPECT_EQ(facts.mandate->execute_date, day("2019-08-06"));
}

TEST(Deduction, AWantedDayPlansNoticeWaitAndWindow) {
    const auto plan = plan_deduction(Provider::wechat, day("2026-03-01"));
    EXPECT_EQ(plan.announce_latest, day("2026-02-27"));
    EXPECT_EQ(plan.waiting, (DaySpan{day("2026-02-28"), day("2026-03-01")}));
    EXPECT_EQ(plan.window.days.start, day("2026-03-01"));
    EXPECT_EQ(plan_deduction(Provider::alipay, day("2026-02-08")).execute_date, day("2026-02-10"));
    EXPECT_EQ(plan_deduction(Provider::alipay, day("2026-02-27")).execute_date, day("2026-02-28"));
}

}  // namespace
}  // namespace wefee
