// A tenant's account credit within one money transaction: credit notes give, the next invoices are paid from
// it first.
#pragma once

#include <optional>

#include "server/flows/unit.hpp"

namespace wefee::server {

class AccountCredit {
public:
    explicit AccountCredit(std::optional<storage::AccountCreditRow> row)
        : row_(std::move(row)), amount_(stored()) {}

    Fen amount() const { return amount_; }
    /// The note with its postings; what it keeps is credit from now on. Nothing for a note of nothing.
    void give(Unit& unit, storage::CreditNoteRow note);
    /// The refund of a note has failed: this one keeps its amount as credit.
    void keep_failed_refund(Unit& unit, storage::CreditNoteRow note);
    /// Pays what it can of an invoice that has just become final, as a charge that is collected at once.
    void pay(Unit& unit, storage::InvoiceRow& invoice);
    /// Writes the new amount, if it is another.
    void save(Unit& unit, const TenantId& tenant);

private:
    Fen stored() const { return row_ ? row_->amount_fen : Fen{}; }
    std::optional<storage::AccountCreditRow> row_;
    Fen amount_;
};

}  // namespace wefee::server
