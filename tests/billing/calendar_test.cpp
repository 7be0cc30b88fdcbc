// Planned days, the providers' windows, retries, notices and quiet hours, the query ladder.
#include "billing/calendar.hpp"

#include <gtest/gtest.h>

#include <set>

#include "billing/period.hpp"
#include "billing/query_ladder.hpp"
#include "property.hpp"

namespace wefee {
namespace {

using namespace std::chrono_literals;

CivilDay day(const char* text) { return parse_day(text).value(); }
Instant at(const char* text) { return parse_local(text).value(); }

TEST(PlannedDay, IsTheFirstDeductionDayThatLeavesTheLead) {
    EXPECT_EQ(planned_deduction_day(8, day("2026-12-02"), 5), day("2026-12-08"));
    EXPECT_EQ(planned_deduction_day(8, day("2026-12-03"), 5), day("2026-12-08"));
    EXPECT_EQ(planned_deduction_day(8, day("2026-12-04"), 5), day("2027-01-08"));
    EXPECT_EQ(planned_deduction_day(28, day("2026-02-23"), 5), day("2026-02-28"));
    EXPECT_THROW(planned_deduction_day(29, day("2026-02-23"), 5), std::domain_error);
}

TEST(PlannedDay, AlwaysLeavesTheLeadAndNeverSkipsAFittingDay) {
    testing::for_seeds(2000, [](testing::Random& random) {
        const auto final_on = add_days(day("2020-01-01"), static_cast<int>(random.between(0, 4000)));
        const int wanted = static_cast<int>(random.between(1, 28));
        const int lead = static_cast<int>(random.between(0, 10));
        const auto planned = planned_deduction_day(wanted, final_on, lead);
        EXPECT_EQ(static_cast<unsigned>(planned.day()), static_cast<unsigned>(wanted));
        EXPECT_GE(days_between(final_on, planned), lead);
        EXPECT_LT(days_between(final_on, planned), lead + 31);
    });
}

TEST(Window, LetsDeductFromSevenToBeforeTenInTheEvening) {
    const DeductionWindow window{{day("2026-03-03"), day("2026-03-05")}};
    EXPECT_EQ(next_chargeable_instant(window, at("2026-03-01 12:00:00")), at("2026-03-03 07:00:00"));
    EXPECT_EQ(next_chargeable_instant(window, at("2026-03-03 06:59:59")), at("2026-03-03 07:00:00"));
    EXPECT_EQ(next_chargeable_instant(window, at("2026-03-03 21:59:59")), at("2026-03-03 21:59:59"));
    EXPECT_EQ(next_chargeable_instant(window, at("2026-03-03 22:00:00")), at("2026-03-04 07:00:00"));
    EXPECT_EQ(next_chargeable_instant(window, at("2026-03-04 22:00:00")), std::nullopt);
    EXPECT_TRUE(is_chargeable(window, at("2026-03-04 21:59:59")));
    EXPECT_FALSE(is_chargeable(window, at("2026-03-04 06:59:59")));
    EXPECT_EQ(latest_moment(window), at("2026-03-04 22:00:00"));
    EXPECT_EQ(next_chargeable_instant({{day("2026-03-03"), day("2026-03-03")}}, at("2026-03-01 12:00:00")),
              std::nullopt);
}

TEST(Wechat, ChargesFromTheDayAfterTomorrowForSevenDays) {
    const auto window = wechat_window(day("2026-12-03"));
    EXPECT_EQ(window.days, (DaySpan{day("2026-12-05"), day("2026-12-12")}));
    // Announced five days before the planned day, T-3 to T+3 is open.
    EXPECT_EQ(window.days, (DaySpan{add_days(day("2026-12-08"), -3), add_days(day("2026-12-08"), 4)}));
    EXPECT_EQ(wechat_window(day("2026-12-03"), {.chargeable_days = 3}).days.end, day("2026-12-08"));
    EXPECT_EQ(wechat_announce_latest(day("2026-03-01")), day("2026-02-27"));
}

TEST(Wechat, AnnouncesInItsHoursOnly) {
    EXPECT_FALSE(wechat_announcing_hours(at("2026-12-03 06:59:59")));
    EXPECT_TRUE(wechat_announcing_hours(at("2026-12-03 07:00:00")));
    EXPECT_FALSE(wechat_announcing_hours(at("2026-12-03 22:00:00")));
    EXPECT_EQ(next_announcing_instant(at("2026-12-03 22:30:00")), at("2026-12-04 07:00:00"));
}

TEST(Wechat, TwelveHoursAfterSigningAreFreeUnlessANoticeWasSent) {
    const auto signed_at = at("2026-12-03 20:00:00");
    EXPECT_TRUE(wechat_free_after_signing(signed_at, signed_at + 12h - 1ms, false));
    EXPECT_FALSE(wechat_free_after_signing(signed_at, signed_at + 12h, false));
    EXPECT_FALSE(wechat_free_after_signing(signed_at, signed_at + 1h, true));
    EXPECT_FALSE(wechat_free_after_signing(signed_at, signed_at - 1ms, false));
    EXPECT_EQ(wechat_executes_at(signed_at), signed_at + 24h);
}

TEST(Alipay, RegistersTwoDaysAfterTheDeductionDayAtMostThe28th) {
    EXPECT_EQ(alipay_registered_day(8), 10);
    EXPECT_EQ(alipay_registered_day(26), 28);
    EXPECT_EQ(alipay_registered_day(27), 28);
    EXPECT_EQ(alipay_registered_day(28), 28);
    for (int d = 1; d <= 28; ++d) {
        const auto deduction = clamped_day(std::chrono::year{2026} / std::chrono::February, d);
        const auto window = alipay_window(deduction, alipay_execute_date(deduction));
        EXPECT_EQ(window.days.start, deduction);
        EXPECT_EQ(window.days.days(), std::min(3, 29 - d)) << d;
    }
}

TEST(Alipay, NeverDeductsBeforeItsOwnWindow) {
    const auto window = alipay_window(day("2026-03-01"), day("2026-03-10"));
    EXPECT_EQ(window.days, (DaySpan{day("2026-03-05"), day("2026-03-11")}));
    EXPECT_EQ(alipay_window(day("2026-03-20"), day("2026-03-10")).days.days(), 0);
}

TEST(Retry, EveryCauseHasOneRow) {
    std::set<FailureCause> causes;
    for (const auto& row : retry_rows()) EXPECT_TRUE(causes.insert(row.cause).second);
    EXPECT_EQ(causes.size(), static_cast<std::size_t>(FailureCause::unlisted) + 1);
    using enum FailureCause;
    for (const auto cause : {account_abnormal, mandate_ended, amount_above_mandate})
        EXPECT_EQ(retry_row(cause).action, RetryAction::stop) << failure_cause_name(cause);
    for (const auto cause : {merchant_blocked, bad_request}) {
        EXPECT_EQ(retry_row(cause).action, RetryAction::hold) << failure_cause_name(cause);
        EXPECT_TRUE(retry_row(cause).alert_operator);
    }
    for (const auto cause :
         {balance_not_enough, payment_limit, channel_busy, closed_unpaid, outside_window, unlisted})
        EXPECT_EQ(retry_row(cause).action, RetryAction::retry) << failure_cause_name(cause);
}

TEST(Retry, NextDayAtTenInsideTheWindowUntilTheCountIsOver) {
    const auto window = wechat_window(day("2026-12-03"));
    const auto policy = default_retry_policy(Provider::wechat);
    const auto failed = at("2026-12-08 10:00:05");
    for (int failures = 1; failures <= 3; ++failures)
        EXPECT_EQ(plan_retry(FailureCause::balance_not_enough, failures, failed, window, policy),
                  at("2026-12-09 10:00:00"));
    EXPECT_EQ(plan_retry(FailureCause::balance_not_enough, 4, failed, window, policy), std::nullopt);
    EXPECT_EQ(plan_retry(FailureCause::mandate_ended, 1, failed, window, policy), std::nullopt);
    EXPECT_EQ(plan_retry(FailureCause::balance_not_enough, 1, at("2026-12-11 10:00:00"), window, policy),
              std::nullopt);
    EXPECT_EQ(default_retry_policy(Provider::alipay).retries_max, 2);
    EXPECT_EQ(default_retry_policy(Provider::transfer).retries_max, 0);
}

TEST(Notices, SpreadOverMinutes3To27And33To57) {
    std::set<std::int64_t> minutes;
    for (std::uint64_t key = 0; key < 500; ++key) minutes.insert(spread_minute(key).count());
    EXPECT_EQ(minutes.size(), 50u);
    for (const auto minute : minutes)
        EXPECT_TRUE((minute >= 3 && minute <= 27) || (minute >= 33 && minute <= 57)) << minute;
    EXPECT_EQ(spread_key(""), 14'695'981'039'346'656'037U);
    EXPECT_EQ(spread_key("a"), 0xaf63dc4c8601ec8cU);  // published FNV-1a value
}

TEST(Notices, DeadlinesMoveToTheEveningBeforeAndOthersToTheMorning) {
    for (std::uint64_t key = 0; key < 200; ++key) {
        for (const auto* night :
             {"2026-12-03 22:00:00", "2026-12-03 23:59:59", "2026-12-04 00:00:00", "2026-12-04 07:59:59"}) {
            const auto early = deadline_notice_at(at(night), key);
            EXPECT_LT(early, at(night));
            EXPECT_EQ(civil_day(early), day("2026-12-03"));
            EXPECT_GE(minute_of_day(early), 20h);
            EXPECT_LT(minute_of_day(early), 22h);
            const auto late = ordinary_notice_at(at(night), key);
            EXPECT_EQ(civil_day(late), day("2026-12-04"));
            EXPECT_GE(minute_of_day(late), 8h);
            EXPECT_LT(minute_of_day(late), 10h);
        }
        EXPECT_EQ(deadline_notice_at(at("2026-12-03 08:00:00"), key), at("2026-12-03 08:00:00"));
        EXPECT_EQ(ordinary_notice_at(at("2026-12-03 21:59:59"), key), at("2026-12-03 21:59:59"));
    }
}

TEST(Notices, FirstFiveDaysBeforeAndAReminderTheDayBefore) {
    const auto plan = plan_notices(day("2026-12-08"), at("2026-12-02 09:00:00"), 7).value();
    EXPECT_EQ(plan.first, at("2026-12-03 10:10:00"));
    EXPECT_EQ(plan.reminders, (std::vector{at("2026-12-07 10:10:00")}));
}

TEST(Notices, ALateStartTellsAtOnceAndTooLateMovesTheDeduction) {
    EXPECT_EQ(plan_notices(day("2026-12-08"), at("2026-12-05 15:00:00"), 7)->first,
              at("2026-12-05 15:00:00"));
    EXPECT_EQ(civil_day(plan_notices(day("2026-12-08"), at("2026-12-05 23:00:00"), 7)->first),
              day("2026-12-06"));
    EXPECT_FALSE(plan_notices(day("2026-12-08"), at("2026-12-07 22:00:00"), 7));
    EXPECT_FALSE(plan_notices(day("2026-12-08"), at("2026-12-08 10:00:00"), 7));
}

TEST(Notices, NeverLessThan24HoursBeforeTheDayEndsAndNeverAtNight) {
    testing::for_seeds(3000, [](testing::Random& random) {
        const auto planned = add_days(day("2026-01-01"), static_cast<int>(random.between(10, 700)));
        const auto now = day_start(planned) - std::chrono::minutes{random.between(-600, 10'000)};
        const auto key = static_cast<std::uint64_t>(random.between(0, 1'000'000));
        const auto plan = plan_notices(planned, now, key);
        if (!plan) return;
        EXPECT_GE(plan->first, now);
        EXPECT_FALSE(is_quiet(plan->first));
        EXPECT_LT(deductible_after(plan->first), at_local(planned, 22h));
        for (const auto reminder : plan->reminders) {
            EXPECT_GT(reminder, plan->first);
            EXPECT_LT(reminder, day_start(planned));
            EXPECT_FALSE(is_quiet(reminder));
        }
    });
}

TEST(QueryLadder, ClimbsAndThenAsksEveryHourForEver) {
    const std::vector<std::chrono::seconds> expected{5s, 15s, 30s, 1min, 3min, 5min, 10min, 30min, 1h, 1h};
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(query_wait(static_cast<std::int64_t>(i)), expected[i]) << i;
    EXPECT_EQ(query_wait(1'000'000), 1h);
    EXPECT_EQ(next_query_at(Instant{}, 0), Instant{} + 5s);
    EXPECT_EQ(person_after(false), 24h);
    EXPECT_EQ(person_after(true), 48h);
}

}  // namespace
}  // namespace wefee
