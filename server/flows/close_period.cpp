#include "server/flows/close_period.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "billing/invoiced.hpp"
#include "billing/machines/subscription.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/issue.hpp"
#include "server/flows/late_billing.hpp"
#include "server/flows/mandate.hpp"
#include "server/flows/names.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/terms.hpp"
#include "server/flows/thresholds.hpp"

namespace wefee::server {
namespace {

constexpr std::int64_t opening_cycle = 0;  // of the invoice that comes before the first period's own

/// The open period's fees in advance as an invoice of their own: before the first period's, or as a part of a
/// later one.
void bill_advance(App& app, Unit& unit, const storage::PeriodView& view, AccountCredit& credit) {
    const auto bill = rate_opening(*app.price_lists, view);
    if (bill.lines.empty()) return;
    const auto& row = view.subscription;
    const DaySpan period{row.period_start, row.period_end};
    const auto place = row.cycle == 1 ? InvoicePlace{opening_cycle, 0, period, InvoiceCause::opening}
                                      : next_part(view.parts, row.cycle, period, InvoiceCause::opening);
    issue(app.rules, unit, view, credit, place, bill);
}

/// The next period begins, or the subscription is over.
void open_next_period(App& app, Unit& unit, const storage::PeriodView& view) {
    const auto subscription = subscription_of(*app.price_lists, view);
    auto row = view.subscription;
    row.advance_waits = false;
    if (row.last_day && *row.last_day < row.period_end) {
        unit.move<SubscriptionState>(row, SubscriptionEvent::ended);
        unit.changes().schedule.push_back(
            late_billing_of(app.rules, row, unit.at()));  // a credit may wait, or usage be under way
    } else {
        const auto next = period_from(subscription, row.period_end);
        row.period_start = next.start;
        row.period_end = next.end;
        row.anchor_day = terms_on(subscription, next.start).anchor_day;
        row.cycle += 1;
        row.advance_waits = next_waits(subscription, view);
        if (row.advance_waits)
            unit.schedule(task::bill_opening, row.id.text(), row.tenant_id,
                          day_start(trial_over(subscription, next.start)));
        unit.schedule(task::close_period, row.id.text(), row.tenant_id, closes_at(app, row));
        if (row.thresholds)
            unit.changes().schedule.push_back(
                threshold_check_of(row, unit.at()));  // its usage came in the grace
    }
    unit.save(std::move(row));
}

}  // namespace

Instant closes_at(const App& app, const storage::SubscriptionRow& subscription) {
    return day_start(subscription.period_end) + app.rules.billing.close_grace;
}

bool still_served(const storage::SubscriptionRow& subscription) {
    return subscription.state != "PENDING" && subscription.state != "ENDED";
}

void give_back(Unit& unit, AccountCredit& credit, const storage::PeriodView& view, const InvoiceId& invoice,
               const CreditNote& kept) {
    storage::CreditNoteRow note;
    note.id = CreditNoteId{"cdn_" + invoice.text().substr(4)};
    note.tenant_id = view.tenant.id;
    note.subscription_id = view.subscription.id;
    note.invoice_id = invoice;
    note.cycle = view.subscription.cycle;
    note.item_code = account_credit_item();
    note.title = "转入账户余额";
    note.first_day = view.subscription.period_start;
    note.last_day = add_days(view.subscription.period_end, -1);
    note.gross_fen = note.net_fen = kept.net;
    note.tax_fen = kept.tax;
    note.total_fen = note.kept_fen = kept.total;
    note.cause = "period";
    note.text = "本期已开账单多于应收";
    note.created_at = unit.at();
    credit.give(unit, std::move(note));
}

Unit close(App& app, const storage::PeriodView& view) {
    auto rated = rate_closing(*app.price_lists, view);
    const auto kept = keep_below_zero(rated);
    Unit unit{fmt::format("close:{}:{}", view.subscription.id.text(), view.subscription.cycle),
              app.clock.now(), "system"};
    const auto& row = view.subscription;
    AccountCredit credit{view.credit};
    if (row.advance_waits) bill_advance(app, unit, view, credit);  // nobody did when the trial was over
    const auto invoice =
        issue(app.rules, unit, view, credit, {row.cycle, 0, {row.period_start, row.period_end}}, rated);
    if (kept) give_back(unit, credit, view, invoice, *kept);
    credit.save(unit, view.tenant.id);
    if (!rated.lines.empty()) settle_late(unit, view, rated);  // a bill of nothing took none of it
    if (std::ranges::any_of(view.usage, [&](const auto& total) { return total.day >= row.period_end; }))
        unit.changes().usage_moves.push_back(
            {row.tenant_id, row.period_start, row.period_end});  // a change ended it early
    open_next_period(app, unit, view);
    return unit;
}

namespace {

/// Until when the first fees wait for the mandate that is to deduct them: it is signed after the subscription
/// has begun. Without one they are paid by a person.
std::optional<Instant> waits_for_mandate(const storage::PeriodView& view) {
    if (view.subscription.payment_way != "automatic" || !view.consent || view.mandate) return std::nullopt;
    return view.consent->valid_from + signing_life;
}

}  // namespace

io::awaitable<void> bill_opening(App& app, storage::TaskRow task_row) {
    const SubscriptionId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await load_rated_period(app, id);
        if (!view || !still_served(view->subscription) || !view->subscription.advance_waits)
            co_return std::nullopt;
        auto row = view->subscription;
        Unit unit{fmt::format("open:{}:{}", id.text(), row.version), app.clock.now(), "system"};
        const auto today = civil_day(unit.at());
        if (const auto first = trial_over(subscription_of(*app.price_lists, *view), today); today < first) {
            unit.schedule(task::bill_opening, id.text(), row.tenant_id, day_start(first));
        } else if (const auto until = waits_for_mandate(*view); until && unit.at() < *until) {
            unit.schedule(task::bill_opening, id.text(), row.tenant_id, *until);
        } else {
            AccountCredit credit{view->credit};
            bill_advance(app, unit, *view, credit);
            credit.save(unit, view->tenant.id);
            row.advance_waits = false;
        }
        unit.save(std::move(row));  // a change that was decided without this bill is decided again
        co_return unit;
    });
}

}  // namespace wefee::server
