#include "billing/tenant_account.hpp"

#include <algorithm>
#include <utility>

#include "billing/error.hpp"
#include "billing/invoiced.hpp"
#include "billing/late_bill.hpp"
#include "billing/rating_parts.hpp"
#include "billing/splits.hpp"

namespace wefee {

TenantAccount::TenantAccount(Subscription subscription)
    : TenantAccount(std::move(subscription), std::nullopt) {}

TenantAccount::TenantAccount(Subscription subscription, std::optional<KnownAdvance> known)
    : subscription_(std::move(subscription)),
      today_(subscription_.started_on),
      period_(period_from(subscription_, subscription_.started_on)),
      known_(known) {
    advance_waits_ = advance_waits_at(period_.start);
    if (!advance_waits_) bill_advance();
}

bool TenantAccount::advance_waits_at(CivilDay start) const {
    return known_ && known_->start == start ? known_->waits : on_trial(subscription_, start);
}

void TenantAccount::bill_advance() {
    advance_waits_ = false;
    auto bill = advance_bill(subscription_, period_.start);
    billed_ = billed_in_advance(bill, period_.start);
    if (!bill.lines.empty()) issue(IssuedInvoice::Cause::opening, period_, std::move(bill));
}

/// Where the trial is over on a day up to `by`, what waited for it is billed on that day.
void TenantAccount::end_trial(CivilDay by) {
    if (over_ || !advance_waits_ || (known_ && known_->start == period_.start)) return;
    const auto first = trial_over(subscription_, today_);
    if (by < first || period_.end <= first) return;
    today_ = first;
    bill_advance();
}

void TenantAccount::reach(CivilDay day) {
    if (day < today_) throw Error(Errc::invalid_value, "days never go back: " + format_day(day));
    while (!over_ && period_.end <= day) {
        end_trial(day);
        today_ = period_.end;
        close_period();
    }
    end_trial(day);
    if (over_ && !late_.empty() && today_ < day) {
        today_ = add_days(today_, 1);
        bill_late();
    }
    today_ = day;
}

void TenantAccount::issue(IssuedInvoice::Cause cause, DaySpan period, RatedPeriod bill) {
    const bool of_terms = cause != IssuedInvoice::Cause::correction && cause != IssuedInvoice::Cause::one_off;
    if (of_terms) books_.push_back({cause, period, bill});
    IssuedInvoice invoice{.cause = cause, .day = today_, .period = period, .bill = std::move(bill)};
    if (invoice.bill.total < Fen{}) {
        balance_ -= invoice.bill.total;  // a bill below zero is owed to the tenant
        invoice.adjusted = invoice.bill.total;
    } else {
        const auto use = use_credit(balance_, invoice.bill.total);
        invoice.credit_used = balance_ - use.credit_left;
        balance_ = use.credit_left;
    }
    if (invoice.due() == Fen{}) invoice.state = create<InvoiceState>(InvoiceEvent::finalised_zero).value();
    invoices_.push_back(std::move(invoice));
}

void TenantAccount::close_period() {
    const auto period = period_;
    auto usage = usage_of(period, events_, levels_);
    usage.late = late_usage();
    const bool next_waits = !next_is_billed_ && advance_waits_at(period.end);
    auto whole = closing_bill(subscription_, period, usage, next_is_billed_ || next_waits);
    settle_late(whole);
    if (!next_is_billed_) billed_ = billed_in_advance(whole, period.end);
    auto bill = less_invoiced(std::move(whole), joined(std::exchange(parts_, {}), JoinBy::line));
    closed_.push_back({period, std::exchange(events_, {}), levels_});
    for (const auto& day : usage.days)
        if (meter_of(day.meter, period.start).aggregation == Aggregation::time_weighted)
            levels_[day.meter] = levels_[day.meter] + day.quantity;
    next_is_billed_ = false;
    over_ = subscription_.last_day && *subscription_.last_day < period.end;
    if (!over_) period_ = period_from(subscription_, period.end);
    advance_waits_ = !over_ && next_waits;
    if (const auto kept = keep_below_zero(bill)) keep(period, *kept);
    issue(IssuedInvoice::Cause::period, period, std::move(bill));
}

/// What earlier parts of the period took too much.
void TenantAccount::keep(DaySpan period, const CreditNote& kept) {
    const auto title = std::string{"转入账户余额"};
    credit_notes_.push_back({today_, account_credit_item(), kept, Fen{}, Fen{}, kept.total, title});
    books_.push_back({IssuedInvoice::Cause::period, period,
                      bill_of_credit(account_credit_item(), title, period, kept.net, kept.tax)});
    balance_ += kept.total;
}

const Meter& TenantAccount::meter_of(const std::string& code, CivilDay day) const {
    const auto* meter = find_meter(*terms_on(subscription_, day).prices, code);
    if (!meter) throw Error(Errc::invalid_value, "", {{"/meter", "is not a meter of the price list"}});
    return *meter;
}

/// Events in their order as day rows, with the transactions of percentage prices.
PeriodUsage TenantAccount::usage_of(DaySpan period, const std::vector<UsageEvent>& events,
                                    const Levels& levels) const {
    PeriodUsage usage;
    usage.levels = levels;
    std::map<std::string, std::vector<UsageEvent>> by_meter;
    for (const auto& event : events) by_meter[event.meter].push_back(event);
    for (auto& [code, of_meter] : by_meter) {
        const auto& meter = meter_of(code, period.start);
        const auto level = levels.find(code);
        std::ranges::sort(of_meter, {}, [](const UsageEvent& event) {
            return UsageOrder{event.occurred_at, event.sequence, event.id};
        });
        for (const auto& [day, row] :
             day_rows(meter, of_meter, level == levels.end() ? Quantity{} : level->second)) {
            UsageDay one{.meter = code, .day = day, .quantity = row.quantity, .events = row.events};
            for (const auto& event : of_meter)
                if (civil_day(event.occurred_at) == day && measure(meter, event).counts)
                    one.transactions.push_back(rounded(in_units(event.quantity) * Fraction{100}));
            usage.days.push_back(std::move(one));
        }
    }
    return usage;
}

void TenantAccount::use(UsageEvent event) {
    const auto day = civil_day(event.occurred_at);
    if (day < subscription_.started_on)
        throw Error(Errc::invalid_value, "", {{"/occurred_on", "lies before the subscription's start"}});
    const auto& meter = meter_of(event.meter, day);
    if (const auto problem = usage_problem(meter, event))
        throw Error(Errc::invalid_value, "", {{problem->field, problem->text}});
    if (!over_ && day >= period_.start) {
        events_.push_back(std::move(event));
        return check_thresholds();
    }
    const auto found = std::ranges::find_if(closed_, [&](const ClosedPeriod& closed) {
        return closed.period.start <= day && day < closed.period.end;
    });
    if (found == closed_.end())
        throw Error(Errc::invalid_value, "", {{"/occurred_on", "lies outside the subscription"}});
    const auto code = event.meter;
    const auto change = event.quantity;
    found->events.push_back(std::move(event));
    late_[found->period.start].insert(code);
    if (meter.aggregation != Aggregation::time_weighted) return;
    for (auto later = std::next(found); later != closed_.end();
         ++later) {  // the level was another ever since
        later->levels[code] = later->levels[code] + change;
        late_[later->period.start].insert(code);
    }
    levels_[code] = levels_[code] + change;
}

/// R11: each part is the whole so far less the parts before it.
void TenantAccount::check_thresholds() {
    if (over_ || !subscription_.thresholds) return;
    auto part = threshold_bill(*subscription_.thresholds,
                               metered_bill(subscription_, period_, usage_of(period_, events_, levels_)),
                               joined(parts_, JoinBy::line));
    if (!part) return;
    parts_.push_back(*part);
    issue(IssuedInvoice::Cause::threshold, period_, std::move(*part));
}

std::vector<LateUsage> TenantAccount::late_usage() const {
    std::vector<LateUsage> all;
    for (const auto& closed : closed_) {
        const auto meters = late_.find(closed.period.start);
        if (meters == late_.end()) continue;
        LateUsage late{.period = closed.period,
                       .parts = stretches(subscription_, closed.period,
                                          usage_of(closed.period, closed.events, closed.levels)),
                       .meters = {}};
        for (const auto& meter : meters->second) late.meters.push_back({meter});
        for (const auto& [cause, period, bill] : books_) {
            const bool of_usage =
                cause == IssuedInvoice::Cause::period || cause == IssuedInvoice::Cause::threshold;
            for (const auto& line : bill.lines)
                if (of_usage && period.start == closed.period.start)
                    add_invoiced(late.already, line.kind, line.item_code, line.amount());
            for (const auto& billed : bill.late)
                if (billed.period.start == closed.period.start)
                    add_invoiced(late.already, billed.item, billed.amount);
        }
        all.push_back(std::move(late));
    }
    return all;
}

/// What stays is a credit that the bill had no room for.
void TenantAccount::settle_late(const RatedPeriod& bill) {
    if (bill.lines.empty()) return;
    std::erase_if(late_, [&](const auto& waiting) {
        return std::ranges::none_of(bill.late, [&](const LateBilled& one) {
            return one.period.start == waiting.first && one.rest != Fen{};
        });
    });
}

/// No later period would bill it.
void TenantAccount::bill_late() {
    std::vector<RatedPeriod> invoiced;
    for (const auto& [cause, period, bill] : books_)
        if (period == period_ &&
            (cause == IssuedInvoice::Cause::period || cause == IssuedInvoice::Cause::threshold ||
             cause == IssuedInvoice::Cause::late_usage))
            invoiced.push_back(bill);
    auto bill = late_bill(subscription_, period_, late_usage(), joined(invoiced, JoinBy::line));
    late_.clear();
    if (bill.lines.empty()) return;
    const auto kept = keep_below_zero(bill);
    issue(IssuedInvoice::Cause::late_usage, period_, std::move(bill));
    if (kept) keep(period_, *kept);
}

RatedPeriod TenantAccount::running_cost() const {
    if (over_) return {};
    auto usage = usage_of(period_, events_, levels_);
    usage.late = late_usage();
    return whole_period(subscription_, period_, usage);
}

void TenantAccount::order(const std::string& one_off, std::int64_t quantity) {
    if (over_) throw Error(Errc::wrong_state, "the subscription has ended");
    const auto& prices = *terms_on(subscription_, today_).prices;
    if (!find_one_off(prices, one_off))
        throw Error(Errc::invalid_value, "", {{"/code", "is not a one-off item of the price list"}});
    const std::array orders{OneOffOrder{one_off, quantity}};
    issue(IssuedInvoice::Cause::one_off, period_, one_off_bill(prices, orders, today_));
}

ChangeBill TenantAccount::quote(const TermsWish& wish, bool at_period_end) const {
    if (over_) throw Error(Errc::wrong_state, "the subscription has ended");
    const auto after = changed(subscription_, wish, day_of(at_period_end));
    return at_period_end || advance_waits_ ? ChangeBill{}
                                           : change_bill(subscription_, after, today_, billed_);
}

ChangeBill TenantAccount::change(const TermsWish& wish, bool at_period_end) {
    if (over_) throw Error(Errc::wrong_state, "the subscription has ended");
    auto after = changed(subscription_, wish, day_of(at_period_end));
    if (at_period_end) {
        subscription_ = std::move(after);
        return {};
    }
    return settle(after, today_);
}

ChangeBill TenantAccount::cancel(bool at_period_end) {
    if (over_) throw Error(Errc::wrong_state, "the subscription has ended");
    const auto last = at_period_end ? add_days(period_.end, -1) : today_;
    return settle(cancelled(subscription_, last), add_days(last, 1));
}

/// What the open period costs in advance is billed later, on the terms that hold then.
void TenantAccount::follow(const Subscription& after) {
    subscription_ = after;
    period_ = period_from(after, period_.start);
    if (period_.start < period_.end && period_.end <= today_)
        close_period();  // a change of its length ends it
    end_trial(today_);
    check_thresholds();
}

/// From `from` on the account follows `after`: credits first, so that they pay for what is charged.
ChangeBill TenantAccount::settle(const Subscription& after, CivilDay from) {
    if (advance_waits_) {
        follow(after);
        return {};
    }
    auto settled = settle_change(subscription_, after, from, period_, billed_);
    const auto& bill = settled.bill;
    for (const auto& credit : bill.credits) {
        credit_notes_.push_back({today_,
                                 credit.item_code,
                                 {credit.net, credit.tax, credit.total},
                                 credit.gross - credit.net,
                                 Fen{},
                                 credit.total,
                                 credit.text});
        books_.push_back(
            {IssuedInvoice::Cause::change, period_,
             bill_of_credit(credit.item_code, credit.title, credit.unused, credit.net, credit.tax)});
        take_credit(billed_, credit.item_code, credit.gross);
    }
    balance_ += bill.credit_total;
    subscription_ = after;
    period_ = settled.period;
    next_is_billed_ = settled.begins_period;
    if (settled.begins_period) billed_.clear();
    add_billed(billed_, bill.charge);
    if (!bill.charge.lines.empty()) issue(IssuedInvoice::Cause::change, period_, bill.charge);
    if (settled.begins_period && period_.start < period_.end) close_period();
    check_thresholds();  // usage of today has the new terms' prices
    return std::move(settled.bill);
}

}  // namespace wefee
