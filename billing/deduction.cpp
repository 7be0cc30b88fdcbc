#include "billing/deduction.hpp"

#include <array>

namespace wefee {
namespace {

constexpr std::array<std::string_view, 7> obstacle_names{"no_consent",    "not_covered",   "no_mandate",
                                                         "above_due",     "not_announced", "above_announced",
                                                         "outside_window"};

DeductionPlan wechat_plan(CivilDay day) {
    const auto announced = wechat_announce_latest(day);
    const auto window = wechat_window(announced);
    return {.day = window.days.start,
            .announce_latest = announced,
            .waiting = DaySpan{add_days(announced, 1), window.days.start},
            .window = window};
}

DeductionPlan alipay_plan(CivilDay day) {
    const auto execute_date = alipay_execute_date(day);
    return {.day = day, .execute_date = execute_date, .window = alipay_window(day, execute_date)};
}

void check_wechat(const DeductionFacts& facts, Instant at, std::vector<DeductionObstacle>& found) {
    using enum DeductionObstacle;
    if (!facts.announced) return found.push_back(not_announced);
    if (!within_announced(facts.announced->amount, facts.amount)) found.push_back(above_announced);
    if (!is_chargeable(wechat_window(facts.announced->day), at)) found.push_back(outside_window);
}

}  // namespace

std::string_view deduction_obstacle_name(DeductionObstacle obstacle) {
    return obstacle_names.at(static_cast<std::size_t>(obstacle));
}

DeductionPlan plan_deduction(Provider provider, CivilDay day) {
    return provider == Provider::alipay ? alipay_plan(day) : wechat_plan(day);
}

void executed(DeductionMandate& mandate, bool succeeded) {
    if (mandate.execute_date)
        mandate.execute_date = alipay_next_date(*mandate.execute_date, succeeded, mandate.months);
}

std::vector<DeductionObstacle> obstacles(const DeductionFacts& facts, Instant at) {
    using enum DeductionObstacle;
    std::vector<DeductionObstacle> found;
    if (!facts.cover)
        found.push_back(no_consent);
    else if (!facts.cover->ok)
        found.push_back(not_covered);
    if (facts.amount > facts.due) found.push_back(above_due);
    if (!facts.mandate)
        found.push_back(no_mandate);
    else if (!facts.mandate->execute_date)
        check_wechat(facts, at, found);
    else if (!is_chargeable({alipay_allowed(*facts.mandate->execute_date)}, at))
        found.push_back(outside_window);
    return found;
}

}  // namespace wefee
