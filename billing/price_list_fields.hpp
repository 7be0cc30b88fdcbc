// Every field of a price list, described once: what reads, prints, compares or checks lists walks this.
// Structured bindings hold it complete: a field that is added to the model and not described here does not
// compile.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "billing/price_list.hpp"

namespace wefee {

/// What a field is outside: its name in JSON, its label for people, and what may be written.
struct FieldInfo {
    std::string_view name = {};
    std::string_view label = {};
    bool required = false;  // must stand in the document
    std::int64_t low = 0;   // whole numbers and amounts of a list that may be published
    std::int64_t high = 0;
    std::size_t longest = 0;  // texts: bytes; lists: elements, of `longest_text` bytes each
    std::size_t longest_text = 0;
    bool key = false;            // tells the rows of one list apart
    bool sparse = false;         // printed only when it says something
    int decimals = 0;            // whole numbers: people see them with so many decimals ...
    std::string_view unit = {};  // ... and this behind
};

inline constexpr std::int64_t list_money_max = 1'000'000'000'000;  // far above any price, far below overflow
inline constexpr std::size_t list_rows_max = 500;

namespace field {

constexpr FieldInfo text(std::string_view name, std::string_view label, bool required, std::size_t longest) {
    return {.name = name, .label = label, .required = required, .longest = longest, .sparse = !required};
}
constexpr FieldInfo key(std::string_view name, std::string_view label) {
    return {.name = name, .label = label, .required = true, .longest = 64, .key = true};
}
constexpr FieldInfo number(std::string_view name, std::string_view label, std::int64_t low,
                           std::int64_t high) {
    return {.name = name, .label = label, .low = low, .high = high};
}
/// Fen and micro-yuan. A negative one can be written, but not published.
constexpr FieldInfo money(std::string_view name, std::string_view label, bool sparse = false) {
    return {.name = name, .label = label, .high = list_money_max, .sparse = sparse};
}
constexpr FieldInfo share(std::string_view name, std::string_view label, std::int64_t high, int decimals) {
    return {.name = name, .label = label, .high = high, .decimals = decimals, .unit = "%"};
}
constexpr FieldInfo plain(std::string_view name, std::string_view label, bool sparse = false) {
    return {.name = name, .label = label, .sparse = sparse};
}
constexpr FieldInfo rows(std::string_view name, std::string_view label, bool required, bool sparse = false,
                         std::size_t longest = list_rows_max) {
    return {.name = name,
            .label = label,
            .required = required,
            .longest = longest,
            .longest_text = 64,
            .sparse = sparse};
}
constexpr FieldInfo with_unit(FieldInfo info, std::string_view unit) {
    info.unit = unit;
    return info;
}
constexpr FieldInfo needed(FieldInfo info) {
    info.required = true;
    return info;
}
constexpr FieldInfo seldom(FieldInfo info) {
    info.sparse = true;
    return info;
}

}  // namespace field

/// The kinds that are written as words. `count` of them, from 0.
template <class Kind>
inline constexpr int kinds_of = 0;
template <>
inline constexpr int kinds_of<Aggregation> = 6;
template <>
inline constexpr int kinds_of<ChargeModel> = 6;
template <>
inline constexpr int kinds_of<SeatRule> = 2;
template <>
inline constexpr int kinds_of<DayCount> = 2;
template <>
inline constexpr int kinds_of<Timing> = 2;
template <>
inline constexpr int kinds_of<Coupon::Kind> = 2;
template <class Kind>
concept ListKind = kinds_of<Kind> > 0;

/// As written in JSON, and as people read it.
std::string_view kind_name(Aggregation kind);
std::string_view kind_name(ChargeModel kind);
std::string_view kind_name(SeatRule kind);
std::string_view kind_name(DayCount kind);
std::string_view kind_name(Timing kind);
std::string_view kind_name(Coupon::Kind kind);
std::string_view kind_label(Aggregation kind);
std::string_view kind_label(ChargeModel kind);
std::string_view kind_label(SeatRule kind);
std::string_view kind_label(DayCount kind);
std::string_view kind_label(Timing kind);
std::string_view kind_label(Coupon::Kind kind);

template <ListKind Kind>
std::optional<Kind> parse_kind(std::string_view name) {
    for (int i = 0; i < kinds_of<Kind>; ++i)
        if (kind_name(static_cast<Kind>(i)) == name) return static_cast<Kind>(i);
    return std::nullopt;
}

template <class Given, class Row>
concept Is = std::same_as<std::remove_const_t<Given>, Row>;

/// Calls `visit(info, field)` for each field in the order of the JSON document. A field is a text, flag,
/// whole number, amount, day, kind, list of texts, list of rows, or (Percentage, Terms) a row; the visitor
/// goes down into rows by calling describe again.
template <class Visitor, Is<Feature> Row>
void describe(Visitor& visit, Row& row) {
    auto& [code, title, chargeable, meter] = row;
    visit(field::key("code", "代码"), code);
    visit(field::text("title", "名称", true, 128), title);
    visit(field::plain("chargeable", "可能产生费用"), chargeable);
    visit(field::text("meter", "计量项", false, 64), meter);
}

template <class Visitor, Is<Module> Row>
void describe(Visitor& visit, Row& row) {
    auto& [code, title, features, price] = row;
    visit(field::key("code", "代码"), code);
    visit(field::text("title", "名称", true, 128), title);
    visit(field::rows("features", "功能", false), features);
    visit(field::money("price_micro_yuan", "单独购买价格"), price);
}

template <class Visitor, Is<MeterFilter> Row>
void describe(Visitor& visit, Row& row) {
    auto& [property, values] = row;
    visit(field::key("property", "属性"), property);
    visit(field::needed(field::rows("values", "取值", false)), values);
}

template <class Visitor, Is<Meter> Row>
void describe(Visitor& visit, Row& row) {
    auto& [code, title, unit, aggregation, property, filters, dimensions] = row;
    visit(field::key("code", "代码"), code);
    visit(field::text("title", "名称", true, 128), title);
    visit(field::text("unit", "单位", true, 16), unit);
    visit(field::plain("aggregation", "计量方式"), aggregation);
    visit(field::text("property", "去重属性", false, 64), property);
    visit(field::rows("filters", "计量条件", false, true, 20), filters);
    visit(field::rows("dimensions", "展示维度", false, true, 20), dimensions);
}

template <class Visitor, Is<Tier> Row>
void describe(Visitor& visit, Row& row) {
    auto& [up_to, unit_price, flat_fee, package_size, cap] = row;
    visit(field::plain("up_to", "上限(含)"), up_to);
    visit(field::money("unit_price_micro_yuan", "单价"), unit_price);
    visit(field::money("flat_fee_fen", "固定费用", true), flat_fee);
    visit(field::plain("package_size", "每包数量"), package_size);
    visit(field::money("cap_fen", "本档封顶"), cap);
}

template <class Visitor, Is<Percentage> Row>
void describe(Visitor& visit, Row& row) {
    auto& [rate_ppm, fixed_fee, free_events, event_minimum, event_maximum] = row;
    visit(field::needed(field::share("rate_ppm", "费率", 1'000'000, 4)), rate_ppm);
    visit(field::money("fixed_fee_fen", "每笔固定费用"), fixed_fee);
    visit(field::number("free_events", "每期免费笔数", 0, list_money_max), free_events);
    visit(field::money("event_minimum_fen", "每笔最低"), event_minimum);
    visit(field::money("event_maximum_fen", "每笔最高"), event_maximum);
}

template <class Visitor, Is<UsageCharge> Row>
void describe(Visitor& visit, Row& row) {
    auto& [meter, model, unit_price, included, package_size, tiers, percentage, minimum, cap] = row;
    visit(field::key("meter", "计量项"), meter);
    visit(field::needed(field::plain("model", "计价方式")), model);
    visit(field::money("unit_price_micro_yuan", "单价"), unit_price);
    visit(field::plain("included", "每期含量"), included);
    visit(field::plain("package_size", "每包数量"), package_size);
    visit(field::rows("tiers", "阶梯", false, true, 50), tiers);
    visit(field::plain("percentage", "按交易额", true), percentage);
    visit(field::money("minimum_fen", "每期最低消费"), minimum);
    visit(field::money("cap_fen", "每期封顶"), cap);
}

template <class Visitor, Is<IncludedCredit> Row>
void describe(Visitor& visit, Row& row) {
    auto& [code, title, amount, meters, prorated] = row;
    visit(field::key("code", "代码"), code);
    visit(field::text("title", "名称", true, 128), title);
    visit(field::needed(field::money("amount_fen", "每期额度")), amount);
    visit(field::rows("meters", "可抵扣的计量项", false, true), meters);
    visit(field::plain("prorated", "不足一期按天折算"), prorated);
}

template <class Visitor, Is<Plan> Row>
void describe(Visitor& visit, Row& row) {
    auto& [code, title, modules, months, weeks, price, included_seats, seat_price, seat_tiers, seat_rule,
           day_count, usage, minimum, cap, trial_days, timing, credits] = row;
    visit(field::key("code", "代码"), code);
    visit(field::text("title", "名称", true, 128), title);
    visit(field::rows("modules", "功能模块", false), modules);
    visit(field::with_unit(field::number("months", "账期", 1, 12), " 个月"), months);
    visit(field::seldom(field::with_unit(field::number("weeks", "按周的账期", 0, 52), " 周")), weeks);
    visit(field::money("price_micro_yuan", "每期价格"), price);
    visit(field::with_unit(field::number("included_seats", "含席位", 0, list_money_max), " 席"),
          included_seats);
    visit(field::money("seat_price_micro_yuan", "每席每期价格"), seat_price);
    visit(field::rows("seat_tiers", "席位阶梯", false, true, 50), seat_tiers);
    visit(field::plain("seat_rule", "席位变更"), seat_rule);
    visit(field::plain("day_count", "不足一期的天数", true), day_count);
    visit(field::rows("usage", "按量计费", false), usage);
    visit(field::money("minimum_fen", "每期最低消费"), minimum);
    visit(field::money("cap_fen", "每期封顶"), cap);
    visit(field::with_unit(field::number("trial_days", "免费试用", 0, 366), " 天"), trial_days);
    visit(field::plain("timing", "出账时间"), timing);
    visit(field::rows("credits", "含抵扣额度", false, true, 50), credits);
}

template <class Visitor, Is<AddOnOffer> Row>
void describe(Visitor& visit, Row& row) {
    auto& [code, title, modules, price, credits] = row;
    visit(field::key("code", "代码"), code);
    visit(field::text("title", "名称", true, 128), title);
    visit(field::needed(field::rows("modules", "功能模块", false)), modules);
    visit(field::needed(field::money("price_micro_yuan", "每期价格")), price);
    visit(field::rows("credits", "含抵扣额度", false, true, 50), credits);
}

template <class Visitor, Is<OneOffOffer> Row>
void describe(Visitor& visit, Row& row) {
    auto& [code, title, unit, price] = row;
    visit(field::key("code", "代码"), code);
    visit(field::text("title", "名称", true, 128), title);
    visit(field::text("unit", "单位", true, 16), unit);
    visit(field::needed(field::money("price_micro_yuan", "一次性价格")), price);
}

template <class Visitor, Is<Coupon> Row>
void describe(Visitor& visit, Row& row) {
    auto& [kind, basis_points, amount] = row;
    visit(field::needed(field::plain("kind", "优惠方式")), kind);
    visit(field::seldom(field::share("basis_points", "优惠比例", 10'000, 2)), basis_points);
    visit(field::money("amount_fen", "优惠金额", true), amount);
}

template <class Visitor, Is<CouponOffer> Row>
void describe(Visitor& visit, Row& row) {
    auto& [code, title, terms, periods] = row;
    visit(field::key("code", "代码"), code);
    visit(field::text("title", "名称", true, 128), title);
    describe(visit, terms);
    visit(field::with_unit(field::number("periods", "适用期数", 0, 1'200), " 期"), periods);
}

template <class Visitor, Is<Terms> Row>
void describe(Visitor& visit, Row& row) {
    auto& [version, text] = row;
    visit(field::text("version", "版本", true, 64), version);
    visit(field::text("text", "正文", true, 32'768), text);
}

/// Without `id` and `version`, which the store gives.
template <class Visitor, Is<PriceList> Row>
void describe(Visitor& visit, Row& row) {
    auto& [id, version, title, effective_from, features, modules, meters, plans, add_ons, one_offs, coupons,
           tax_basis_points, tax_title, terms, refund_policy] = row;
    visit(field::text("title", "名称", true, 128), title);
    visit(field::plain("effective_from", "生效日期"), effective_from);
    visit(field::rows("features", "功能", true), features);
    visit(field::rows("modules", "功能模块", true), modules);
    visit(field::rows("meters", "计量项", false), meters);
    visit(field::rows("plans", "套餐", true), plans);
    visit(field::rows("add_ons", "加购包", false), add_ons);
    visit(field::rows("one_offs", "一次性项目", false, true), one_offs);
    visit(field::rows("coupons", "优惠", false), coupons);
    visit(field::share("tax_basis_points", "税率", 10'000, 2), tax_basis_points);
    visit(FieldInfo{.name = "tax_title", .label = "税种", .longest = 32}, tax_title);
    visit(field::needed(field::plain("terms", "服务条款")), terms);
    visit(field::text("refund_policy", "退费规则", true, 8'192), refund_policy);
}

/// A whole number as people see it by `info`: 600 with two decimals and "%" is "6%".
std::string shown_number(const FieldInfo& info, std::int64_t value);

}  // namespace wefee
