// Usage lines by charge model, with their formulas in words, and the minimum and cap of a meter.
#include <algorithm>

#include "billing/limits.hpp"
#include "billing/rating_parts.hpp"

namespace wefee::rating {
namespace {

std::string whole(Quantity quantity) { return format_quantity_for_people(quantity); }

RatedLine usage_line(const std::string& code, const Meter& meter, const UsageTotal& total) {
    RatedLine line;
    line.item_code = code;
    line.kind = LineKind::usage;
    line.title = meter.title;
    line.formula.unit = meter.unit;
    line.formula.quantity = total.quantity;
    line.evidence = "合计 " + whole(total.quantity) + " " + meter.unit;
    if (total.events > 0) line.evidence += ",来自 " + std::to_string(total.events) + " 条用量记录";
    if (!total.evidence.empty()) line.evidence += ";" + total.evidence;
    return line;
}

Quantity times_days(Quantity quantity, int days) {
    std::int64_t product{};
    if (__builtin_mul_overflow(quantity.count(), days, &product))
        throw std::overflow_error("a quantity by days");
    return Quantity{product};
}

RatedLine per_unit_line(const UsageCharge& charge, const Meter& meter, const UsageTotal& total) {
    auto line = usage_line(usage_item(meter.code), meter, total);
    auto& formula = line.formula;
    formula.quantity = std::max(total.quantity, Quantity{});
    formula.included = std::min(charge.included, formula.quantity);
    formula.unit_price = charge.unit_price;
    if (total.days > 0) {  // levels by days make the formula exact
        formula.unit = meter.unit + "·天";
        formula.quantity = std::max(total.unit_days, Quantity{});
        formula.included = std::min(times_days(charge.included, total.days), formula.quantity);
        formula.factor_den = total.days;
    }
    formula.amount = rounded(per_unit_fee(charge.unit_price, formula.quantity - formula.included) /
                             Fraction{formula.factor_den});
    formula.text = times(charge.unit_price, counted(formula.quantity, formula.included, formula.unit));
    if (total.days > 0) formula.text += " ÷ " + std::to_string(total.days) + " 天";
    return line;
}

RatedLine package_line(const UsageCharge& charge, const Meter& meter, const UsageTotal& total) {
    auto line = usage_line(usage_item(meter.code), meter, total);
    auto& formula = line.formula;
    const auto used = std::max(total.quantity, Quantity{});
    const auto included = std::min(charge.included, used);
    const auto count = packages(used - included, charge.package_size);
    formula.unit = "包";
    formula.quantity = units(count);
    formula.unit_price = charge.unit_price;
    formula.amount = rounded(package_fee(charge.unit_price, charge.package_size, used - included));
    formula.text = times(charge.unit_price, whole(formula.quantity) + " 包") + "(" +
                   counted(used, included, meter.unit) + ",每包 " + whole(charge.package_size) + " " +
                   meter.unit + ")";
    return line;
}

/// "¥0.10 × 1,000" or "¥0.10 × 5 包", then what a tier adds or limits.
std::string tier_terms(const Tier& tier, Quantity quantity, const std::string& unit) {
    auto text = tier.package_size
                    ? times(tier.unit_price, std::to_string(packages(quantity, *tier.package_size)) + " 包") +
                          "(每包 " + whole(*tier.package_size) + " " + unit + ")"
                    : times(tier.unit_price, whole(quantity));
    if (tier.flat_fee != Fen{}) text += " + " + format_yuan_for_people(tier.flat_fee);
    if (tier.cap) text += ",封顶 " + format_yuan_for_people(*tier.cap);
    return text;
}

/// 0–1,000 条 · 1,000 条以上
std::string tier_range(const Tier& tier, Quantity above, const std::string& unit) {
    if (!tier.up_to) return whole(above) + " " + unit + "以上";
    return whole(above) + "–" + whole(*tier.up_to) + " " + unit;
}

std::vector<RatedLine> graduated_lines(const UsageCharge& charge, const Meter& meter,
                                       const UsageTotal& total) {
    std::vector<RatedLine> lines;
    for (const auto& part : graduated_parts(charge.tiers, total.quantity)) {
        const auto& tier = charge.tiers[part.tier];
        auto line = usage_line(tier_item(meter.code, part.tier), meter, total);
        line.title += "(第 " + std::to_string(part.tier + 1) + " 档)";
        line.formula.unit_price = tier.unit_price;
        line.formula.quantity =
            tier.package_size ? units(packages(part.quantity, *tier.package_size)) : part.quantity;
        if (tier.package_size) line.formula.unit = "包";
        line.formula.amount = rounded(part.amount);
        line.formula.text =
            tier_range(tier, part.above, meter.unit) + " " + tier_terms(tier, part.quantity, meter.unit);
        lines.push_back(std::move(line));
    }
    return lines;
}

RatedLine volume_line(const UsageCharge& charge, const Meter& meter, const UsageTotal& total) {
    auto line = usage_line(usage_item(meter.code), meter, total);
    const auto part = volume_part(charge.tiers, total.quantity);
    const auto& tier = charge.tiers[part.tier];
    line.formula.unit_price = tier.unit_price;
    line.formula.quantity =
        tier.package_size ? units(packages(part.quantity, *tier.package_size)) : part.quantity;
    if (tier.package_size) line.formula.unit = "包";
    line.formula.amount = rounded(part.amount);
    line.formula.text =
        tier_terms(tier, part.quantity, meter.unit) + (tier.package_size ? "" : " " + meter.unit);
    return line;
}

RatedLine flat_line(const UsageCharge& charge, const Meter& meter, const UsageTotal& total) {
    auto line = usage_line(usage_item(meter.code), meter, total);
    const bool used = total.quantity > Quantity{};
    line.formula.unit = "期";
    line.formula.quantity = units(used ? 1 : 0);
    line.formula.unit_price = charge.unit_price;
    line.formula.amount = used ? rounded(in_fen(charge.unit_price)) : Fen{};
    line.formula.text = times(charge.unit_price, whole(line.formula.quantity) + " 期");
    return line;
}

RatedLine percentage_line(const UsageCharge& charge, const Meter& meter, const UsageTotal& total) {
    auto line = usage_line(usage_item(meter.code), meter, total);
    const auto& terms = charge.percentage;
    const auto count = static_cast<std::int64_t>(total.transactions.size());
    Fen turnover{};
    for (const auto transaction : total.transactions) turnover += transaction;
    line.formula.unit = "笔";
    line.formula.quantity = units(count);
    line.formula.included = units(std::min(count, terms.free_events));
    line.formula.amount = rounded(percentage_fee(terms, total.transactions));
    auto& text = line.formula.text;
    text = counted(line.formula.quantity, line.formula.included, "笔") + ",交易额 " +
           format_yuan_for_people(turnover) + ",费率 " + format_quantity(Quantity{terms.rate_ppm * 100}) +
           "%";
    if (terms.fixed_fee != Fen{}) text += " + 每笔 " + format_yuan_for_people(terms.fixed_fee);
    if (terms.event_minimum) text += ",每笔最低 " + format_yuan_for_people(*terms.event_minimum);
    if (terms.event_maximum) text += ",每笔最高 " + format_yuan_for_people(*terms.event_maximum);
    line.evidence = std::to_string(count) + " 笔交易";
    return line;
}

std::vector<RatedLine> model_lines(const UsageCharge& charge, const Meter& meter, const UsageTotal& total) {
    switch (charge.model) {
        case ChargeModel::per_unit:
            return {per_unit_line(charge, meter, total)};
        case ChargeModel::graduated:
            return graduated_lines(charge, meter, total);
        case ChargeModel::volume:
            return {volume_line(charge, meter, total)};
        case ChargeModel::package:
            return {package_line(charge, meter, total)};
        case ChargeModel::percentage:
            return {percentage_line(charge, meter, total)};
        case ChargeModel::flat:
            return {flat_line(charge, meter, total)};
    }
    return {};
}

RatedLine limit_line(LineKind kind, std::string code, std::string title, Fen amount, std::string text) {
    RatedLine line;
    line.item_code = std::move(code);
    line.kind = kind;
    line.title = std::move(title);
    line.formula.amount = amount;
    line.formula.text = std::move(text);
    return line;
}

}  // namespace

std::vector<RatedLine> limit_lines(std::optional<Fen> minimum, std::optional<Fen> cap, const Fraction& part,
                                   Fen gross, bool last_part, const std::string& minimum_code,
                                   const std::string& cap_code, const std::string& title) {
    std::vector<RatedLine> lines;
    const auto actual = ",实际 " + format_yuan_for_people(gross);
    if (minimum) {
        const auto least = Fraction{*minimum} * part;
        const auto missing = minimum_top_up(least, gross, last_part);
        if (missing != Fen{})
            lines.push_back(limit_line(LineKind::minimum, minimum_code, title + "保底补足", missing,
                                       "保底 " + format_yuan_for_people(rounded(least)) + actual));
    }
    if (cap && gross > *cap)
        lines.push_back(limit_line(LineKind::cap, cap_code, title + "封顶减免", *cap - gross,
                                   "封顶 " + format_yuan_for_people(*cap) + actual));
    return lines;
}

std::vector<RatedLine> usage_lines(const UsageCharge& charge, const Meter& meter, const UsageTotal& total,
                                   const Fraction& part, bool last_part) {
    auto lines = model_lines(charge, meter, total);
    auto limits = limit_lines(charge.minimum, charge.cap, part, sum_of(lines), last_part,
                              meter_minimum_item(meter.code), meter_cap_item(meter.code), meter.title);
    std::ranges::move(limits, std::back_inserter(lines));
    return lines;
}

}  // namespace wefee::rating
