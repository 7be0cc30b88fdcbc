// Usage that comes after a subscription has ended: no later bill of it would have it, so that it gets one of
// its own.
#pragma once

#include <span>

#include "billing/subscription.hpp"

namespace wefee {

/// What `late` adds to the last period: all that was invoiced for that (`invoiced`, one bill) with the late
/// lines, under the same coupons, taxes and budget's cap, less what was invoiced (R11). Below zero it is owed
/// to the tenant. No lines: nothing is another.
RatedPeriod late_bill(const Subscription& subscription, DaySpan period, std::span<const LateUsage> late,
                      const RatedPeriod& invoiced);

}  // namespace wefee
