// Money came in, or surely did not: the one place where attempts, charges and invoices are settled (B3-B7).
#pragma once

#include <cstdint>
#include <optional>

#include "billing/facts.hpp"
#include "billing/settle.hpp"
#include "io/async.hpp"
#include "payment/gateway.hpp"
#include "server/flows/unit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;
struct Rules;

/// The invoice as decisions about money look at it.
wefee::InvoiceView invoice_view(const storage::InvoiceRow& row, Instant now);

/// What a payment fact does to the rows of its number. Pure: rows in, unit out. Ends the inbox row when
/// `inbox_id` is not 0.
Unit settle_payment(const Rules& rules, storage::SettlementView view, const PaymentSucceeded& fact,
                    std::int64_t inbox_id, Instant now);

/// A verified payment of a number that we do not know, or of another merchant: kept, shown to a person.
Unit foreign_payment(const PaymentSucceeded& fact, std::int64_t inbox_id, Instant now);

/// Applies one fact; loads again when somebody was faster.
io::awaitable<void> apply_payment(App& app, PaymentSucceeded fact, std::int64_t inbox_id);

/// Records the answer of a provider to a call or a query about this attempt.
io::awaitable<void> record_result(App& app, AttemptId attempt, payment::OrderResult result, bool queried);

}  // namespace wefee::server
