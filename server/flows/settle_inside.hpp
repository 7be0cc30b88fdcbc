// What pays an invoice without anybody's money moving: account credit and credit notes, each a charge that is
// collected at once by an internal provider, so that the sums of charges hold.
#pragma once

#include "billing/facts.hpp"
#include "server/flows/unit.hpp"

namespace wefee::server {

/// Adds charge, attempt and the capture's postings, and the amount to what the invoice was paid; its state is
/// the caller's. `cause_id`: what settles it; the same cause always gives the same ids.
AttemptId settle_inside(Unit& unit, storage::InvoiceRow& invoice, Provider provider,
                        const std::string& cause_id, Fen amount);

}  // namespace wefee::server
