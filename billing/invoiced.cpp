// Subtraction line by line; the tax line is the last one, as in every bill.
#include "billing/invoiced.hpp"

#include <algorithm>

#include "billing/change.hpp"
#include "billing/coupons.hpp"

namespace wefee {
namespace {

void add_up(RatedPeriod& bill) {
    bill.net = bill.tax = Fen{};
    for (const auto& line : bill.lines) (line.kind == LineKind::tax ? bill.tax : bill.net) += line.amount();
    bill.total = bill.net + bill.tax;
}

/// Before coupons and tax.
Fen metered_in(const RatedPeriod& bill) {
    Fen sum{};
    for (const auto& line : bill.lines)
        if (line.kind != LineKind::coupon && line.kind != LineKind::tax) sum += line.amount();
    return sum;
}

/// The line of this code; a new one stands before the tax line.
RatedLine& line_like(std::vector<RatedLine>& lines, const RatedLine& like, const std::string& code) {
    const auto found = std::ranges::find(lines, code, &RatedLine::item_code);
    if (found != lines.end()) return *found;
    const auto at =
        like.kind == LineKind::tax ? lines.end() : std::ranges::find(lines, LineKind::tax, &RatedLine::kind);
    auto& line = *lines.insert(at, RatedLine{});
    line.item_code = code;
    line.kind = like.kind;
    line.period = like.period;
    line.title = like.title;
    return line;
}

}  // namespace

RatedPeriod joined(std::span<const RatedPeriod> bills, JoinBy by) {
    RatedPeriod all;
    for (const auto& bill : bills) {
        all.price_list_version = bill.price_list_version;
        all.suppressed += bill.suppressed;
        for (const auto& line : bill.lines) {
            auto& sum = line_like(all.lines, line,
                                  by == JoinBy::item ? std::string(item_of(line.item_code)) : line.item_code);
            sum.formula.amount += line.amount();
            sum.tax += line.tax;
            sum.period = {std::min(sum.period.start, line.period.start),
                          std::max(sum.period.end, line.period.end)};
            if (!line.formula.text.empty())
                sum.formula.text += (sum.formula.text.empty() ? "" : ";") + line.formula.text;
        }
    }
    add_up(all);
    return all;
}

RatedPeriod less_invoiced(RatedPeriod whole, const RatedPeriod& invoiced) {
    for (const auto& earlier : invoiced.lines) {
        auto& line = line_like(whole.lines, earlier, earlier.item_code);
        line.formula.already += earlier.amount();
        line.formula.amount -= earlier.amount();
        line.tax -= earlier.tax;
        if (earlier.amount() != Fen{})
            line.formula.text += "(减已开 " + format_yuan_for_people(earlier.amount()) + ")";
    }
    add_up(whole);
    return whole;
}

RatedPeriod correction(RatedPeriod whole, const RatedPeriod& invoiced) {
    auto bill = less_invoiced(std::move(whole), invoiced);
    std::erase_if(bill.lines,
                  [](const RatedLine& line) { return line.amount() == Fen{} && line.tax == Fen{}; });
    return bill;
}

std::optional<RatedPeriod> threshold_bill(const Thresholds& thresholds, RatedPeriod whole,
                                          const RatedPeriod& invoiced) {
    if (threshold_invoice(thresholds, metered_in(whole), metered_in(invoiced)) <= Fen{}) return std::nullopt;
    auto bill = less_invoiced(std::move(whole), invoiced);
    if (bill.total <= Fen{}) return std::nullopt;
    return bill;
}

std::optional<CreditNote> keep_below_zero(RatedPeriod& bill) {
    if (bill.total >= Fen{}) return std::nullopt;
    const CreditNote kept{-bill.net, -bill.tax, -bill.total};
    RatedLine like;
    like.kind = LineKind::credit;
    like.period = bill.lines.back().period;
    like.title = "转入账户余额";
    auto& line = line_like(bill.lines, like, account_credit_item());
    line.formula.amount = kept.net;
    line.tax = kept.tax;
    line.formula.text = "本期应退 " + format_yuan_for_people(kept.total) + ",转入账户余额";
    for (auto& tax : bill.lines)
        if (tax.kind == LineKind::tax) {
            tax.formula.amount += kept.tax;
            tax.formula.text += "(随余额转出 " + format_yuan_for_people(-kept.tax) + ")";
        }
    add_up(bill);
    return kept;
}

std::vector<Fen> line_discounts(const RatedPeriod& bill) {
    Fen taken{};
    std::vector<Fen> goods;
    for (const auto& line : bill.lines) {
        if (line.kind == LineKind::coupon) taken -= line.amount();
        const bool apart = line.kind == LineKind::coupon || line.kind == LineKind::tax;
        goods.push_back(apart ? Fen{} : std::max(Fen{}, line.amount()));
    }
    if (taken <= Fen{}) return std::vector<Fen>(goods.size());
    return discount_shares(taken, goods);
}

LineNote note_on(const RatedPeriod& bill, Fen part, int tax_basis_points) {
    const auto discount = Fraction{part} * std::max(Fraction{}, discount_of(bill));
    return {credit_note(Fraction{part} - discount, tax_basis_points), rounded(discount)};
}

RatedPeriod bill_of_credit(const std::string& item_code, const std::string& title, DaySpan period, Fen net,
                           Fen tax) {
    RatedPeriod bill;
    const auto add = [&](std::string code, LineKind kind, Fen amount, Fen of_tax) {
        RatedLine line;
        line.item_code = std::move(code);
        line.kind = kind;
        line.title = title;
        line.period = period;
        line.tax = of_tax;
        line.formula.amount = amount;
        bill.lines.push_back(std::move(line));
    };
    add(item_code, LineKind::credit, -net, -tax);
    if (tax != Fen{}) add(tax_item(), LineKind::tax, -tax, Fen{});
    add_up(bill);
    return bill;
}

}  // namespace wefee
