// Terms cut a period into stretches; one plan on one price list is one stretch, so that each line is rounded
// once.
#include "billing/subscription.hpp"

#include <algorithm>
#include <map>

#include "billing/error.hpp"
#include "billing/usage.hpp"

namespace wefee {
namespace {

const SubscriptionTerms* find_terms(const Subscription& subscription, CivilDay day) {
    const SubscriptionTerms* found = nullptr;
    for (const auto& terms : subscription.terms)
        if (terms.from <= day) found = &terms;
    return found;
}

const Plan& plan_of(const SubscriptionTerms& terms) {
    const auto* plan = find_plan(*terms.prices, terms.plan);
    if (!plan) throw Error(Errc::invalid_value, "plan " + terms.plan + " is not on the price list");
    return *plan;
}

/// The days on which other terms begin, inside `span` and after its first day.
std::vector<CivilDay> changes_in(const Subscription& subscription, DaySpan span) {
    std::vector<CivilDay> days;
    for (const auto& terms : subscription.terms)
        if (span.start < terms.from && terms.from < span.end && (days.empty() || days.back() != terms.from))
            days.push_back(terms.from);
    return days;
}

bool same_price(const SubscriptionTerms& a, const SubscriptionTerms& b) {
    return a.plan == b.plan && a.prices->id == b.prices->id && a.prices->version == b.prices->version;
}

/// Adds the add-ons of some days to those of the stretch; one that goes on is one span.
void use_add_ons(std::vector<AddOn>& add_ons, const std::vector<std::string>& codes, DaySpan days) {
    for (const auto& code : codes) {
        const auto goes_on = std::ranges::find_if(add_ons, [&](const AddOn& add_on) {
            return add_on.code == code && add_on.days.end == days.start;
        });
        if (goes_on == add_ons.end())
            add_ons.push_back({code, days});
        else
            goes_on->days.end = days.end;
    }
}

std::vector<UsageTotal> totals_of(const PriceList& prices, const PeriodUsage& usage,
                                  const RatingInput& input) {
    std::map<std::string, UsageTotal> totals;
    std::map<std::string, std::map<CivilDay, Quantity>> changes;  // of levels
    const auto is_level = [&](const std::string& code) {
        const auto* meter = find_meter(prices, code);
        return meter && meter->aggregation == Aggregation::time_weighted;
    };
    for (const auto& day : usage.days) {
        auto& change = changes[day.meter][day.day];
        change = change + day.quantity;
        if (!is_counted(input, find_meter(prices, day.meter), day.day)) continue;
        auto& total = totals[day.meter];
        total.meter = day.meter;
        total.quantity = total.quantity + day.quantity;
        total.events += day.events;
        total.transactions.insert(total.transactions.end(), day.transactions.begin(), day.transactions.end());
    }
    for (const auto& [meter, level] : usage.levels) changes[meter];
    for (const auto& [meter, of_level] : changes) {
        if (!is_level(meter)) continue;
        auto& total = totals[meter];
        total.meter = meter;
        const auto opening = usage.levels.find(meter);
        weigh(total, opening == usage.levels.end() ? Quantity{} : opening->second, of_level, input);
    }
    std::vector<UsageTotal> result;
    for (auto& [meter, total] : totals) result.push_back(std::move(total));
    return result;
}

bool has_usage_price(const Plan& plan, const std::string& meter) {
    return std::ranges::find(plan.usage, meter, &UsageCharge::meter) != plan.usage.end();
}

}  // namespace

void weigh(UsageTotal& total, Quantity opening, const std::map<CivilDay, Quantity>& changes,
           const RatingInput& input) {
    const auto span = input.period;
    std::map<CivilDay, Quantity> within;
    for (const auto& [day, change] : changes) {
        if (day < span.start) opening = opening + change;
        if (span.start <= day && day < span.end) within[day] = change;
    }
    for (const auto& pause : input.pauses) {  // the level falls to nothing, and is there again
        within.try_emplace(pause.start);
        within.try_emplace(pause.end);
    }
    auto level = opening, had = opening;
    for (auto& [day, change] : within) {
        level = level + change;
        const auto now = in_use(input, day) ? level : Quantity{};
        change = now - had;
        had = now;
    }
    set_unit_days(total, unit_days_of(opening, within, span), input.full.days());
}

const SubscriptionTerms& terms_on(const Subscription& subscription, CivilDay day) {
    const auto* terms = find_terms(subscription, day);
    if (!terms) throw Error(Errc::invalid_value, "no terms hold on " + format_day(day));
    return *terms;
}

const Plan& plan_on(const Subscription& subscription, CivilDay day) {
    return plan_of(terms_on(subscription, day));
}

CivilDay trial_end(const Subscription& subscription, const SubscriptionTerms& terms) {
    if (!subscription.trial) return subscription.started_on;
    return add_days(subscription.first_started_on.value_or(subscription.started_on),
                    plan_of(terms).trial_days);
}

bool on_trial(const Subscription& subscription, CivilDay day) {
    return day < trial_end(subscription, terms_on(subscription, day));
}

CivilDay trial_over(const Subscription& subscription, CivilDay day) {
    while (on_trial(subscription, day)) {
        const auto end = trial_end(subscription, terms_on(subscription, day));
        const auto changes = changes_in(subscription, {day, end});
        day = changes.empty() ? end : changes.front();
    }
    return day;
}

std::vector<SeatLevel> seats_in_use(const Subscription& subscription) {
    const auto paused = [](const SubscriptionTerms& terms) { return terms.paused; };
    if (subscription.seats.empty() || std::ranges::none_of(subscription.terms, paused))
        return subscription.seats;
    std::vector<SeatLevel> levels;
    auto level = subscription.seats.begin();
    auto terms = subscription.terms.begin();
    const auto levels_end = subscription.seats.end();
    const auto terms_end = subscription.terms.end();
    std::int64_t seats = 0;
    bool is_paused = false;
    while (level != levels_end || terms != terms_end) {
        const bool level_first = terms == terms_end || (level != levels_end && level->day <= terms->from);
        const auto day = level_first ? level->day : terms->from;
        for (; level != levels_end && level->day == day; ++level) seats = level->seats;
        for (; terms != terms_end && terms->from == day; ++terms) is_paused = terms->paused;
        levels.push_back({day, is_paused ? 0 : seats});
    }
    return levels;
}

Anchor anchor_of(const Plan& plan, int anchor_day, CivilDay started_on) {
    if (plan.weeks > 0) return {.weeks = plan.weeks, .first = started_on};
    return {.day = anchor_day, .months = plan.months, .origin = started_on.year() / started_on.month()};
}

Anchor anchor_of(const Subscription& subscription, const SubscriptionTerms& terms) {
    return anchor_of(plan_of(terms), terms.anchor_day, subscription.started_on);
}

DaySpan period_from(const Subscription& subscription, CivilDay start) {
    const auto& terms = terms_on(subscription, start);
    DaySpan period{start, boundary_after(start, anchor_of(subscription, terms))};
    for (const auto day : changes_in(subscription, period)) {
        const auto& later = terms_on(subscription, day);
        if (anchor_of(subscription, later) == anchor_of(subscription, terms)) continue;
        period.end = day;
        break;
    }
    if (subscription.last_day) period.end = std::min(period.end, add_days(*subscription.last_day, 1));
    return period;
}

DaySpan period_holding(const Subscription& subscription, CivilDay day) {
    auto period = period_from(subscription, subscription.started_on);
    while (period.end <= day && period.start < period.end) period = period_from(subscription, period.end);
    return period;
}

std::vector<RatingPart> stretches(const Subscription& subscription, DaySpan span, const PeriodUsage& usage) {
    if (span.start >= span.end) return {};
    auto starts = changes_in(subscription, span);
    starts.insert(starts.begin(), span.start);
    std::vector<RatingPart> parts;
    const auto seats = seats_in_use(subscription);
    const SubscriptionTerms* before = nullptr;
    auto reached = span.start;  // the end of the stretch before, or of pauses that follow it
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const auto& terms = terms_on(subscription, starts[i]);
        const DaySpan days{std::max(starts[i], trial_end(subscription, terms)),
                           i + 1 < starts.size() ? starts[i + 1] : span.end};
        if (days.start >= days.end) continue;
        if (terms.paused) {
            if (reached == days.start) reached = days.end;
            continue;
        }
        const bool goes_on = before && same_price(*before, terms) && reached == days.start;
        if (goes_on && parts.back().input.period.end < days.start)
            parts.back().input.pauses.push_back({parts.back().input.period.end, days.start});
        if (!goes_on) {
            RatingInput input;
            input.plan = terms.plan;
            input.period = days;
            input.full = full_period(days.start, anchor_of(subscription, terms));
            input.seats = seats;
            input.budget_cap = subscription.budget_cap;
            parts.push_back({terms.prices.get(), std::move(input)});
        }
        auto& input = parts.back().input;
        input.period.end = reached = days.end;
        input.coupons = terms.coupons;
        use_add_ons(input.add_ons, terms.add_ons, days);
        before = &terms;
    }
    for (auto& [prices, input] : parts) {
        input.usage = totals_of(*prices, usage, input);
        const auto& plan = *find_plan(*prices, input.plan);
        std::erase_if(input.usage,
                      [&](const UsageTotal& total) { return !has_usage_price(plan, total.meter); });
    }
    return parts;
}

