#include "billing/price_words.hpp"

#include <algorithm>

#include "billing/price_list_fields.hpp"
#include "billing/rating_parts.hpp"

namespace wefee {
namespace {

/// Rates stand in 10^-6; people read per cent.
std::string rate_words(std::int64_t rate_ppm) { return shown_number({.decimals = 4, .unit = "%"}, rate_ppm); }

std::string amount_of(Quantity quantity, const std::string& unit) {
    return format_quantity_for_people(quantity) + " " + unit;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) all += (all.empty() ? "" : "、") + text;
    return all;
}

std::string per_unit_words(MicroYuan price, std::optional<Quantity> package, const std::string& unit) {
    if (!package) return format_unit_price(price) + " / " + unit;
    return format_unit_price(price) + " / 包(每包 " + amount_of(*package, unit) + ",不足一包按一包计)";
}

std::string percentage_words(const Percentage& terms) {
    auto text = "每笔交易额的 " + rate_words(terms.rate_ppm);
    if (terms.fixed_fee != Fen{}) text += " 加 " + format_yuan_for_people(terms.fixed_fee);
    if (terms.event_minimum) text += ",每笔最低 " + format_yuan_for_people(*terms.event_minimum);
    if (terms.event_maximum) text += ",每笔最高 " + format_yuan_for_people(*terms.event_maximum);
    if (terms.free_events > 0) text += ",每期前 " + std::to_string(terms.free_events) + " 笔免费";
    return text;
}

std::string range_words(Quantity below, std::optional<Quantity> up_to, const std::string& unit) {
    if (!up_to) return "超过 " + amount_of(below, unit);
    return "超过 " + format_quantity_for_people(below) + " 至 " + amount_of(*up_to, unit);
}

std::string tier_words(const Tier& tier, const std::string& unit) {
    auto text = per_unit_words(tier.unit_price, tier.package_size, unit);
    if (tier.flat_fee != Fen{}) text += ",进入本档另收 " + format_yuan_for_people(tier.flat_fee);
    if (tier.cap) text += ",本档封顶 " + format_yuan_for_people(*tier.cap);
    return text;
}

void add_tiers(const std::vector<Tier>& tiers, const std::string& title, const std::string& unit,
               std::vector<PriceWords>& words) {
    Quantity below{};
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        const auto& tier = tiers[i];
        const auto range = i == 0 && tier.up_to ? "0 至 " + amount_of(*tier.up_to, unit)
                                                : range_words(below, tier.up_to, unit);
        words.push_back({title + " 第 " + std::to_string(i + 1) + " 档:" + range, tier_words(tier, unit)});
        if (tier.up_to) below = *tier.up_to;
    }
}

void add_usage(const PriceList& prices, const UsageCharge& charge, std::vector<PriceWords>& words) {
    const auto* meter = find_meter(prices, charge.meter);
    const auto title = meter ? meter->title : charge.meter;
    const auto unit = meter ? meter->unit : std::string{};
    std::string costs;
    switch (charge.model) {
        case ChargeModel::per_unit:
            costs = per_unit_words(charge.unit_price, {}, unit);
            break;
        case ChargeModel::package:
            costs = per_unit_words(charge.unit_price, charge.package_size, unit);
            break;
        case ChargeModel::percentage:
            costs = percentage_words(charge.percentage);
            break;
        case ChargeModel::flat:
            costs = format_unit_price(charge.unit_price) + " / 期,有使用才收";
            break;
        case ChargeModel::graduated:
            costs = "分档累进:各档数量按各档单价";
            break;
        case ChargeModel::volume:
            costs = "按总量定档:全部数量按所达到档的单价";
            break;
    }
    if (charge.included != Quantity{}) costs += ",每期含 " + amount_of(charge.included, unit);
    words.push_back({title, costs});
    add_tiers(charge.tiers, title, unit, words);
    if (charge.minimum) words.push_back({title + " 每期最低消费", format_yuan_for_people(*charge.minimum)});
    if (charge.cap) words.push_back({title + " 每期封顶", format_yuan_for_people(*charge.cap)});
}

