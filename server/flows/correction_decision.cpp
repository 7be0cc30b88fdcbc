// What the terms should have cost, beside what was billed for them.
#include <algorithm>
#include <map>

#include "billing/invoice_cause.hpp"
#include "billing/invoiced.hpp"
#include "billing/usage.hpp"
#include "server/flows/correction.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/stored_bill.hpp"
#include "server/flows/terms.hpp"

namespace wefee::server {
namespace {

using storage::Bill;

const Bill* bill_of(const CorrectionGround& ground, std::int64_t cycle) {
    const auto found = std::ranges::find_if(ground.billed.bills, [&](const Bill& bill) {
        return bill.invoice.cycle == cycle && bill.invoice.part == 0;
    });
    return found == ground.billed.bills.end() ? nullptr : &*found;
}

DaySpan period_of(const storage::InvoiceRow& invoice) { return {invoice.period_start, invoice.period_end}; }

void check_state(const CorrectionGround& ground) {
    const auto& row = ground.view.subscription;
    if (row.state == "PENDING") throw Error(Errc::wrong_state, "nothing has begun yet");
    if (row.state != "ENDED" && civil_day(ground.now) >= row.period_end)
        throw Error(Errc::wrong_state,
                    "the period up to " + format_day(row.period_end) + " is not billed yet: try again later");
}

/// Usage is counted by periods: where they lie is no matter of a correction.
void check_periods(const CorrectionGround& ground) {
    const auto& row = ground.view.subscription;
    std::vector<DaySpan> periods;
    for (std::size_t i = 0; i < ground.closed.size(); ++i)
        periods.push_back(period_of(bill_of(ground, static_cast<std::int64_t>(i) + 1)->invoice));
    if (row.state != "ENDED") periods.push_back({row.period_start, row.period_end});
    auto start = ground.after.started_on;
    for (const auto& period : periods) {
        if (period_from(ground.after, start) != period)
            throw Error(Errc::wrong_state, "the period from " + format_day(period.start) +
                                               " would end on another day: a plan of another "
                                               "length is a change from now on");
        start = period.end;
    }
}

/// What was counted stays as it was counted.
void check_meters(const CorrectionGround& ground, const Subscription& before) {
    const auto check = [&](const std::vector<storage::UsageTotalRow>& usage) {
        for (const auto& row : usage) {
            if (row.day < before.started_on) continue;
            const auto meter_in = [&](const Subscription& of) {
                return find_meter(*terms_on(of, row.day).prices, row.meter);
            };
            if (!counts_alike(meter_in(before), meter_in(ground.after)))
                throw Error(Errc::wrong_state, "the price list of " + format_day(row.day) + " would count " +
                                                   row.meter + " in another way");
        }
    };
    for (const auto& closed : ground.closed) check(closed.usage);
    check(ground.view.usage);
}

/// A budget's hard cap held when the bill was made, or did not: it neither gives back nor takes what it let
/// pass then.
Subscription capped_as(Subscription subscription, const Bill* bill) {
    if (!bill) return subscription;
    const auto total = bill->invoice.total_fen;
    if (std::ranges::count(bill->lines, budget_cap_item(), &storage::InvoiceLineRow::item_code) > 0)
        subscription.budget_cap = total;
    else if (subscription.budget_cap)
        subscription.budget_cap = std::max(*subscription.budget_cap, total);
    return subscription;
}

/// Stored lines do not tell their parts of the tax; the tax line does.
RatedPeriod without_tax_parts(RatedPeriod bill) {
    for (auto& line : bill.lines) line.tax = Fen{};
    return bill;
}

/// What is charged once is no matter of terms; what thresholds invoiced of the open period is the period's
/// own bill's.
bool is_of_terms(const CorrectionGround& ground, const storage::InvoiceRow& invoice) {
    if (invoice.cause == invoice_cause_name(InvoiceCause::one_off)) return false;
    const auto& row = ground.view.subscription;
    return invoice.cause != invoice_cause_name(InvoiceCause::threshold) || row.state == "ENDED" ||
           invoice.cycle != row.cycle;
}

/// Invoices, earlier corrections included, less what changes gave back.
RatedPeriod billed_by_item(const CorrectionGround& ground) {
    std::vector<RatedPeriod> bills;
    for (const auto& bill : ground.billed.bills) {
        if (!is_of_terms(ground, bill.invoice)) continue;
        bills.push_back(stored_bill(bill.lines));
        std::erase_if(bills.back().lines,
                      [](const RatedLine& line) { return line.item_code == account_credit_item(); });
    }
    for (const auto& note : ground.billed.credit_notes)
        if (note.cause == "change" ||
            note.cause == "period")  // a period's own line of it is left out above; its tax went with it
            bills.push_back(bill_of_credit(note.item_code, note.title,
                                           {note.first_day, add_days(note.last_day, 1)},
                                           note.cause == "change" ? note.net_fen : Fen{}, note.tax_fen));
    return joined(bills, JoinBy::item);
}

/// R7: what a note gave of a line is not taken back a second time.
void check_notes(const CorrectionGround& ground, const RatedPeriod& should, const RatedPeriod& difference) {
    const auto amount_of = [](const RatedPeriod& bill, const std::string& item) {
        const auto line = std::ranges::find(bill.lines, item, &RatedLine::item_code);
        return line == bill.lines.end() ? Fen{} : line->amount();
    };
    std::map<std::string, Fen> given;
    for (const auto& note : ground.billed.credit_notes)
        if (note.cause == "line") given[note.item_code] += note.gross_fen;
    for (const auto& [item, amount] : given)
        if (amount_of(difference, item) < Fen{} && amount > amount_of(should, item))
            throw Error(Errc::wrong_state, "credit notes gave back more of " + item +
                                               " than it would cost: credit the rest by a note");
}

/// What the period's own bill, and thresholds before it, had of amounts that depend on usage is taken off
/// what they should have come to. Late lines of later bills are counted apart.
std::vector<AlreadyInvoiced> metered_difference(const CorrectionGround& ground,
                                                const storage::InvoiceRow& closing,
                                                const RatedPeriod& should) {
    std::vector<AlreadyInvoiced> difference;
    for (const auto& line : should.lines) add_invoiced(difference, line.kind, line.item_code, line.amount());
    for (const auto& [invoice, lines] : ground.billed.bills)
        if (invoice.cycle == closing.cycle &&
            (invoice.part == 0 || invoice.cause == invoice_cause_name(InvoiceCause::threshold)))
            for (const auto& line : stored_bill(lines).lines)
                add_invoiced(difference, line.kind, line.item_code, -line.amount());
    return difference;
}

/// The correction has billed all usage of closed periods: what comes late from now on is the difference to
/// that.
void settle_late(CorrectionDecision& decision, const CorrectionGround& ground,
                 const storage::InvoiceRow& closing, const RatedPeriod& should) {
    auto difference = metered_difference(ground, closing, should);
    for (const auto& row : ground.late)
        if (row.period_start == closing.period_start) add_invoiced(difference, row.meter, Fen{});
    for (const auto& [item, billed] : difference) {
        const auto known = std::ranges::find_if(ground.late, [&](const auto& row) {
            return row.meter == item && row.period_start == closing.period_start;
        });
        CorrectionDecision::LateBase base{.row = {}, .is_new = known == ground.late.end()};
        if (base.is_new) {
            base.row.tenant_id = ground.view.tenant.id;
            base.row.meter = item;
            base.row.period_start = closing.period_start;
            base.row.created_at = ground.now;
        } else {
            base.row = *known;
        }
        if (base.row.billed_fen == billed && (base.is_new || !base.row.waits)) continue;
        base.row.billed_fen = billed;
        base.row.waits = false;
        decision.late.push_back(std::move(base));
    }
}

/// What is left of it is found again by the period's further bills and notes: those that stand are taken off
/// later.
std::vector<BilledItem> advance_of(const CorrectionGround& ground, const RatedPeriod& newest) {
    const auto& row = ground.view.subscription;
    auto items = billed_in_advance(newest, row.period_start);
    for (const auto& note : ground.billed.credit_notes)
        if (note.cause == "change" && note.cycle == row.cycle)
            take_credit(items, note.item_code, -note.gross_fen);
    return items;
}

}  // namespace

CorrectionDecision decide_correction(PriceLists& lists, const CorrectionGround& ground) {
    check_state(ground);
    check_periods(ground);
    const auto before = subscription_of(lists, ground.view);
    const auto& after = ground.after;
    check_meters(ground, before);

    CorrectionDecision decision;
    std::vector<RatedPeriod> bills;
    const auto* opening = bill_of(ground, 0);
    const bool waits =
        ground.view.subscription
            .advance_waits;  // the open period's advance: its own bill is made on the new terms
    if (!waits || !ground.closed.empty()) bills.push_back(opening_bill(capped_as(after, opening)));
    for (std::size_t i = 0; i < ground.closed.size(); ++i) {
        const auto& bill = *bill_of(ground, static_cast<std::int64_t>(i) + 1);
        const bool with_next = !waits || i + 1 < ground.closed.size();
        bills.push_back(
            rate_closed(capped_as(after, &bill), ground.closed[i], period_of(bill.invoice), with_next));
        settle_late(decision, ground, bill.invoice, bills.back());
    }
    if (!waits) decision.advance = advance_of(ground, bills.back());
    const auto should = without_tax_parts(joined(bills, JoinBy::item));
    decision.bill = correction(should, billed_by_item(ground));
    check_notes(ground, should, decision.bill);
    for (const auto& [invoice, lines] : ground.billed.bills)
        if (invoice.cycle == ground.view.subscription.cycle)
            decision.part = std::max(decision.part, invoice.part);
    decision.part += 1;
    return decision;
}

}  // namespace wefee::server
