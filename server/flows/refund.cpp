#include "server/flows/refund.hpp"

#include <algorithm>

#include "billing/ledger.hpp"
#include "billing/machines/invoice.hpp"
#include "billing/machines/refund.hpp"
#include "billing/query_ladder.hpp"
#include "billing/rating.hpp"
#include "server/app.hpp"
#include "server/flows/account_credit.hpp"
#include "server/flows/books.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/issue.hpp"
#include "server/flows/names.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/plan.hpp"
#include "server/flows/settle.hpp"
#include "server/flows/settle_inside.hpp"

namespace wefee::server {
namespace {

std::chrono::milliseconds call_limit(const App& app) {
    return std::chrono::milliseconds{app.rules.collection.call_limit_ms};
}

std::string op_of(std::int64_t inbox_id, const storage::RefundRow& refund, std::string_view what) {
    if (inbox_id != 0) return "inbox:" + std::to_string(inbox_id);
    return std::string{what} + ":" + refund.id.text() + ":" + std::to_string(refund.version);
}

struct Loaded {
    storage::RefundRow refund;
    storage::AttemptRow attempt;
    std::optional<storage::InvoiceRow> invoice;
    storage::TenantRow tenant;
};

/// What was billed stands: the invoice is owed again, and paid by a person. A deduction would need an
/// announcement and a consent of its own.
void owe_again(const Rules& rules, Unit& unit, const Loaded& loaded, storage::InvoiceRow& invoice) {
    if (const auto event = event_of_refund(invoice_view(invoice, unit.at()), loaded.refund.amount_fen)) {
        unit.move<InvoiceState>(invoice, *event);
        invoice.due_day = std::max(invoice.due_day.value_or(CivilDay{}), due_day_from(unit.at()));
        ask_for_payment(rules, unit, loaded.tenant, invoice, "refunded" + std::to_string(invoice.state_seq));
    }
    invoice.refunded_fen += loaded.refund.amount_fen;
}

/// A credit note lowered what was billed by as much: it settles what the refund takes out.
void settle_by_note(Unit& unit, const storage::RefundRow& refund, storage::InvoiceRow& invoice) {
    invoice.refunded_fen += refund.amount_fen;
    const auto attempt =
        settle_inside(unit, invoice, Provider::credit_note, refund.id.text(), refund.amount_fen);
    post_all(unit, post_note_refunded(attempt.text(), refund.amount_fen), refund.tenant_id);
}

bool is_of_note(const storage::RefundRow& refund) { return refund.source_id.starts_with("cdn_"); }

/// The money is back with the payer: books, and the invoice's counters unless it was surplus. A note whose
/// refund had failed has become account credit: money that comes back after that is owed again.
void succeed(const Rules& rules, Unit& unit, Loaded& loaded, RefundEvent event) {
    auto& refund = loaded.refund;
    unit.move<RefundState>(refund, event);
    refund.next_query_at.reset();
    const bool surplus = loaded.attempt.state == "SURPLUS";
    post_all(unit, post_refund(refund.id.text(), refund.amount_fen, surplus), refund.tenant_id);
    if (!surplus && loaded.invoice) {
        if (is_of_note(refund) && event != RefundEvent::late_success)
            settle_by_note(unit, refund, *loaded.invoice);
        else
            owe_again(rules, unit, loaded, *loaded.invoice);
        unit.save(*loaded.invoice);
    }
    unit.unschedule(task::refund_step, refund.id.text());
    unit.save(refund);
}

/// What a note gave back in cash did not arrive: the tenant keeps it as account credit.
io::awaitable<void> keep_as_credit(App& app, Unit& unit, const storage::RefundRow& refund) {
    storage::CreditNoteRow note;
    note.id = CreditNoteId{"cdn_" + io::sha256_hex(refund.id.text()).substr(0, 20)};
    note.tenant_id = refund.tenant_id;
    note.cause = "refund_failed";
    note.item_code = account_credit_item();
    note.title = "账户余额";
    note.first_day = note.last_day = civil_day(unit.at());
    note.gross_fen = note.net_fen = note.total_fen = note.kept_fen = refund.amount_fen;
    note.text = "退款未成功，转入账户余额 " + format_yuan_for_people(refund.amount_fen);
    note.source_id = refund.id.text();
    note.created_at = unit.at();
    AccountCredit account{co_await app.store.find_account_credit(refund.tenant_id)};
    account.keep_failed_refund(unit, std::move(note));
    account.save(unit, refund.tenant_id);
}

RefundEvent event_of(payment::ResultClass result, std::int64_t sends) {
    using enum payment::ResultClass;
    switch (result) {
        case succeeded:
            return RefundEvent::succeeded;
        case accepted:
        case in_progress:
            return RefundEvent::accepted;
        case refused:
            return sends <= 1 ? RefundEvent::provider_refused : RefundEvent::unknown;
        case failed:
            return RefundEvent::failed;
        case already:
        case not_found:
        case differs:
        case unknown:
            return RefundEvent::unknown;
    }
    return RefundEvent::unknown;
}

io::awaitable<std::optional<Loaded>> load(App& app, RefundId id) {
    auto refund = co_await app.store.find_refund(id);
    if (!refund) co_return std::nullopt;
    auto attempt = co_await app.store.find_attempt(refund->attempt_id);
    if (!attempt) co_return std::nullopt;
    auto view = co_await app.store.find_invoice(attempt->tenant_id, attempt->invoice_id);
    auto tenant = co_await app.store.find_tenant(attempt->tenant_id);
    co_return Loaded{std::move(*refund), std::move(*attempt),
                     view ? std::optional{std::move(view->invoice)} : std::nullopt,
                     std::move(tenant).value()};
}

io::awaitable<void> record(App& app, RefundId id, payment::RefundResult result, bool queried) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto loaded = co_await load(app, id);
        if (!loaded) co_return std::nullopt;
        auto& refund = loaded->refund;
        Unit unit{op_of(0, refund, queried ? "refund_queried" : "refund_called"), app.clock.now(),
                  "provider:" + loaded->attempt.provider};
        if (queried) refund.queries += 1;
        if (result.change && !result.change->refund_id.empty())
            refund.provider_refund_id = result.change->refund_id;
        const auto event = event_of(result.result, refund.sends);
        const auto state = parse_state<RefundState>(refund.state).value();
        if (event == RefundEvent::succeeded && next(state, event)) {
            succeed(app.rules, unit, *loaded, event);
            co_return unit;
        }
        if (state == RefundState::succeeded || state == RefundState::failed)
            co_return std::nullopt;  // a word too late
        if (next(state, event)) unit.move<RefundState>(refund, event);
        if (refund.state == "FAILED") {
            refund.next_query_at.reset();
            unit.unschedule(task::refund_step, refund.id.text());
            unit.person_task("refund_failed", refund.id.text(), refund.tenant_id,
                             "The provider refused this refund: " + result.code);
            if (is_of_note(refund)) co_await keep_as_credit(app, unit, refund);
        } else {
            refund.next_query_at = next_query_at(unit.at(), refund.queries);
            unit.schedule(task::refund_step, refund.id.text(), refund.tenant_id, *refund.next_query_at);
        }
        unit.save(refund);
        co_return unit;
    });
}

