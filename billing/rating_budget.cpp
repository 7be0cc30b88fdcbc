// The budget's hard cap as the last line of a bill (R11): what is metered above it is shown and not charged.
// For the tax it is a discount like a coupon's (R6).
#include <algorithm>

#include "billing/rating_parts.hpp"

namespace wefee {

std::string budget_cap_item() { return "budget_cap"; }

namespace rating {
namespace {

Fen coupons_of(const RatedPeriod& rated) {
    Fen taken{};
    for (const auto& line : rated.lines)
        if (line.kind == LineKind::coupon) taken -= line.amount();
    return taken;
}

/// What earlier parts of the period came to, with the tax on their sum.
Fen invoiced_before(std::span<const RatingPart> parts) {
    Fen net{};
    Fraction tax;
    for (const auto& [prices, input] : parts)
        for (const auto& earlier : input.already) {
            net += earlier.amount;
            tax += Fraction{earlier.amount} * rate_of(prices->tax_basis_points);
        }
    return net + rounded(tax);
}

/// The smallest amount off the bill that brings its total to `most` or below. R6 leaves out some totals: then
/// one fen stays unused.
Fen amount_off(const RatedPeriod& rated, const std::vector<DueLine>& due, Fen coupons, Fen most) {
    Fen positive{};
    for (const auto& one : due) positive += std::max(one.line.amount(), Fen{});
    std::int64_t low = 1, high = (positive - coupons).count();  // with all of it off nothing is owed
    while (low < high) {
        const Fen off{low + (high - low) / 2};
        if (rated.net - off + tax_of(due, coupons + off).total <= most)
            high = off.count();
        else
            low = off.count() + 1;
    }
    return Fen{low};
}

/// Earlier parts may have had the line too: then it stands there with what they took off.
RatedLine& cap_line(std::vector<RatedLine>& lines) {
    const auto known = std::ranges::find_if(
        lines, [](const RatedLine& line) { return item_of(line.item_code) == budget_cap_item(); });
    if (known != lines.end()) return *known;
    const auto tax = std::ranges::find(lines, LineKind::tax, &RatedLine::kind);
    const auto days = lines.back().period;
    auto& line = *lines.insert(tax, RatedLine{});
    line.item_code = budget_cap_item();
    line.period = days;
    return line;
}

void set_tax(RatedPeriod& rated, const Tax& tax) {
    for (std::size_t i = 0; i < tax.per_line.size(); ++i) rated.lines[i].tax = tax.per_line[i];
    const auto line = std::ranges::find(rated.lines, LineKind::tax, &RatedLine::kind);
    if (line == rated.lines.end()) return;
    auto& text = line->formula.text;
    text = format_yuan_for_people(rated.net) + text.substr(std::min(text.find(" × "), text.size()));
    line->formula.amount = tax.total;
    rated.tax = tax.total;
}

}  // namespace

void apply_budget_cap(RatedPeriod& rated, const std::vector<DueLine>& due,
                      std::span<const RatingPart> parts) {
    const auto& cap = parts.back().input.budget_cap;
    if (!cap) return;
    const auto gross = rated.total;
    const auto before = invoiced_before(parts);
    const auto most = std::max(*cap - before, Fen{});
    if (gross <= most) return;  // credits are no matter of the cap
    const auto coupons = coupons_of(rated);
    const auto off = amount_off(rated, due, coupons, most);
    rated.net -= off;
    auto& line = cap_line(rated.lines);
    line.kind = LineKind::cap;
    line.title = "预算封顶减免";
    line.formula.amount -= off;
    line.formula.text =
        "预算上限 " + format_yuan_for_people(*cap) + ",实际 " + format_yuan_for_people(gross + before);
    line.evidence = "超出预算的用量照常计量,不收费";
    set_tax(rated, tax_of(due, coupons + off));
    rated.total = rated.net + rated.tax;
    rated.suppressed = gross - rated.total;
}

}  // namespace rating
}  // namespace wefee
