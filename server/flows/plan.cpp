#include "server/flows/plan.hpp"

#include <algorithm>

#include "billing/calendar.hpp"
#include "billing/invoice_cause.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/invoice.hpp"
#include "billing/subscription.hpp"
#include "server/app.hpp"
#include "server/flows/consent_view.hpp"
#include "server/flows/names.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/terms.hpp"
#include "server/flows/windows.hpp"

namespace wefee::server {
namespace {

int first_lead(const Rules& rules) { return static_cast<int>(rules.notice.lead_days.front()); }

/// Finds the planned day that leaves time for the notices, and adds those: the first one opens the way
/// (I-21), later ones only remind.
void plan_with_notices(const Rules& rules, Unit& unit, const storage::TenantRow& tenant,
                       storage::ChargeRow& charge) {
    const auto policy = notice_policy(rules);
    const auto key = spread_key(tenant.corp_id);
    auto day = planned_deduction_day(tenant.deduction_day, civil_day(unit.at()), first_lead(rules));
    auto notices = plan_notices(day, unit.at(), key, policy);
    if (!notices) {  // too late for that day: the deduction moves, not the notice
        day = planned_deduction_day(tenant.deduction_day, add_days(day, 1), 0);
        notices = plan_notices(day, unit.at(), key, policy);
    }
    charge.planned_day = day;
    const auto stage = "plan" + std::to_string(charge.state_seq);
    auto first =
        notice_row(notice::fee_reminder, charge.id.text(), charge.tenant_id, stage, notices.value().first);
    first.expires_at = at_local(day, std::chrono::hours{24 * 7});
    unit.changes().outbox.push_back(std::move(first));
    for (std::size_t i = 0; i < notices->reminders.size(); ++i) {
        auto again = notice_row(notice::fee_reminder_again, charge.id.text(), charge.tenant_id,
                                stage + "-" + std::to_string(i), notices->reminders[i]);
        again.expires_at = at_local(day, std::chrono::hours{7});  // none after the deduction
        unit.changes().outbox.push_back(std::move(again));
    }
}

std::int64_t max_charge(const Rules& rules, const std::string& provider) {
    return provider == "wechat" ? rules.collection.max_charge_fen_wechat
                                : rules.collection.max_charge_fen_alipay;
}

/// Fees in advance of a period that began in a trial.
bool waited(const storage::InvoiceRow& invoice) {
    return invoice.part > 0 && invoice.cause == invoice_cause_name(InvoiceCause::opening);
}

/// Why this invoice is not deducted automatically; empty when it is.
std::string_view manual_reason(const Rules& rules, const storage::PeriodView& period,
                               const storage::InvoiceRow& invoice, Fen owed,
                               const std::vector<storage::InvoiceLineRow>& lines, Instant now) {
    // Providers deduct once a period: that time is the period's own invoice's. Fees that waited for the end
    // of a trial come in the place of the bill before it, which had nothing of theirs.
    if (invoice.part > 0 && !waited(invoice)) return "a part of a period is paid by a person";
    if (period.subscription.payment_way != "automatic") return "manual payment was chosen";
    if (!period.consent) return "no consent is granted";
    if (!period.mandate) return "no mandate is signed";
    if (owed.count() > max_charge(rules, period.consent->provider)) return "above the provider's limit";
    if (owed > period.consent->cap_charge_fen) return "above the consented amount";
    if (!covers(consent_of(*period.consent, period.items), cover_lines_of(lines), owed, Fen{}, now).ok)
        return "an item is not covered by the consent";
    return {};
}

/// When the next invoice of the subscription is final: fees in advance that wait come before the period's
/// end.
CivilDay first_final_day(App& app, const storage::PeriodView& view, CivilDay today) {
    const auto closed = civil_day(day_start(view.subscription.period_end) + app.rules.billing.close_grace);
    if (!view.subscription.advance_waits) return closed;
    const auto subscription = subscription_of(*app.price_lists, view);
    const auto begins = trial_over(subscription, today);
    const bool advance = plan_on(subscription, begins).timing == Timing::advance;
    return advance ? std::min(begins, closed) : closed;
}

}  // namespace

storage::OutboxRow notice_row(std::string_view kind, const std::string& ref_id, const TenantId& tenant,
                              const std::string& stage, Instant at) {
    storage::OutboxRow row;
    row.kind = kind;
    row.dedup_key = stage.empty() ? ref_id : ref_id + ":" + stage;
    row.ref_id = ref_id;
    row.tenant_id = tenant;
    row.payload = "{}";
    row.next_at = at;
    row.created_at = at;
    return row;
}

std::string notify_url(const App& app, const std::string& provider, NotifyFor what) {
    const auto& base = app.rules.public_url;
    if (provider == "alipay") return base + "/webhooks/alipay";
    switch (what) {
        case NotifyFor::order:
        case NotifyFor::refund:
            return base + "/webhooks/wechatpay";
        case NotifyFor::deduction:
            return base + "/webhooks/wechatpay/v2/deduction";
        case NotifyFor::mandate:
            return base + "/webhooks/wechatpay/v2/contract";
    }
    return base;
}

io::awaitable<CivilDay> first_execute_day(App& app, storage::TenantRow tenant, SubscriptionId id) {
    auto final_day = civil_day(app.clock.now());
    if (const auto view = co_await load_rated_period(app, id))
        final_day = first_final_day(app, *view, final_day);
    co_return alipay_execute_date(
        planned_deduction_day(tenant.deduction_day, final_day, first_lead(app.rules)));
}

void plan_anew(const Rules& rules, Unit& unit, const storage::TenantRow& tenant, storage::ChargeRow& charge) {
    charge.notified_at.reset();
    charge.announced_at.reset();
    charge.window_from.reset();
    charge.window_to.reset();
    plan_with_notices(rules, unit, tenant, charge);
}

void ask_for_payment(const Rules& rules, Unit& unit, const storage::TenantRow& tenant,
                     const storage::InvoiceRow& invoice, const std::string& stage) {
    auto row = notice_row(notice::payment_due, invoice.id.text(), invoice.tenant_id, stage, unit.at());
    row.next_at = ordinary_notice_at(unit.at(), spread_key(tenant.corp_id), notice_policy(rules));
    unit.changes().outbox.push_back(std::move(row));
    unit.schedule(task::invoice_due, invoice.id.text(), invoice.tenant_id,
                  day_start(add_days(invoice.due_day.value(), 1)));
}

namespace {

/// Less than the charge is owed; something is.
void lower_charge(const Rules& rules, Unit& unit, const storage::TenantRow& tenant,
                  const storage::InvoiceView& view, storage::ChargeRow& charge,
                  const storage::InvoiceRow& invoice, Fen owed) {
    unit.unschedule(task::charge_step, charge.id.text());
    if (std::ranges::count(view.attempts, charge.id, &storage::AttemptRow::charge_id) > 0) {
        unit.move<ChargeState>(charge, ChargeEvent::cancelled);
        return ask_for_payment(rules, unit, tenant, invoice, "lowered" + std::to_string(charge.state_seq));
    }
    charge.amount_fen = owed;
    if (unit.try_move<ChargeState>(charge, ChargeEvent::rescheduled)) plan_anew(rules, unit, tenant, charge);
}

}  // namespace

void follow_lowered(const Rules& rules, Unit& unit, const storage::TenantRow& tenant,
                    const storage::InvoiceView& view, const storage::InvoiceRow& invoice) {
    const auto owed = invoice.total_fen - invoice.paid_fen + invoice.refunded_fen;
    if (invoice.state == "PAID") {  // drops what is planned, brings the service back
        unit.unschedule(task::invoice_due, invoice.id.text());
        return unit.schedule(task::invoice_paid, invoice.id.text(), invoice.tenant_id, unit.at());
    }
    for (auto charge : view.charges) {
        const auto state = parse_state<ChargeState>(charge.state).value();
        const bool waits = next(state, ChargeEvent::paid_elsewhere) && state != ChargeState::collecting;
        if (!waits || charge.amount_fen <= owed) continue;
        lower_charge(rules, unit, tenant, view, charge, invoice, owed);
        unit.save(std::move(charge));
    }
}

void plan_collection(const Rules& rules, Unit& unit, const storage::PeriodView& period,
                     const storage::InvoiceRow& invoice, const std::vector<storage::InvoiceLineRow>& lines) {
    const auto owed = invoice.total_fen - invoice.paid_fen;  // account credit has paid already
    if (owed <= Fen{}) return;
    const auto reason = manual_reason(rules, period, invoice, owed, lines, unit.at());
    if (!reason.empty()) return ask_for_payment(rules, unit, period.tenant, invoice, "");
    storage::ChargeRow charge;
    charge.id = ChargeId{"chg_" + invoice.id.text().substr(4)};
    charge.tenant_id = invoice.tenant_id;
    charge.invoice_id = invoice.id;
    charge.consent_id = period.consent->id;
    charge.mandate_id = period.mandate->id.text();
    charge.cycle = invoice.cycle - (waited(invoice) ? 1 : 0);
    charge.provider = period.consent->provider;
    charge.way = "deduction";
    charge.amount_fen = owed;
    charge.created_at = unit.at();
    unit.create<ChargeState>(charge, ChargeEvent::planned);
    plan_anew(rules, unit, period.tenant, charge);
    unit.insert(std::move(charge));
}

}  // namespace wefee::server
