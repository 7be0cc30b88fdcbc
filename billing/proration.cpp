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

std::chrono::year_month month_of(CivilDay day) { return {day.year(), day.month()}; }

int length_of(std::chrono::year_month month) {
    return static_cast<int>(static_cast<unsigned>(CivilDay{month / std::chrono::last}.day()));
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
    const auto last = month_of(span.end);
    for (auto month = month_of(span.start); month < last; month += std::chrono::months{1})
        days += 30 - length_of(month);
    return days;
}

int day_weight(CivilDay day, DayCount count) {
    return count == DayCount::thirty ? days_of_30({day, add_days(day, 1)}) : 1;
}

PeriodPart part_of(DaySpan span, DaySpan full, DayCount count) {
    if (count == DayCount::actual) return {span.days(), full.days()};
    const int days = days_of_30(span);
    const auto months = static_cast<int>((month_of(full.end) - month_of(full.start)).count());
    return {days, span == full ? days : std::max({1, 30 * months, days})};
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
