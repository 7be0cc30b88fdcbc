// Boundaries by month arithmetic. Every search starts two periods away at most.
#include "billing/period.hpp"

#include <stdexcept>

namespace wefee {
namespace {

using std::chrono::months;
using std::chrono::year_month;

year_month month_of(CivilDay day) { return {day.year(), day.month()}; }

/// Months since the origin, brought into [0, anchor.months).
int phase(year_month month, const Anchor& anchor) {
    const auto distance = static_cast<int>((month - anchor.origin).count());
    return ((distance % anchor.months) + anchor.months) % anchor.months;
}

/// The last boundary of periods by weeks at or before `day`.
CivilDay week_boundary(CivilDay day, const Anchor& anchor) {
    const int length = 7 * anchor.weeks;
    return add_days(day, -(((days_between(anchor.first, day) % length) + length) % length));
}

void check(const Anchor& anchor) {
    if (anchor.weeks > 0) return;
    if (anchor.day < 1 || anchor.day > 31 || anchor.months < 1)
        throw std::domain_error("Anchor: day 1-31, at least one month");
}

}  // namespace

CivilDay clamped_day(year_month month, int day) {
    const CivilDay last{month / std::chrono::last};
    const CivilDay wanted{month.year(), month.month(), std::chrono::day{static_cast<unsigned>(day)}};
    return wanted.day() > last.day() ? last : wanted;
}

Anchor anchor_at(CivilDay start, int months_each) {
    return {static_cast<int>(static_cast<unsigned>(start.day())), months_each, month_of(start)};
}

CivilDay boundary_at_or_before(CivilDay day, const Anchor& anchor) {
    check(anchor);
    if (anchor.weeks > 0) return week_boundary(day, anchor);
    const auto month = month_of(day) - months{phase(month_of(day), anchor)};
    const auto boundary = clamped_day(month, anchor.day);
    return boundary <= day ? boundary : clamped_day(month - months{anchor.months}, anchor.day);
}

CivilDay boundary_after(CivilDay day, const Anchor& anchor) {
    check(anchor);
    if (anchor.weeks > 0) return add_days(week_boundary(day, anchor), 7 * anchor.weeks);
    const auto month = month_of(day) - months{phase(month_of(day), anchor)};
    const auto boundary = clamped_day(month, anchor.day);
    return boundary > day ? boundary : clamped_day(month + months{anchor.months}, anchor.day);
}

bool is_boundary(CivilDay day, const Anchor& anchor) { return boundary_at_or_before(day, anchor) == day; }

CivilDay boundary_at_or_after(CivilDay day, const Anchor& anchor) {
    return is_boundary(day, anchor) ? day : boundary_after(day, anchor);
}

DaySpan full_period(CivilDay day, const Anchor& anchor) {
    return {boundary_at_or_before(day, anchor), boundary_after(day, anchor)};
}

DaySpan first_period(CivilDay start, const Anchor& anchor) { return {start, boundary_after(start, anchor)}; }

std::vector<DaySpan> periods_from(CivilDay start, const Anchor& anchor, int count) {
    std::vector<DaySpan> periods;
    for (auto from = start; static_cast<int>(periods.size()) < count; from = periods.back().end)
        periods.push_back(first_period(from, anchor));
    return periods;
}

int full_periods_begun(CivilDay start, const Anchor& anchor, CivilDay target) {
    int count = 0;
    for (auto day = boundary_at_or_after(start, anchor); day <= target; day = boundary_after(day, anchor))
        ++count;
    return count;
}

CivilDay add_months(CivilDay day, int count) {
    return clamped_day(month_of(day) + months{count}, static_cast<int>(static_cast<unsigned>(day.day())));
}

}  // namespace wefee
