// Invoices as they were issued, for decisions that look back at them.
#pragma once

#include "billing/rating.hpp"
#include "storage/store.hpp"

namespace wefee::server {

/// The lines as rating made them, without their parts of the tax.
RatedPeriod stored_bill(const std::vector<storage::InvoiceLineRow>& rows);

/// What is left to credit of an invoice's line (R7): no more than was billed on it, on its item in the
/// invoice, and on the item in all of the subscription's bills (a correction may have taken it back), less
/// what notes gave.
Fen left_to_credit(const storage::BilledView& billed, const storage::InvoiceLineRow& line);

}  // namespace wefee::server