namespace {

bool in_advance(const RatingPart& part) {
    return find_plan(*part.prices, part.input.plan)->timing == Timing::advance;
}

RatedPeriod bill(const std::vector<RatingPart>& parts, std::span<const LateUsage> late = {}) {
    return parts.empty() ? RatedPeriod{} : rate(parts, late);
}

}  // namespace

std::vector<RatingPart> advance_stretches(const Subscription& subscription, CivilDay start) {
    std::vector<RatingPart> parts;
    if (subscription.last_day && *subscription.last_day < start) return parts;
    for (auto& part : stretches(subscription, period_from(subscription, start)))
        if (in_advance(part)) {
            part.input.portion = Portion::fixed;
            part.input.last_part = false;
            parts.push_back(std::move(part));
        }
    return parts;
}

void leave_out_advance(std::vector<RatingPart>& parts) {
    for (auto& part : parts)
        if (in_advance(part)) part.input.portion = Portion::usage;
}

void only_metered(std::vector<RatingPart>& parts) {
    for (auto& [prices, input] : parts) {
        input.portion = Portion::usage;
        input.last_part = false;
    }
}

RatedPeriod advance_bill(const Subscription& subscription, CivilDay start) {
    return bill(advance_stretches(subscription, start));
}

RatedPeriod opening_bill(const Subscription& subscription) {
    return advance_bill(subscription, subscription.started_on);
}

RatedPeriod closing_bill(const Subscription& subscription, DaySpan period, const PeriodUsage& usage,
                         bool without_next) {
    auto parts = stretches(subscription, period, usage);
    leave_out_advance(parts);
    if (!without_next)
        std::ranges::move(advance_stretches(subscription, period.end), std::back_inserter(parts));
    return bill(parts, usage.late);
}

RatedPeriod metered_bill(const Subscription& subscription, DaySpan period, const PeriodUsage& usage) {
    auto parts = stretches(subscription, period, usage);
    only_metered(parts);
    return bill(parts);
}

RatedPeriod whole_period(const Subscription& subscription, DaySpan period, const PeriodUsage& usage) {
    return bill(stretches(subscription, period, usage), usage.late);
}

}  // namespace wefee
