#include "server/flows/account_credit.hpp"

#include <algorithm>

#include "billing/machines/attempt.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/invoice.hpp"
#include "io/crypto.hpp"
#include "server/flows/books.hpp"

namespace wefee::server {
namespace {

constexpr auto provider = "balance";  // the internal one

/// One settlement from credit an invoice: the same invoice always gives the same ids.
std::string id_of(const storage::InvoiceRow& invoice, std::string_view prefix) {
    return std::string{prefix} + io::sha256_hex(invoice.id.text() + "/balance").substr(0, 20);
}

storage::ChargeRow charge_of(const storage::InvoiceRow& invoice, Fen amount, Instant now) {
    storage::ChargeRow charge;
    charge.id = ChargeId{id_of(invoice, "chg_")};
    charge.tenant_id = invoice.tenant_id;
    charge.invoice_id = invoice.id;
    charge.cycle = invoice.cycle;
    charge.provider = provider;
    charge.way = provider;
    charge.amount_fen = amount;
    charge.created_at = now;
    return charge;
}

storage::AttemptRow attempt_of(const storage::ChargeRow& charge, const storage::InvoiceRow& invoice, Instant now) {
    storage::AttemptRow attempt;
    attempt.id = AttemptId{id_of(invoice, "att_")};
    attempt.tenant_id = charge.tenant_id;
    attempt.charge_id = charge.id;
    attempt.invoice_id = charge.invoice_id;
    attempt.provider = provider;
    attempt.out_trade_no = id_of(invoice, "B");
    attempt.amount_fen = charge.amount_fen;
    attempt.won_flag = 1;
    attempt.provider_txn = attempt.out_trade_no;
    attempt.request_fields = "{}";
    attempt.request_digest = io::sha256_hex(attempt.request_fields);
    attempt.instructions = "{}";
    attempt.intent_at = now;
    attempt.paid_at_bj = format_local(now);
    attempt.created_at = now;
    return attempt;
}

}  // namespace

void AccountCredit::give(Unit& unit, storage::CreditNoteRow note) {
    if (note.total_fen == Fen{}) return;
    amount_ += note.total_fen;
    post_all(unit, post_credit_kept(note.id.text(), note.net_fen, note.tax_fen), note.tenant_id);
    unit.insert(std::move(note));
}

void AccountCredit::pay(Unit& unit, storage::InvoiceRow& invoice) {
    const auto amount = std::min(amount_, invoice.total_fen - invoice.paid_fen);
    if (amount <= Fen{}) return;
    auto charge = charge_of(invoice, amount, unit.at());
    unit.create<ChargeState>(charge, ChargeEvent::settled);
    auto attempt = attempt_of(charge, invoice, unit.at());
    unit.create<AttemptState>(attempt, AttemptEvent::settled);
    post_all(unit, post_capture(attempt.id.text(), amount), attempt.tenant_id);
    post_all(unit, post_credit_used(attempt.id.text(), amount), attempt.tenant_id);
    invoice.paid_fen += amount;
    amount_ -= amount;
    unit.move<InvoiceState>(invoice, invoice.paid_fen == invoice.total_fen ? InvoiceEvent::paid_in_full : InvoiceEvent::paid_in_part);
    unit.insert(std::move(charge));
    unit.insert(std::move(attempt));
}

void AccountCredit::save(Unit& unit, const TenantId& tenant) {
    if (amount_ == stored()) return;
    if (!row_) return unit.insert(storage::AccountCreditRow{tenant, amount_, unit.at(), 1});
    row_->amount_fen = amount_;
    unit.save(*row_);
}

}  // namespace wefee::server
