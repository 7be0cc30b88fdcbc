#include "billing/period_facts.hpp"

#include <algorithm>

namespace wefee {
namespace {

UsageTotal* find_total(std::vector<UsageTotal>& totals, const std::string& meter) {
    const auto found = std::ranges::find(totals, meter, &UsageTotal::meter);
    return found == totals.end() ? nullptr : &*found;
}

/// Puts `next` behind `so_far`, which holds the days before it.
Quantity joined(Aggregation aggregation, Quantity so_far, Quantity next) {
    switch (aggregation) {
        case Aggregation::sum:
        case Aggregation::count:
        case Aggregation::unique:
            return so_far + next;
        case Aggregation::max:
            return std::max(so_far, next);
        case Aggregation::latest:
            return next;
        case Aggregation::time_weighted:
            break;  // by unit-days
    }
    return next;
}

bool is_level(const PriceList& prices, const std::string& code) {
    const auto* meter = find_meter(prices, code);
    return meter && meter->aggregation == Aggregation::time_weighted;
}

/// The sum of levels that a total of a part of `full` stands for.
Quantity unit_days_of(const UsageTotal& total, DaySpan full) {
    if (total.days > 0) return total.unit_days;
    return Quantity{floor_of(Fraction{total.quantity.count()} * Fraction{full.days()})};
}

void join(const PriceList& prices, PeriodFacts& group, const PeriodFacts& month) {
    for (const auto& next : month.usage) {
        auto* total = find_total(group.usage, next.meter);
        const auto* meter = find_meter(prices, next.meter);
        const auto aggregation = meter ? meter->aggregation : Aggregation::sum;
        if (!total) total = &group.usage.emplace_back(UsageTotal{next.meter, {}, 0});
        if (is_level(prices, next.meter))
            set_unit_days(*total, unit_days_of(*total, group.full) + unit_days_of(next, month.full),
                          group.full.days());
        else
            total->quantity = joined(aggregation, total->quantity, next.quantity);
        total->events += next.events;
        total->transactions.insert(total->transactions.end(), next.transactions.begin(),
                                   next.transactions.end());
    }
    for (const auto& level : month.seats)
        if (group.seats.empty() || level.day > group.seats.back().day) group.seats.push_back(level);
    for (const auto& code : month.coupons)
        if (std::ranges::find(group.coupons, code) == group.coupons.end()) group.coupons.push_back(code);
    group.period.end = month.period.end;
}

/// A level is taken as the same on all days of `whole`.
Quantity part_of_level(Quantity unit_days, DaySpan part, DaySpan whole) {
    return Quantity{rounded(Fraction{unit_days.count()} * Fraction{part.days(), whole.days()}).count()};
}

void add_days_of(UsageTotal& total, std::span<const UsageDay> days, DaySpan span) {
    for (const auto& row : days) {
        if (row.meter != total.meter || row.day < span.start || span.end <= row.day) continue;
        total.quantity = total.quantity + row.quantity;
        total.events += row.events;
        total.transactions.insert(total.transactions.end(), row.transactions.begin(), row.transactions.end());
    }
}

}  // namespace

std::vector<PeriodFacts> regrouped(const PriceList& prices, std::span<const PeriodFacts> months,
                                   int anchor_day, int plan_months) {
    std::vector<PeriodFacts> groups;
    if (months.empty()) return groups;
    Anchor anchor;
    anchor.day = anchor_day;
    anchor.months = plan_months;
    anchor.origin = months.front().full.start.year() / months.front().full.start.month();
    for (const auto& month : months) {
        const auto full = full_period(month.period.start, anchor);
        if (!groups.empty() && groups.back().full == full) {
            join(prices, groups.back(), month);
            continue;
        }
        auto& group = groups.emplace_back(month);
        group.full = full;
        for (auto& total : group.usage)
            if (is_level(prices, total.meter))
                set_unit_days(total, unit_days_of(total, month.full), full.days());
    }
    return groups;
}

std::vector<PeriodFacts> cut_into_months(const PriceList& prices, const PeriodFacts& facts,
                                         std::span<const UsageDay> days, int anchor_day) {
    std::vector<PeriodFacts> months;
    Anchor anchor;
    anchor.day = anchor_day;
    for (auto start = facts.period.start; start < facts.period.end;) {
        const auto full = full_period(start, anchor);
        const DaySpan month{start, std::min(full.end, facts.period.end)};
        PeriodFacts cut{.period = month, .full = full, .seats = facts.seats, .coupons = facts.coupons};
        for (const auto& whole : facts.usage) {
            const auto* meter = find_meter(prices, whole.meter);
            const bool adds_up =
                meter && (meter->aggregation == Aggregation::sum || meter->aggregation == Aggregation::count);
            auto& total = cut.usage.emplace_back(adds_up ? UsageTotal{whole.meter, {}, 0} : whole);
            if (adds_up) add_days_of(total, days, month);
            if (is_level(prices, whole.meter))
                set_unit_days(total, part_of_level(unit_days_of(whole, facts.full), month, facts.period),
                              full.days());
        }
        months.push_back(std::move(cut));
        start = month.end;
    }
    return months;
}

RatingInput rating_input(const PriceList& prices, const PeriodFacts& facts, const std::string& plan,
                         std::span<const std::string> add_ons) {
    RatingInput input;
    input.plan = plan;
    for (const auto& code : add_ons) input.add_ons.push_back({code, facts.period});
    input.period = facts.period;
    input.full = facts.full;
    input.seats = facts.seats;
    for (const auto& total : facts.usage)
        if (find_meter(prices, total.meter)) input.usage.push_back(total);
    for (const auto& code : facts.coupons)
        if (find_coupon(prices, code)) input.coupons.push_back(code);
    return input;
}

}  // namespace wefee
