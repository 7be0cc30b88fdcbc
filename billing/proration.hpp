// Parts of a price by days (R2, R2b), and who pays the day of a change (R4) or of the end (R5). Exact until
// rounded.
#pragma once

#include "billing/fraction.hpp"
#include "billing/period.hpp"

namespace wefee {

/// price × covered / whole, in fen. `whole_days` must be positive.
Fraction share_of(Fen price, int covered_days, int whole_days);

/// R2: `span` measured against the full period that contains it.
Fraction prorated(Fen price, DaySpan span, DaySpan full);

/// R2 over any span: each anchor period that `span` touches is measured on its own; whole ones count as the
/// price.
Fraction prorated(Fen price, DaySpan span, const Anchor& anchor);

/// The number of anchor periods in `span`, as a fraction (1 = one whole period).
Fraction periods_in(DaySpan span, const Anchor& anchor);

/// How the days of a part of a period are counted: as the calendar has them (R2), or every month as 30 (R2b).
enum class DayCount { actual, thirty };

/// What one day counts. Of thirty, a month's last day makes up for the month's length: 0 on the 31st.
int day_weight(CivilDay day, DayCount count);

/// R2b: days of `span` when every month has 30 days.
int days_of_30(DaySpan span);
Fraction prorated_30(Fen price, DaySpan span);

/// So many days of so many. Never more than the whole, and all of it is the whole however long its months
/// are.
struct PeriodPart {
    int days = 0;
    int of = 1;
    Fraction share() const { return {days, of}; }
};
/// `span` of the anchor period `full` that holds it.
PeriodPart part_of(DaySpan span, DaySpan full, DayCount count);

/// R4: a change on `day` leaves [start, day) to the old side, [day, end) to the new.
DaySpan before_change(DaySpan period, CivilDay day);
DaySpan from_change(DaySpan period, CivilDay day);

/// R5: the day of termination is still billed; what is unused starts the day after.
DaySpan billed_until_end(DaySpan period, CivilDay last_day);
DaySpan unused_after_end(DaySpan period, CivilDay last_day);

/// R7: the credit for an unused span uses the price billed and never exceeds what is left of it on that line.
Fen credit_for_unused(Fen billed, DaySpan unused, DaySpan full, Fen already_credited = Fen{});

}  // namespace wefee
