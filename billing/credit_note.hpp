// Corrections and money back (R6, R7): what a credit note is worth, and how much of it may leave as cash.
#pragma once

#include "billing/fraction.hpp"

namespace wefee {

struct CreditNote {
    Fen net;
    Fen tax;
    Fen total;  // net + tax, never rounded by itself
    friend bool operator==(const CreditNote&, const CreditNote&) = default;
};

/// Net by R3, tax on the exact, unrounded net.
CreditNote credit_note(const Fraction& exact_net, int tax_basis_points);

/// Where a note's total goes: it lowers what is owed, goes back in cash, or becomes account credit.
struct NoteParts {
    Fen lowered{};
    Fen cash{};
    Fen kept{};
    friend bool operator==(const NoteParts&, const NoteParts&) = default;
};

/// What is owed falls first; what was paid goes back as far as `cash` was received and not sent back yet
/// (R7), the rest stays with the tenant as account credit. Without `in_cash` none goes back.
NoteParts parts_of(Fen note, Fen owed, Fen cash, bool in_cash);

/// The exact part of a line's discount that goes with `part` of the line.
Fraction discount_of_part(Fen line, Fen discount, Fen part);

/// A note for `part` of a line that carried a discount.
CreditNote credit_note_for_part(Fen line, Fen discount, Fen part, int tax_basis_points);

struct Refundable {
    Fen refund;  // cash
    Fen credit;  // the rest of the note: it lowers what is owed or stays as account credit
    friend bool operator==(const Refundable&, const Refundable&) = default;
};

/// R7: cash refund ≤ cash received − value kept (invoice − note). `received` is net of refunds already made.
Refundable refundable(Fen invoice_total, Fen received, Fen note);

struct Position {
    Fen charged;
    Fen account_credit;
    Fen due;
    friend bool operator==(const Position&, const Position&) = default;
};

/// Where an invoice stands: a refund without an adjustment makes it owed again.
Position position(Fen billed, Fen adjusted, Fen received, Fen refunded);

}  // namespace wefee
