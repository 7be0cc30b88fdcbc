// One deduction under the providers' calendars (R15): what a wanted day makes of notice, wait and window, and
// what stands against it at a moment.
#pragma once

#include "billing/calendar.hpp"
#include "billing/consent.hpp"

namespace wefee {

struct DeductionPlan {
    CivilDay day;                                  // of the first attempt
    std::optional<CivilDay> announce_latest = {};  // WeChat: its own notice goes out on this day or before
    std::optional<DaySpan> waiting = {};           // WeChat: after a notice on the latest day
    std::optional<CivilDay> execute_date = {};     // Alipay: registered with the agreement
    DeductionWindow window;
};
DeductionPlan plan_deduction(Provider provider, CivilDay day);

/// What a provider holds of a signed agreement. `execute_date`: Alipay's next one, which moves after success
/// only.
struct DeductionMandate {
    Provider provider{};
    std::optional<CivilDay> execute_date = {};
    int months = 1;
};
void executed(DeductionMandate& mandate, bool succeeded);

/// WeChat's notice of an amount.
struct Announced {
    CivilDay day;
    Fen amount;
};

enum class DeductionObstacle {
    no_consent,
    not_covered,
    no_mandate,
    above_due,
    not_announced,
    above_announced,
    outside_window
};
std::string_view deduction_obstacle_name(DeductionObstacle obstacle);

struct DeductionFacts {
    Fen amount;
    Fen due;
    std::optional<Cover> cover = {};  // none: no consent
    std::optional<DeductionMandate> mandate = {};
    std::optional<Announced> announced = {};
};
/// Empty: it may be deducted at that moment.
std::vector<DeductionObstacle> obstacles(const DeductionFacts& facts, Instant at);

}  // namespace wefee
