// Refunds as they begin: whose money may go back, how much of it, and that somebody has approved.
#pragma once

#include <string>

#include "server/flows/unit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

/// What channels brought for the invoice and no refund has taken or will take back.
Fen refundable_cash(const storage::InvoiceView& view);

/// REQUESTED; the caller inserts it.
storage::RefundRow new_refund(Unit& unit, const storage::AttemptRow& attempt, Fen amount, std::string words,
                              std::string created_by);
/// APPROVED, and due to be sent.
void approve_refund(Unit& unit, storage::RefundRow& refund);

/// Approved refunds of `amount` over the invoice's payments, oldest first. `source_id`: what they come from.
/// Throws std::logic_error when that is above refundable_cash().
void request_refunds(Unit& unit, const storage::InvoiceView& view, Fen amount, const std::string& source_id,
                     const std::string& created_by);

}  // namespace wefee::server