payment::RefundRequest request_of(const App& app, const storage::RefundRow& refund,
                                  const storage::AttemptRow& attempt) {
    payment::RefundRequest request;
    request.out_trade_no = attempt.out_trade_no;
    request.transaction_id = attempt.provider_txn.value_or("");
    request.out_refund_no = refund.out_refund_no;
    request.refund = refund.amount_fen;
    request.total = attempt.amount_fen;
    request.reason = refund.reason;
    request.notify_url = notify_url(app, attempt.provider, NotifyFor::refund);
    return request;
}

/// APPROVED to INTENT: number and fields are fixed.
io::awaitable<void> intend(App& app, RefundId id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto loaded = co_await load(app, id);
        if (!loaded || loaded->refund.state != "APPROVED") co_return std::nullopt;
        auto& refund = loaded->refund;
        Unit unit{"refund_intent:" + id.text(), app.clock.now(), "system"};
        refund.request_fields =
            app.gateway(loaded->attempt.provider).fields(request_of(app, refund, loaded->attempt));
        refund.request_digest = io::sha256_hex(refund.request_fields);
        unit.move<RefundState>(refund, RefundEvent::intended);
        unit.save(refund);
        co_return unit;
    });
}

/// Commits SENT, then calls: only the winner of the commit opens the socket.
io::awaitable<void> send(App& app, storage::RefundRow refund, std::string provider, RefundEvent event) {
    const auto now = app.clock.now();
    Unit unit{"refund_send:" + refund.id.text() + ":" + std::to_string(refund.sends), now, "system"};
    unit.move<RefundState>(refund, event);
    if (!refund.sent_at) refund.sent_at = now;
    refund.sends += 1;
    refund.next_query_at = next_query_at(now, 0);
    unit.schedule(task::refund_step, refund.id.text(), refund.tenant_id, *refund.next_query_at);
    unit.save(refund);
    if (co_await app.store.commit(unit.take()) != storage::CommitResult::applied) co_return;
    auto result = co_await app.gateway(provider).refund(refund.request_fields, call_limit(app));
    co_await record(app, refund.id, std::move(result), false);
}

/// A refund that was made in the provider's console: known from now on, booked, shown to a person.
Unit external(const storage::AttemptRow& attempt, const RefundChanged& fact, std::int64_t inbox_id,
              Instant now) {
    Unit unit{"inbox:" + std::to_string(inbox_id), now, "provider:" + attempt.provider};
    storage::RefundRow refund;
    refund.id = new_id<RefundId>("rfd_");
    refund.tenant_id = attempt.tenant_id;
    refund.attempt_id = attempt.id;
    refund.out_refund_no = fact.out_refund_no;
    refund.provider_refund_id = fact.refund_id;
    refund.amount_fen = fact.amount;
    refund.reason = "渠道后台退款";
    refund.created_by = "provider";
    refund.created_at = now;
    unit.create<RefundState>(refund, RefundEvent::found_external);
    post_all(unit, post_external_refund(refund.id.text(), refund.amount_fen), refund.tenant_id);
    unit.person_task("external_refund", refund.id.text(), refund.tenant_id,
                     "A refund was made outside wefee; say what it was for.");
    unit.insert(std::move(refund));
    unit.end_inbox(inbox_id, "applied");
    return unit;
}

