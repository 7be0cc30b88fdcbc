#include "billing/account.hpp"

#include <algorithm>
#include <array>

#include "billing/error.hpp"
#include "billing/rating_parts.hpp"
#include "billing/splits.hpp"

namespace wefee {
namespace {

constexpr std::array<std::string_view, 3> cause_names{"opening", "period", "change"};

void add_billed(std::vector<BilledItem>& billed, std::string_view code, Fen amount) {
    const auto known = std::ranges::find(billed, code, &BilledItem::item_code);
    if (known == billed.end())
        billed.push_back({std::string(code), amount});
    else
        known->left += amount;
}

Fen usage_invoiced(const RatedPeriod& bill, const std::string& meter) {
    Fen sum{};
    for (const auto& line : bill.lines) {
        const auto item = item_of(line.item_code);
        if (item == meter || item.starts_with(meter + ".")) sum += line.amount();
    }
    return sum;
}

}  // namespace

std::string_view invoice_cause_name(IssuedInvoice::Cause cause) { return cause_names.at(static_cast<std::size_t>(cause)); }

Account::Account(Subscription subscription)
    : subscription_(std::move(subscription)), today_(subscription_.started_on),
      period_(period_from(subscription_, subscription_.started_on)) {
    auto bill = opening_bill(subscription_);
    billed_ = billed_in_advance(bill, period_.start);
    if (!bill.lines.empty()) issue(IssuedInvoice::Cause::opening, period_, std::move(bill));
}

void Account::reach(CivilDay day) {
    if (day < today_) throw Error(Errc::invalid_value, "days never go back: " + format_day(day));
    while (!over_ && period_.end <= day) {
        today_ = period_.end;
        close_period();
    }
    today_ = day;
}

void Account::issue(IssuedInvoice::Cause cause, DaySpan period, RatedPeriod bill) {
    IssuedInvoice invoice{.cause = cause, .day = today_, .period = period, .bill = std::move(bill)};
    if (invoice.bill.total < Fen{}) {
        balance_ -= invoice.bill.total;  // a bill below zero is owed to the tenant
        invoice.adjusted = invoice.bill.total;
    } else {
        const auto use = use_credit(balance_, invoice.bill.total);
        invoice.credit_used = balance_ - use.credit_left;
        balance_ = use.credit_left;
    }
    invoices_.push_back(std::move(invoice));
}

void Account::close_period() {
    const auto period = period_;
    auto bill = closing_bill(subscription_, period, usage_, next_is_billed_);
    if (!next_is_billed_) billed_ = billed_in_advance(bill, period.end);
    closed_.push_back({period, std::move(usage_)});
    usage_ = {};
    next_is_billed_ = false;
    over_ = subscription_.last_day && *subscription_.last_day < period.end;
    if (!over_) period_ = period_from(subscription_, period.end);
    issue(IssuedInvoice::Cause::period, period, std::move(bill));
}

void Account::use(UsageDay usage) {
    if (!over_ && usage.day >= period_.start) {
        usage_.days.push_back(std::move(usage));
        return;
    }
    const auto found = std::ranges::find_if(closed_, [&](const ClosedPeriod& closed) {
        return closed.period.start <= usage.day && usage.day < closed.period.end;
    });
    if (found == closed_.end()) throw Error(Errc::invalid_value, "usage of " + format_day(usage.day) + " lies outside the subscription");
    const auto meter = usage.meter;
    found->usage.days.push_back(std::move(usage));
    LateUsage late{found->period, {meter, {}, 0}, Fen{}};
    for (const auto& day : found->usage.days)
        if (day.meter == meter) {
            late.total.quantity = late.total.quantity + day.quantity;
            late.total.events += day.events;
            late.total.transactions.insert(late.total.transactions.end(), day.transactions.begin(), day.transactions.end());
        }
    for (const auto& invoice : invoices_)
        if (invoice.cause == IssuedInvoice::Cause::period && invoice.period == found->period)
            late.already_invoiced += usage_invoiced(invoice.bill, meter);
    std::erase_if(usage_.late, [&](const LateUsage& other) { return other.period == late.period && other.total.meter == meter; });
    usage_.late.push_back(std::move(late));
}

RatedPeriod Account::running_cost() const { return over_ ? RatedPeriod{} : whole_period(subscription_, period_, usage_); }

ChangeBill Account::quote(const TermsWish& wish, bool at_period_end) const {
    if (over_) throw Error(Errc::wrong_state, "the subscription has ended");
    const auto after = changed(subscription_, wish, day_of(at_period_end));
    return at_period_end ? ChangeBill{} : change_bill(subscription_, after, today_, billed_);
}

ChangeBill Account::change(const TermsWish& wish, bool at_period_end) {
    if (over_) throw Error(Errc::wrong_state, "the subscription has ended");
    auto after = changed(subscription_, wish, day_of(at_period_end));
    if (at_period_end) {
        subscription_ = std::move(after);
        return {};
    }
    return settle(after, today_);
}

ChangeBill Account::cancel(bool at_period_end) {
    if (over_) throw Error(Errc::wrong_state, "the subscription has ended");
    const auto last = at_period_end ? add_days(period_.end, -1) : today_;
    return settle(cancelled(subscription_, last), add_days(last, 1));
}

/// From `from` on the account follows `after`: credits first, so that they pay for what is charged.
ChangeBill Account::settle(const Subscription& after, CivilDay from) {
    auto bill = from < period_.end ? change_bill(subscription_, after, from, billed_) : ChangeBill{};
    for (const auto& credit : bill.credits) {
        credit_notes_.push_back({today_, credit.item_code, {credit.net, credit.tax, credit.total}, Fen{}, credit.total,
                                 credit.text});
        add_billed(billed_, credit.item_code, -credit.net);
    }
    balance_ += bill.credit_total;
    const auto old_end = period_.end;
    subscription_ = after;
    period_ = period_from(subscription_, period_.start);
    const bool begins_period = from == period_.end && from < old_end && !after.last_day;
    next_is_billed_ = begins_period;
    if (begins_period) billed_.clear();
    for (const auto& line : bill.charge.lines)
        if (line.kind <= LineKind::seats) add_billed(billed_, item_of(line.item_code), line.amount());
    if (!bill.charge.lines.empty()) issue(IssuedInvoice::Cause::change, period_, bill.charge);
    if (begins_period && period_.start < period_.end) close_period();
    return bill;
}

void Account::pay(std::size_t invoice, Fen amount) { invoices_.at(invoice).received += amount; }

std::vector<Fen> Account::transfer(Fen amount) {
    std::vector<Fen> open;
    for (const auto& invoice : invoices_) open.push_back(std::max(Fen{}, invoice.due()));
    const auto spread = spread_oldest_first(amount, open);
    for (std::size_t i = 0; i < invoices_.size(); ++i) invoices_[i].received += spread.applied[i];
    balance_ += spread.unused;
    return spread.applied;
}

const IssuedCreditNote& Account::credit(std::size_t index, std::string_view line_code, Fen part) {
    auto& invoice = invoices_.at(index);
    const auto line = std::ranges::find(invoice.bill.lines, line_code, &RatedLine::item_code);
    if (line == invoice.bill.lines.end() || line->amount() < part || part <= Fen{})
        throw Error(Errc::invalid_value, "no such line, or less was billed on it", {{"/line", std::string(line_code)}});
    Fen discount{}, goods{};
    for (const auto& one : invoice.bill.lines) {
        if (one.kind == LineKind::coupon) discount -= one.amount();
        if (one.kind == LineKind::coupon || one.kind == LineKind::tax) continue;
        goods += std::max(one.amount(), Fen{});
    }
    const auto share = goods == Fen{} ? Fraction{} : Fraction{discount} * Fraction{part.count(), goods.count()};
    const int rate = terms_on(subscription_, line->period.start).prices->tax_basis_points;
    const auto amounts = credit_note(Fraction{part} - share, rate);
    const auto way = refundable(invoice.bill.total - invoice.adjusted, invoice.received + invoice.credit_used, amounts.total);
    const auto cash = std::min(way.refund, invoice.received);
    IssuedCreditNote note{today_, std::string(line_code), amounts, cash, way.refund - cash, line->formula.text};
    balance_ += note.kept;
    invoice.credit_used -= note.kept;
    invoice.adjusted += note.note.total;
    invoice.received -= note.refunded;
    credit_notes_.push_back(std::move(note));
    return credit_notes_.back();
}

}  // namespace wefee
