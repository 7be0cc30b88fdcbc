// Arithmetic of credit notes and refunds; the provider side of a refund is the refund machine.
#include "billing/credit_note.hpp"

#include <algorithm>

#include "billing/tax.hpp"

namespace wefee {

CreditNote credit_note(const Fraction& exact_net, int tax_basis_points) {
    const auto net = rounded(exact_net);
    const auto tax = rounded(exact_net * rate_of(tax_basis_points));
    return {net, tax, net + tax};
}

NoteParts parts_of(Fen note, Fen owed, Fen cash, bool in_cash) {
    NoteParts parts;
    parts.lowered = std::min(note, std::max(owed, Fen{}));
    const auto paid = note - parts.lowered;
    if (in_cash) parts.cash = std::min(paid, std::max(cash, Fen{}));
    parts.kept = paid - parts.cash;
    return parts;
}

Fraction discount_of_part(Fen line, Fen discount, Fen part) {
    if (line == Fen{}) return {};
    return Fraction{discount} * Fraction{part.count(), line.count()};
}

CreditNote credit_note_for_part(Fen line, Fen discount, Fen part, int tax_basis_points) {
    return credit_note(Fraction{part} - discount_of_part(line, discount, part), tax_basis_points);
}

Refundable refundable(Fen invoice_total, Fen received, Fen note) {
    const auto kept = invoice_total - note;
    const auto refund = std::max(Fen{}, std::min(note, received - kept));
    return {refund, note - refund};
}

Position position(Fen billed, Fen adjusted, Fen received, Fen refunded) {
    const auto charged = billed - adjusted;
    const auto balance = charged - (received - refunded);
    return {charged, std::max(-balance, Fen{}), std::max(balance, Fen{})};
}

}  // namespace wefee
