// A subscription through time: which terms held on which days, where its periods lie, and what each bill of
// it is rated from. Preview, running cost, invoice and simulation all ask here.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/limits.hpp"
#include "billing/rating.hpp"

namespace wefee {

/// What a tenant has from a day on, until other terms begin.
struct SubscriptionTerms {
    CivilDay from;
    std::shared_ptr<const PriceList> prices;
    std::string plan;
    int anchor_day = 1;  // 1-31: where periods end
    std::vector<std::string> add_ons = {};
    std::vector<std::string> coupons = {};
    bool paused = false;  // nothing is had on these days, and nothing costs
};

struct Subscription {
    CivilDay started_on;
    bool trial = true;                              // the first days of a plan with a trial cost nothing
    std::optional<CivilDay> first_started_on = {};  // from when trials count; none: from its start
    std::optional<CivilDay> last_day = {};          // cancelled: this day is still billed (R5)
    std::vector<SubscriptionTerms> terms =
        {};  // days rise; of one day the last stands (R4: the day is the new one's)
    std::vector<SeatLevel> seats = {};          // likewise
    std::optional<Fen> budget_cap = {};         // hard cap of each bill, with tax
    std::optional<Thresholds> thresholds = {};  // metered amounts at which the period is billed in part
};

/// One meter's usage of one day; a period's total is the sum of its days.
struct UsageDay {
    std::string meter;
    CivilDay day;
    Quantity quantity = {};
    std::int64_t events = 0;
    std::vector<Fen> transactions = {};  // percentage prices only
};

/// What bills know of a period besides its terms.
struct PeriodUsage {
    std::vector<UsageDay> days = {};
    std::vector<LateUsage> late = {};
    std::map<std::string, Quantity> levels = {};  // of time-weighted meters, before the first of `days`
};

/// A level's usage in what is billed: the weighted quantity, and the sum of levels that makes its price
/// exact. Changes before it belong to its opening level, later ones to the next; paused days have none.
void weigh(UsageTotal& total, Quantity opening, const std::map<CivilDay, Quantity>& changes,
           const RatingInput& input);

/// The terms that hold on a day, which must not lie before the start.
const SubscriptionTerms& terms_on(const Subscription& subscription, CivilDay day);
const Plan& plan_on(const Subscription& subscription, CivilDay day);

/// The first day that costs anything under these terms.
CivilDay trial_end(const Subscription& subscription, const SubscriptionTerms& terms);
/// Whether the terms of the day are on trial then: such a day costs nothing, and the subscription is
/// TRIALING.
bool on_trial(const Subscription& subscription, CivilDay day);
/// The first day from `day` on that is not on trial, by the terms planned so far.
CivilDay trial_over(const Subscription& subscription, CivilDay day);

/// The seats that are had: none on paused days.
std::vector<SeatLevel> seats_in_use(const Subscription& subscription);

/// Where periods of a plan lie for who began on that day.
Anchor anchor_of(const Plan& plan, int anchor_day, CivilDay started_on);
/// Where periods lie under these terms.
Anchor anchor_of(const Subscription& subscription, const SubscriptionTerms& terms);

/// The billed period that begins on `start`: up to the next boundary, a change of the anchor day or to a plan
/// of another length, or the end of the subscription.
DaySpan period_from(const Subscription& subscription, CivilDay start);
/// The billed period that holds `day`, counted from the start of the subscription.
DaySpan period_holding(const Subscription& subscription, CivilDay day);

/// The stretches of `span` by plan and price list, each ready to be rated; days of the trial have none. A
/// stretch goes on after a pause, with the paused days left out of it.
std::vector<RatingPart> stretches(const Subscription& subscription, DaySpan span,
                                  const PeriodUsage& usage = {});

/// The fixed prices of the period from `start` that are billed before it; none after the end of the
/// subscription.
std::vector<RatingPart> advance_stretches(const Subscription& subscription, CivilDay start);
/// Leaves all but the period's own metered amounts out, as for a part of its bill.
void only_metered(std::vector<RatingPart>& parts);
/// Leaves what was billed in advance out of the bill of a period that is over.
void leave_out_advance(std::vector<RatingPart>& parts);

/// The fixed prices of the period from `start` where they are billed in advance, as a bill of their own: at
/// the start of the subscription, or when a trial that the period began in is over. No lines when nothing is
/// due.
RatedPeriod advance_bill(const Subscription& subscription, CivilDay start);
/// That of the first period.
RatedPeriod opening_bill(const Subscription& subscription);
/// What is due when `period` is over: its usage, its fixed prices unless they were billed in advance, and the
/// fixed prices of the next period where those are billed in advance. `without_next`: a change that began the
/// next period has charged it already, or it waits for the end of a trial.
RatedPeriod closing_bill(const Subscription& subscription, DaySpan period, const PeriodUsage& usage,
                         bool without_next = false);
/// What was metered in `period` so far, as a bill by itself: a part of the closing one.
RatedPeriod metered_bill(const Subscription& subscription, DaySpan period, const PeriodUsage& usage);
/// What `period` costs in all up to `last_part` or not: running cost and forecast.
RatedPeriod whole_period(const Subscription& subscription, DaySpan period, const PeriodUsage& usage);

}  // namespace wefee
