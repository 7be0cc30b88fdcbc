#include "server/flows/account_credit.hpp"

#include <algorithm>

#include "billing/machines/invoice.hpp"
#include "server/flows/books.hpp"
#include "server/flows/settle.hpp"
#include "server/flows/settle_inside.hpp"

namespace wefee::server {

void AccountCredit::give(Unit& unit, storage::CreditNoteRow note) {
    if (note.total_fen == Fen{}) return;
    amount_ += note.kept_fen;
    const NoteParts parts{.lowered = note.lowered_fen, .cash = note.cash_fen, .kept = note.kept_fen};
    post_all(unit, post_credit_note(note.id.text(), note.net_fen, note.tax_fen, parts), note.tenant_id);
    unit.insert(std::move(note));
}

void AccountCredit::keep_failed_refund(Unit& unit, storage::CreditNoteRow note) {
    amount_ += note.kept_fen;
    post_all(unit, post_refund_kept(note.id.text(), note.kept_fen), note.tenant_id);
    unit.insert(std::move(note));
}

void AccountCredit::pay(Unit& unit, storage::InvoiceRow& invoice) {
    const auto amount = std::min(amount_, invoice.total_fen - invoice.paid_fen);
    if (amount <= Fen{}) return;
    const auto event = event_of_settlement(invoice_view(invoice, unit.at()), amount);
    const auto attempt = settle_inside(unit, invoice, Provider::balance, invoice.id.text(), amount);
    post_all(unit, post_credit_used(attempt.text(), amount), invoice.tenant_id);
    amount_ -= amount;
    unit.move<InvoiceState>(invoice, event.value());
}

void AccountCredit::save(Unit& unit, const TenantId& tenant) {
    if (amount_ == stored()) return;
    if (!row_) return unit.insert(storage::AccountCreditRow{tenant, amount_, unit.at(), 1});
    row_->amount_fen = amount_;
    unit.save(*row_);
}

}  // namespace wefee::server
