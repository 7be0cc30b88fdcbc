// Reads of what operators asked for, and what came of it.
#include "storage/parts.hpp"

namespace wefee::storage {

awaitable<std::optional<CreditNoteRow>> Store::find_credit_note(CreditNoteId id) {
    return parts_->one<CreditNoteRow>("WHERE t.id=?", values(id));
}

awaitable<std::optional<ApprovalView>> Store::find_approval(ApprovalId id) {
    return parts_->read<std::optional<ApprovalView>>(
        [id](sql::Connection& db, std::optional<ApprovalView>& view) {
            in_snapshot(db, [&] {
                auto request = row_of<ApprovalRequestRow>(db, "WHERE t.id=?", values(id));
                if (!request) return;
                view.emplace();
                view->request = std::move(*request);
                view->decisions = rows_of<ApprovalRow>(
                    db, "WHERE t.ref_type='approval_request' AND t.ref_id=? ORDER BY t.created_at, t.id",
                    values(id));
                view->credit_notes =
                    rows_of<CreditNoteRow>(db, "WHERE t.source_id=? ORDER BY t.created_at, t.id", values(id));
                view->refunds = rows_of<RefundRow>(db,
                                                   "WHERE t.id=? OR t.source_id=? OR t.source_id IN (SELECT "
                                                   "n.id FROM credit_note n WHERE n.source_id=?) "
                                                   "ORDER BY t.created_at, t.id",
                                                   values(view->request.subject_id, id, id));
                view->correction = row_of<CorrectionRow>(db, "WHERE t.request_id=?", values(id));
                const auto invoice =
                    view->correction ? view->correction->invoice_id.text() : view->request.subject_id;
                view->invoice = row_of<InvoiceRow>(db, "WHERE t.id=?", values(invoice));
            });
        });
}

awaitable<std::vector<ApprovalRequestRow>> Store::approvals(std::string state, TenantId tenant,
                                                            std::size_t limit, std::string before_id) {
    std::string tail = before_id.empty()
                           ? "WHERE 1=1"
                           : "JOIN approval_request b ON b.id=? WHERE (t.created_at<b.created_at "
                             "OR (t.created_at=b.created_at AND t.id<b.id))";
    auto parameters = before_id.empty() ? values() : values(before_id);
    const auto narrow = [&](const char* condition, const auto& value) {
        tail += condition;
        parameters.push_back(to_value(value));
    };
    if (!state.empty()) narrow(" AND t.state=?", state);
    if (!tenant.empty()) narrow(" AND t.tenant_id=?", tenant);
    narrow(" ORDER BY t.created_at DESC, t.id DESC LIMIT ?", static_cast<std::int64_t>(limit));
    return parts_->many<ApprovalRequestRow>(std::move(tail), std::move(parameters));
}

awaitable<std::vector<UsageLateRow>> Store::late_usage(TenantId tenant) {
    return parts_->many<UsageLateRow>("WHERE t.tenant_id=? ORDER BY t.period_start, t.meter", values(tenant));
}

}  // namespace wefee::storage
