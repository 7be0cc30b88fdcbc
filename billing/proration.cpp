// Day counting. Spans outside their period are cut to it: nobody is charged or credited for days he has not
// bought.
#include "billing/proration.hpp"

#include <algorithm>

namespace wefee {
namespace {

DaySpan cut(DaySpan span, DaySpan to) {
    const auto start = std::max(span.start, to.start);
    return {start, std::max(start, std::min(span.end, to.end))};
}

}  // namespace

Fraction share_of(Fen price, int covered_days, int whole_days) {
    if (whole_days <= 0 || covered_days < 0) throw std::domain_error("share_of: days");
    return Fraction{price} * Fraction{covered_days, whole_days};
}

Fraction prorated(Fen price, DaySpan span, DaySpan full) { return share_of(price, span.days(), full.days()); }

Fraction periods_in(DaySpan span, const Anchor& anchor) {
    Fraction count;
    for (auto day = span.start; day < span.end;) {
        const auto full = full_period(day, anchor);
        const auto end = std::min(full.end, span.end);
        count += Fraction{days_between(day, end), full.days()};
        day = end;
    }
    return count;
}

Fraction prorated(Fen price, DaySpan span, const Anchor& anchor) {
    return Fraction{price} * periods_in(span, anchor);
}

int days_of_30(DaySpan span) {
    int days = span.days();
    using std::chrono::months;
    using std::chrono::year_month;
    const year_month last{span.end.year(), span.end.month()};
    for (year_month month{span.start.year(), span.start.month()}; month < last; month += months{1})
        days -= static_cast<int>(static_cast<unsigned>(CivilDay{month / std::chrono::last}.day())) - 30;
    return days;
}

Fraction prorated_30(Fen price, DaySpan span) { return Fraction{price} * Fraction{days_of_30(span), 30}; }

DaySpan before_change(DaySpan period, CivilDay day) { return cut({period.start, day}, period); }
DaySpan from_change(DaySpan period, CivilDay day) { return cut({day, period.end}, period); }

DaySpan billed_until_end(DaySpan period, CivilDay last_day) {
    return before_change(period, add_days(last_day, 1));
}
DaySpan unused_after_end(DaySpan period, CivilDay last_day) {
    return from_change(period, add_days(last_day, 1));
}

Fen credit_for_unused(Fen billed, DaySpan unused, DaySpan full, Fen already_credited) {
    const auto wanted = rounded(prorated(billed, cut(unused, full), full));
    return std::max(Fen{}, std::min(wanted, billed - already_credited));
}

}  // namespace wefee
