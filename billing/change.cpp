#include "billing/change.hpp"

#include <algorithm>

#include "billing/credit_note.hpp"
#include "billing/error.hpp"
#include "billing/rating_parts.hpp"
#include "billing/seats.hpp"

namespace wefee {
namespace {

/// A fixed price from the day of the change on, as it would be billed in advance.
struct RunningItem {
    RatedLine line;
    DaySpan full;
    int whole_days = 0;  // of `full`, as the plan counts them
    int tax_basis_points = 0;
};

RunningItem running_item(RatedLine line, const RatingPart& part) {
    const auto& full = part.input.full;
    return {std::move(line), full,
            part_of(full, full, find_plan(*part.prices, part.input.plan)->day_count).of,
            part.prices->tax_basis_points};
}

std::vector<RunningItem> running_items(const Subscription& subscription, DaySpan rest) {
    std::vector<RunningItem> items;
    if (rest.start >= rest.end) return items;
    for (auto& part : stretches(subscription, rest)) {
        if (find_plan(*part.prices, part.input.plan)->timing != Timing::advance) continue;
        part.input.portion = Portion::fixed;
        part.input.last_part = false;
        part.input.coupons.clear();
        for (auto& line : rate(*part.prices, part.input).lines)
            if (line.kind != LineKind::tax) items.push_back(running_item(std::move(line), part));
    }
    return items;
}

/// The exact price where the line's formula has that form, else the line's own amount.
Fraction exact_price(const RatedLine& line) {
    const auto& f = line.formula;
    if (f.factor_den == 0) return line.amount();
    const auto exact =
        in_fen(f.unit_price) * in_units(f.quantity - f.included) * Fraction{f.factor_num, f.factor_den};
    return rounded(exact) == line.amount() ? exact : Fraction{line.amount()};
}

bool goes_on(const RunningItem& item, const std::vector<RunningItem>& others) {
    return std::ranges::any_of(others, [&](const RunningItem& other) {
        const auto& a = item.line.formula;
        const auto& b = other.line.formula;
        return item.line.item_code == other.line.item_code && item.line.period == other.line.period &&
               item.full == other.full && a.unit_price == b.unit_price && a.quantity == b.quantity &&
               a.included == b.included && a.factor_num == b.factor_num && a.amount == b.amount;
    });
}

/// R7: never more than was billed, and what coupons took off was not paid.
ChangeCredit credit_of(const RunningItem& item, const BilledItem& billed) {
    const auto price = exact_price(item.line);
    const auto gross = rounded(price) <= billed.left ? price : Fraction{billed.left};
    const auto note = credit_note(gross * (Fraction{1} - billed.discount), item.tax_basis_points);
    return {item.line.item_code,   item.line.title, item.line.period, item.whole_days,
            rounded(gross),        note.net,        note.tax,         note.total,
            item.line.formula.text};
}

const BilledItem* find_billed(const std::vector<BilledItem>& billed, std::string_view code) {
    const auto found = std::ranges::find(billed, code, &BilledItem::item_code);
    return found == billed.end() ? nullptr : &*found;
}

/// R8: seats paid in advance without proration. Only what exceeds the highest level already paid is charged.
bool seats_by_mark(const Subscription& before, const Subscription& after, CivilDay day) {
    const auto& old_plan = plan_on(before, day);
    const auto& new_plan = plan_on(after, day);
    return old_plan.code == new_plan.code && new_plan.timing == Timing::advance &&
           old_plan.seat_rule == SeatRule::high_water && new_plan.seat_rule == SeatRule::high_water;
}

std::int64_t highest_seats(const Subscription& subscription, DaySpan span) {
    std::int64_t highest = 0;
    for (const auto& level : seats_in_use(subscription)) {
        if (level.day >= span.end) break;
        highest = level.day <= span.start ? level.seats : std::max(highest, level.seats);
    }
    return highest;
}

/// The seats line of a high-water plan after the change: only what is above the mark.
std::optional<RatedLine> line_above_mark(const Subscription& before, const Subscription& after, CivilDay day,
                                         DaySpan period) {
    const auto& plan = plan_on(after, day);
    const auto billable = [&](std::int64_t seats) {
        return std::max<std::int64_t>(0, seats - plan.included_seats);
    };
    const auto paid = highest_seats(before, {period.start, std::max(add_days(day, 1), period.start)});
    const auto now = highest_seats(after, period);
    HighWaterMark mark{billable(paid)};
    const auto amount = mark.raise_to(billable(now), plan.seat_price);
    if (amount == Fen{}) return std::nullopt;
    RatedLine line;
    line.item_code = seats_item();
    line.kind = LineKind::seats;
    line.title = "席位";
    line.period = {day, period.end};
    line.formula.unit = "席";
    line.formula.unit_price = plan.seat_price;
    line.formula.quantity = units(billable(now));
    line.formula.included = units(billable(paid));
    line.formula.amount = amount;
    line.formula.text =
        rating::times(plan.seat_price, rating::counted(line.formula.quantity, line.formula.included, "席"));
    line.evidence = "本期已付最高 " + std::to_string(paid) + " 席";
    return line;
}

/// R9: seats in tiers are a ledger of the stretch that holds `day`. None where they are not in tiers, or not
/// in advance.
std::optional<RunningItem> tiered_seats(const Subscription& subscription, DaySpan period, CivilDay day) {
    for (auto& part : stretches(subscription, period)) {
        if (day < part.input.period.start || part.input.period.end <= day) continue;
        const auto& plan = *find_plan(*part.prices, part.input.plan);
        if (plan.seat_tiers.empty() || plan.timing != Timing::advance) return std::nullopt;
        auto line = rating::seat_lines(plan, part.input).front();
        line.period = part.input.period;
        return running_item(std::move(line), part);
    }
    return std::nullopt;
}

Subscription without_seats(Subscription subscription, CivilDay day) {
    std::erase_if(subscription.seats, [&](const SeatLevel& level) { return level.day >= day; });
    subscription.seats.push_back({day, 0});
    return subscription;
}

/// The ledger from `day` on, less what was charged of it.
RunningItem risen(RunningItem item, Fen charged, CivilDay day) {
    auto& formula = item.line.formula;
    formula.already = charged;
    formula.amount -= charged;
    formula.text += " \u2212 已计 " + format_yuan_for_people(charged);
    item.line.period.start = day;
    return item;
}

/// What the ledger's total changes by: above zero it is charged, below it is credited. A flat fee stays due,
/// over a pause, too.
struct SeatChange {
    bool of_before = false;  // the old terms have seats in tiers: they are settled here
    bool of_after = false;   // ... and go on under the new ones
    std::optional<RunningItem> item = {};
};

/// Where the old terms have no ledger on the day: one that goes on after a pause charges what it rises by.
SeatChange resumed_seats(const Subscription& after, DaySpan period, CivilDay day) {
    SeatChange change;
    auto item = tiered_seats(after, period, day);
    if (!item || item->line.period.start == day) return change;
    const auto charged = tiered_seats(without_seats(after, day), period, day)->line.amount();
    change.of_after = true;
    change.item = risen(std::move(*item), charged, day);
    return change;
}

SeatChange seat_change(const Subscription& before, const Subscription& after, CivilDay day,
                       DaySpan old_period, DaySpan new_period) {
    SeatChange change;
    auto item = tiered_seats(before, old_period, day);
    if (!item) return resumed_seats(after, {old_period.start, new_period.end}, day);
    change.of_before = true;
    auto next = tiered_seats(after, {old_period.start, new_period.end}, day);
    change.of_after = next && next->line.period == item->line.period && next->full == item->full;
    const auto charged = item->line.amount();
    if (!change.of_after) next = tiered_seats(without_seats(before, day), old_period, day);
    if (!change.of_after && day == item->line.period.start)
        next->line.formula.amount = {};  // they were never held
    change.item = risen(std::move(*next), charged, day);
    change.item->line.period.end = item->line.period.end;
    return change;
}

void apply(SubscriptionTerms& terms, const TermsWish& wish) {
    if (wish.plan) terms.plan = *wish.plan;
    if (wish.add_ons) terms.add_ons = *wish.add_ons;
    if (wish.coupons) terms.coupons = *wish.coupons;
    if (wish.anchor_day) terms.anchor_day = *wish.anchor_day;
    if (wish.prices) terms.prices = wish.prices;
    if (wish.paused) terms.paused = *wish.paused;
}

/// Everything that terms name must be on their price list.
std::vector<FieldProblem> misfits(const SubscriptionTerms& terms) {
    std::vector<FieldProblem> problems;
    if (!find_plan(*terms.prices, terms.plan))
        problems.push_back({"/plan", "is not a plan of the price list"});
    for (std::size_t i = 0; i < terms.add_ons.size(); ++i)
        if (!is_add_on(*terms.prices, terms.add_ons[i]))
            problems.push_back({"/add_ons/" + std::to_string(i), "is not sold beside a plan"});
    for (std::size_t i = 0; i < terms.coupons.size(); ++i)
        if (!find_coupon(*terms.prices, terms.coupons[i]))
            problems.push_back({"/coupons/" + std::to_string(i), "is not a coupon of the price list"});
    if (terms.anchor_day < 1 || terms.anchor_day > 31) problems.push_back({"/anchor_day", "must be 1 to 31"});
    return problems;
}

}  // namespace

Subscription changed(Subscription subscription, const TermsWish& wish, CivilDay day) {
    auto now = terms_on(subscription, day);
    now.from = day;
    apply(now, wish);
    auto problems = misfits(now);
    if (wish.seats && *wish.seats < 0) problems.push_back({"/seats", "must not be negative"});
    if (!problems.empty())
        throw Error(Errc::invalid_value, "this change does not fit the price list", std::move(problems));
    const auto later =
        std::ranges::find_if(subscription.terms, [&](const auto& terms) { return terms.from > day; });
    for (auto planned = later; planned != subscription.terms.end(); ++planned) apply(*planned, wish);
    subscription.terms.insert(later, std::move(now));
    if (wish.seats) {
        std::erase_if(subscription.seats, [&](const SeatLevel& level) { return level.day > day; });
        subscription.seats.push_back({day, *wish.seats});
    }
    return subscription;
}

Subscription cancelled(Subscription subscription, CivilDay last_day) {
    subscription.last_day = last_day;
    std::erase_if(subscription.terms, [&](const SubscriptionTerms& terms) { return terms.from > last_day; });
    std::erase_if(subscription.seats, [&](const SeatLevel& level) { return level.day > last_day; });
    return subscription;
}

ChangeBill change_bill(const Subscription& before, const Subscription& after, CivilDay day,
                       const std::vector<BilledItem>& billed) {
    const auto old_period = period_holding(before, day);
    const bool over = after.last_day && *after.last_day < day;
    const auto new_period = over ? DaySpan{day, day} : period_from(after, day);
    auto old_items = running_items(before, {day, old_period.end});
    auto new_items = running_items(after, {day, new_period.end});
    const bool marks = seats_by_mark(before, after, day);
    const auto are_seats = [](const RunningItem& item) { return item.line.kind == LineKind::seats; };
    if (plan_on(before, day).seat_rule == SeatRule::high_water)
        std::erase_if(old_items, are_seats);  // R8: nothing back
    if (marks) std::erase_if(new_items, are_seats);
    auto seats = seat_change(before, after, day, old_period, new_period);
    if (seats.of_before) std::erase_if(old_items, are_seats);
    if (seats.of_after) std::erase_if(new_items, are_seats);
    if (seats.item && seats.item->line.amount() < Fen{}) {
        seats.item->line.formula.amount = -seats.item->line.amount();
        old_items.push_back(*seats.item);
    } else if (seats.item && seats.item->line.amount() > Fen{}) {
        new_items.push_back(*seats.item);
    }
    ChangeBill change;
    for (const auto& item : old_items) {
        const auto* paid = find_billed(billed, item.line.item_code);
        if (!paid || paid->left <= Fen{} || goes_on(item, new_items)) continue;
        change.credits.push_back(credit_of(item, *paid));
        change.credit_net += change.credits.back().net;
        change.credit_tax += change.credits.back().tax;
        change.credit_total += change.credits.back().total;
    }
    std::vector<rating::DueLine> charged;
    for (auto& item : new_items)
        if (!goes_on(item, old_items)) charged.push_back({std::move(item.line), item.tax_basis_points});
    const auto& terms = terms_on(after, day);
    if (marks)
        if (auto line = line_above_mark(before, after, day, {old_period.start, new_period.end}))
            charged.push_back({std::move(*line), terms.prices->tax_basis_points});
    change.charge = rating::bill_of(charged, *terms.prices, terms.coupons);
    return change;
}

ChangeCredit take_part(ChangeCredit& credit, Fen gross) {
    auto part = credit;
    const auto share = [&](Fen whole) {
        return rounded(Fraction{whole} * Fraction{gross.count(), credit.gross.count()});
    };
    if (gross < credit.gross) {
        part.gross = gross;
        part.net = share(credit.net);
        part.tax = share(credit.tax);
        part.total = part.net + part.tax;
    }
    credit.gross -= part.gross;
    credit.net -= part.net;
    credit.tax -= part.tax;
    credit.total -= part.total;
    return part;
}

SettledChange settle_change(const Subscription& before, const Subscription& after, CivilDay from,
                            DaySpan open, const std::vector<BilledItem>& billed) {
    SettledChange settled;
    if (from < open.end) settled.bill = change_bill(before, after, from, billed);
    settled.period = period_from(after, open.start);
    settled.begins_period = from == settled.period.end && from < open.end && !after.last_day;
    return settled;
}

/// Coupons are spread in proportion to the lines above zero (R6), so each of them lost the same part.
Fraction discount_of(const RatedPeriod& bill) {
    Fen taken{}, goods{};
    for (const auto& line : bill.lines) {
        if (line.kind == LineKind::coupon)
            taken -= line.amount();
        else if (line.kind != LineKind::tax && line.amount() > Fen{})
            goods += line.amount();
    }
    return goods == Fen{} ? Fraction{} : Fraction{taken.count(), goods.count()};
}

std::vector<BilledItem> billed_in_advance(const RatedPeriod& bill, CivilDay period_start) {
    const auto discount = discount_of(bill);
    std::vector<BilledItem> items;
    for (const auto& line : bill.lines)
        if (line.period.start >= period_start && line.kind <= LineKind::seats)
            items.push_back({std::string(item_of(line.item_code)), line.amount(), discount});
    return items;
}

void add_billed(std::vector<BilledItem>& billed, const RatedPeriod& charge) {
    const auto discount = discount_of(charge);
    for (const auto& line : charge.lines) {
        if (line.kind > LineKind::seats) continue;
        const auto code = item_of(line.item_code);
        const auto known = std::ranges::find(billed, code, &BilledItem::item_code);
        if (known == billed.end()) {
            billed.push_back({std::string(code), line.amount(), discount});
        } else {
            known->left += line.amount();
            known->discount = discount;
        }
    }
}

void take_credit(std::vector<BilledItem>& billed, std::string_view item_code, Fen gross) {
    const auto known = std::ranges::find(billed, item_code, &BilledItem::item_code);
    if (known != billed.end()) known->left -= gross;
}

}  // namespace wefee
