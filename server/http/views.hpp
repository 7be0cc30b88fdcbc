// Rows as the API shows them: one function a thing, the same JSON wherever it appears. Amounts are `..._fen`
// integers; the server makes all sums.
#pragma once

#include <nlohmann/json.hpp>

#include "billing/price_list_diff.hpp"
#include "storage/store.hpp"

namespace wefee::server::view {

using Json = nlohmann::ordered_json;

Json tenant(const storage::TenantRow& row);
Json subscription(const storage::SubscriptionRow& row);
Json invoice(const storage::InvoiceRow& row);
Json line(const storage::InvoiceLineRow& row);
/// With its place in its invoice.
Json invoice_line(const storage::InvoiceLineRow& row);
Json invoice_whole(const storage::InvoiceView& view);
Json charge(const storage::ChargeRow& row);
Json attempt(const storage::AttemptRow& row);
Json refund(const storage::RefundRow& row);
Json consent(const storage::ConsentRow& row, const std::vector<storage::ConsentItemRow>& items);
Json mandate(const storage::MandateRow& row);
Json quote(const storage::QuoteRow& row);
Json credit_note(const storage::CreditNoteRow& row);
Json approval(const storage::ApprovalRequestRow& row);
/// With what came of it.
Json approval_whole(const storage::ApprovalView& view);
Json price_list(const storage::PriceListRow& row, bool with_body);
Json price_difference(const Difference& difference);
Json person_task(const storage::PersonTaskRow& row);
Json audit(const storage::AuditRow& row);
Json ledger(const storage::LedgerRow& row);
Json usage_total(const storage::UsageTotalRow& row);
Json usage_event(const storage::UsageEventRow& row);
Json outbox(const storage::OutboxRow& row);
Json violation(const storage::Violation& violation);

/// null for an instant or day that is not set.
Json instant(const std::optional<Instant>& value);
Json day(const std::optional<CivilDay>& value);

}  // namespace wefee::server::view
