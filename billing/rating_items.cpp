// Item codes, and the list of all that a plan can ever bill: a consent names them before any usage is known.
#include <algorithm>
#include <set>

#include "billing/error.hpp"
#include "billing/rating_parts.hpp"

namespace wefee {

std::string plan_item(std::string_view plan) { return "plan." + std::string(plan); }
std::string module_item(std::string_view module) { return "module." + std::string(module); }
std::string add_on_item(std::string_view add_on) { return "add_on." + std::string(add_on); }
std::string coupon_item(std::string_view coupon) { return "coupon." + std::string(coupon); }
std::string one_off_item(std::string_view one_off) { return "one_off." + std::string(one_off); }
std::string_view item_of(std::string_view line_code) { return line_code.substr(0, line_code.find('@')); }
std::string seats_item() { return "seats"; }
std::string usage_item(std::string_view meter) { return std::string(meter); }
std::string tier_item(std::string_view meter, std::size_t tier) {
    return std::string(meter) + ".tier" + std::to_string(tier + 1);
}
std::string late_item(std::string_view metered_item) { return std::string(metered_item) + ".late"; }
std::string meter_minimum_item(std::string_view meter) { return std::string(meter) + ".minimum"; }
std::string meter_cap_item(std::string_view meter) { return std::string(meter) + ".cap"; }
std::string minimum_item() { return "minimum"; }
std::string cap_item() { return "cap"; }
std::string tax_item() { return "tax"; }
std::string account_credit_item() { return "account_credit"; }

namespace rating {

std::string counted(Quantity quantity, Quantity included, const std::string& unit) {
    if (included == Quantity{}) return format_quantity_for_people(quantity) + " " + unit;
    return "(" + format_quantity_for_people(quantity) + " \u2212 含 " + format_quantity_for_people(included) +
           ") " + unit;
}

std::string days_part(int days, int of) { return std::to_string(days) + "/" + std::to_string(of) + " 天"; }

std::string times(MicroYuan price, const std::string& what) {
    return format_unit_price(price) + " × " + what;
}

std::optional<AddOnTerms> add_on_of(const PriceList& prices, std::string_view code) {
    if (const auto* offer = find_add_on(prices, code))
        return AddOnTerms{add_on_item(code), offer->title, offer->modules, offer->price};
    const auto* module = find_module(prices, code);
    if (!module || !module->price) return std::nullopt;
    return AddOnTerms{module_item(code), module->title, {module->code}, *module->price};
}

std::string period_unit(const Plan& plan) {
    if (plan.weeks > 0) return plan.weeks == 1 ? "周" : std::to_string(plan.weeks) + " 周";
    return plan.months == 12 ? "年" : plan.months == 3 ? "季" : "月";
}

PeriodPart period_part(const Plan& plan, const RatingInput& input) {
    return part_of(input.period, input.full, plan.day_count);
}

PeriodPart part_in_use(const Plan& plan, const RatingInput& input) {
    auto part = period_part(plan, input);
    for (const auto& pause : input.pauses) part.days -= part_of(pause, input.full, plan.day_count).days;
    return part;
}

namespace {
bool overlap(DaySpan a, DaySpan b) { return a.start < b.end && b.start < a.end; }
}  // namespace

void check_input(const PriceList& prices, const RatingInput& input) {
    std::vector<FieldProblem> problems;
    const auto bad = [&](std::string pointer, std::string text) {
        problems.push_back({std::move(pointer), std::move(text)});
    };
    const auto at = [](std::string_view list, std::size_t i) {
        return "/" + std::string(list) + "/" + std::to_string(i);
    };
    if (!find_plan(prices, input.plan)) bad("/plan", "not on the price list");
    if (input.period.days() <= 0 || input.period.start < input.full.start ||
        input.full.end < input.period.end)
        bad("/period", "must be some days of the full period");
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < input.add_ons.size(); ++i) {
        const auto& code = input.add_ons[i].code;
        if (!is_add_on(prices, code)) bad(at("add_ons", i) + "/code", "not sold alone on the price list");
        for (std::size_t j = 0; j < i; ++j)
            if (input.add_ons[j].code == code && overlap(input.add_ons[j].days, input.add_ons[i].days))
                bad(at("add_ons", i) + "/code", "chosen twice for the same days");
    }
    for (std::size_t i = 0; i < input.coupons.size(); ++i) {
        if (!find_coupon(prices, input.coupons[i])) bad(at("coupons", i), "not on the price list");
        if (!seen.insert(input.coupons[i]).second) bad(at("coupons", i), "given twice");
    }
    for (std::size_t i = 0; i < input.seats.size(); ++i) {
        if (input.seats[i].seats < 0) bad(at("seats", i) + "/seats", "must not be negative");
        if (i > 0 && input.seats[i].day < input.seats[i - 1].day)
            bad(at("seats", i) + "/day", "days must rise");
    }
    seen.clear();
    for (std::size_t i = 0; i < input.usage.size(); ++i) {
        if (!find_meter(prices, input.usage[i].meter))
            bad(at("usage", i) + "/meter", "not on the price list");
        if (!seen.insert(input.usage[i].meter).second) bad(at("usage", i) + "/meter", "counted twice");
    }
    if (!problems.empty()) throw Error(Errc::invalid_value, "this cannot be rated", std::move(problems));
}

}  // namespace rating

