// Reads of what is sold and billed.
#include "storage/parts.hpp"

namespace wefee::storage {

awaitable<BilledView> Store::billed(SubscriptionId id, std::int64_t first_cycle, std::int64_t last_cycle) {
    return parts_->read<BilledView>([id, first_cycle, last_cycle](sql::Connection& db, BilledView& view) {
        in_snapshot(db, [&] {
            const auto cycles = values(id, first_cycle, last_cycle);
            for (auto& invoice :
                 rows_of<InvoiceRow>(db,
                                     "WHERE t.subscription_id=? AND t.cycle BETWEEN ? AND ? AND "
                                     "t.state<>'VOIDED' ORDER BY t.created_at, t.cycle, t.part",
                                     cycles)) {
                auto lines = rows_of<InvoiceLineRow>(db, "WHERE t.invoice_id=? ORDER BY t.position",
                                                     values(invoice.id));
                view.bills.push_back({std::move(invoice), std::move(lines)});
            }
            view.credit_notes = rows_of<CreditNoteRow>(
                db, "WHERE t.subscription_id=? AND t.cycle BETWEEN ? AND ? ORDER BY t.created_at, t.id",
                cycles);
            view.corrections = rows_of<CorrectionRow>(
                db, "WHERE t.subscription_id=? AND t.cycle BETWEEN ? AND ? ORDER BY t.seq", cycles);
        });
    });
}

awaitable<std::optional<QuoteRow>> Store::find_quote(TenantId tenant, QuoteId id) {
    return parts_->one<QuoteRow>("WHERE t.tenant_id=? AND t.id=?", values(tenant, id));
}

awaitable<std::optional<AccountCreditRow>> Store::find_account_credit(TenantId tenant) {
    return parts_->one<AccountCreditRow>("WHERE t.tenant_id=?", values(tenant));
}

awaitable<std::vector<CreditNoteRow>> Store::credit_notes(TenantId tenant, std::size_t limit,
                                                          std::string before_id) {
    const auto count = static_cast<std::int64_t>(limit);
    if (before_id.empty())
        return parts_->many<CreditNoteRow>(
            "WHERE t.tenant_id=? ORDER BY t.created_at DESC, t.id DESC LIMIT ?", values(tenant, count));
    return parts_->many<CreditNoteRow>(
        "JOIN credit_note b ON b.id=? AND b.tenant_id=t.tenant_id WHERE t.tenant_id=? AND "
        "(t.created_at<b.created_at OR "
        "(t.created_at=b.created_at AND t.id<b.id)) ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
        values(before_id, tenant, count));
}

awaitable<std::optional<PriceListRow>> Store::find_price_list(PriceListId id) {
    return parts_->one<PriceListRow>("WHERE t.id=?", values(id));
}
awaitable<std::optional<PriceListRow>> Store::price_list_on(CivilDay day, TenantId tenant) {
    return parts_->one<PriceListRow>(
        "WHERE t.status='published' AND t.tenant_id IN ('', ?) AND t.effective_from<=? ORDER BY CASE WHEN "
        "t.tenant_id='' "
        "THEN 1 ELSE 0 END, t.effective_from DESC, t.number DESC LIMIT 1",
        values(tenant, day));
}
awaitable<std::optional<PriceListRow>> Store::price_list_of(TenantId tenant, PriceListId id) {
    return parts_->one<PriceListRow>("WHERE t.id=? AND t.status='published' AND t.tenant_id IN ('', ?)",
                                     values(id, tenant));
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
awaitable<std::vector<InvoiceRow>> Store::invoices(TenantId tenant, std::size_t limit,
                                                   std::string before_id) {
    const auto count = static_cast<std::int64_t>(limit);
    if (before_id.empty())
        return parts_->many<InvoiceRow>("WHERE t.tenant_id=? ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
                                        values(tenant, count));
    return parts_->many<InvoiceRow>(
        "JOIN invoice b ON b.id=? AND b.tenant_id=t.tenant_id WHERE t.tenant_id=? AND "
        "(t.created_at<b.created_at OR "
        "(t.created_at=b.created_at AND t.id<b.id)) ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
        values(before_id, tenant, count));
}

awaitable<std::vector<InvoiceRow>> Store::invoices_reaching(TenantId tenant, CivilDay from,
                                                            std::size_t limit) {
    return parts_->many<InvoiceRow>(
        "WHERE t.tenant_id=? AND t.state NOT IN ('DRAFT', 'VOIDED') AND t.period_end>=COALESCE((SELECT "
        "MAX(l.period_end) FROM invoice l WHERE l.tenant_id=? AND l.period_end<=? AND l.cause='period'), ?) "
        "ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
        values(tenant, tenant, from, from, static_cast<std::int64_t>(limit)));
}

awaitable<std::optional<InvoiceView>> Store::find_invoice(TenantId tenant, InvoiceId id) {
    return parts_->read<std::optional<InvoiceView>>([tenant, id](sql::Connection& db,
                                                                 std::optional<InvoiceView>& view) {
        in_snapshot(db, [&] {
            auto invoice = row_of<InvoiceRow>(db, "WHERE t.tenant_id=? AND t.id=?", values(tenant, id));
            if (!invoice) return;
            view.emplace();
            view->invoice = std::move(*invoice);
            view->lines = rows_of<InvoiceLineRow>(db, "WHERE t.invoice_id=? ORDER BY t.position, t.item_code",
                                                  values(id));
            view->charges =
                rows_of<ChargeRow>(db, "WHERE t.invoice_id=? ORDER BY t.created_at, t.id", values(id));
            view->attempts =
                rows_of<AttemptRow>(db, "WHERE t.invoice_id=? ORDER BY t.created_at, t.id", values(id));
            view->refunds = rows_of<RefundRow>(
                db, "JOIN attempt a ON a.id=t.attempt_id WHERE a.invoice_id=? ORDER BY t.created_at, t.id",
                values(id));
            view->credit_notes =
                rows_of<CreditNoteRow>(db, "WHERE t.invoice_id=? ORDER BY t.created_at, t.id", values(id));
            if (view->invoice.cause == "correction")
                view->correction = row_of<CorrectionRow>(db, "WHERE t.invoice_id=?", values(id));
        });
    });
}

awaitable<std::optional<TenantId>> Store::tenant_of_invoice(InvoiceId id) {
    return parts_->read<std::optional<TenantId>>([id](sql::Connection& db, std::optional<TenantId>& tenant) {
        if (const auto invoice = row_of<InvoiceRow>(db, "WHERE t.id=?", values(id)))
            tenant = invoice->tenant_id;
    });
}
awaitable<std::vector<InvoiceRow>> Store::invoices_after(TenantId tenant, CivilDay day) {
    return parts_->many<InvoiceRow>(
        "WHERE t.tenant_id=? AND t.period_end>? AND t.cycle>0 AND t.part=0 "
        "ORDER BY t.period_start, t.created_at",
        values(tenant, day));
}

}  // namespace wefee::storage
