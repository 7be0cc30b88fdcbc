// The words of budget notices, and that they fit the cards.
#include "billing/notice_budget.hpp"

#include <gtest/gtest.h>

#include "billing/notice_parts.hpp"

namespace wefee {
namespace {

CivilDay day(const char* text) { return parse_day(text).value(); }

BudgetSubject subject(int percent) {
    BudgetSubject subject;
    subject.corp = "wwcorp";
    subject.subscription_id = "sub_1";
    subject.period = {day("2026-11-01"), day("2026-12-01")};
    subject.percent = percent;
    subject.cost = Fen{400'000};
    subject.budget.amount = Fen{500'000};
    subject.fastest = "群发消息";
    subject.fastest_growth = Fen{120'000};
    subject.forecast = Fen{532'000};
    subject.now = parse_local("2026-11-20 10:00:00").value();
    return subject;
}

TEST(BudgetNotices, SayWhatWasSpentAndWhereItGoes) {
    const auto notice = budget_notice(subject(80));
    EXPECT_EQ(notice.title, "本月费用已达预算的 80%");
    EXPECT_EQ(notice.key_figure, "¥4,000.00");
    EXPECT_EQ(notice.key_label, "预算 ¥5,000.00");
    EXPECT_EQ(notice.sub, "按当前用量,预计月底约 ¥5,320.00,可能超出预算。");
    ASSERT_EQ(notice.facts.size(), 2U);
    EXPECT_EQ(notice.facts[0].name, "增长最快");
    EXPECT_EQ(notice.facts[0].value, "群发消息 ¥1,200.00");
    EXPECT_EQ(notice.facts[1].value, "仅提醒");
    EXPECT_EQ(notice.primary.text, "查看用量");
    EXPECT_EQ(notice.secondary.at(0).text, "调整预算");
    EXPECT_EQ(notice.notice_class, NoticeClass::may) << "can be turned off";
}

TEST(BudgetNotices, AtTheLimitTheySayWhatWasStoppedByTheCustomersOwnSetting) {
    auto at_limit = subject(100);
    EXPECT_EQ(budget_notice(at_limit).title, "本月费用已达预算上限");
    EXPECT_EQ(budget_notice(at_limit).sub, "按贵公司设置仅作提醒:各项功能照常使用,费用照常计入账单。");
    at_limit.budget.at_limit = LimitAction::stop;
    at_limit.stopped_titles = {"群发", "会话存档"};
    EXPECT_EQ(budget_notice(at_limit).sub,
              "已按贵公司设置停用:群发、会话存档;其他功能照常使用。调整预算或下期开始后恢复。");
    at_limit.budget.at_limit = LimitAction::ask;
    at_limit.budget.hard_cap = true;
    at_limit.stopped_titles = {};
    const auto asks = budget_notice(at_limit);
    EXPECT_EQ(
        asks.sub,
        "本期账单不会超过预算。已暂停:会继续产生费用的功能;其他功能照常使用。重新确认授权或调整预算后恢复。");
    EXPECT_EQ(asks.secondary.at(1).text, "重新确认授权");
    EXPECT_EQ(budget_notice(subject(150)).title, "本月费用已超出预算,达到 150%");
}

TEST(BudgetNotices, FitTheCardsWithLongSamplesToo) {
    for (const int percent : {1, 80, 100, 1'000})
        for (const auto action : {LimitAction::notify, LimitAction::stop, LimitAction::ask}) {
            auto longest = subject(percent);
            longest.period = {day("2026-11-15"), day("2027-11-15")};
            longest.budget.amount = Fen{budget_fen_max};
            longest.cost = longest.fastest_growth = Fen{123'456'789'012};
            longest.forecast = Fen{budget_fen_max};
            longest.budget.at_limit = action;
            longest.budget.hard_cap = true;
            for (int i = 0; i < 20; ++i) longest.stopped_titles.emplace_back("很长的功能名称");
            longest.fastest = "很长的项目名称很长的项目名称很长的项目名称很长的项目名称";
            const auto notice = budget_notice(longest);
            using notice_parts::length_of;
            EXPECT_LE(length_of(notice.title), 26U) << notice.title;
            EXPECT_LE(length_of(notice.lead), 30U) << notice.lead;
            EXPECT_LE(length_of(notice.key_label), 15U);
            EXPECT_LE(length_of(notice.sub), 112U) << notice.sub;
            EXPECT_LE(notice.secondary.size(), 2U);
            for (const auto& fact : notice.facts) {
                EXPECT_LE(length_of(fact.name), 5U);
                EXPECT_LE(length_of(fact.value), 26U) << fact.value;
            }
            EXPECT_EQ(notice.facts.front().value, "¥1,000,000,000,000.00") << "moved, never cut";
        }
}

TEST(BudgetNotices, WhatGrewMost) {
    const std::vector<ItemGrowth> items{
        {"a", "A", Fen{100}, Fen{90}}, {"b", "B", Fen{}, Fen{30}}, {"c", "C", Fen{500}, Fen{540}}};
    EXPECT_EQ(fastest_growing(items)->code, "c");
    EXPECT_EQ(fastest_growing({items[0]}), nullptr);
}

}  // namespace
}  // namespace wefee