std::string credit_words(const PriceList& prices, const IncludedCredit& credit, const std::string& period) {
    return format_yuan_for_people(credit.amount) + " / " + period + ",先抵扣" +
           rating::paid_by_credit(prices, credit) +
           (credit.prorated ? ",不足一期按天折算" : ",不足一期不折算") + ",未用完的期末作废";
}

}  // namespace

std::string period_words(const Plan& plan) {
    if (plan.weeks > 0) return plan.weeks == 1 ? "周" : std::to_string(plan.weeks) + " 周";
    switch (plan.months) {
        case 1:
            return "月";
        case 3:
            return "季度";
        case 12:
            return "年";
        default:
            return std::to_string(plan.months) + " 个月";
    }
}

std::vector<PriceWords> plan_words(const PriceList& prices, const Plan& plan) {
    const auto period = period_words(plan);
    std::vector<PriceWords> words{{"套餐费", format_unit_price(plan.price) + " / " + period}};
    words.push_back({"含席位", std::to_string(plan.included_seats) + " 席"});
    const auto rule = std::string(kind_label(plan.seat_rule));
    if (plan.seat_tiers.empty())
        words.push_back(
            {"超出的席位", format_unit_price(plan.seat_price) + " / 席 / " + period + "," + rule});
    else
        words.push_back({"超出的席位", "每" + period + "分档累进:各档席位按各档单价," + rule});
    add_tiers(plan.seat_tiers, "超出的席位", "席", words);
    words.push_back({"不足一期", std::string(kind_label(plan.day_count))});
    words.push_back({"固定费用出账", std::string(kind_label(plan.timing)) + ";用量一律期末后付"});
    if (plan.trial_days > 0)
        words.push_back({"免费试用", std::to_string(plan.trial_days) + " 天，自首次订阅之日起计"});
    if (plan.minimum) words.push_back({"每期最低消费(税前)", format_yuan_for_people(*plan.minimum)});
    if (plan.cap) words.push_back({"每期封顶(税前)", format_yuan_for_people(*plan.cap)});
    for (const auto& charge : plan.usage) add_usage(prices, charge, words);
    for (const auto& credit : plan.credits)
        words.push_back({"含抵扣额度「" + credit.title + "」", credit_words(prices, credit, period)});
    return words;
}

std::string module_words(const Module& module) {
    if (!module.price) return "不单独出售";
    return "单独购买 " + format_unit_price(*module.price) + " / 期";
}

std::string add_on_words(const PriceList& prices, const AddOnOffer& offer) {
    auto words = format_unit_price(offer.price) + " / 期";
    for (const auto& credit : offer.credits)
        words += ";含抵扣额度「" + credit.title + "」" + credit_words(prices, credit, "期");
    return words;
}

std::string one_off_words(const OneOffOffer& offer) {
    return format_unit_price(offer.price) + " / " + offer.unit + ",下单时一次性收取,不按天折算";
}

std::string coupon_words(const CouponOffer& offer) {
    const bool percent = offer.terms.kind == Coupon::Kind::percent;
    const auto off = percent ? shown_number({.decimals = 2, .unit = "%"}, offer.terms.basis_points)
                             : format_yuan_for_people(offer.terms.amount) + " / 期";
    const auto how_long =
        offer.periods == 0 ? std::string("每期都适用") : "适用 " + std::to_string(offer.periods) + " 期";
    return "减 " + off + "," + how_long;
}

std::string meter_words(const Meter& meter) {
    auto text = std::string(kind_label(meter.aggregation));
    if (!meter.property.empty()) text += "(按 " + meter.property + ")";
    for (const auto& filter : meter.filters)
        text += ",仅计 " + filter.property + " 为 " + joined(filter.values);
    return text + ",单位 " + meter.unit;
}

std::string feature_words(const PriceList& prices, const Feature& feature) {
    std::vector<std::string> ways;
    for (const auto& module : prices.modules)
        if (std::ranges::find(module.features, feature.code) != module.features.end())
            ways.push_back("属于模块「" + module.title + "」(" + module_words(module) + ")");
    if (const auto* meter = find_meter(prices, feature.meter))
        ways.push_back("使用量计入「" + meter->title + "」,价格见各套餐");
    return ways.empty() ? "不单独收费" : joined(ways);
}

}  // namespace wefee
