// The money of a tenant's account: payments, transfers, refunds, credit notes.
#include <algorithm>

#include "billing/error.hpp"
#include "billing/invoiced.hpp"
#include "billing/splits.hpp"
#include "billing/tenant_account.hpp"

namespace wefee {
namespace {

/// What an order that is still open takes of the invoice; its own amount is reserved.
InvoiceView view_of(const IssuedInvoice& invoice, Fen reserved) {
    return {.state = invoice.state,
            .total = invoice.position().charged - invoice.credit_used + invoice.moved,
            .paid = invoice.paid,
            .reserved = reserved,
            .refunded = invoice.refunded};
}

void move(IssuedInvoice& invoice, InvoiceEvent event) {
    if (const auto state = next(invoice.state, event)) invoice.state = *state;
}

}  // namespace

Position IssuedInvoice::position() const {
    return wefee::position(bill.total, adjusted, paid + credit_used, refunded + moved);
}

const IssuedInvoice& TenantAccount::invoice(std::size_t index) const {
    if (index >= invoices_.size())
        throw Error(Errc::invalid_value, "", {{"/invoice", "there is no such invoice yet"}});
    return invoices_[index];
}

IssuedInvoice& TenantAccount::invoice_at(std::size_t index) {
    invoice(index);
    return invoices_[index];
}

const ReportedPayment& TenantAccount::pay(std::size_t index, Provider channel, Fen amount) {
    auto& invoice = invoice_at(index);
    PaymentSucceeded fact;
    fact.provider = channel;
    fact.transaction_id = std::to_string(invoice.payments.size());
    fact.amount = amount;
    const AttemptView order{.state = AttemptState::sent, .provider = channel, .amount = amount};
    const auto settled = decide_payment(fact, order, ChargeState::collecting, view_of(invoice, amount));
    invoice.paid += settled.paid_delta;
    if (settled.invoice) move(invoice, *settled.invoice);
    invoice.payments.push_back(
        {today_, channel, amount, settled.outcome, settled.refund_in_full ? amount : Fen{}});
    return invoice.payments.back();
}

std::vector<Fen> TenantAccount::transfer(Fen amount) {
    std::vector<Fen> open;
    for (const auto& invoice : invoices_) open.push_back(invoice.due());
    const auto spread = spread_oldest_first(amount, open);
    for (std::size_t i = 0; i < invoices_.size(); ++i)
        if (spread.applied[i] > Fen{}) pay(i, Provider::transfer, spread.applied[i]);
    balance_ += spread.unused;
    return spread.applied;
}

void TenantAccount::refund(std::size_t index, Fen amount) {
    auto& invoice = invoice_at(index);
    if (amount > invoice.received())
        throw Error(Errc::invalid_value, "", {{"/amount_fen", "is more than was received for it"}});
    invoice.refunded += amount;
    move(invoice,
         invoice.received() == Fen{} ? InvoiceEvent::refunded_in_full : InvoiceEvent::refunded_in_part);
}

const IssuedCreditNote& TenantAccount::credit(std::size_t index, std::string_view line_code, Fen part,
                                              bool in_cash) {
    auto& invoice = invoice_at(index);
    const auto line = std::ranges::find(invoice.bill.lines, line_code, &RatedLine::item_code);
    if (line == invoice.bill.lines.end() || line->kind == LineKind::tax)
        throw Error(Errc::invalid_value, "", {{"/line", "is not a line of this invoice"}});
    Fen left = line->amount();  // R7: all notes on a line together never exceed what was billed on it
    for (const auto& note : credit_notes_)
        if (note.invoice == index && note.item_code == line_code) left -= note.part;
    if (left < part)
        throw Error(Errc::invalid_value, "",
                    {{"/amount_fen", "is more than is left of what was billed on it"}});
    const int rate = terms_on(subscription_, line->period.start).prices->tax_basis_points;
    const auto [note, discount] = note_on(invoice.bill, part, rate);
    const auto parts = parts_of(note.total, invoice.due(), invoice.received(), in_cash);
    invoice.adjusted += note.total;
    invoice.refunded += parts.cash;
    invoice.moved += parts.kept;
    balance_ += parts.kept;
    if (invoice.due() == Fen{}) move(invoice, InvoiceEvent::paid_in_full);
    credit_notes_.push_back({.day = today_,
                             .item_code = std::string(line_code),
                             .note = note,
                             .discount = discount,
                             .refunded = parts.cash,
                             .kept = parts.kept,
                             .text = line->formula.text,
                             .invoice = index,
                             .part = part});
    return credit_notes_.back();
}

}  // namespace wefee
