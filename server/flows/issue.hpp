// A rated bill becomes a final invoice: its lines, its postings, what account credit pays of it, and how the rest is
// collected. The only way to an invoice.
#pragma once

#include "billing/rating.hpp"
#include "server/flows/account_credit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct Rules;

/// Which of a subscription's invoices it is, and for which days.
struct InvoicePlace {
    std::int64_t cycle = 0;
    std::int64_t part = 0;
    DaySpan period;
};

/// Writes the invoice. The same place always gives the same id: a repeat meets its own row.
void issue(const Rules& rules, Unit& unit, const storage::PeriodView& view, AccountCredit& credit,
           const InvoicePlace& place, const RatedPeriod& rated);

}  // namespace wefee::server
