#include "billing/late_bill.hpp"

#include <algorithm>
#include <array>

#include "billing/invoiced.hpp"
#include "billing/rating_parts.hpp"

namespace wefee {
namespace {

using rating::DueLine;

/// Lines that are worked out from all the others.
bool is_of_the_whole(const RatedLine& line) {
    return line.kind == LineKind::coupon || line.kind == LineKind::tax ||
           item_of(line.item_code) == budget_cap_item();
}

std::vector<DueLine> due_of(const Subscription& subscription, const RatedPeriod& invoiced) {
    std::vector<DueLine> due;
    for (const auto& line : invoiced.lines) {
        if (is_of_the_whole(line)) continue;
        const auto& terms = terms_on(subscription, std::max(line.period.start, subscription.started_on));
        due.push_back({line, terms.prices->tax_basis_points});
    }
    return due;
}

RatedLine* find_line(std::vector<RatedLine>& lines, const std::string& code) {
    const auto found = std::ranges::find(lines, code, &RatedLine::item_code);
    return found == lines.end() ? nullptr : &*found;
}

/// Where an earlier bill had late usage of the item too, the line has both.
void add(std::vector<DueLine>& due, RatedLine line, int tax_basis_points) {
    const auto known =
        std::ranges::find(due, line.item_code, [](const DueLine& one) { return one.line.item_code; });
    if (known == due.end())
        due.push_back({std::move(line), tax_basis_points});
    else
        known->line.formula.amount += line.amount();
}

/// What was invoiced has gone; late lines are told as themselves.
void only_late(RatedPeriod& bill, const std::vector<RatedLine>& late) {
    for (const auto& line : late) find_line(bill.lines, line.item_code)->formula = line.formula;
    std::erase_if(bill.lines, [&](const RatedLine& line) {
        return line.amount() == Fen{} &&
               std::ranges::find(late, line.item_code, &RatedLine::item_code) == late.end();
    });
}

}  // namespace

RatedPeriod late_bill(const Subscription& subscription, DaySpan period, std::span<const LateUsage> late,
                      const RatedPeriod& invoiced) {
    const auto& terms = terms_on(subscription, add_days(period.end, -1));
    auto due = due_of(subscription, invoiced);
    auto [lines, billed] = rating::late_lines(late, std::nullopt);
    for (auto& line : lines) {
        line.period = period;
        add(due, line, terms.prices->tax_basis_points);
    }
    auto whole = rating::bill_of(due, *terms.prices, terms.coupons);
    const std::array parts{RatingPart{
        terms.prices.get(),
        {.plan = terms.plan, .period = period, .full = period, .budget_cap = subscription.budget_cap}}};
    rating::apply_budget_cap(whole, due, parts);
    auto bill = less_invoiced(std::move(whole), invoiced);
    bill.suppressed -= invoiced.suppressed;
    only_late(bill, lines);
    if (std::ranges::all_of(bill.lines, [](const RatedLine& line) { return line.amount() == Fen{}; }))
        bill.lines.clear();
    bill.late = std::move(billed);
    return bill;
}

}  // namespace wefee