namespace {

MicroYuan highest_price(const UsageCharge& charge) {
    MicroYuan highest = charge.tiers.empty() ? charge.unit_price : MicroYuan{};
    for (const auto& tier : charge.tiers) highest = std::max(highest, tier.unit_price);
    return highest;
}

std::string counting_words(Aggregation aggregation) {
    switch (aggregation) {
        case Aggregation::sum:
            return "按账期内累计用量";
        case Aggregation::count:
            return "按账期内次数";
        case Aggregation::unique:
            return "按账期内去重数量";
        case Aggregation::max:
            return "按账期内最高值";
        case Aggregation::latest:
            return "按账期末数值";
        case Aggregation::time_weighted:
            return "按天加权平均";
    }
    return {};
}

std::string model_words(const UsageCharge& charge, const Meter& meter) {
    auto text = counting_words(meter.aggregation);
    switch (charge.model) {
        case ChargeModel::per_unit:
            break;
        case ChargeModel::graduated:
            text += ",分档累进";
            break;
        case ChargeModel::volume:
            text += ",按总量所在档计价";
            break;
        case ChargeModel::flat:
            text = "账期内有用量即按固定价收取一次";
            break;
        case ChargeModel::package:
            text += ",每满或不满 " + format_quantity_for_people(charge.package_size) + " " + meter.unit +
                    " 计 1 包";
            break;
        case ChargeModel::percentage:
            text += ",按交易额 " + format_quantity(Quantity{charge.percentage.rate_ppm * 100}) + "%";
            if (charge.percentage.fixed_fee != Fen{})
                text += " + 每笔 " + format_yuan_for_people(charge.percentage.fixed_fee);
            break;
    }
    if (charge.included > Quantity{})
        text += ",含 " + format_quantity_for_people(charge.included) + " " + meter.unit;
    return text;
}

void add_tiers(std::vector<ChargeableItem>& items, const UsageCharge& charge, const Meter& meter) {
    Quantity above{};
    for (std::size_t i = 0; i < charge.tiers.size(); ++i) {
        const auto& tier = charge.tiers[i];
        const auto range =
            tier.up_to ? format_quantity_for_people(above) + "–" + format_quantity_for_people(*tier.up_to)
                       : format_quantity_for_people(above) + " 以上";
        items.push_back({tier_item(meter.code, i), meter.title + "(第 " + std::to_string(i + 1) + " 档)",
                         tier.unit_price, tier.package_size ? "包" : meter.unit,
                         model_words(charge, meter) + ":" + range});
        if (tier.up_to) above = *tier.up_to;
    }
}

void add_usage(std::vector<ChargeableItem>& items, const UsageCharge& charge, const Meter& meter) {
    if (charge.model == ChargeModel::graduated) {
        add_tiers(items, charge, meter);
    } else {
        const bool percentage = charge.model == ChargeModel::percentage;
        items.push_back({usage_item(meter.code), meter.title,
                         percentage ? MicroYuan{} : highest_price(charge),
                         charge.model == ChargeModel::package ? "包"
                         : charge.model == ChargeModel::flat  ? "期"
                         : percentage                         ? "笔"
                                                              : meter.unit,
                         model_words(charge, meter)});
    }
    items.push_back({late_item(meter.code), meter.title + "补记", highest_price(charge), meter.unit,
                     "上期晚到的用量,按差额补收"});
    if (charge.minimum)
        items.push_back({meter_minimum_item(meter.code),
                         meter.title + "保底补足",
                         {},
                         "期",
                         "保底 " + format_yuan_for_people(*charge.minimum)});
    if (charge.cap)
        items.push_back({meter_cap_item(meter.code),
                         meter.title + "封顶减免",
                         {},
                         "期",
                         "封顶 " + format_yuan_for_people(*charge.cap)});
}

}  // namespace

