// Every set of postings is two or three rows that add up to zero.
#include "billing/ledger.hpp"

namespace wefee {
namespace {

Posting row(std::string_view account, Fen signed_debit, std::string_view ref_type,
            const std::string& ref_id) {
    if (signed_debit < Fen{}) return {account, Fen{}, -signed_debit, ref_type, ref_id};
    return {account, signed_debit, Fen{}, ref_type, ref_id};
}

/// `amount` from `credited` to `debited`. Below zero the sides turn round; nothing posts nothing.
Postings move(std::string_view debited, std::string_view credited, Fen amount, std::string_view ref_type,
              const std::string& ref_id) {
    if (amount == Fen{}) return {};
    return {row(debited, amount, ref_type, ref_id), row(credited, -amount, ref_type, ref_id)};
}

Postings owed(Fen net, Fen tax, std::string_view ref_type, const std::string& ref_id) {
    Postings postings;
    const auto add = [&](std::string_view account, Fen debit) {
        if (debit != Fen{}) postings.push_back(row(account, debit, ref_type, ref_id));
    };
    add(account::receivable, net + tax);
    add(account::revenue, -net);
    add(account::tax_payable, -tax);
    return postings;
}

}  // namespace

Postings post_invoice(const std::string& invoice_id, Fen net, Fen tax) {
    return owed(net, tax, "invoice", invoice_id);
}

Postings post_capture(const std::string& attempt_id, Fen amount) {
    return move(account::clearing, account::receivable, amount, "attempt", attempt_id);
}

Postings post_surplus(const std::string& attempt_id, Fen amount) {
    return move(account::clearing, account::surplus, amount, "attempt", attempt_id);
}

Postings post_refund(const std::string& refund_id, Fen amount, bool of_surplus) {
    return move(of_surplus ? account::surplus : account::receivable, account::clearing, amount, "refund",
                refund_id);
}

Postings post_external_refund(const std::string& refund_id, Fen amount) {
    return move(account::external_refund, account::clearing, amount, "refund", refund_id);
}

Postings post_credit_note(const std::string& note_id, Fen net, Fen tax, const NoteParts& parts) {
    Postings postings;
    const auto add = [&](std::string_view account, Fen debit) {
        if (debit != Fen{}) postings.push_back(row(account, debit, "credit_note", note_id));
    };
    add(account::revenue, net);
    add(account::tax_payable, tax);
    add(account::clearing, -parts.lowered);
    add(account::surplus, -parts.cash);
    add(account::account_credit, -parts.kept);
    return postings;
}

Postings post_note_refunded(const std::string& attempt_id, Fen amount) {
    return move(account::surplus, account::clearing, amount, "credit_note", attempt_id);
}

Postings post_refund_kept(const std::string& note_id, Fen amount) {
    return move(account::surplus, account::account_credit, amount, "credit_note", note_id);
}

Postings post_credit_used(const std::string& attempt_id, Fen amount) {
    return move(account::account_credit, account::clearing, amount, "balance", attempt_id);
}

Postings post_write_off(const std::string& invoice_id, Fen amount) {
    return move(account::bad_debt, account::receivable, amount, "invoice", invoice_id);
}

Postings post_write_off_reversed(const std::string& invoice_id, Fen amount) {
    return move(account::receivable, account::bad_debt, amount, "invoice", invoice_id);
}

Postings post_fee(const std::string& fee_id, Fen amount) {
    return move(account::fee, account::clearing, amount, "fee", fee_id);
}

bool is_balanced(std::span<const Posting> postings) {
    Fen difference{};
    for (const auto& posting : postings) difference += posting.debit - posting.credit;
    return difference == Fen{};
}

}  // namespace wefee
