#include "billing/period_facts.hpp"

#include <algorithm>

#include "billing/seats.hpp"

namespace wefee {
namespace {

UsageTotal* find_total(std::vector<UsageTotal>& totals, const std::string& meter) {
    const auto found = std::ranges::find(totals, meter, &UsageTotal::meter);
    return found == totals.end() ? nullptr : &*found;
}

Quantity whole_micro(const Fraction& units) {
    // Rounded once to 10^-6 units, half away from zero: the same rule as for fen.
    return Quantity{rounded(units * Fraction{quantity_scale}).count()};
}

/// Puts `next` behind `so_far`, which holds the days before it.
Quantity joined(Aggregation aggregation, Quantity so_far, int days, Quantity next, int next_days) {
    switch (aggregation) {
        case Aggregation::sum:
        case Aggregation::count:
        case Aggregation::unique:
            return so_far + next;
        case Aggregation::max:
            return std::max(so_far, next);
        case Aggregation::latest:
            return next;
        case Aggregation::time_weighted: {
            const LevelDays levels[]{{so_far, days}, {next, next_days}};
            return whole_micro(weighted_quantity(levels, days + next_days));
        }
    }
    return next;
}

/// A meter without usage in one of the months counts as zero there.
void join(const PriceList& prices, PeriodFacts& group, const PeriodFacts& month) {
    const int days = group.period.days();
    for (auto& total : group.usage) {
        const auto* meter = find_meter(prices, total.meter);
        const auto next = std::ranges::find(month.usage, total.meter, &UsageTotal::meter);
        if (meter && next == month.usage.end() && meter->aggregation == Aggregation::time_weighted)
            total.quantity = joined(meter->aggregation, total.quantity, days, {}, month.period.days());
    }
    for (const auto& next : month.usage) {
        auto* total = find_total(group.usage, next.meter);
        const auto* meter = find_meter(prices, next.meter);
        const auto aggregation = meter ? meter->aggregation : Aggregation::sum;
        if (!total) total = &group.usage.emplace_back(UsageTotal{next.meter, {}, 0});
        total->quantity = joined(aggregation, total->quantity, days, next.quantity, month.period.days());
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
        groups.push_back(month);
        groups.back().full = full;
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
