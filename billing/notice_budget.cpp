// The words of budget notices (zh-CN), inside the limits of the cards.
#include "billing/notice_budget.hpp"

#include "billing/notice_parts.hpp"

namespace wefee {
namespace {

using namespace notice_parts;

constexpr std::size_t label_most = 15;
constexpr std::size_t sub_most = 112;

std::string period_word(DaySpan period) { return period.days() <= 31 ? "本月" : "本期"; }

std::string title_of(const BudgetSubject& subject) {
    const auto spent = period_word(subject.period) + "费用已";
    if (subject.percent < 100) return spent + "达预算的 " + std::to_string(subject.percent) + "%";
    if (subject.percent == 100) return spent + "达预算上限";
    return spent + "超出预算,达到 " + std::to_string(subject.percent) + "%";
}

/// What the limit does, in a few words and in a sentence.
std::string action_words(const Budget& budget) {
    if (budget.at_limit == LimitAction::stop) return "停用所选功能";
    if (budget.at_limit == LimitAction::ask) return "重新确认后继续";
    return budget.hard_cap ? "账单不超过预算" : "仅提醒";
}

std::string stopped_words(const BudgetSubject& subject) {
    if (subject.stopped_titles.empty()) return "会继续产生费用的功能";
    std::string titles;
    for (const auto& title : subject.stopped_titles) titles += (titles.empty() ? "" : "、") + title;
    return fitted(titles, 50);
}

std::string limit_sentence(const BudgetSubject& subject) {
    const auto& budget = subject.budget;
    std::string text;
    if (budget.hard_cap) text = "本期账单不会超过预算。";
    if (budget.at_limit == LimitAction::stop)
        return text + "已按贵公司设置停用:" + stopped_words(subject) +
               ";其他功能照常使用。调整预算或下期开始后恢复。";
    if (budget.at_limit == LimitAction::ask)
        return text + "已暂停:" + stopped_words(subject) +
               ";其他功能照常使用。重新确认授权或调整预算后恢复。";
    if (budget.hard_cap) return text + "会继续产生费用的功能已停用,其他功能照常使用。";
    return "按贵公司设置仅作提醒:各项功能照常使用,费用照常计入账单。";
}

std::string forecast_sentence(const BudgetSubject& subject) {
    if (!subject.forecast) return {};
    const auto amount = format_yuan_for_people(*subject.forecast);
    const auto end = subject.period.days() <= 31 ? "月底" : "期末";
    return std::string{"按当前用量,预计"} + end + "约 " + amount +
           (*subject.forecast > subject.budget.amount ? ",可能超出预算。" : "。");
}

}  // namespace

Notice budget_notice(const BudgetSubject& subject) {
    Notice notice;
    notice.kind = "budget";
    notice.corp = subject.corp;
    notice.subject_id = subject.subscription_id;
    notice.stage = format_day(subject.period.start) + ":" + std::to_string(subject.percent);
    notice.title = title_of(subject);
    notice.lead = fitted(shown_period(subject.period, subject.now), lead_most);
    notice.key_figure = format_yuan_for_people(subject.cost);
    const auto amount = format_yuan_for_people(subject.budget.amount);
    notice.key_label = "预算 " + amount;
    if (length_of(notice.key_label) > label_most) {  // an amount is never cut
        notice.key_label = "费用";
        add_fact(notice, "预算金额", amount);
    }
    if (!subject.fastest.empty())
        add_fact(notice, "增长最快", named_amount(subject.fastest, subject.fastest_growth));
    add_fact(notice, "超出处理", action_words(subject.budget));
    const bool reached = subject.percent >= 100;
    notice.sub = fitted(reached ? limit_sentence(subject) : forecast_sentence(subject), sub_most);
    notice.primary = {"查看用量", "/usage"};
    notice.secondary = {{"调整预算", "/budget"}};
    if (reached && subject.budget.at_limit == LimitAction::ask)
        notice.secondary.push_back({"重新确认授权", "/consents"});
    notice.notice_class = NoticeClass::may;
    return notice;
}

const ItemGrowth* fastest_growing(const std::vector<ItemGrowth>& items) {
    const ItemGrowth* most = nullptr;
    for (const auto& item : items) {
        const auto growth = item.now - item.before;
        if (growth > Fen{} && (!most || growth > most->now - most->before)) most = &item;
    }
    return most;
}

}  // namespace wefee
