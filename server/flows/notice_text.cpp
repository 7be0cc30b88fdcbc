#include "server/flows/notice_text.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "billing/calendar.hpp"
#include "server/app.hpp"
#include "server/flows/budget_text.hpp"
#include "server/flows/names.hpp"
#include "server/flows/windows.hpp"

namespace wefee::server {
namespace {

/// In which states of its charge a notice still says something true.
struct Relevance {
    std::string_view kind;
    std::array<std::string_view, 5> states;
};
constexpr Relevance relevances[] = {
    {notice::fee_reminder, {"PLANNED"}},
    {notice::fee_reminder_again, {"NOTICED", "WAITING", "DUE"}},
    {notice::charge_succeeded, {"COLLECTED"}},
    {notice::payment_received, {"COLLECTED"}},
    {notice::charge_failed, {"WAITING", "DUE", "COLLECTING"}},
    {notice::charge_gave_up, {"FAILED"}},
    {notice::payment_due, {"HELD", "FAILED"}},
};

bool relevant(std::string_view kind, std::string_view state) {
    const auto row = std::ranges::find(relevances, kind, &Relevance::kind);
    return row != std::end(relevances) && std::ranges::count(row->states, state) > 0;
}

BillSubject subject_of(const storage::TenantRow& tenant, const storage::InvoiceRow& invoice, Instant now) {
    BillSubject subject;
    subject.corp = tenant.corp_id;
    subject.corp_name = tenant.name;
    subject.invoice_id = invoice.id.text();
    subject.invoice_number = invoice.number;
    subject.period_start = invoice.period_start;
    subject.period_end = invoice.period_end;
    subject.amount = invoice.total_fen - invoice.paid_fen + invoice.refunded_fen;
    subject.now = now;
    return subject;
}

std::vector<std::pair<std::string, Fen>> main_items(const std::vector<storage::InvoiceLineRow>& lines) {
    std::vector<std::pair<std::string, Fen>> items;
    for (const auto& line : lines) items.emplace_back(line.title, line.amount_fen);
    std::ranges::sort(items, [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    return items;
}

CivilDay grace_until(const App& app, Instant now) {
    return civil_day(now + app.rules.collection.service_grace);
}

FailureCause cause_of(const storage::ChargeRow& charge) {
    return parse_failure_cause(charge.last_cause).value_or(FailureCause::unlisted);
}

Instant paid_at(const storage::ChargeView& view) {
    for (const auto& attempt : view.attempts)
        if (attempt.won_flag && attempt.paid_at_bj)
            return parse_local(*attempt.paid_at_bj).value_or(Instant{});
    return {};
}

/// A retry is planned for the next day at 10:00.
Instant retry_at(const App& app, const storage::ChargeView& view, Instant now) {
    return plan_retry(cause_of(view.charge), static_cast<int>(view.charge.failures), now,
                      window_of(view.charge), retry_policy(app.rules, view.charge))
        .value_or(now);
}

std::string payment_reason(const storage::ChargeRow& charge) {
    return charge.last_cause.empty() ? "本次自动扣费已暂停" : std::string{failure_words(cause_of(charge))};
}

Notice charge_notice(const App& app, std::string_view kind, const storage::ChargeView& view, Instant now) {
    auto subject = subject_of(view.tenant, view.invoice, now);
    subject.charge_id = view.charge.id.text();
    subject.amount = view.charge.amount_fen;
    if (view.mandate) subject.account = view.mandate->account_text;
    const auto planned = view.charge.planned_day.value_or(civil_day(now));
    if (kind == notice::fee_reminder || kind == notice::fee_reminder_again)
        return upcoming_notice(subject, std::string{kind}, planned, add_days(planned, 3),
                               main_items(view.lines),
                               view.consent ? view.consent->cap_charge_fen : view.charge.amount_fen);
    if (kind == notice::charge_succeeded)
        return succeeded_notice(subject, paid_at(view),
                                planned_deduction_day(view.tenant.deduction_day, add_days(planned, 1), 0));
    if (kind == notice::charge_failed)
        return failed_notice(subject, cause_of(view.charge), retry_at(app, view, now), grace_until(app, now));
    if (kind == notice::charge_gave_up)
        return final_failure_notice(subject, cause_of(view.charge), grace_until(app, now));
    if (kind == notice::payment_received) return manual_paid_notice(subject, paid_at(view), "");
    return payment_due_notice(subject, payment_reason(view.charge),
                              view.invoice.due_day.value_or(civil_day(now)));
}

io::awaitable<std::optional<NoticeMatter>> charge_matter(App& app, storage::OutboxRow row) {
    auto view = co_await app.store.load_charge(ChargeId{row.ref_id});
    if (!view || !relevant(row.kind, view->charge.state)) co_return std::nullopt;
    if (row.kind == notice::payment_due && view->invoice.state == "PAID") co_return std::nullopt;
    auto words = charge_notice(app, row.kind, *view, app.clock.now());
    co_return NoticeMatter{view->tenant, std::move(view), std::move(words), {}};
}

io::awaitable<std::optional<NoticeMatter>> invoice_matter(App& app, storage::OutboxRow row) {
    const auto view = co_await app.store.find_invoice(row.tenant_id, InvoiceId{row.ref_id});
    auto tenant = co_await app.store.find_tenant(row.tenant_id);
    if (!view || !tenant || view->invoice.state == "PAID") co_return std::nullopt;
    const auto subject = subject_of(*tenant, view->invoice, app.clock.now());
    auto words = payment_due_notice(subject, "本期账单请手动支付",
                                    view->invoice.due_day.value_or(civil_day(app.clock.now())));
    co_return NoticeMatter{std::move(*tenant), std::nullopt, std::move(words), {}};
}

io::awaitable<std::optional<NoticeMatter>> mandate_matter(App& app, storage::OutboxRow row) {
    const auto mandate = co_await app.store.find_mandate(MandateId{row.ref_id});
    auto tenant = mandate ? co_await app.store.find_tenant(mandate->tenant_id) : std::nullopt;
    if (!tenant || mandate->state != "ENDED") co_return std::nullopt;
    ConsentSubject subject;
    subject.corp = tenant->corp_id;
    subject.consent_id = mandate->consent_id.text();
    subject.now = app.clock.now();
    auto words =
        consent_ended_notice(subject, mandate->end_cause == "by_us" ? "贵公司管理员" : "付款账户持有人",
                             mandate->ended_at.value_or(subject.now));
    co_return NoticeMatter{std::move(*tenant), std::nullopt, std::move(words), {}};
}

/// What was changed stands in the row: the subscription may have changed again since.
io::awaitable<std::optional<NoticeMatter>> change_matter(App& app, storage::OutboxRow row) {
    auto tenant = co_await app.store.find_tenant(row.tenant_id);
    if (!tenant) co_return std::nullopt;
    const auto payload = nlohmann::json::parse(row.payload);
    PlanChange change;
    change.corp = tenant->corp_id;
    change.subscription_id = row.ref_id;
    change.stage = row.dedup_key;
    change.from = payload.at("from");
    change.to = payload.at("to");
    change.day = parse_day(payload.at("day").get<std::string>()).value();
    change.charge = Fen{payload.at("charge_fen").get<std::int64_t>()};
    change.credit = Fen{payload.at("credit_fen").get<std::int64_t>()};
    change.now = app.clock.now();
    co_return NoticeMatter{std::move(*tenant), std::nullopt, plan_changed_notice(change), {}};
}

}  // namespace

io::awaitable<std::optional<NoticeMatter>> notice_matter(App& app, storage::OutboxRow row) {
    if (row.kind == notice::budget) return budget_matter(app, std::move(row));
    if (row.kind == notice::plan_changed) return change_matter(app, std::move(row));
    if (row.ref_id.starts_with("inv_")) return invoice_matter(app, std::move(row));
    if (row.ref_id.starts_with("man_")) return mandate_matter(app, std::move(row));
    return charge_matter(app, std::move(row));
}

wecom::Card card_of(const Notice& words, const std::string& task_id) {
    wecom::Card card;
    card.kind = words.kind;
    card.title = words.title;
    card.lead = words.lead;
    card.figure = words.key_figure;
    card.figure_label = words.key_label;
    for (const auto& fact : words.facts) card.facts.push_back({fact.name, fact.value});
    card.sub = words.sub;
    card.primary = {words.primary.text, words.primary.path};
    for (const auto& link : words.secondary) {
        if (!link.path.empty())
            card.secondary.push_back({link.text, link.path});
        else
            card.buttons.push_back({link.text, link.action});
    }
    card.can_be_muted = words.notice_class == NoticeClass::may;
    card.task_id = task_id;
    return card;
}

}  // namespace wefee::server
