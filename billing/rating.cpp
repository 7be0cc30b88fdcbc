// Puts a bill together: each stretch's fixed prices, usage, late usage, minimum and cap; then coupons and tax
// over all of them.
#include "billing/rating.hpp"

#include <algorithm>
#include <array>

#include "billing/coupons.hpp"
#include "billing/error.hpp"
#include "billing/limits.hpp"
#include "billing/rating_parts.hpp"
#include "billing/tax.hpp"

namespace wefee {
namespace {

using namespace rating;

constexpr std::array<std::string_view, 11> kind_names{
    "plan", "module", "seats", "one_off", "usage", "late_usage", "credit", "minimum", "cap", "coupon", "tax"};

using Lines = std::vector<RatedLine>;

void append(Lines& lines, Lines more) {
    lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Lines metered_lines(const PriceList& prices, const Plan& plan, const RatingInput& input) {
    Lines lines;
    for (const auto& charge : plan.usage) {
        const auto found = std::ranges::find(input.usage, charge.meter, &UsageTotal::meter);
        const auto total = found == input.usage.end() ? UsageTotal{charge.meter, {}, 0} : *found;
        append(lines, usage_lines(charge, *find_meter(prices, charge.meter), total,
                                  part_in_use(plan, input).share(), input.last_part));
    }
    return lines;
}

}  // namespace

Fen rating::sum_of(const Lines& lines) {
    Fen sum{};
    for (const auto& line : lines) sum += line.amount();
    return sum;
}

Lines rating::stretch_lines(const PriceList& prices, const Plan& plan, const RatingInput& input,
                            CreditsUsed& used) {
    auto lines = fixed_lines(prices, plan, input);
    if (input.portion == Portion::fixed) return lines;
    const auto fixed = sum_of(lines);
    if (input.portion == Portion::usage) lines.clear();
    auto metered = metered_lines(prices, plan, input);
    append(metered, credit_lines(prices, plan, input, metered, used));
    const auto gross = fixed + sum_of(metered);
    append(lines, std::move(metered));
    append(lines, limit_lines(plan.minimum, plan.cap, part_in_use(plan, input).share(), gross,
                              input.last_part, minimum_item(), cap_item(), plan.title));
    return lines;
}

namespace {

/// R11: what is left after earlier parts; an item that only earlier parts had is taken back.
void subtract_invoiced(Lines& lines, const std::vector<AlreadyInvoiced>& already) {
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

Lines rate_stretch(const PriceList& prices, const RatingInput& input, CreditsUsed& used) {
    check_input(prices, input);
    auto lines = stretch_lines(prices, *find_plan(prices, input.plan), input, used);
    subtract_invoiced(lines, input.already);
    return lines;
}

std::string percent_text(int basis_points) {
    return format_quantity(Quantity{std::int64_t{basis_points} * quantity_scale / 100}) + "%";
}

void add_tax(RatedPeriod& rated, const std::vector<DueLine>& due, Fen discount, const PriceList& prices) {
    const auto untaxed = [](const DueLine& one) { return one.tax_basis_points == 0; };
    if (std::ranges::all_of(due, untaxed)) return;
    const auto tax = tax_of(due, discount);
    for (std::size_t i = 0; i < due.size(); ++i) rated.lines[i].tax = tax.per_line[i];
    RatedLine line;
    line.item_code = tax_item();
    line.kind = LineKind::tax;
    line.title = prices.tax_title;
    line.period = rated.lines.back().period;
    line.formula.amount = tax.total;
    const int rate = due.back().tax_basis_points;
    const bool one_rate =
        std::ranges::all_of(due, [rate](const DueLine& d) { return d.tax_basis_points == rate; });
    line.formula.factor_num = one_rate ? rate : 1;
    line.formula.factor_den = one_rate ? 10'000 : 1;
    line.formula.text =
        format_yuan_for_people(rated.net) + " × " + (one_rate ? percent_text(rate) : std::string("各自税率"));
    rated.tax = tax.total;
    rated.lines.push_back(std::move(line));
}

}  // namespace

bool in_use(const RatingInput& input, CivilDay day) {
    const auto holds = [day](DaySpan span) { return span.start <= day && day < span.end; };
    return holds(input.period) && std::ranges::none_of(input.pauses, holds);
}

bool is_counted(const RatingInput& input, const Meter* meter, CivilDay day) {
    const bool stands = meter && meter->aggregation == Aggregation::latest;
    return stands ? input.period.start <= day && day < input.period.end : in_use(input, day);
}

void set_unit_days(UsageTotal& total, Quantity unit_days, int days) {
    total.unit_days = unit_days;
    total.days = days;
    total.quantity = Quantity{rounded(Fraction{unit_days.count(), days}).count()};  // R3's rounding, of 10^-6
}

std::string_view line_kind_name(LineKind kind) { return kind_names.at(static_cast<std::size_t>(kind)); }

std::optional<LineKind> parse_line_kind(std::string_view name) {
    const auto found = std::ranges::find(kind_names, name);
    if (found == kind_names.end()) return std::nullopt;
    return static_cast<LineKind>(found - kind_names.begin());
}

Tax rating::tax_of(const std::vector<DueLine>& due, Fen discount) {
    std::vector<Fen> amounts;
    for (const auto& one : due) amounts.push_back(one.line.amount());
    const auto shares = exact_discount_shares(discount, amounts);
    std::vector<TaxableLine> taxable;
    for (std::size_t i = 0; i < due.size(); ++i)
        taxable.push_back({amounts[i], shares[i], due[i].tax_basis_points});
    return invoice_tax(taxable);
}

RatedPeriod rating::bill_of(const std::vector<DueLine>& due, const PriceList& prices,
                            std::span<const std::string> coupons) {
    RatedPeriod rated;
    rated.price_list_version = prices.version;
    if (due.empty()) return rated;
    rated.lines.reserve(due.size() + coupons.size() + 1);
    for (const auto& one : due) rated.lines.push_back(one.line);
    auto taken = coupon_lines(prices, coupons, sum_of(rated.lines));
    for (auto& line : taken) line.period = due.back().line.period;
    const auto discount = -sum_of(taken);
    append(rated.lines, std::move(taken));
    rated.net = sum_of(rated.lines);
    add_tax(rated, due, discount, prices);
    rated.total = rated.net + rated.tax;
    return rated;
}

RatedPeriod rate(std::span<const RatingPart> parts, std::span<const LateUsage> late) {
    if (parts.empty()) throw Error(Errc::invalid_value, "there is nothing to rate");
    const auto* with_late = &parts.back();
    for (const auto& part : parts)
        if (part.input.portion != Portion::fixed) with_late = &part;
    std::vector<DueLine> due;
    std::vector<LateBilled> late_billed;
    CreditsUsed used;
    for (const auto& part : parts) {
        const auto& [prices, input] = part;
        auto lines = rate_stretch(*prices, input, used);
        if (&part == with_late) {  // what it charges limits what late corrections give back: a rest waits
            auto more = late_lines(late, sum_of(lines));
            append(lines, std::move(more.lines));
            late_billed = std::move(more.billed);
        }
        for (auto& line : lines) {
            line.period = input.period;
            if (input.period.start != parts.front().input.period.start)
                line.item_code += "@" + format_day(input.period.start);
            due.push_back({std::move(line), prices->tax_basis_points});
        }
    }
    auto rated = bill_of(due, *parts.back().prices, parts.back().input.coupons);
    rated.late = std::move(late_billed);
    apply_budget_cap(rated, due, parts);
    return rated;
}

RatedPeriod rate(const PriceList& prices, const RatingInput& input, std::span<const LateUsage> late) {
    const std::array parts{RatingPart{&prices, input}};
    return rate(parts, late);
}

}  // namespace wefee
