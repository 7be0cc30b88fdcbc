// How one tenant's invoices are collected in a scenario: what was confirmed and signed when, what was
// announced.
#pragma once

#include <map>

#include "billing/deduction.hpp"
#include "billing/tenant_account.hpp"

namespace wefee::server {

struct Collection {
    std::vector<std::pair<CivilDay, Consent>> consents;  // days rise; the last one on a day holds
    std::optional<DeductionMandate> mandate;
    std::optional<int> deduction_day;            // planned deductions, 1-28
    std::map<std::size_t, CivilDay> scheduled;   // by invoice: another day was set
    std::map<std::size_t, Announced> announced;  // by invoice
    std::map<CivilDay, Fen> taken;               // by the first day of the invoice's period
};

/// Whether the consent of that day covers the deduction; none when nothing was confirmed by then.
std::optional<Cover> cover_on(const Collection& collection, const IssuedInvoice& invoice, Fen amount,
                              Fen taken, Instant at);

}  // namespace wefee::server
