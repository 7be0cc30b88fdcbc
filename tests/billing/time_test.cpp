// Civil days in Shanghai, and every text form of a time, there and back.
#include "billing/time.hpp"

#include <gtest/gtest.h>

namespace wefee {
namespace {

using namespace std::chrono_literals;

CivilDay day(const char* text) { return parse_day(text).value(); }
Instant instant(const char* text) { return parse_instant(text).value(); }

TEST(CivilDay, ChangesAtSixteenHoursUtc) {
    EXPECT_EQ(format_day(civil_day(instant("2026-01-31T15:59:59.999Z"))), "2026-01-31");
    EXPECT_EQ(format_day(civil_day(instant("2026-01-31T16:00:00Z"))), "2026-02-01");
    EXPECT_EQ(day_start(day("2026-02-01")), instant("2026-01-31T16:00:00Z"));
}

TEST(CivilDay, EveryDayOf1970To2100ReadsBack) {
    int days = 0;
    for (auto d = day("1970-01-01"); d <= day("2100-12-31"); d = add_days(d, 1), ++days)
        if (parse_day(format_day(d)) != d) ADD_FAILURE() << format_day(d);
    EXPECT_EQ(days, 47847);
}

TEST(ParseDay, TakesRealDatesOnly) {
    for (const auto* text :
         {"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "1969-12-31", "2101-01-01", "2026-1-1",
          "20260101", "2026/01/01", "2026-01-01 ", "", "2026-01", "+026-01-01"})
        EXPECT_EQ(parse_day(text), std::nullopt) << text;
    EXPECT_TRUE(parse_day("2024-02-29"));
}

TEST(Instant, ReadsAnyOffsetAndFraction) {
    const auto t = instant("2026-01-31T10:00:00+08:00");
    EXPECT_EQ(instant("2026-01-31T02:00:00Z"), t);
    EXPECT_EQ(instant("2026-01-30T20:30:00-05:30"), t);
    EXPECT_EQ(instant("2026-01-31T10:00:00.25+08:00"), t + 250ms);
    EXPECT_EQ(instant("2026-01-31T10:00:00.1239999+08:00"), t + 123ms);
    EXPECT_EQ(format_instant(t), "2026-01-31T10:00:00+08:00");
}

TEST(Instant, RefusesWhatIsNotRfc3339) {
    for (const auto* text :
         {"2026-01-31T10:00:00", "2026-01-31 10:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T10:60:00Z",
          "2026-01-31T10:00:60Z", "2026-01-31T10:00:00.Z", "2026-01-31T10:00:00+0800", "2026-01-31T10:00Z",
          "2026-01-31T10:00:00Zx", "2026-02-30T10:00:00Z", "2026-01-31T10:00:00+24:00"})
        EXPECT_EQ(parse_instant(text), std::nullopt) << text;
}

TEST(LocalForms, ReadBackInShanghaiTime) {
    const auto t = instant("2026-12-31T23:59:58+08:00");
    EXPECT_EQ(format_local(t), "2026-12-31 23:59:58");
    EXPECT_EQ(format_compact(t), "20261231235958");
    EXPECT_EQ(parse_local(format_local(t)), t);
    EXPECT_EQ(parse_local("2026-12-31 23:59:58.123"), t);
    EXPECT_EQ(parse_compact(format_compact(t)), t);
    EXPECT_EQ(parse_compact("2026123123595"), std::nullopt);
    EXPECT_EQ(parse_compact("202612312359580"), std::nullopt);
    EXPECT_EQ(parse_local("2026-12-31T23:59:58"), std::nullopt);
}

TEST(MinuteOfDay, CountsFromLocalMidnight) {
    EXPECT_EQ(minute_of_day(instant("2026-01-01T00:00:59+08:00")), 0min);
    EXPECT_EQ(minute_of_day(instant("2026-01-01T07:01:00+08:00")), 421min);
    EXPECT_EQ(minute_of_day(instant("1970-01-01T07:59:59+08:00")), 479min);
}

}  // namespace
}  // namespace wefee
