// A bill less what was invoiced before (R11): a period billed in parts, and history rewritten.
#pragma once

#include <optional>
#include <span>

#include "billing/credit_note.hpp"
#include "billing/invoice_cause.hpp"
#include "billing/limits.hpp"
#include "billing/rating.hpp"

namespace wefee {

/// Whether lines of one item are one line whatever stretch they are of.
enum class JoinBy { line, item };

/// Several bills as one: lines of one code are one line, with the sum of their amounts and taxes.
RatedPeriod joined(std::span<const RatedPeriod> bills, JoinBy by);

/// What is left to invoice of `whole`, coupons and tax included. A line that only `invoiced` has is taken
/// back.
RatedPeriod less_invoiced(RatedPeriod whole, const RatedPeriod& invoiced);

/// The same without the lines that nothing is left of.
RatedPeriod correction(RatedPeriod whole, const RatedPeriod& invoiced);

/// What to invoice in mid-period of all that was metered so far (`whole`) when `invoiced` of it is invoiced
/// already. None while no further threshold is reached, or nothing is owed.
std::optional<RatedPeriod> threshold_bill(const Thresholds& thresholds, RatedPeriod whole,
                                          const RatedPeriod& invoiced);

/// A bill never comes below zero: what is left over of earlier parts becomes account credit, and a line of
/// the bill says so. None where nothing is.
std::optional<CreditNote> keep_below_zero(RatedPeriod& bill);

/// What the bill's coupons took off each of its lines, in whole fen (R13).
std::vector<Fen> line_discounts(const RatedPeriod& bill);

/// A credit note for a part of one of the bill's lines (R6).
struct LineNote {
    CreditNote note;
    Fen discount;  // the coupons' share that goes with the part
};
LineNote note_on(const RatedPeriod& bill, Fen part, int tax_basis_points);

/// A credit that was given for an item, as a bill below zero.
RatedPeriod bill_of_credit(const std::string& item_code, const std::string& title, DaySpan period, Fen net,
                           Fen tax);

}  // namespace wefee
