// The words of the notices (zh-CN), written inside the limits of the cards: title 26 code points, lead 30,
// fact 5 and 26, sub 112. 扣费 is automatic, 支付 is by a person.
#include "billing/notice.hpp"

#include <algorithm>
#include <array>

#include "billing/notice_parts.hpp"

namespace wefee {
namespace {

using namespace notice_parts;

std::string shown_month(CivilDay day) {
    return std::to_string(static_cast<int>(day.year())) + "年" +
           two_digits(static_cast<unsigned>(day.month())) + "月";
}

/// "11月" for a calendar month, else the days.
std::string period_name(const BillSubject& bill) {
    const bool month = bill.period_start.day() == std::chrono::day{1} &&
                       bill.period_end.day() == std::chrono::day{1} &&
                       days_between(bill.period_start, bill.period_end) <= 31;
    return month ? shown_month(bill.period_start) + "账单"
                 : shown_period({bill.period_start, bill.period_end}, bill.now);
}

NoticeLink invoice_link(const BillSubject& bill, std::string text) {
    return {std::move(text), "/b/" + bill.invoice_id};
}

NoticeLink pay_link(const BillSubject& bill) { return {"立即支付", "/b/" + bill.invoice_id + "/pay"}; }

Notice bill_notice(const BillSubject& bill, std::string kind, std::string stage) {
    Notice notice;
    notice.kind = std::move(kind);
    notice.corp = bill.corp;
    notice.subject_id = bill.charge_id.empty() ? bill.invoice_id : bill.charge_id;
    notice.stage = std::move(stage);
    notice.key_figure = format_yuan_for_people(bill.amount);
    notice.primary = invoice_link(bill, "查看费用明细");
    return notice;
}

struct FailureWords {
    FailureCause cause;
    std::string_view words;
    std::string_view next_step;
};
constexpr std::array failure_table{
    FailureWords{FailureCause::balance_not_enough, "账户余额不足", "请充值、更换账户或手动支付"},
    FailureWords{FailureCause::payment_limit, "超过支付限额", "请调整限额、更换账户或手动支付"},
    FailureWords{FailureCause::account_abnormal, "账户异常", "请更换账户或手动支付"},
    FailureWords{FailureCause::mandate_ended, "授权已解除", "请重新授权或手动支付"},
    FailureWords{FailureCause::amount_above_mandate, "金额超过授权额度", "请提高授权额度或手动支付"},
    FailureWords{FailureCause::outside_window, "错过可扣费时间", "将重新安排,也可手动支付"},
    FailureWords{FailureCause::channel_busy, "渠道繁忙", "将自动重试,也可手动支付"},
    FailureWords{FailureCause::merchant_blocked, "收款方暂时无法收款", "我们正在处理,您无需操作"},
    FailureWords{FailureCause::bad_request, "扣费请求未被渠道接受", "我们正在处理,您无需操作"},
    FailureWords{FailureCause::closed_unpaid, "订单未完成支付", "请重新支付"},
    FailureWords{FailureCause::unlisted, "渠道未说明原因", "请手动支付或联系客服"},
};

const FailureWords& failure_row(FailureCause cause) {
    const auto* row = std::ranges::find(failure_table, cause, &FailureWords::cause);
    if (row == failure_table.end()) throw std::logic_error("a failure cause without words");
    return *row;
}

}  // namespace

std::string_view failure_words(FailureCause cause) { return failure_row(cause).words; }
std::string_view failure_next_step(FailureCause cause) { return failure_row(cause).next_step; }

std::string shown_day(CivilDay day, Instant now) {
    const auto text = two_digits(static_cast<unsigned>(day.month())) + "月" +
                      two_digits(static_cast<unsigned>(day.day())) + "日";
    if (day.year() == civil_day(now).year()) return text;
    return std::to_string(static_cast<int>(day.year())) + "年" + text;
}

std::string shown_instant(Instant at, Instant now) {
    const auto minute = static_cast<unsigned>(minute_of_day(at).count());
    return shown_day(civil_day(at), now) + " " + two_digits(minute / 60) + ":" + two_digits(minute % 60);
}

std::string shown_period(DaySpan period, Instant now) {
    return shown_day(period.start, now) + "–" + shown_day(add_days(period.end, -1), now);
}

Notice upcoming_notice(const BillSubject& bill, std::string stage, CivilDay planned_day, CivilDay last_day,
                       const std::vector<std::pair<std::string, Fen>>& items, Fen consent_cap) {
    auto notice = bill_notice(bill, "upcoming", std::move(stage));
    const auto period = " · " + period_name(bill);
    notice.title = fitted(shown_day(planned_day, bill.now) + "将自动扣费,请核对", title_most);
    notice.lead = fitted(bill.corp_name, lead_most - std::min(lead_most - 1, length_of(period))) + period;
    notice.key_label = "预计扣费金额";
    const auto day = shown_day(planned_day, bill.now);
    add_fact(notice, "扣费时间", last_day > planned_day ? day + " 至 " + shown_day(last_day, bill.now) : day);
    add_fact(notice, "扣费账户", bill.account);
    if (!items.empty()) {
        add_fact(notice, "主要项目", named_amount(items.front().first, items.front().second));
        Fen rest{};
        for (std::size_t i = 1; i < items.size(); ++i) rest += items[i].second;
        if (items.size() > 1)
            add_fact(notice, "其他项目", named_amount(std::to_string(items.size() - 1) + " 项", rest));
    }
    add_fact(notice, "授权额度", "单次不超过 " + format_yuan_for_people(consent_cap));
    notice.sub = "扣费前可随时修改、暂停或取消。实际扣费不会超过此金额。";
    notice.secondary = {{"暂停本次扣费", {}, "hold:" + bill.charge_id}};
    return notice;
}

Notice succeeded_notice(const BillSubject& bill, Instant deducted_at, std::optional<CivilDay> next_day) {
    auto notice = bill_notice(bill, "succeeded", "");
    const auto month = two_digits(static_cast<unsigned>(bill.period_start.month())) + "月";
    notice.title = month + "费用已扣款成功";
    notice.lead = fitted(period_name(bill), lead_most);
    notice.key_label = "已扣款";
    add_fact(notice, "扣费时间", shown_instant(deducted_at, bill.now));
    add_fact(notice, "扣费账户", bill.account);
    add_fact(notice, "账单编号", bill.invoice_number);
    if (next_day) add_fact(notice, "下次扣费", shown_day(*next_day, bill.now));
    notice.secondary = {{"申请开票/报销单", "/b/" + bill.invoice_id + "/export"},
                        {"对费用有疑问", "/b/" + bill.invoice_id + "/dispute"}};
    return notice;
}

Notice failed_notice(const BillSubject& bill, FailureCause cause, Instant retry_at, CivilDay grace_until) {
    auto notice = bill_notice(bill, "failed", "first");
    notice.title = "扣费未成功,请尽快处理";
    notice.lead = fitted("原因:" + std::string(failure_words(cause)), lead_most);
    notice.key_label = "待支付";
    add_fact(notice, "账单", period_name(bill));
    add_fact(notice, "扣费账户", bill.account);
    add_fact(notice, "再次扣费", shown_instant(retry_at, bill.now));
    add_fact(notice, "宽限期至", shown_day(grace_until, bill.now));
    notice.sub = shown_day(grace_until, bill.now) + "前不影响使用。我们会在 " +
                 shown_instant(retry_at, bill.now) + " 再试一次;您也可以现在手动支付。";
    notice.primary = pay_link(bill);
    notice.secondary = {{"更换扣费账户", "/mandates"}};
    return notice;
}

Notice final_failure_notice(const BillSubject& bill, FailureCause cause, CivilDay grace_until) {
    auto notice = bill_notice(bill, "final_failure", "final");
    notice.title = "多次扣费未成功,已停止自动重试";
    notice.lead = "请在宽限期内手动支付";
    notice.key_label = "待支付";
    add_fact(notice, "原因", std::string(failure_words(cause)));
    add_fact(notice, "宽限期至", shown_day(grace_until, bill.now));
    add_fact(notice, "逾期影响", "到期未支付将限制部分功能");
    add_fact(notice, "数据保留", "数据不会因此删除");
    notice.sub = std::string(failure_next_step(cause)) + "。";
    notice.primary = pay_link(bill);
    notice.secondary = {{"联系客服", "/support"}};
    return notice;
}

Notice manual_paid_notice(const BillSubject& bill, Instant paid_at, std::string payer_name) {
    auto notice = bill_notice(bill, "manual_paid", "");
    notice.title = "费用已支付";
    notice.lead = fitted(period_name(bill), lead_most);
    notice.key_label = "已支付";
    add_fact(notice, "支付时间", shown_instant(paid_at, bill.now));
    add_fact(notice, "支付人", payer_name);
    add_fact(notice, "支付方式", bill.account);
    add_fact(notice, "账单编号", bill.invoice_number);
    notice.sub = "本账单不会再自动扣费。";
    notice.secondary = {{"申请开票/报销单", "/b/" + bill.invoice_id + "/export"},
                        {"对费用有疑问", "/b/" + bill.invoice_id + "/dispute"}};
    return notice;
}

Notice payment_due_notice(const BillSubject& bill, std::string reason, CivilDay due_day) {
    auto notice = bill_notice(bill, "payment_due", "");
    notice.title = "账单待支付,请手动支付";
    notice.lead = fitted(period_name(bill), lead_most);
    notice.key_label = "待支付";
    add_fact(notice, "原因", reason);
    add_fact(notice, "支付期限", shown_day(due_day, bill.now));
    add_fact(notice, "账单编号", bill.invoice_number);
    notice.sub = "本账单不会自动扣费。";
    notice.primary = pay_link(bill);
    notice.secondary = {invoice_link(bill, "查看费用明细")};
    return notice;
}

Notice consent_request_notice(const ConsentSubject& consent, std::string request_number) {
    Notice notice;
    notice.kind = "consent_request";
    notice.corp = consent.corp;
    notice.subject_id = consent.consent_id;
    notice.title = "请确认自动扣费授权";
    const std::string asks = " 申请开通自动扣费";
    notice.lead = fitted(consent.vendor_name, lead_most - length_of(asks)) + asks;
    std::string items;
    for (const auto& title : consent.item_titles) items += (items.empty() ? "" : "、") + title;
    add_fact(notice, "扣费项目", items);
    add_fact(notice, "单次上限", format_yuan_for_people(consent.cap_charge));
    add_fact(notice, "扣费周期", consent.cycle);
    add_fact(notice, "授权期限",
             consent.valid_until ? "至 " + shown_day(*consent.valid_until, consent.now) : "长期,可随时解除");
    add_fact(notice, "申请编号", request_number);
    notice.sub = "授权后,仅可按下列项目和上限扣费,每次扣费前至少提前 24 小时通知您,可随时解除。";
    notice.primary = {"查看并决定是否授权", "/consents/" + consent.consent_id};
    return notice;
}

Notice consent_ended_notice(const ConsentSubject& consent, std::string ended_by, Instant ended_at) {
    Notice notice;
    notice.kind = "consent_ended";
    notice.corp = consent.corp;
    notice.subject_id = consent.consent_id;
    notice.title = "自动扣费授权已解除";
    const auto when = " · " + shown_instant(ended_at, consent.now);
    const std::string who = "解除人:";
    notice.lead = who + fitted(ended_by, lead_most - length_of(who) - length_of(when)) + when;
    notice.sub = "不会再自动扣费。未付账单请手动支付。";
    notice.primary = {"查看未付账单", "/bills?state=unpaid"};
    return notice;
}

Notice plan_changed_notice(const PlanChange& change) {
    Notice notice;
    notice.kind = "plan_changed";
    notice.corp = change.corp;
    notice.subject_id = change.subscription_id;
    notice.stage = change.stage;
    const bool ends = change.to.empty();
    const bool later = change.day > civil_day(change.now);
    notice.title = ends ? "订阅已取消" : later ? "套餐变更已预约" : "套餐变更已生效";
    notice.lead = fitted(ends                       ? change.from
                         : change.from == change.to ? change.to
                                                    : change.from + " → " + change.to,
                         lead_most);
    if (!ends) {
        notice.key_figure = format_yuan_for_people(change.charge);
        notice.key_label = "本次应付";
    }
    add_fact(notice, ends ? "使用至" : "生效时间",
             shown_day(ends ? add_days(change.day, -1) : change.day, change.now));
    if (change.charge != Fen{}) add_fact(notice, "本次应付", format_yuan_for_people(change.charge));
    if (change.credit != Fen{}) add_fact(notice, "退回余额", format_yuan_for_people(change.credit));
    add_fact(notice, "计算方式", "按剩余天数折算");
    notice.sub = change.credit != Fen{} ? "退回的金额记入账户余额,优先抵扣之后的账单。" : "";
    notice.primary = {"查看差价明细", "/plan"};
    return notice;
}

}  // namespace wefee
