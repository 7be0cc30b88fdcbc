// Credits that a plan or add-on includes: after the meters' own minimums and caps, before the plan's.
#include <algorithm>

#include "billing/rating_parts.hpp"

namespace wefee {

std::string credit_item(std::string_view credit) { return "credit." + std::string(credit); }

namespace rating {
namespace {

std::vector<std::string> codes_of(const std::vector<AddOn>& add_ons) {
    std::vector<std::string> codes;
    for (const auto& add_on : add_ons)
        if (std::ranges::find(codes, add_on.code) == codes.end()) codes.push_back(add_on.code);
    return codes;
}

/// The days of the stretch on which what includes the credit is had.
PeriodPart part_with(const CreditTerms& terms, const Plan& plan, const RatingInput& input) {
    if (terms.add_on.empty()) return part_in_use(plan, input);
    PeriodPart all{0, 1};
    for (const auto& add_on : input.add_ons) {
        if (add_on.code != terms.add_on) continue;
        const DaySpan days{std::max(add_on.days.start, input.period.start),
                           std::min(add_on.days.end, input.period.end)};
        if (days.days() <= 0) continue;
        const auto part = part_of(days, input.full, plan.day_count);
        all = {all.days + part.days, part.of};
    }
    return all;
}

/// What is left to pay, by meter, in the order of the plan.
using Owed = std::vector<std::pair<std::string, Fen>>;
Owed owed_by_meter(const std::vector<RatedLine>& metered) {
    Owed owed;
    for (const auto& line : metered) {
        const auto meter = metered_item(line.kind, line.item_code).value();
        if (owed.empty() || owed.back().first != meter) owed.emplace_back(meter, Fen{});
        owed.back().second += line.amount();
    }
    return owed;
}

bool pays(const IncludedCredit& credit, const std::string& meter) {
    return credit.meters.empty() || std::ranges::find(credit.meters, meter) != credit.meters.end();
}

/// Takes as much of `most` as the credit's meters owe.
Fen take(const IncludedCredit& credit, Fen most, Owed& owed) {
    Fen taken{};
    for (auto& [meter, amount] : owed) {
        if (!pays(credit, meter)) continue;
        const auto part = std::min(most - taken, std::max(amount, Fen{}));
        amount -= part;
        taken += part;
    }
    return taken;
}

RatedLine credit_line(const PriceList& prices, const Plan& plan, const IncludedCredit& credit,
                      PeriodPart part, Fen used, Fen available, Fen taken) {
    RatedLine line;
    line.item_code = credit_item(credit.code);
    line.kind = LineKind::credit;
    line.title = credit.title;
    auto& formula = line.formula;
    formula.unit_price = MicroYuan{-credit.amount.count() * micro_yuan_per_fen};
    formula.unit = period_unit(plan);
    formula.quantity = units(1);
    formula.amount = -taken;
    formula.text = "额度 " + format_yuan_for_people(credit.amount);
    if (credit.prorated && part.days != part.of) formula.text += " × " + days_part(part.days, part.of);
    if (used != Fen{}) formula.text += " \u2212 已用 " + format_yuan_for_people(used);
    formula.text += ",抵扣" + paid_by_credit(prices, credit) + " " + format_yuan_for_people(taken);
    line.evidence = "余 " + format_yuan_for_people(available - taken) + ",期末作废";
    return line;
}

}  // namespace

std::vector<CreditTerms> credits_of(const PriceList& prices, const Plan& plan,
                                    const std::vector<std::string>& add_ons) {
    std::vector<CreditTerms> all;
    for (const auto& credit : plan.credits) all.push_back({&credit, {}});
    for (const auto& code : add_ons)
        if (const auto* offer = find_add_on(prices, code))
            for (const auto& credit : offer->credits) all.push_back({&credit, code});
    return all;
}

std::string paid_by_credit(const PriceList& prices, const IncludedCredit& credit) {
    if (credit.meters.empty()) return "全部用量";
    std::string titles;
    for (const auto& code : credit.meters) {
        const auto* meter = find_meter(prices, code);
        titles += (titles.empty() ? "" : "、") + (meter ? meter->title : code);
    }
    return titles;
}

std::vector<RatedLine> credit_lines(const PriceList& prices, const Plan& plan, const RatingInput& input,
                                    const std::vector<RatedLine>& metered, CreditsUsed& used) {
    auto owed = owed_by_meter(metered);
    std::vector<RatedLine> lines;
    for (const auto& terms : credits_of(prices, plan, codes_of(input.add_ons))) {
        const auto& credit = *terms.credit;
        const auto part = part_with(terms, plan, input);
        if (part.days <= 0) continue;
        auto& before = used[credit.code];
        const auto spent = credit.prorated ? Fen{} : before;
        const auto whole = credit.prorated ? rounded(Fraction{credit.amount} * part.share()) : credit.amount;
        const auto available = std::max(whole - spent, Fen{});
        const auto taken = take(credit, available, owed);
        before += taken;
        lines.push_back(credit_line(prices, plan, credit, part, spent, available, taken));
    }
    return lines;
}

}  // namespace rating
}  // namespace wefee
