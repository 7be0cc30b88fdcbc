// The written side of a change.
#include <algorithm>
#include <ranges>

#include <nlohmann/json.hpp>

#include "billing/calendar.hpp"
#include "billing/machines/subscription.hpp"
#include "io/crypto.hpp"
#include "server/app.hpp"
#include "server/flows/budget.hpp"
#include "server/flows/change_decision.hpp"
#include "server/flows/close_period.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/issue.hpp"
#include "server/flows/names.hpp"
#include "server/flows/plan.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/terms.hpp"
#include "server/flows/thresholds.hpp"
#include "server/flows/windows.hpp"

namespace wefee::server {
namespace {

bool names_terms(const ChangeWish& wish) {
    const auto& terms = wish.terms;
    return terms.plan || terms.add_ons || terms.coupons || terms.anchor_day || terms.paused ||
           wish.price_list;
}

/// Where an item's credits may stand (R7): the period's invoices that billed it, newest first, then earlier
/// ones (a correction may have moved what was billed between periods); with what is left on each.
std::vector<std::pair<InvoiceId, Fen>> rooms_of(const storage::BilledView& billed, std::int64_t cycle,
                                                const std::string& item) {
    std::vector<std::pair<InvoiceId, Fen>> rooms, earlier;
    for (const auto& [invoice, lines] : billed.bills | std::views::reverse) {
        Fen room{};
        for (const auto& line : lines)
            if (line.item_code == item) room += line.amount_fen;
        for (const auto& note : billed.credit_notes)
            if (note.invoice_id == invoice.id && note.item_code == item) room -= note.gross_fen;
        const bool of_period =
            (invoice.part == 0 && invoice.cycle == cycle - 1) || (invoice.part > 0 && invoice.cycle == cycle);
        if (room > Fen{}) (of_period ? rooms : earlier).emplace_back(invoice.id, room);
    }
    std::ranges::move(earlier, std::back_inserter(rooms));
    return rooms;
}

storage::CreditNoteRow note_of(const Unit& unit, const storage::SubscriptionRow& row, std::int64_t cycle,
                               const ChangeCredit& credit, const InvoiceId& invoice) {
    storage::CreditNoteRow note;
    note.item_code = item_of(credit.item_code);
    note.id = CreditNoteId{
        "cdn_" + io::sha256_hex(unit.op_id() + "/" + credit.item_code + "/" + invoice.text()).substr(0, 20)};
    note.tenant_id = row.tenant_id;
    note.subscription_id = row.id;
    note.invoice_id = invoice;
    note.cycle = cycle;
    note.title = credit.title;
    note.first_day = credit.unused.start;
    note.last_day = add_days(credit.unused.end, -1);
    note.gross_fen = credit.gross;
    note.net_fen = credit.net;
    note.tax_fen = credit.tax;
    note.total_fen = note.kept_fen = credit.total;
    note.text = credit.text;
    note.created_at = unit.at();
    return note;
}

void give_credits(Unit& unit, AccountCredit& account, const ChangeGround& ground,
                  const ChangeDecision& decision) {
    for (auto credit : decision.settled.bill.credits) {
        for (const auto& [invoice, room] :
             rooms_of(ground.billed, decision.cycle, std::string(item_of(credit.item_code)))) {
            if (credit.gross == Fen{}) break;
            const auto part = take_part(credit, std::min(credit.gross, room));
            account.give(unit, note_of(unit, ground.view.subscription, decision.cycle, part, invoice));
        }
        if (credit.gross != Fen{}) throw std::logic_error("no invoice billed " + credit.item_code);
    }
}

/// In the cycle that the change is billed for.
InvoicePlace place_of(const ChangeGround& ground, const ChangeDecision& decision) {
    const bool begins = decision.settled.begins_period;
    const auto end = begins ? period_from(decision.after, decision.day).end : decision.settled.period.end;
    const bool order = decision.with == BilledWith::one_off;
    return next_part(ground.billed.bills, decision.cycle + (begins ? 1 : 0), {decision.day, end},
                     order ? InvoiceCause::one_off : InvoiceCause::change);
}

void schedule_what_follows(App& app, Unit& unit, const ChangeGround& ground, const ChangeDecision& decision,
                           const storage::SubscriptionRow& row) {
    const auto id = row.id.text();
    if (row.period_end != ground.view.subscription.period_end)
        unit.schedule(task::close_period, id, row.tenant_id, closes_at(app, row));
    if (row.advance_waits)
        unit.schedule(task::bill_opening, id, row.tenant_id,
                      std::max(unit.at(), day_start(trial_over(decision.after, civil_day(unit.at())))));
    if (const auto next = next_change(decision.after, civil_day(unit.at())))
        unit.schedule(task::begin_terms, id, row.tenant_id, day_start(*next));
    if (ground.view.budget) unit.changes().schedule.push_back(budget_check_of(row, unit.at()));
    if (row.thresholds) unit.changes().schedule.push_back(threshold_check_of(row, unit.at()));
}

void tell(App& app, Unit& unit, const ChangeGround& ground, const ChangeDecision& decision,
          const ChangeWish& wish) {
    const auto& row = ground.view.subscription;
    const auto title = [](const Subscription& one, CivilDay day) {
        return plan_on(one, day).title + (terms_on(one, day).paused ? "(暂停)" : "");
    };
    const auto last = std::min(decision.day, add_days(decision.holding.end, -1));
    auto notice = notice_row(notice::plan_changed, row.id.text(), row.tenant_id,
                             io::sha256_hex(unit.op_id()).substr(0, 16), unit.at());
    notice.next_at =
        ordinary_notice_at(unit.at(), spread_key(ground.view.tenant.corp_id), notice_policy(app.rules));
    notice.payload = nlohmann::json{{"from", title(decision.before, last)},
                                    {"to", wish.cancel ? std::string{} : title(decision.after, decision.day)},
                                    {"day", format_day(decision.day)},
                                    {"charge_fen", decision.settled.bill.charge.total.count()},
                                    {"credit_fen", decision.settled.bill.credit_total.count()}}
                         .dump();
    unit.changes().outbox.push_back(std::move(notice));
}

/// Its terms begin with it, by the company's anchor day.
void write_pending(Unit& unit, const storage::PeriodView& view, const ChangeDecision& decision,
                   const ChangeWish& wish) {
    auto row = view.subscription;
    if (wish.terms.anchor_day) {
        auto tenant = view.tenant;
        tenant.anchor_day = *wish.terms.anchor_day;
        unit.save(std::move(tenant));
    }
    if (wish.cancel)
        unit.move<SubscriptionState>(row, SubscriptionEvent::ended);
    else
        show_terms(row, decision.after, decision.day);
    unit.save(std::move(row));
}

/// An invoice, and nothing else: the saved row keeps other decisions from taking the same place.
void write_order(const Rules& rules, Unit& unit, const ChangeGround& ground, const ChangeDecision& decision) {
    const auto& view = ground.view;
    AccountCredit account{view.credit};
    issue(rules, unit, view, account, place_of(ground, decision), decision.settled.bill.charge);
    account.save(unit, view.tenant.id);
    unit.save(view.subscription);
}

}  // namespace

void write_change(App& app, Unit& unit, const ChangeGround& ground, const ChangeDecision& decision,
                  const ChangeWish& wish) {
    auto row = ground.view.subscription;
    if (row.state == "PENDING") return write_pending(unit, ground.view, decision, wish);
    if (decision.with == BilledWith::one_off) return write_order(app.rules, unit, ground, decision);
    auto view = ground.view;
    if (names_terms(wish)) {
        for (auto& terms : terms_rows(unit, view, decision.after, decision.day)) {
            unit.insert(terms);
            view.terms.push_back(std::move(terms));
        }
        if (ground.move_to) view.price_lists.push_back(*ground.move_to);
    }
    if (wish.terms.seats) {
        const auto seq = view.seats.empty() ? 1 : view.seats.back().seq + 1;
        unit.insert(storage::SeatChangeRow{row.id, row.tenant_id, seq, decision.day, *wish.terms.seats,
                                           unit.actor().starts_with("member:") ? "api" : "operator",
                                           unit.at()});
    }
    if (wish.cancel) row.last_day = add_days(decision.day, -1);
    if (decision.cycle == row.cycle) row.period_end = decision.settled.period.end;
    show_terms(row, decision.after, civil_day(unit.at()));
    follow_terms(unit, row, decision.after);

    AccountCredit account{view.credit};
    give_credits(unit, account, ground, decision);
    if (const auto& charge = decision.settled.bill.charge; !charge.lines.empty())
        issue(app.rules, unit, view, account, place_of(ground, decision), charge);
    account.save(unit, row.tenant_id);
    const auto end = decision.settled.period.end;
    if (std::ranges::any_of(ground.usage, [&](const auto& total) { return total.day >= end; }))
        unit.changes().usage_moves.push_back({row.tenant_id, decision.holding.start, end});
    schedule_what_follows(app, unit, ground, decision, row);
    tell(app, unit, ground, decision, wish);
    unit.save(std::move(row));
}

io::awaitable<void> begin_terms(App& app, storage::TaskRow task_row) {
    const SubscriptionId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await app.store.load_period(id, std::nullopt);
        if (!view || view->subscription.state == "ENDED" || view->terms.empty()) co_return std::nullopt;
        const auto subscription = subscription_of(*app.price_lists, *view);
        const auto today = civil_day(app.clock.now());
        Unit unit{"terms:" + id.text() + ":" + format_day(today), app.clock.now(), "system"};
        auto row = view->subscription;
        show_terms(row, subscription, today);
        follow_terms(unit, row, subscription);
        unit.save(row);
        if (const auto next = next_change(subscription, today))
            unit.schedule(task::begin_terms, id.text(), row.tenant_id, day_start(*next));
        co_return unit;
    });
}

}  // namespace wefee::server
