// What a stored period costs: the one way from rows to billing's rating, for running cost, preview and
// invoice.
#pragma once

#include "billing/subscription.hpp"
#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;
class PriceLists;

/// A period with all that its prices need: what rate_period() takes. Without `period_start` the open one.
io::awaitable<std::optional<storage::PeriodView>> load_rated_period(
    App& app, SubscriptionId id, std::optional<CivilDay> period_start = {});

/// The open periods of many, in the order asked.
io::awaitable<std::vector<std::optional<storage::PeriodView>>> load_rated_periods(
    App& app, std::vector<SubscriptionId> ids);

/// The same with what the prices of these terms need too, which may not be stored yet.
io::awaitable<std::optional<storage::PeriodView>> load_rated_period(App& app, SubscriptionId id,
                                                                    CivilDay period_start,
                                                                    const Subscription& terms);

/// What rate() is given for the period [start, end) that `view` was loaded for, its budget's hard cap
/// included, as if all of it were on the terms of its last day and none on trial or paused: for comparing
/// plans and for the price of a next unit.
RatingInput rating_input(PriceLists& lists, const storage::PeriodView& view, DaySpan period);

/// What that period costs in all; days of the trial cost nothing.
RatedPeriod rate_period(PriceLists& lists, const storage::PeriodView& view, DaySpan period);

/// The open period's fixed prices where they are billed in advance: due when the subscription begins, or when
/// the trial that the period began in is over.
RatedPeriod rate_opening(PriceLists& lists, const storage::PeriodView& view);
/// Whether the fees in advance of the period after the open one are billed when a trial is over, and not
/// before.
bool next_waits(const Subscription& subscription, const storage::PeriodView& view);
/// What is due when the open period of `view` is over: without what was billed in advance for it or invoiced
/// at thresholds, with what is billed in advance for the next. Below zero where usage fell after it was
/// invoiced.
RatedPeriod rate_closing(PriceLists& lists, const storage::PeriodView& view);
/// What is due now because metered amounts of the open period have reached a threshold of the subscription;
/// none where they have not.
std::optional<RatedPeriod> rate_threshold(PriceLists& lists, const storage::PeriodView& view);
/// What of the open period's cost no invoice has: without what was billed in advance for it or at thresholds.
RatedPeriod rate_unbilled(PriceLists& lists, const storage::PeriodView& view);

/// What a closed period's bill should have come to under these terms, `with_next` the fees in advance of the
/// next one included. `view`: with that period's usage; nothing in it counts as late.
RatedPeriod rate_closed(const Subscription& subscription, const storage::PeriodView& view, DaySpan period,
                        bool with_next);

/// What late usage of a subscription that has ended adds to what its last period's bills, as stored, came to.
RatedPeriod rate_late(PriceLists& lists, const storage::PeriodView& view, std::vector<RatedPeriod> invoiced);

/// The period of `view` that starts on `start`: its open one, or one after it.
DaySpan period_from(PriceLists& lists, const storage::PeriodView& view, CivilDay start);

/// A rated line as it is stored and shown.
storage::InvoiceLineRow line_row(const RatedLine& line, const InvoiceId& invoice, const TenantId& tenant,
                                 std::int64_t position, const storage::PriceListRow& prices);

/// The days that a stored line is for.
std::optional<DaySpan> days_of(const storage::InvoiceLineRow& row);

}  // namespace wefee::server
