// The words of the notices, and that they fit the cards with the longest samples.
#include "billing/notice.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace wefee {
namespace {

CivilDay day(const char* text) { return parse_day(text).value(); }
Instant at(const char* text) { return parse_local(text).value(); }

std::size_t length(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

BillSubject bill() {
    BillSubject subject;
    subject.corp = "wwcorp";
    subject.corp_name = "星河教育";
    subject.charge_id = "chg_1";
    subject.invoice_id = "inv_1";
    subject.invoice_number = "2026-11-0001";
    subject.period_start = day("2026-11-01");
    subject.period_end = day("2026-12-01");
    subject.amount = Fen{361'250};
    subject.account = "微信支付(尾号 0912)";
    subject.now = at("2026-12-03 10:10:00");
    return subject;
}

BillSubject long_bill() {
    auto subject = bill();
    for (int i = 0; i < 20; ++i) subject.corp_name += "很长的企业名称";
    subject.amount = Fen{123'456'789'012};
    subject.account = std::string(subject.corp_name);
    subject.invoice_number = std::string(60, '9');
    subject.period_start = day("2026-11-15");
    subject.period_end = day("2027-02-15");
    return subject;
}

std::vector<Notice> all_of(const BillSubject& subject) {
    ConsentSubject consent;
    consent.corp = subject.corp;
    consent.consent_id = "con_1";
    consent.vendor_name = subject.corp_name;
    consent.item_titles = {subject.corp_name, "席位"};
    consent.cap_charge = subject.amount;
    consent.valid_until = day("2028-12-31");
    consent.now = subject.now;
    std::vector<Notice> notices{
        upcoming_notice(subject, "first", day("2027-01-08"), day("2027-01-11"),
                        {{subject.corp_name, subject.amount}, {"席位", Fen{1}}}, subject.amount),
        succeeded_notice(subject, at("2027-12-08 10:00:00"), day("2028-01-08")),
        manual_paid_notice(subject, at("2027-12-08 10:00:00"), subject.corp_name),
        payment_due_notice(subject, subject.corp_name, day("2028-01-08")),
        consent_request_notice(consent, subject.invoice_number),
        consent_ended_notice(consent, subject.corp_name, at("2027-11-23 14:05:00")),
    };
    for (int i = 0; i <= static_cast<int>(FailureCause::unlisted); ++i) {
        notices.push_back(failed_notice(subject, static_cast<FailureCause>(i), at("2027-12-09 10:00:00"),
                                        day("2027-12-15")));
        notices.push_back(final_failure_notice(subject, static_cast<FailureCause>(i), day("2027-12-15")));
    }
    return notices;
}

TEST(Notices, AreWrittenInsideTheCardLimitsWithLongSamplesToo) {
    for (const auto& subject : {bill(), long_bill()})
        for (const auto& notice : all_of(subject)) {
            EXPECT_LE(length(notice.title), 26u) << notice.title;
            EXPECT_LE(length(notice.lead), 30u) << notice.lead;
            EXPECT_LE(length(notice.key_label), 15u);
            EXPECT_LE(length(notice.sub), 112u);
            EXPECT_LE(notice.facts.size(), 6u);
            EXPECT_LE(notice.secondary.size(), 2u);
            EXPECT_FALSE(notice.title.empty() || notice.lead.empty() || notice.corp.empty() ||
                         notice.subject_id.empty())
                << notice.kind;
            EXPECT_EQ(notice.notice_class, NoticeClass::must);
            for (const auto& fact : notice.facts) {
                EXPECT_LE(length(fact.name), 5u) << fact.name;
                EXPECT_LE(length(fact.value), 26u) << fact.value;
                EXPECT_FALSE(fact.value.empty()) << fact.name;
            }
            EXPECT_FALSE(notice.primary.path.empty()) << notice.kind;
            for (const auto& link : notice.secondary) {
                EXPECT_LE(length(link.text), 10u) << link.text;
                EXPECT_NE(link.path.empty(), link.action.empty()) << link.text;
            }
        }
}

TEST(Notices, TheUpcomingOneSaysWhatWhenFromWhereAndHowToStop) {
    const auto notice = upcoming_notice(
        bill(), "first", day("2026-12-08"), day("2026-12-11"),
        {{"专业版", Fen{300'000}}, {"席位", Fen{50'000}}, {"用量", Fen{11'250}}}, Fen{400'000});
    EXPECT_EQ(notice.kind, "upcoming");
    EXPECT_EQ(notice.subject_id, "chg_1");
    EXPECT_EQ(notice.title, "12月08日将自动扣费,请核对");
    EXPECT_EQ(notice.lead, "星河教育 · 2026年11月账单");
    EXPECT_EQ(notice.key_figure, "¥3,612.50");
    EXPECT_EQ(notice.key_label, "预计扣费金额");
    const std::vector<std::pair<std::string, std::string>> expected{{"扣费时间", "12月08日 至 12月11日"},
                                                                    {"扣费账户", "微信支付(尾号 0912)"},
                                                                    {"主要项目", "专业版 ¥3,000.00"},
                                                                    {"其他项目", "2 项 ¥612.50"},
                                                                    {"授权额度", "单次不超过 ¥4,000.00"}};
    ASSERT_EQ(notice.facts.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(notice.facts[i].name, expected[i].first);
        EXPECT_EQ(notice.facts[i].value, expected[i].second);
    }
    EXPECT_EQ(notice.sub, "扣费前可随时修改、暂停或取消。实际扣费不会超过此金额。");
    EXPECT_EQ(notice.primary.text, "查看费用明细");
    EXPECT_EQ(notice.secondary[0].text, "暂停本次扣费");
    EXPECT_EQ(notice.secondary[0].action, "hold:chg_1");
}

TEST(Notices, AFailureNamesItsCauseAndTheNextStep) {
    const auto notice =
        failed_notice(bill(), FailureCause::balance_not_enough, at("2026-12-09 10:00:00"), day("2026-12-15"));
    EXPECT_EQ(notice.title, "扣费未成功,请尽快处理");
    EXPECT_EQ(notice.lead, "原因:账户余额不足");
    EXPECT_EQ(notice.sub, "12月15日前不影响使用。我们会在 12月09日 10:00 再试一次;您也可以现在手动支付。");
    EXPECT_EQ(notice.primary.text, "立即支付");
    EXPECT_EQ(final_failure_notice(bill(), FailureCause::balance_not_enough, day("2026-12-15")).title,
              "多次扣费未成功,已停止自动重试");
}

TEST(Notices, OnlyStoppingOrLookingWorksFromACardButton) {
    for (const auto& notice : all_of(bill())) {
        EXPECT_TRUE(notice.primary.action.empty());
        for (const auto& link : notice.secondary)
            if (!link.action.empty()) EXPECT_TRUE(link.action.starts_with("hold:")) << link.action;
    }
}

TEST(Notices, ConsentTexts) {
    ConsentSubject consent;
    consent.vendor_name = "星河软件";
    consent.consent_id = "con_1";
    consent.corp = "ww";
    consent.now = at("2026-11-23 15:00:00");
    EXPECT_EQ(consent_request_notice(consent, "A1").lead, "星河软件 申请开通自动扣费");
    EXPECT_EQ(consent_ended_notice(consent, "李明", at("2026-11-23 14:05:00")).lead,
              "解除人:李明 · 11月23日 14:05");
}

TEST(Words, EveryCauseHasItsOwn) {
    std::set<std::string_view> words;
    for (int i = 0; i <= static_cast<int>(FailureCause::unlisted); ++i) {
        EXPECT_TRUE(words.insert(failure_words(static_cast<FailureCause>(i))).second);
        EXPECT_FALSE(failure_next_step(static_cast<FailureCause>(i)).empty());
        EXPECT_EQ(failure_words(static_cast<FailureCause>(i)).find("系统错误"), std::string_view::npos);
    }
}

TEST(ShownTimes, CarryTheYearOnlyWhenItIsAnother) {
    const auto now = at("2026-12-31 23:59:59");
    EXPECT_EQ(shown_day(day("2026-12-01"), now), "12月01日");
    EXPECT_EQ(shown_day(day("2027-01-01"), now), "2027年01月01日");
    EXPECT_EQ(shown_instant(at("2026-12-01 09:05:00"), now), "12月01日 09:05");
    EXPECT_EQ(shown_period({day("2026-11-01"), day("2026-12-01")}, now), "11月01日–11月30日");
}

}  // namespace
}  // namespace wefee
