// A rated bill becomes a final invoice: its lines, its postings, what account credit pays of it, and how the
// rest is collected. The only way to an invoice.
#pragma once

#include "billing/invoice_cause.hpp"
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
    InvoiceCause cause = InvoiceCause::period;
};
/// The next part of the cycle after those that stand.
InvoicePlace next_part(const std::vector<storage::Bill>& bills, std::int64_t cycle, DaySpan period,
                       InvoiceCause cause);

/// The last day to pay what is owed from now on.
CivilDay due_day_from(Instant now);

/// Writes the invoice and gives its id: the same place always has the same one, so that a repeat meets its
/// own row.
InvoiceId issue(const Rules& rules, Unit& unit, const storage::PeriodView& view, AccountCredit& credit,
                const InvoicePlace& place, const RatedPeriod& rated);

}  // namespace wefee::server
