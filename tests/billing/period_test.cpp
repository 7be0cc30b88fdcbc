// Anchors over 131 years, and the day arithmetic of R1, R2, R4, R5 and R7.
#include "billing/period.hpp"

#include <gtest/gtest.h>

#include "billing/proration.hpp"
#include "property.hpp"

namespace wefee {
namespace {

CivilDay day(const char* text) { return parse_day(text).value(); }

TEST(Anchor, EveryMonthOf1970To2100HasItsBoundaryAtTheAnchorOrTheMonthsEnd) {
    for (int anchor_day = 1; anchor_day <= 31; ++anchor_day) {
        const Anchor anchor{.day = anchor_day};
        auto boundary = boundary_at_or_after(day("1970-01-01"), anchor);
        int months = 0;
        for (; boundary.year() <= std::chrono::year{2100};
             boundary = boundary_after(boundary, anchor), ++months) {
            const CivilDay last{boundary.year() / boundary.month() / std::chrono::last};
            const auto expected =
                std::min<unsigned>(static_cast<unsigned>(anchor_day), static_cast<unsigned>(last.day()));
            ASSERT_EQ(static_cast<unsigned>(boundary.day()), expected)
                << anchor_day << " " << format_day(boundary);
        }
        EXPECT_EQ(months, 131 * 12) << anchor_day;
    }
}

TEST(Anchor, PeriodsOfAnyLengthLieSideBySideAndHoldTheirDays) {
    testing::for_seeds(2000, [](testing::Random& random) {
        constexpr int lengths[] = {1, 3, 12};
        const Anchor anchor{.day = static_cast<int>(random.between(1, 31)),
                            .months = lengths[random.between(0, 2)],
                            .origin = std::chrono::year{2000} /
                                      std::chrono::month{static_cast<unsigned>(random.between(1, 12))}};
        const auto today = add_days(day("1995-01-01"), static_cast<int>(random.between(0, 20'000)));
        const auto period = full_period(today, anchor);
        EXPECT_LE(period.start, today);
        EXPECT_LT(today, period.end);
        EXPECT_EQ(full_period(period.end, anchor).start, period.end);
        EXPECT_EQ(full_period(add_days(period.end, -1), anchor), period);
        EXPECT_TRUE(is_boundary(period.start, anchor));
        EXPECT_EQ(boundary_after(period.start, anchor), period.end);
    });
}

TEST(Anchor, QuartersAndYearsKeepTheMonthsOfTheirOrigin) {
    const Anchor quarter{.day = 15, .months = 3, .origin = std::chrono::year{2024} / std::chrono::April};
    EXPECT_EQ(full_period(day("2024-05-20"), quarter), (DaySpan{day("2024-04-15"), day("2024-07-15")}));
    EXPECT_EQ(full_period(day("2024-01-01"), quarter), (DaySpan{day("2023-10-15"), day("2024-01-15")}));
    const Anchor leap_year = anchor_at(day("2024-02-29"), 12);
    EXPECT_EQ(full_period(day("2025-02-27"), leap_year), (DaySpan{day("2024-02-29"), day("2025-02-28")}));
    EXPECT_EQ(boundary_after(day("2027-03-01"), leap_year), day("2028-02-29"));
}

TEST(Anchor, RefusesDaysThatNoMonthHas) {
    EXPECT_THROW(full_period(day("2024-01-01"), {.day = 0}), std::domain_error);
    EXPECT_THROW(full_period(day("2024-01-01"), {.day = 32}), std::domain_error);
    EXPECT_THROW(full_period(day("2024-01-01"), {.day = 1, .months = 0}), std::domain_error);
}

TEST(Proration, PartsOfAPeriodAddUpToItExactly) {
    testing::for_seeds(2000, [](testing::Random& random) {
        const Anchor anchor{.day = static_cast<int>(random.between(1, 31)),
                            .months = random.chance(50) ? 1 : 3};
        const auto period =
            full_period(add_days(day("2000-01-01"), static_cast<int>(random.between(0, 20'000))), anchor);
        const Fen price{random.between(0, 10'000'000)};
        const auto middle = add_days(period.start, static_cast<int>(random.between(0, period.days())));
        EXPECT_EQ(prorated(price, before_change(period, middle), period) +
                      prorated(price, from_change(period, middle), period),
                  Fraction{price});
    });
}

TEST(Proration, ASpanOverSeveralPeriodsMeasuresEachInItsOwn) {
    const Anchor monthly{.day = 1};
    const DaySpan span{day("2023-01-16"), day("2023-03-15")};
    EXPECT_EQ(prorated(Fen{1000}, span, monthly),
              Fraction{1000} * (Fraction{16, 31} + Fraction{1} + Fraction{14, 31}));
    EXPECT_EQ(periods_in({day("2020-01-01"), day("2021-01-01")}, monthly), Fraction{12});
}

TEST(Proration, ChangeDayBelongsToTheNewPlanAndTheEndDayIsBilled) {
    const DaySpan month{day("2022-12-01"), day("2023-01-01")};
    EXPECT_EQ(before_change(month, day("2022-12-18")).days(), 17);
    EXPECT_EQ(from_change(month, day("2022-12-18")).days(), 14);
    EXPECT_EQ(billed_until_end(month, day("2022-12-18")).days(), 18);
    EXPECT_EQ(unused_after_end(month, day("2022-12-18")).days(), 13);
    EXPECT_EQ(unused_after_end(month, day("2022-12-31")).days(), 0);
    EXPECT_EQ(before_change(month, day("2022-11-01")).days(), 0);
    EXPECT_EQ(from_change(month, day("2023-05-01")).days(), 0);
}

TEST(Proration, ThirtyDayMonthsMakeEveryMonthAndYearWhole) {
    for (auto start = day("2019-01-01"); start < day("2025-01-01"); start = add_months(start, 1)) {
        EXPECT_EQ(days_of_30({start, add_months(start, 1)}), 30) << format_day(start);
        EXPECT_EQ(days_of_30({start, add_months(start, 12)}), 360) << format_day(start);
    }
}

TEST(Proration, PartsOfAPeriodAreTheWholeHoweverDaysAreCounted) {
    testing::for_seeds(300, [](testing::Random& random) {
        const auto count = random.chance(70) ? DayCount::thirty : DayCount::actual;
        const Anchor anchor{.day = static_cast<int>(random.between(1, 28)),
                            .months = random.chance(50) ? 1 : 12};
        const auto full =
            full_period(add_days(day("2023-01-01"), static_cast<int>(random.between(0, 800))), anchor);
        Fraction sum;
        int days = 0;
        for (auto from = full.start; from < full.end;) {
            const auto to = std::min(full.end, add_days(from, static_cast<int>(random.between(1, 40))));
            const auto part = part_of({from, to}, full, count);
            ASSERT_GE(part.days, 0);
            ASSERT_LE(part.days, part.of);
            sum += part.share();
            for (; from < to; from = add_days(from, 1)) days += day_weight(from, count);
        }
        ASSERT_EQ(sum, Fraction{1});
        ASSERT_EQ(days, part_of(full, full, count).days);
    });
}

TEST(Proration, AWholePeriodOfThirtyDayMonthsIsWholeAlsoWhereItsAnchorIsTheMonthsEnd) {
    const auto part = [](const char* from, const char* to, const char* start, const char* end) {
        return part_of({day(from), day(to)}, {day(start), day(end)}, DayCount::thirty);
    };
    EXPECT_EQ(part("2023-01-31", "2023-02-28", "2023-01-31", "2023-02-28").share(), Fraction{1});
    EXPECT_EQ(part("2023-02-28", "2023-03-31", "2023-02-28", "2023-03-31").share(), Fraction{1});
    EXPECT_EQ(part("2023-01-31", "2023-02-15", "2023-01-31", "2023-02-28").share(), (Fraction{14, 30}));
    EXPECT_EQ(part("2023-05-23", "2023-06-15", "2023-05-15", "2023-06-15").share(),
              (Fraction{22, 30}));                                                                      // A11
    EXPECT_EQ(part("2025-07-15", "2026-01-15", "2025-01-15", "2026-01-15").share(), (Fraction{1, 2}));  // W02
}

TEST(Period, WeeksAreCountedFromTheFirstDay) {
    const Anchor fortnight{.weeks = 2, .first = day("2024-02-26")};
    EXPECT_EQ(full_period(day("2024-02-26"), fortnight), (DaySpan{day("2024-02-26"), day("2024-03-11")}));
    EXPECT_EQ(full_period(day("2024-03-10"), fortnight), (DaySpan{day("2024-02-26"), day("2024-03-11")}));
    EXPECT_EQ(full_period(day("2024-03-11"), fortnight), (DaySpan{day("2024-03-11"), day("2024-03-25")}));
    EXPECT_EQ(full_period(day("2024-02-25"), fortnight), (DaySpan{day("2024-02-12"), day("2024-02-26")}));
    EXPECT_TRUE(is_boundary(day("2024-02-12"), fortnight));
}

TEST(Proration, ACreditNeverExceedsWhatIsLeftOfTheLine) {
    const DaySpan month{day("2024-04-01"), day("2024-05-01")};
    const auto rest = from_change(month, day("2024-04-21"));
    EXPECT_EQ(credit_for_unused(Fen{10'000}, rest, month), Fen{3333});
    EXPECT_EQ(credit_for_unused(Fen{10'000}, rest, month, Fen{9'000}), Fen{1000});
    EXPECT_EQ(credit_for_unused(Fen{10'000}, rest, month, Fen{11'000}), Fen{});
    EXPECT_EQ(credit_for_unused(Fen{10'000}, {day("2024-01-01"), day("2024-12-31")}, month), Fen{10'000});
}

}  // namespace
}  // namespace wefee
