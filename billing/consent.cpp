// Cover is all or nothing: one item outside what was confirmed stops the automatic deduction of the invoice.
#include "billing/consent.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace wefee {
namespace {

constexpr std::array<std::string_view, 8> problem_names{
    "item_not_consented", "unit_price_above", "above_item_ceiling", "above_charge_cap",
    "above_cycle_cap",    "not_yet_valid",    "no_longer_valid",    "nothing_to_collect"};

const ConsentItem* find_item(const Consent& consent, std::string_view code) {
    const auto found = std::ranges::find(consent.items, code, &ConsentItem::code);
    return found == consent.items.end() ? nullptr : &*found;
}

/// An item may stand on several lines of one invoice, a stretch of days each: its ceiling holds for their
/// sum.
std::vector<CoverLine> by_item(std::span<const CoverLine> lines) {
    std::vector<CoverLine> items;
    for (const auto& line : lines) {
        const std::string code(item_of(line.code));
        const auto known = std::ranges::find(items, code, &CoverLine::code);
        if (known == items.end()) {
            items.push_back({code, line.unit_price, line.amount});
        } else {
            known->unit_price = std::max(known->unit_price, line.unit_price);
            known->amount += line.amount;
        }
    }
    return items;
}

void check_line(const Consent& consent, const CoverLine& line, std::vector<Blocked>& blocked) {
    const auto* item = find_item(consent, line.code);
    if (!item) {
        blocked.push_back({line.code, CoverProblem::item_not_consented, line.amount.count(), 0});
        return;
    }
    const bool takes = line.unit_price < MicroYuan{};  // an included credit: a smaller one is a raised price
    if (line.amount <= Fen{} && !takes) return;
    if (line.unit_price > item->unit_price)
        blocked.push_back(
            {line.code, CoverProblem::unit_price_above, line.unit_price.count(), item->unit_price.count()});
    if (line.amount > item->ceiling)
        blocked.push_back(
            {line.code, CoverProblem::above_item_ceiling, line.amount.count(), item->ceiling.count()});
}

/// Which stretch of a bill a line is of, in the order of their days: "" the first, then "@2026-11-16".
std::string_view stretch_of(const CoverLine& line) {
    return std::string_view(line.code).substr(item_of(line.code).size());
}

/// Does a stretch charge usage without this credit, though it or an earlier one should have it? A credit may
/// come with a change in the middle of a period, but it may not go.
bool charges_without(std::span<const CoverLine> lines, std::string_view credit) {
    std::set<std::string_view> with;
    for (const auto& line : lines)
        if (item_of(line.code) == credit) with.insert(stretch_of(line));
    return std::ranges::any_of(lines, [&](const CoverLine& line) {
        const auto stretch = stretch_of(line);
        return line.metered && line.amount > Fen{} && !with.contains(stretch) &&
               (with.empty() || *with.begin() < stretch);
    });
}

void check_credits(const Consent& consent, std::span<const CoverLine> lines, std::vector<Blocked>& blocked) {
    for (const auto& agreed : consent.items)
        if (agreed.unit_price < MicroYuan{} && charges_without(lines, agreed.code))
            blocked.push_back({agreed.code, CoverProblem::unit_price_above, 0, agreed.unit_price.count()});
}

void check_whole(const Consent& consent, Fen amount, Fen taken, Instant at, std::vector<Blocked>& blocked) {
    if (amount <= Fen{}) blocked.push_back({"", CoverProblem::nothing_to_collect, amount.count(), 0});
    if (amount > consent.cap_charge)
        blocked.push_back({"", CoverProblem::above_charge_cap, amount.count(), consent.cap_charge.count()});
    if (taken + amount > consent.cap_cycle)
        blocked.push_back(
            {"", CoverProblem::above_cycle_cap, (taken + amount).count(), consent.cap_cycle.count()});
    if (at < consent.valid_from) blocked.push_back({"", CoverProblem::not_yet_valid, 0, 0});
    if (consent.valid_to && at >= *consent.valid_to)
        blocked.push_back({"", CoverProblem::no_longer_valid, 0, 0});
}

class Comparison {
public:
    void note(std::string code, ConsentDifference difference) {
        const bool asks = difference < ConsentDifference::item_removed;
        result_.needs_consent = result_.needs_consent || asks;
        result_.needs_notice = result_.needs_notice || !asks;
        result_.changes.push_back({std::move(code), difference});
    }

    template <class Value>
    void level(const std::string& code, Value old_value, Value new_value, ConsentDifference raised,
               ConsentDifference lowered) {
        if (new_value > old_value) note(code, raised);
        if (new_value < old_value) note(code, lowered);
    }

    ConsentComparison take() { return std::move(result_); }

private:
    ConsentComparison result_;
};

}  // namespace

std::string_view cover_problem_name(CoverProblem problem) {
    return problem_names.at(static_cast<std::size_t>(problem));
}

std::vector<CoverLine> cover_lines(const RatedPeriod& rated) {
    std::vector<CoverLine> lines;
    for (const auto& line : rated.lines)
        lines.push_back({line.item_code, line.formula.unit_price, line.amount(),
                         metered_item(line.kind, line.item_code).has_value()});
    return lines;
}

Cover covers(const Consent& consent, std::span<const CoverLine> lines, Fen amount, Fen taken_in_cycle,
             Instant at) {
    Cover cover;
    const auto items = by_item(lines);
    for (const auto& item : items) check_line(consent, item, cover.blocked);
    check_credits(consent, lines, cover.blocked);
    for (const auto& blocked : cover.blocked)
        if (std::ranges::find(cover.items_needing_consent, blocked.item_code) ==
            cover.items_needing_consent.end())
            cover.items_needing_consent.push_back(blocked.item_code);
    check_whole(consent, amount, taken_in_cycle, at, cover.blocked);
    cover.ok = cover.blocked.empty();
    (cover.ok ? cover.automatic : cover.manual) = std::max(amount, Fen{});
    return cover;
}

ConsentComparison compare(const Consent& old_consent, const Consent& new_consent) {
    using enum ConsentDifference;
    Comparison comparison;
    for (const auto& item : new_consent.items) {
        const auto* before = find_item(old_consent, item.code);
        if (!before) {
            comparison.note(item.code, item_added);
            continue;
        }
        comparison.level(item.code, before->unit_price, item.unit_price, unit_price_raised,
                         unit_price_lowered);
        comparison.level(item.code, before->ceiling, item.ceiling, ceiling_raised, ceiling_lowered);
    }
    for (const auto& item : old_consent.items)
        if (!find_item(new_consent, item.code))
            comparison.note(item.code, item.unit_price < MicroYuan{} ? unit_price_raised : item_removed);
    comparison.level("", old_consent.cap_charge, new_consent.cap_charge, charge_cap_raised, cap_lowered);
    comparison.level("", old_consent.cap_cycle, new_consent.cap_cycle, cycle_cap_raised, cap_lowered);
    if (old_consent.provider != new_consent.provider) comparison.note("", provider_changed);
    if (old_consent.account != new_consent.account) comparison.note("", account_changed);
    if (old_consent.valid_to && (!new_consent.valid_to || *new_consent.valid_to > *old_consent.valid_to))
        comparison.note("", valid_longer);
    return comparison.take();
}

bool needs_new_consent(const Consent& old_consent, const Consent& new_consent) {
    return compare(old_consent, new_consent).needs_consent;
}

}  // namespace wefee
