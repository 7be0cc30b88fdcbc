// Puts a period's lines together: plan, add-ons, seats, usage, late usage, minimum, cap, tax.
#include "billing/rating.hpp"

#include <algorithm>
#include <array>

#include "billing/limits.hpp"
#include "billing/modules.hpp"
#include "billing/rating_parts.hpp"
#include "billing/tax.hpp"

namespace wefee {
namespace {

using namespace rating;

constexpr std::array<std::string_view, 8> kind_names{"plan",       "module",  "seats", "usage",
                                                     "late_usage", "minimum", "cap",   "tax"};

std::string period_unit(int months) { return months == 12 ? "年" : months == 3 ? "季" : "月"; }

RatedLine plan_line(const Plan& plan, const RatingInput& input) {
    RatedLine line;
    line.item_code = plan_item(plan.code);
    line.kind = LineKind::plan;
    line.title = plan.title;
    auto& formula = line.formula;
    formula.unit_price = plan.price;
    formula.unit = period_unit(plan.months);
    formula.quantity = units(1);
    formula.factor_num = input.period.days();
    formula.factor_den = input.full.days();
    formula.amount = rounded(in_fen(plan.price) * period_part(input));
    const bool whole = input.period == input.full;
    formula.text =
        times(plan.price, whole ? "1 " + formula.unit : days_part(input.period.days(), input.full.days()));
    line.evidence = "价目表套餐 " + plan.title;
    return line;
}

DaySpan cut(DaySpan days, DaySpan period) {
    const auto start = std::max(days.start, period.start);
    return {start, std::max(start, std::min(days.end, period.end))};
}

/// R10: what the plan or an earlier add-on covers on a day is not paid again on it.
std::vector<RatedLine> module_lines(const PriceList& prices, const Plan& plan, const RatingInput& input) {
    std::vector<SelectedItem> items{{plan.code, in_fen(plan.price), plan.modules, input.period}};
    std::vector<ModulePrice> list;
    for (const auto& module : prices.modules)
        if (module.price) list.push_back({module.code, in_fen(*module.price)});
    for (const auto& add_on : input.add_ons)
        items.push_back({add_on.module,
                         in_fen(find_module(prices, add_on.module)->price.value()),
                         {add_on.module},
                         cut(add_on.days, input.period)});
    const auto charges = charge_once(items, list, input.full);
    std::vector<RatedLine> lines;
    for (std::size_t i = 1; i < items.size(); ++i) {
        const auto& module = *find_module(prices, items[i].code);
        RatedLine line;
        line.item_code = module_item(module.code);
        line.kind = LineKind::module;
        line.title = module.title;
        auto& formula = line.formula;
        formula.unit_price = module.price.value();
        formula.unit = period_unit(plan.months);
        formula.quantity = units(1);
        formula.factor_num = items[i].span.days() - charges[i].shared_days;
        formula.factor_den = input.full.days();
        formula.amount = charges[i].amount;
        const bool whole = formula.factor_num == formula.factor_den;
        formula.text = times(
            formula.unit_price,
            whole ? "1 " + formula.unit : days_part(static_cast<int>(formula.factor_num), input.full.days()));
        if (charges[i].shared_days > 0)
            formula.text += "(已含于其他项目 " + std::to_string(charges[i].shared_days) + " 天,不重复计费)";
        line.evidence = "使用 " + std::to_string(items[i].span.days()) + " 天";
        lines.push_back(std::move(line));
    }
    return lines;
}

Fen sum_of(const std::vector<RatedLine>& lines) {
    Fen sum{};
    for (const auto& line : lines) sum += line.amount();
    return sum;
}

void append(std::vector<RatedLine>& lines, std::vector<RatedLine> more) {
    std::ranges::move(more, std::back_inserter(lines));
}

/// Lines of this period as if nothing had been invoiced yet.
std::vector<RatedLine> period_lines(const PriceList& prices, const Plan& plan, const RatingInput& input) {
    std::vector<RatedLine> lines{plan_line(plan, input)};
    append(lines, module_lines(prices, plan, input));
    append(lines, seat_lines(plan, input));
    for (const auto& charge : plan.usage) {
        const auto found = std::ranges::find(input.usage, charge.meter, &UsageTotal::meter);
        const auto total = found == input.usage.end() ? UsageTotal{charge.meter, {}, 0} : *found;
        append(lines, usage_lines(charge, *find_meter(prices, charge.meter), total, period_part(input),
                                  input.last_part));
    }
    append(lines, limit_lines(plan.minimum, plan.cap, period_part(input), sum_of(lines), input.last_part,
                              minimum_item(), cap_item(), plan.title));
    return lines;
}

/// R11: what is left after earlier parts; an item that only earlier parts had is taken back.
void subtract_invoiced(std::vector<RatedLine>& lines, const std::vector<AlreadyInvoiced>& already) {
    for (const auto& earlier : already) {
        auto found = std::ranges::find(lines, earlier.item_code, &RatedLine::item_code);
        if (found == lines.end()) {
            RatedLine line;
            line.item_code = earlier.item_code;
            line.kind = LineKind::usage;
            line.title = "冲回前次已开";
            lines.push_back(std::move(line));
            found = std::prev(lines.end());
        }
        found->formula.already += earlier.amount;
        found->formula.amount -= earlier.amount;
        if (earlier.amount != Fen{})
            found->formula.text += "(减已开 " + format_yuan_for_people(earlier.amount) + ")";
    }
}

std::vector<RatedLine> late_lines(const PriceList& prices, const Plan& plan, const RatingInput& input) {
    std::vector<RatedLine> lines;
    for (const auto& charge : plan.usage) {
        std::vector<const LateUsage*> late;
        for (const auto& entry : input.late)
            if (entry.total.meter == charge.meter) late.push_back(&entry);
        if (!late.empty()) lines.push_back(late_line(charge, *find_meter(prices, charge.meter), late));
    }
    return lines;
}

std::string percent_text(int basis_points) {
    return format_quantity(Quantity{std::int64_t{basis_points} * quantity_scale / 100}) + "%";
}

void add_tax(RatedPeriod& rated, const PriceList& prices) {
    if (prices.tax_basis_points == 0) return;
    std::vector<TaxableLine> taxable;
    for (const auto& line : rated.lines) taxable.push_back({line.amount(), {}, prices.tax_basis_points});
    const auto tax = invoice_tax(taxable);
    for (std::size_t i = 0; i < rated.lines.size(); ++i) rated.lines[i].tax = tax.per_line[i];
    RatedLine line;
    line.item_code = tax_item();
    line.kind = LineKind::tax;
    line.title = prices.tax_title;
    line.formula.amount = tax.total;
    line.formula.factor_num = prices.tax_basis_points;
    line.formula.factor_den = 10'000;
    line.formula.text = format_yuan_for_people(rated.net) + " × " + percent_text(prices.tax_basis_points);
    rated.tax = tax.total;
    rated.lines.push_back(std::move(line));
}

}  // namespace

std::string_view line_kind_name(LineKind kind) { return kind_names.at(static_cast<std::size_t>(kind)); }

RatedPeriod rate(const PriceList& prices, const RatingInput& input) {
    check_input(prices, input);
    const auto& plan = *find_plan(prices, input.plan);
    RatedPeriod rated;
    rated.price_list_version = prices.version;
    rated.lines = period_lines(prices, plan, input);
    subtract_invoiced(rated.lines, input.already);
    append(rated.lines, late_lines(prices, plan, input));
    rated.net = sum_of(rated.lines);
    add_tax(rated, prices);
    rated.total = rated.net + rated.tax;
    return rated;
}

}  // namespace wefee
