// Anchors and periods (R1): a boundary is always computed from the anchor day, never from the one before it.
#pragma once

#include <vector>

#include "billing/time.hpp"

namespace wefee {

/// How a subscription's periods lie in the calendar. `months` is 1, 3, 12 ...; where it is not 1, `origin` is
/// any month that holds a boundary. Periods of `weeks` lie from `first` on, whatever the day of the month.
struct Anchor {
    int day = 1;  // 1-31, clamped to the month's end
    int months = 1;
    std::chrono::year_month origin{std::chrono::year{2000}, std::chrono::January};
    int weeks = 0;     // 0: by months
    CivilDay first{};  // of some period, by weeks only
    friend bool operator==(const Anchor&, const Anchor&) = default;
};

/// min(day, last day of the month).
CivilDay clamped_day(std::chrono::year_month month, int day);

/// The anchor of a subscription that starts at `start` without a stub.
Anchor anchor_at(CivilDay start, int months = 1);

bool is_boundary(CivilDay day, const Anchor& anchor);
CivilDay boundary_at_or_before(CivilDay day, const Anchor& anchor);
CivilDay boundary_at_or_after(CivilDay day, const Anchor& anchor);
CivilDay boundary_after(CivilDay day, const Anchor& anchor);

/// The full anchor period that holds `day`.
DaySpan full_period(CivilDay day, const Anchor& anchor);

/// What is billed from `start` on: the stub up to the first boundary when `start` is none, else a full
/// period.
DaySpan first_period(CivilDay start, const Anchor& anchor);

/// The first `count` periods from `start` on, a stub included.
std::vector<DaySpan> periods_from(CivilDay start, const Anchor& anchor, int count);

/// Full periods whose first day is in [start, target]: what advance billing has billed by then.
int full_periods_begun(CivilDay start, const Anchor& anchor, CivilDay target);

/// `day` moved by whole months, clamped to the month's end from the day given.
CivilDay add_months(CivilDay day, int months);

/// WeCom counts every month of an account licence as 31 days, sixty months at most (WeCom doc 97182).
constexpr int licence_days(int months, int days) { return 31 * months + days; }
inline constexpr int licence_days_max = licence_days(60, 0);
constexpr bool licence_term_allowed(int days) { return 0 < days && days <= licence_days_max; }

}  // namespace wefee
