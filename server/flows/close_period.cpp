#include "server/flows/close_period.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "billing/invoiced.hpp"
#include "billing/machines/subscription.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/issue.hpp"
#include "server/flows/late_billing.hpp"
#include "server/flows/names.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/terms.hpp"
#include "server/flows/thresholds.hpp"

namespace wefee::server {
namespace {

constexpr std::int64_t opening_cycle = 0;  // of the invoice that comes before the first period's own

/// The next period begins, or the subscription is over.
void open_next_period(App& app, Unit& unit, const storage::PeriodView& view) {
    const auto subscription = subscription_of(*app.price_lists, view);
    auto row = view.subscription;
    if (row.last_day && *row.last_day < row.period_end) {
        unit.move<SubscriptionState>(row, SubscriptionEvent::ended);
        unit.changes().schedule.push_back(late_billing_of(app.rules, row, unit.at()));  // a credit may wait, or usage be under way
    } else {
        const auto next = period_from(subscription, row.period_end);
        row.period_start = next.start;
        row.period_end = next.end;
        row.anchor_day = terms_on(subscription, next.start).anchor_day;
        row.cycle += 1;
        unit.schedule(task::close_period, row.id.text(), row.tenant_id, closes_at(app, row));
        if (row.thresholds) unit.changes().schedule.push_back(threshold_check_of(row, unit.at()));  // its usage came in the grace
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

void give_back(Unit& unit, AccountCredit& credit, const storage::PeriodView& view, const InvoiceId& invoice, const CreditNote& kept) {
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
    Unit unit{fmt::format("close:{}:{}", view.subscription.id.text(), view.subscription.cycle), app.clock.now(), "system"};
    const auto& row = view.subscription;
    AccountCredit credit{view.credit};
    const auto invoice = issue(app.rules, unit, view, credit, {row.cycle, 0, {row.period_start, row.period_end}}, rated);
    if (kept) give_back(unit, credit, view, invoice, *kept);
    credit.save(unit, view.tenant.id);
    if (!rated.lines.empty()) settle_late(unit, view, rated);  // a bill of nothing took none of it
    if (std::ranges::any_of(view.usage, [&](const auto& total) { return total.day >= row.period_end; }))
        unit.changes().usage_moves.push_back({row.tenant_id, row.period_start, row.period_end});  // a change ended it early
    open_next_period(app, unit, view);
    return unit;
}

io::awaitable<void> bill_opening(App& app, storage::TaskRow task_row) {
    const SubscriptionId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await load_rated_period(app, id);
        if (!view || !still_served(view->subscription)) co_return std::nullopt;
        const auto opening = rate_opening(*app.price_lists, *view);
        if (opening.bill.lines.empty()) co_return std::nullopt;
        Unit unit{"open:" + id.text(), app.clock.now(), "system"};
        AccountCredit credit{view->credit};
        issue(app.rules, unit, *view, credit, {opening_cycle, 0, opening.period, InvoiceCause::opening}, opening.bill);
        credit.save(unit, view->tenant.id);
        unit.save(view->subscription);  // a change that was decided without this bill is decided again
        co_return unit;
    });
}

}  // namespace wefee::server
