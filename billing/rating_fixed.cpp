// Fixed prices: the plan, its add-ons (each module once, R10) and the seats.
#include <algorithm>

#include "billing/error.hpp"
#include "billing/modules.hpp"
#include "billing/rating_parts.hpp"

namespace wefee::rating {
namespace {

RatedLine plan_line(const Plan& plan, const RatingInput& input) {
    RatedLine line;
    line.item_code = plan_item(plan.code);
    line.kind = LineKind::plan;
    line.title = plan.title;
    auto& formula = line.formula;
    formula.unit_price = plan.price;
    const auto part = part_in_use(plan, input);
    formula.unit = period_unit(plan);
    formula.quantity = units(1);
    formula.factor_num = part.days;
    formula.factor_den = part.of;
    formula.amount = rounded(in_fen(plan.price) * part.share());
    const bool whole = input.period == input.full && input.pauses.empty();
    formula.text = times(plan.price, whole ? "1 " + formula.unit : days_part(part.days, part.of));
    line.evidence = "价目表套餐 " + plan.title;
    for (const auto& pause : input.pauses)
        line.evidence += "," + format_day(pause.start) + " 起暂停 " + std::to_string(pause.days()) + " 天";
    return line;
}

DaySpan cut(DaySpan days, DaySpan period) {
    const auto start = std::max(days.start, period.start);
    return {start, std::max(start, std::min(days.end, period.end))};
}

RatedLine add_on_line(const AddOnTerms& terms, const ItemCharge& charge, PeriodPart part, const Plan& plan) {
    const auto [days, of] = part;
    RatedLine line;
    line.item_code = terms.item_code;
    line.kind = LineKind::module;
    line.title = terms.title;
    auto& formula = line.formula;
    formula.unit_price = terms.price;
    formula.unit = period_unit(plan);
    formula.quantity = units(1);
    formula.factor_num = days - charge.shared_days;
    formula.factor_den = of;
    formula.amount = charge.amount;
    // An offer that shares only some of its modules pays the rest of its price on those days.
    if (charge.shared_days > 0 && terms.modules.size() > 1) formula.factor_num = days;
    const bool whole = formula.factor_num == formula.factor_den;
    formula.text = times(formula.unit_price,
                         whole ? "1 " + formula.unit : days_part(static_cast<int>(formula.factor_num), of));
    if (charge.shared_days > 0 && terms.modules.size() > 1)
        formula.text += " \u2212 " + format_yuan_for_people(charge.credited);
    if (charge.shared_days > 0)
        formula.text += "(已含于其他项目 " + std::to_string(charge.shared_days) + " 天,不重复计费)";
    line.evidence = "使用 " + std::to_string(days) + " 天";
    return line;
}

/// R10: what the plan or an earlier add-on covers on a day is not paid again on it.
std::vector<RatedLine> add_on_lines(const PriceList& prices, const Plan& plan, const RatingInput& input) {
    std::vector<SelectedItem> items{{plan.code, in_fen(plan.price), plan.modules, input.period}};
    std::vector<ModulePrice> list;
    for (const auto& module : prices.modules)
        if (module.price) list.push_back({module.code, in_fen(*module.price)});
    for (const auto& add_on : input.add_ons) {
        auto terms = add_on_of(prices, add_on.code).value();
        items.push_back(
            {add_on.code, in_fen(terms.price), std::move(terms.modules), cut(add_on.days, input.period)});
    }
    const auto charges = charge_once(items, list, input.full, plan.day_count);
    std::vector<RatedLine> lines;
    for (std::size_t i = 1; i < items.size(); ++i) {
        const auto same = [&](const SelectedItem& item) { return item.code == items[i].code; };
        if (std::any_of(items.begin() + 1, items.begin() + static_cast<std::ptrdiff_t>(i), same)) continue;
        ItemCharge whole;  // all spans of this add-on: one line, rounded once
        PeriodPart all{0, 1};
        for (std::size_t j = i; j < items.size(); ++j) {
            if (!same(items[j])) continue;
            const auto part = part_of(items[j].span, input.full, plan.day_count);
            whole.exact += charges[j].exact;
            whole.shared_days += charges[j].shared_days;
            all = {all.days + part.days, part.of};
        }
        whole.amount = rounded(whole.exact);
        whole.credited = rounded(items[i].price * all.share()) - whole.amount;
        lines.push_back(add_on_line(add_on_of(prices, items[i].code).value(), whole, all, plan));
    }
    return lines;
}

}  // namespace

std::vector<RatedLine> fixed_lines(const PriceList& prices, const Plan& plan, const RatingInput& input) {
    std::vector<RatedLine> lines{plan_line(plan, input)};
    std::ranges::move(add_on_lines(prices, plan, input), std::back_inserter(lines));
    std::ranges::move(seat_lines(plan, input), std::back_inserter(lines));
    return lines;
}

}  // namespace wefee::rating

namespace wefee {

namespace {

RatedLine one_off_line(const OneOffOffer& offer, std::int64_t quantity, CivilDay day) {
    RatedLine line;
    line.item_code = one_off_item(offer.code);
    line.kind = LineKind::one_off;
    line.period = {day, add_days(day, 1)};
    line.title = offer.title;
    line.formula.unit_price = offer.price;
    line.formula.unit = offer.unit;
    line.formula.quantity = units(quantity);
    line.formula.amount = rounded(per_unit_fee(offer.price, line.formula.quantity));
    line.formula.text = rating::times(offer.price, rating::counted(line.formula.quantity, {}, offer.unit));
    line.evidence = format_day(day) + " 下单";
    return line;
}

}  // namespace

RatedPeriod one_off_bill(const PriceList& prices, std::span<const OneOffOrder> orders, CivilDay day) {
    std::vector<FieldProblem> problems;
    std::vector<rating::DueLine> due;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const auto pointer = "/one_offs/" + std::to_string(i) + "/code";
        const auto* offer = find_one_off(prices, orders[i].code);
        const auto same = [&](const OneOffOrder& other) { return other.code == orders[i].code; };
        if (!offer)
            problems.push_back({pointer, "is not a one-off item of the price list"});
        else if (std::ranges::any_of(orders.first(i), same))
            problems.push_back({pointer, "is named twice"});
        else
            due.push_back({one_off_line(*offer, orders[i].quantity, day), prices.tax_basis_points});
    }
    if (!problems.empty()) throw Error(Errc::invalid_value, "this cannot be ordered", std::move(problems));
    return rating::bill_of(due, prices, {});
}

}  // namespace wefee
