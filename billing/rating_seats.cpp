// The seats line: the seats at the period's start, then each change from its own day on; rounded once.
#include <algorithm>

#include "billing/rating_parts.hpp"
#include "billing/seats.hpp"

namespace wefee::rating {
namespace {

struct Timeline {
    std::int64_t opening = 0;
    std::vector<SeatLevel> changes;  // inside the period, level really changes
};

Timeline timeline_of(const RatingInput& input) {
    Timeline timeline;
    auto level = std::int64_t{0};
    for (const auto& at : input.seats) {
        if (at.day >= input.period.end) break;
        if (at.day > input.period.start && at.seats != level) timeline.changes.push_back(at);
        if (at.day <= input.period.start) timeline.opening = at.seats;
        level = at.seats;
    }
    return timeline;
}

RatedLine empty_line(const Plan& plan) {
    RatedLine line;
    line.item_code = seats_item();
    line.kind = LineKind::seats;
    line.title = "席位";
    line.formula.unit_price = plan.seat_price;
    line.formula.unit = "席";
    return line;
}

std::int64_t billable(const Plan& plan, std::int64_t seats) {
    return std::max<std::int64_t>(0, seats - plan.included_seats);
}

std::string evidence_of(const Timeline& timeline) {
    auto text = "期初 " + std::to_string(timeline.opening) + " 席";
    for (const auto& change : timeline.changes)
        text += "," + format_day(change.day) + " 起 " + std::to_string(change.seats) + " 席";
    return text;
}

RatedLine high_water_line(const Plan& plan, const Timeline& timeline) {
    auto line = empty_line(plan);
    auto highest = timeline.opening;
    for (const auto& change : timeline.changes) highest = std::max(highest, change.seats);
    HighWaterMark mark;
    auto& formula = line.formula;
    formula.quantity = units(highest);
    formula.included = units(std::min(highest, plan.included_seats));
    formula.amount = mark.raise_to(billable(plan, highest), plan.seat_price);
    formula.text = times(plan.seat_price, counted(formula.quantity, formula.included, "席")) + "(本期最高)";
    return line;
}

/// The opening seats for the whole period, then each change from its own day on.
SeatLedger ledger_of(std::span<const Tier> tiers, const Plan& plan, const RatingInput& input,
                     const Timeline& timeline) {
    const auto [days, of] = period_part(plan, input);
    SeatLedger ledger(tiers, of);
    ledger.change(billable(plan, timeline.opening), days);
    auto level = timeline.opening;
    for (const auto& change : timeline.changes) {
        const auto left = part_of({change.day, input.period.end}, input.full, plan.day_count);
        ledger.change(billable(plan, change.seats) - billable(plan, level), std::min(left.days, of));
        level = change.seats;
    }
    return ledger;
}

/// Tiers that hold seats, each with its seat-days: rounded once over all of them.
RatedLine tiered_line(const Plan& plan, const RatingInput& input, const Timeline& timeline) {
    const auto ledger = ledger_of(plan.seat_tiers, plan, input, timeline);
    const int of = period_part(plan, input).of;
    auto line = empty_line(plan);
    auto& formula = line.formula;
    formula.unit_price = {};
    formula.unit = "席·天";
    formula.factor_den = of;
    std::int64_t seat_days = 0;
    for (std::size_t i = 0; i < plan.seat_tiers.size(); ++i) {
        const auto& tier = plan.seat_tiers[i];
        const auto& [slot_days, entered] = ledger.by_tier()[i];
        if (!entered) break;
        formula.unit_price = std::max(formula.unit_price, tier.unit_price);
        seat_days += slot_days;
        if (i > 0) formula.text += ";";
        formula.text += "第 " + std::to_string(i + 1) + " 档 " +
                        times(tier.unit_price, format_quantity_for_people(units(slot_days)) + " 席·天 ÷ " +
                                                   std::to_string(of) + " 天");
        if (tier.flat_fee != Fen{}) formula.text += " + " + format_yuan_for_people(tier.flat_fee);
    }
    formula.quantity = units(seat_days);
    formula.amount = ledger.total();
    return line;
}

/// " + ¥99.00 × 5 席 × 16/30 天"
std::string change_text(const Plan& plan, std::int64_t added, int days_left, int of) {
    return (added > 0 ? " + " : " \u2212 ") +
           times(plan.seat_price, std::to_string(std::abs(added)) + " 席 × " + days_part(days_left, of));
}

RatedLine prorated_line(const Plan& plan, const RatingInput& input, const Timeline& timeline) {
    const std::vector<Tier> tiers{{.up_to = {}, .unit_price = plan.seat_price}};
    const auto [days, of] = period_part(plan, input);
    auto line = empty_line(plan);
    auto& formula = line.formula;
    formula.quantity = units(timeline.opening);
    formula.included = units(std::min(timeline.opening, plan.included_seats));
    formula.factor_num = days;
    formula.factor_den = of;
    formula.text = times(plan.seat_price, counted(formula.quantity, formula.included, "席"));
    if (input.period != input.full) formula.text += " × " + days_part(days, of);

    auto level = timeline.opening;
    std::int64_t seat_days = level * days;
    std::int64_t billable_days = billable(plan, level) * days;
    for (const auto& change : timeline.changes) {
        const int left =
            std::min(part_of({change.day, input.period.end}, input.full, plan.day_count).days, of);
        const auto added = billable(plan, change.seats) - billable(plan, level);
        seat_days += (change.seats - level) * left;
        billable_days += added * left;
        level = change.seats;
        if (added == 0) continue;
        formula.text += change_text(plan, added, left, of);
    }
    if (!timeline.changes.empty()) {  // seat-days make the formula exact
        formula.unit = "席·天";
        formula.quantity = units(seat_days);
        formula.included = units(seat_days - billable_days);
        formula.factor_num = 1;
    }
    formula.amount = ledger_of(tiers, plan, input, timeline).total();
    return line;
}

}  // namespace

std::vector<RatedLine> seat_lines(const Plan& plan, const RatingInput& input) {
    if (!has_seat_price(plan)) return {};
    const auto timeline = timeline_of(input);
    auto line = !plan.seat_tiers.empty()                 ? tiered_line(plan, input, timeline)
                : plan.seat_rule == SeatRule::high_water ? high_water_line(plan, timeline)
                                                         : prorated_line(plan, input, timeline);
    line.evidence = evidence_of(timeline);
    return {std::move(line)};
}

}  // namespace wefee::rating
