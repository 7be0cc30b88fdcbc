// Reads of what is sold and billed.
#include <algorithm>

#include "storage/parts.hpp"
#include "storage/usage_reads.hpp"

namespace wefee::storage {

TermsView terms_of(sql::Connection& db, SubscriptionRow subscription) {
    auto tenant = row_of<TenantRow>(db, "WHERE t.id=?", values(subscription.tenant_id));
    auto list = row_of<PriceListRow>(db, "WHERE t.id=?", values(subscription.price_list_id));
    if (!tenant || !list)
        throw std::logic_error("subscription " + subscription.id.text() + " lacks its tenant or price list");
    TermsView view;
    view.terms = rows_of<SubscriptionTermsRow>(db, "WHERE t.subscription_id=? ORDER BY t.revision, t.from_day",
                                               values(subscription.id));
    if (std::ranges::any_of(view.terms, [&](const auto& terms) { return terms.price_list_id != list->id; }))
        view.price_lists = rows_of<PriceListRow>(
            db, "WHERE t.id IN (SELECT x.price_list_id FROM subscription_terms x WHERE x.subscription_id=?) AND t.id<>?",
            values(subscription.id, list->id));
    view.tenant = std::move(*tenant);
    view.price_list = std::move(*list);
    view.subscription = std::move(subscription);
    return view;
}

awaitable<std::optional<PeriodView>> Store::load_period(SubscriptionId id, std::optional<CivilDay> period_start,
                                                        NeedsOf needs) {
    return parts_->read<std::optional<PeriodView>>([id, period_start, needs = std::move(needs)](
                                                       sql::Connection& db, std::optional<PeriodView>& view) {
        in_snapshot(db, [&] {
            auto found = row_of<SubscriptionRow>(db, "WHERE t.id=?", values(id));
            if (!found) return;
            view.emplace();
            static_cast<TermsView&>(*view) = terms_of(db, std::move(*found));
            const auto* subscription = &view->subscription;
            view->seats = rows_of<SeatChangeRow>(db, "WHERE t.subscription_id=? ORDER BY t.seq", values(id));
            view->credit = row_of<AccountCreditRow>(db, "WHERE t.tenant_id=?", values(subscription->tenant_id));
            db.query("SELECT 1 FROM invoice WHERE subscription_id=? AND cycle=? AND part>0 LIMIT 1",
                     values(id, subscription->cycle + 1),
                     [&](std::span<const sql::Value>) { view->next_is_billed = true; });
            view->usage = rows_of<UsageTotalRow>(
                db, "WHERE t.tenant_id=? AND t.period_start=? ORDER BY t.meter, t.day",
                values(subscription->tenant_id, period_start.value_or(subscription->period_start)));
            view->budget = row_of<BudgetRow>(db, "WHERE t.tenant_id=?", values(subscription->tenant_id));
            if (view->budget)
                view->budget_events = rows_of<BudgetEventRow>(
                    db, "WHERE t.subscription_id=? AND t.period_start=? ORDER BY t.percent",
                    values(id, period_start.value_or(subscription->period_start)));
            view->consent = row_of<ConsentRow>(
                db, "WHERE t.subscription_id=? AND t.state='GRANTED' ORDER BY t.granted_at DESC, t.id DESC LIMIT 1",
                values(id));
            if (view->consent) {
                const auto consent = values(view->consent->id);
                view->items = rows_of<ConsentItemRow>(db, "WHERE t.consent_id=? ORDER BY t.item_code", consent);
                view->mandate = row_of<MandateRow>(
                    db, "WHERE t.consent_id=? AND t.state IN ('ACTIVE', 'SUSPENDED') "
                        "ORDER BY t.state, t.created_at DESC LIMIT 1", consent);
            }
            load_usage_needs(db, *view, period_start, needs);
        });
    });
}

awaitable<BilledView> Store::billed(SubscriptionId id, std::int64_t first_cycle, std::int64_t last_cycle) {
    return parts_->read<BilledView>([id, first_cycle, last_cycle](sql::Connection& db, BilledView& view) {
        in_snapshot(db, [&] {
            const auto cycles = values(id, first_cycle, last_cycle);
            for (auto& invoice : rows_of<InvoiceRow>(db, "WHERE t.subscription_id=? AND t.cycle BETWEEN ? AND ? AND "
                                                         "t.state<>'VOIDED' ORDER BY t.created_at, t.cycle, t.part", cycles)) {
                auto lines = rows_of<InvoiceLineRow>(db, "WHERE t.invoice_id=? ORDER BY t.position", values(invoice.id));
                view.bills.push_back({std::move(invoice), std::move(lines)});
            }
            view.credit_notes = rows_of<CreditNoteRow>(
                db, "WHERE t.subscription_id=? AND t.cycle BETWEEN ? AND ? ORDER BY t.created_at, t.id", cycles);
        });
    });
}

awaitable<std::optional<QuoteRow>> Store::find_quote(TenantId tenant, QuoteId id) {
    return parts_->one<QuoteRow>("WHERE t.tenant_id=? AND t.id=?", values(tenant, id));
}

awaitable<std::optional<AccountCreditRow>> Store::find_account_credit(TenantId tenant) {
    return parts_->one<AccountCreditRow>("WHERE t.tenant_id=?", values(tenant));
}

awaitable<std::vector<CreditNoteRow>> Store::credit_notes(TenantId tenant, std::size_t limit, std::string before_id) {
    const auto count = static_cast<std::int64_t>(limit);
    if (before_id.empty())
        return parts_->many<CreditNoteRow>("WHERE t.tenant_id=? ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
                                           values(tenant, count));
    return parts_->many<CreditNoteRow>(
        "JOIN credit_note b ON b.id=? AND b.tenant_id=t.tenant_id WHERE t.tenant_id=? AND (t.created_at<b.created_at OR "
        "(t.created_at=b.created_at AND t.id<b.id)) ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
        values(before_id, tenant, count));
}

awaitable<std::optional<PriceListRow>> Store::find_price_list(PriceListId id) {
    return parts_->one<PriceListRow>("WHERE t.id=?", values(id));
}
awaitable<std::optional<PriceListRow>> Store::price_list_on(CivilDay day) {
    return parts_->one<PriceListRow>(
        "WHERE t.status='published' AND t.effective_from<=? ORDER BY t.effective_from DESC, t.number DESC LIMIT 1",
        values(day));
}
awaitable<std::vector<PriceListRow>> Store::price_lists() {
    return parts_->many<PriceListRow>("ORDER BY t.number", {});
}

awaitable<std::vector<SubscriptionRow>> Store::subscriptions(TenantId tenant) {
    return parts_->many<SubscriptionRow>("WHERE t.tenant_id=? ORDER BY t.created_at, t.id", values(tenant));
}
awaitable<std::optional<SubscriptionRow>> Store::find_subscription(TenantId tenant, SubscriptionId id) {
    return parts_->one<SubscriptionRow>("WHERE t.tenant_id=? AND t.id=?", values(tenant, id));
}

/// Newest first; `before_id` is the last one of the page before.
awaitable<std::vector<InvoiceRow>> Store::invoices(TenantId tenant, std::size_t limit, std::string before_id) {
    const auto count = static_cast<std::int64_t>(limit);
    if (before_id.empty())
        return parts_->many<InvoiceRow>("WHERE t.tenant_id=? ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
                                        values(tenant, count));
    return parts_->many<InvoiceRow>(
        "JOIN invoice b ON b.id=? AND b.tenant_id=t.tenant_id WHERE t.tenant_id=? AND (t.created_at<b.created_at OR "
        "(t.created_at=b.created_at AND t.id<b.id)) ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
        values(before_id, tenant, count));
}

awaitable<std::optional<InvoiceView>> Store::find_invoice(TenantId tenant, InvoiceId id) {
    return parts_->read<std::optional<InvoiceView>>([tenant, id](sql::Connection& db,
                                                                 std::optional<InvoiceView>& view) {
        in_snapshot(db, [&] {
            auto invoice = row_of<InvoiceRow>(db, "WHERE t.tenant_id=? AND t.id=?", values(tenant, id));
            if (!invoice) return;
            view.emplace();
            view->invoice = std::move(*invoice);
            view->lines = rows_of<InvoiceLineRow>(db, "WHERE t.invoice_id=? ORDER BY t.position, t.item_code", values(id));
            view->charges = rows_of<ChargeRow>(db, "WHERE t.invoice_id=? ORDER BY t.created_at, t.id", values(id));
            view->attempts = rows_of<AttemptRow>(db, "WHERE t.invoice_id=? ORDER BY t.created_at, t.id", values(id));
            view->refunds = rows_of<RefundRow>(
                db, "JOIN attempt a ON a.id=t.attempt_id WHERE a.invoice_id=? ORDER BY t.created_at, t.id", values(id));
        });
    });
}

awaitable<std::optional<TenantId>> Store::tenant_of_invoice(InvoiceId id) {
    return parts_->read<std::optional<TenantId>>([id](sql::Connection& db, std::optional<TenantId>& tenant) {
        if (const auto invoice = row_of<InvoiceRow>(db, "WHERE t.id=?", values(id))) tenant = invoice->tenant_id;
    });
}
awaitable<std::vector<InvoiceRow>> Store::invoices_after(TenantId tenant, CivilDay day) {
    return parts_->many<InvoiceRow>("WHERE t.tenant_id=? AND t.period_end>? AND t.cycle>0 AND t.part=0 "
                                    "ORDER BY t.period_start, t.created_at",
                                    values(tenant, day));
}

}  // namespace wefee::storage
