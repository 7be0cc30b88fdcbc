#include "server/flows/late_billing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "billing/invoiced.hpp"
#include "server/app.hpp"
#include "server/flows/close_period.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/issue.hpp"
#include "server/flows/names.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/stored_bill.hpp"

namespace wefee::server {
namespace {

using storage::UsageLateRow;

/// Whether an invoice of the last period has its own amounts: what was metered, and fees in arrears.
bool is_of_the_period(const storage::InvoiceRow& invoice) {
    return invoice.part == 0 || invoice.cause == invoice_cause_name(InvoiceCause::threshold) ||
           invoice.cause == invoice_cause_name(InvoiceCause::late_usage);
}

/// All those bills, and what of them went to the account credit taken off.
std::vector<RatedPeriod> invoiced_of(const storage::BilledView& billed) {
    std::vector<RatedPeriod> bills;
    for (const auto& [invoice, lines] : billed.bills)
        if (is_of_the_period(invoice)) bills.push_back(stored_bill(lines));
    for (const auto& note : billed.credit_notes)
        if (note.cause == "period")
            bills.push_back(bill_of_credit(note.item_code, note.title,
                                           {note.first_day, add_days(note.last_day, 1)}, note.net_fen,
                                           note.tax_fen));
    return bills;
}

Unit late_unit(App& app, const storage::PeriodView& view, const storage::BilledView& billed) {
    const auto& row = view.subscription;
    auto bill = rate_late(*app.price_lists, view, invoiced_of(billed));
    Unit unit{fmt::format("late:{}:{}", row.id.text(), row.version), app.clock.now(), "system"};
    if (!bill.lines.empty()) {
        const auto kept = keep_below_zero(bill);
        AccountCredit credit{view.credit};
        const auto place =
            next_part(billed.bills, row.cycle, {row.period_start, row.period_end}, InvoiceCause::late_usage);
        const auto invoice = issue(app.rules, unit, view, credit, place, bill);
        if (kept) give_back(unit, credit, view, invoice, *kept);
        credit.save(unit, row.tenant_id);
    }
    settle_late(unit, view, bill);
    unit.save(row);  // usage that came meanwhile is billed with it, or by the next one
    return unit;
}

}  // namespace

void settle_late(Unit& unit, const storage::PeriodView& view, const RatedPeriod& bill) {
    for (const auto& [invoice, lines, known, usage] : view.late) {
        auto rows = known;
        for (auto& row : rows) row.waits = false;
        for (const auto& billed : bill.late) {
            if (billed.period.start != invoice.period_start) continue;
            auto row = std::ranges::find(rows, billed.item, &UsageLateRow::meter);
            if (row == rows.end())
                row = rows.insert(
                    rows.end(),
                    {invoice.tenant_id, billed.item, invoice.period_start, Fen{}, false, {}, {}, unit.at()});
            row->billed_fen += billed.amount;
            row->waits = billed.rest != Fen{};
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (i >= known.size())
                unit.insert(rows[i]);
            else if (known[i].waits || rows[i].waits || rows[i].billed_fen != known[i].billed_fen)
                unit.save(rows[i]);
        }
    }
}

io::awaitable<void> bill_late(App& app, storage::TaskRow task_row) {
    const SubscriptionId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await load_rated_period(app, id);
        if (!view || view->subscription.state != "ENDED" || view->late.empty()) co_return std::nullopt;
        const auto cycle = view->subscription.cycle;
        const auto billed = co_await app.store.billed(id, cycle, cycle);
        co_return late_unit(app, *view, billed);
    });
}

storage::TaskRow late_billing_of(const Rules& rules, const storage::SubscriptionRow& subscription,
                                 Instant now) {
    return {std::string{task::bill_late},
            subscription.id.text(),
            subscription.tenant_id,
            day_start(add_days(civil_day(now), 1)) + rules.billing.close_grace,
            0,
            0};
}

}  // namespace wefee::server