/// A running total tells no number: which of our refunds it means is asked by query.
io::awaitable<void> ask_refunds(App& app, std::int64_t inbox_id, std::vector<storage::RefundRow> refunds) {
    Unit unit{"inbox:" + std::to_string(inbox_id), app.clock.now(), "system"};
    for (const auto& refund : refunds)
        if (refund.state == "SENT" || refund.state == "ACCEPTED" || refund.state == "UNKNOWN")
            unit.schedule(task::refund_step, refund.id.text(), refund.tenant_id, unit.at());
    unit.end_inbox(inbox_id, "applied");
    co_await app.store.commit(unit.take());
}

}  // namespace

io::awaitable<void> refund_step(App& app, storage::TaskRow task_row) {
    const RefundId id{task_row.ref_id};
    auto loaded = co_await load(app, id);
    if (!loaded) co_return;
    if (loaded->refund.state == "APPROVED") {
        co_await intend(app, id);
        loaded = co_await load(app, id);
    }
    const auto provider = loaded->attempt.provider;
    if (loaded->refund.state == "INTENT")
        co_return co_await send(app, loaded->refund, provider, RefundEvent::claimed);
    const auto state = loaded->refund.state;
    if (state != "SENT" && state != "ACCEPTED" && state != "UNKNOWN") co_return;
    auto result = co_await app.gateway(provider).query_refund(loaded->attempt.out_trade_no,
                                                              loaded->refund.out_refund_no,
                                                              loaded->refund.amount_fen, call_limit(app));
    const bool absent = result.result == payment::ResultClass::not_found;
    co_await record(app, id, std::move(result), true);
    if (!absent) co_return;
    loaded = co_await load(app, id);
    if (loaded && loaded->refund.state == "UNKNOWN")
        co_await send(app, loaded->refund, provider, RefundEvent::sent_again);
}

io::awaitable<void> refund_changed(App& app, std::int64_t inbox_id, RefundChanged fact) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto now = app.clock.now();
        const std::string provider{provider_name(fact.provider)};
        std::vector<storage::OrderNumber> number{
            {provider, app.gateway(fact.provider).mchid(), fact.out_trade_no}};
        auto views = co_await app.store.load_settlements(std::move(number));
        Unit unit{"inbox:" + std::to_string(inbox_id), now, "provider:" + provider};
        if (!views.front()) {
            unit.person_task("foreign_refund", fact.out_trade_no, {},
                             "A refund notice names an order that is not ours.");
            unit.end_inbox(inbox_id, "mismatch");
            co_return unit;
        }
        const auto& attempt = views.front()->attempt;
        if (attempt.state != "SUCCEEDED" && attempt.state != "SURPLUS") {
            // The refund came before its payment: the payment is asked for, the row is applied again after
            // it.
            unit.schedule(task::attempt_step, attempt.id.text(), attempt.tenant_id, now);
            if (attempt.open_flag) co_await app.store.commit(unit.take());
            throw Error(Errc::conflict, "early: the payment of this refund is not known yet");
        }
        if (fact.out_refund_no.empty() || fact.cumulative) {
            co_await ask_refunds(app, inbox_id, co_await app.store.refunds_of_attempt(attempt.id));
            co_return std::nullopt;
        }
        const auto refund = co_await app.store.find_refund_by_number(fact.out_refund_no);
        if (!refund) {
            if (fact.status == RefundChanged::Status::succeeded)
                co_return external(attempt, fact, inbox_id, now);
            unit.end_inbox(inbox_id, "no_action");
            co_return unit;
        }
        auto loaded = co_await load(app, refund->id);
        const auto state = parse_state<RefundState>(loaded->refund.state).value();
        const auto event = state == RefundState::failed ? RefundEvent::late_success : RefundEvent::succeeded;
        const bool differs = fact.amount != loaded->refund.amount_fen;
        if (differs)
            unit.person_task("refund_differs", refund->id.text(), refund->tenant_id,
                             "A refund notice names another amount.");
        if (fact.status == RefundChanged::Status::succeeded && !differs && next(state, event)) {
            if (!fact.refund_id.empty()) loaded->refund.provider_refund_id = fact.refund_id;
            succeed(app.rules, unit, *loaded, event);
            unit.end_inbox(inbox_id, "applied");
            co_return unit;
        }
        // Any other word is a hint: the query decides.
        if (!differs && fact.status != RefundChanged::Status::succeeded)
            unit.schedule(task::refund_step, refund->id.text(), refund->tenant_id, now);
        unit.end_inbox(inbox_id, differs ? "mismatch" : "stale");
        co_return unit;
    });
}

}  // namespace wefee::server