std::vector<ChargeableItem> chargeable_items(const PriceList& prices, std::string_view plan_code,
                                             const std::vector<std::string>& add_ons) {
    const auto* plan = find_plan(prices, plan_code);
    if (!plan)
        throw Error(Errc::invalid_value, "this plan is not on the price list",
                    {{"/plan", std::string(plan_code)}});
    const auto unit = rating::period_unit(*plan);
    std::vector<ChargeableItem> items{
        {plan_item(plan->code), plan->title, plan->price, unit, "每期一次,不足一期按天"}};
    for (const auto& code : add_ons) {
        const auto add_on = rating::add_on_of(prices, code);
        if (!add_on)
            throw Error(Errc::invalid_value, "this add-on is not on the price list", {{"/add_ons", code}});
        items.push_back({add_on->item_code, add_on->title, add_on->price, unit, "每期一次,不足一期按天"});
    }
    if (has_seat_price(*plan))
        items.push_back({seats_item(), "席位", highest_seat_price(*plan), "席",
                         plan->seat_rule == SeatRule::high_water ? "按账期内最高席位数"
                         : plan->seat_tiers.empty()              ? "按席位数,变动按天"
                                                                 : "按席位数分档累进,变动按天"});
    for (const auto& charge : plan->usage) {
        const auto* meter = find_meter(prices, charge.meter);
        if (meter) add_usage(items, charge, *meter);
    }
    for (const auto& [credit, add_on] :
         rating::credits_of(prices, *plan, add_ons)) {  // below zero: less of it costs more
        items.push_back({credit_item(credit->code), credit->title,
                         MicroYuan{-credit->amount.count() * micro_yuan_per_fen}, unit,
                         "抵扣" + rating::paid_by_credit(prices, *credit) + ",只减不加"});
        items.push_back({late_item(credit_item(credit->code)),
                         credit->title + "补记",
                         {},
                         "期",
                         "上期晚到的用量使抵扣变动的差额"});
    }
    if (plan->minimum) {
        items.push_back(
            {minimum_item(), "保底补足", {}, "期", "保底 " + format_yuan_for_people(*plan->minimum)});
        items.push_back(
            {late_item(minimum_item()), "保底补足补记", {}, "期", "上期晚到的用量使保底补足变动的差额"});
    }
    if (plan->cap) {
        items.push_back({cap_item(), "封顶减免", {}, "期", "封顶 " + format_yuan_for_people(*plan->cap)});
        items.push_back(
            {late_item(cap_item()), "封顶减免补记", {}, "期", "上期晚到的用量使封顶减免变动的差额"});
    }
    items.push_back({budget_cap_item(), "预算封顶减免", {}, "期", "超出您设定预算的部分,只减不加"});
    for (const auto& offer : prices.one_offs)
        items.push_back(
            {one_off_item(offer.code), offer.title, offer.price, offer.unit, "下单时一次性收取,不按天折算"});
    for (const auto& coupon : prices.coupons)  // takes nothing, but a line may name it
        items.push_back({coupon_item(coupon.code), coupon.title, {}, "期", "优惠,只减不加"});
    if (prices.tax_basis_points > 0)
        items.push_back({tax_item(), prices.tax_title, {}, "期", "按各项合计乘以税率"});
    return items;
}

}  // namespace wefee
