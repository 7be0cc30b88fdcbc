// Usage that came after its period was invoiced (R11): the whole period is priced again, and each item that
// its usage moves is billed as the difference to what was invoiced.
#include <algorithm>
#include <map>

#include "billing/error.hpp"
#include "billing/rating_parts.hpp"

namespace wefee {

std::optional<std::string> metered_item(LineKind kind, std::string_view line_code) {
    const auto item = item_of(line_code);
    if (kind == LineKind::credit && item.starts_with(credit_item(""))) return std::string(item);
    if (kind != LineKind::usage && kind != LineKind::minimum && kind != LineKind::cap) return std::nullopt;
    if (item == budget_cap_item()) return std::nullopt;
    return std::string(item.substr(0, item.find('.')));
}

void add_invoiced(std::vector<AlreadyInvoiced>& already, LineKind kind, std::string_view line_code,
                  Fen amount) {
    if (const auto item = metered_item(kind, line_code)) add_invoiced(already, *item, amount);
}

void add_invoiced(std::vector<AlreadyInvoiced>& already, const std::string& item, Fen amount) {
    const auto known = std::ranges::find(already, item, &AlreadyInvoiced::item_code);
    if (known == already.end())
        already.push_back({item, amount});
    else
        known->amount += amount;
}

namespace rating {
namespace {

/// One item of one earlier period.
struct Settled {
    const LateUsage* late;
    std::string item;
    Fen price;
    Fen invoiced;
    Fen amount = {};
    Fen difference() const { return price - invoiced; }
};

bool is_of_the_plan(const std::string& item) {
    return item == minimum_item() || item == cap_item() || item.starts_with(credit_item(""));
}

Fen invoiced_of(const LateUsage& late, const std::string& item) {
    const auto known = std::ranges::find(late.already, item, &AlreadyInvoiced::item_code);
    return known == late.already.end() ? Fen{} : known->amount;
}

/// Everything that depends on usage, as the whole period costs it.
std::map<std::string, Fen> prices_of(const LateUsage& late) {
    std::map<std::string, Fen> prices;
    CreditsUsed used;
    for (auto [list, input] : late.parts) {
        input.portion = Portion::usage;
        check_input(*list, input);
        for (const auto& line : stretch_lines(*list, *find_plan(*list, input.plan), input, used))
            if (const auto item = metered_item(line.kind, line.item_code)) prices[*item] += line.amount();
    }
    return prices;
}

/// Meters that late usage is of, then what of the plan looks at all of it and has changed.
std::vector<Settled> settled(const LateUsage& late) {
    auto prices = prices_of(late);
    for (const auto& [item, amount] : late.already) prices[item];
    std::vector<Settled> items;
    for (const auto& [meter, days] : late.meters)
        if (prices.contains(meter) && !is_of_the_plan(meter))
            items.push_back({&late, meter, prices[meter], invoiced_of(late, meter)});
    for (const auto& [item, price] : prices)
        if (is_of_the_plan(item) && price != invoiced_of(late, item))
            items.push_back({&late, item, price, invoiced_of(late, item)});
    return items;
}

std::vector<CreditTerms> every_credit(const PriceList& prices) {
    std::vector<std::string> add_ons;
    for (const auto& offer : prices.add_ons) add_ons.push_back(offer.code);
    std::vector<CreditTerms> all;
    for (const auto& plan : prices.plans)
        std::ranges::move(credits_of(prices, plan, add_ons), std::back_inserter(all));
    return all;
}

const Meter* meter_then(const LateUsage& late, const std::string& item) {
    const Meter* found = nullptr;
    for (const auto& part : late.parts)
        if (const auto* meter = find_meter(*part.prices, item)) found = meter;
    return found;
}

std::string title_of(const LateUsage& late, const std::string& item) {
    if (const auto* meter = meter_then(late, item)) return meter->title;
    for (const auto& [prices, input] : late.parts)
        for (const auto& [credit, add_on] : every_credit(*prices))
            if (item == credit_item(credit->code)) return credit->title;
    const auto& [prices, input] = late.parts.back();
    return find_plan(*prices, input.plan)->title + (item == minimum_item() ? "保底补足" : "封顶减免");
}

Quantity quantity_of(const LateUsage& late, const std::string& meter) {
    Quantity quantity{};
    for (const auto& part : late.parts)
        for (const auto& total : part.input.usage)
            if (total.meter == meter) quantity = quantity + total.quantity;
    return quantity;
}

std::string month_words(const LateUsage& late) {
    return std::to_string(static_cast<unsigned>(late.period.start.month())) + "月补记";
}

void append_words(std::string& text, const std::string& more) { text += (text.empty() ? "" : ";") + more; }

void add_to_line(RatedLine& line, const Settled& one) {
    const auto& late = *one.late;
    auto words = month_words(late) + ":全期";
    if (const auto* meter = meter_then(late, one.item)) {
        const auto quantity = quantity_of(late, one.item);
        line.formula.unit = meter->unit;
        line.formula.quantity = line.formula.quantity + quantity;
        words += " " + format_quantity_for_people(quantity) + " " + meter->unit + " 计 ";
    } else {
        words += "计 ";
    }
    words += format_yuan_for_people(one.price) + ",已开 " + format_yuan_for_people(one.invoiced);
    const auto rest = one.difference() - one.amount;
    if (rest != Fen{}) words += ",余 " + format_yuan_for_people(rest) + " 留待下期";
    append_words(line.formula.text, words);
    line.formula.amount += one.amount;
    line.formula.already += one.invoiced;
    auto evidence = format_day(late.period.start) + " 至 " + format_day(add_days(late.period.end, -1));
    const auto of = std::ranges::find(late.meters, one.item, &LateUsage::Late::meter);
    if (of != late.meters.end() && !of->days.empty()) evidence += "," + of->days + "补记";
    append_words(line.evidence, evidence);
}

/// What is added is charged whole, and makes room for what is given back.
void share_room(std::vector<Settled>& items, std::optional<Fen> room) {
    for (auto& one : items) {
        one.amount = one.difference();
        if (room && one.amount > Fen{}) *room += one.amount;
    }
    if (!room) return;
    for (auto& one : items) {
        if (one.amount >= Fen{}) continue;
        one.amount = std::max(one.amount, -std::max(*room, Fen{}));
        *room += one.amount;
    }
}

}  // namespace

LateLines late_lines(std::span<const LateUsage> late, std::optional<Fen> room) {
    std::vector<Settled> items;
    for (const auto& of_period : late) std::ranges::move(settled(of_period), std::back_inserter(items));
    share_room(items, room);
    LateLines result;
    for (const auto& one : items) {
        const auto code = late_item(one.item);
        auto line = std::ranges::find(result.lines, code, &RatedLine::item_code);
        if (line == result.lines.end()) {
            RatedLine first;
            first.item_code = code;
            first.kind = LineKind::late_usage;
            first.title = title_of(*one.late, one.item) + " " + month_words(*one.late);
            line = result.lines.insert(result.lines.end(), std::move(first));
        } else {
            line->title = title_of(*one.late, one.item) + "补记";
        }
        add_to_line(*line, one);
        result.billed.push_back({one.item, one.late->period, one.amount, one.difference() - one.amount});
    }
    return result;
}

}  // namespace rating
}  // namespace wefee
