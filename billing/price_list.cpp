// Look-ups in a price list, and the stored names of its kinds.
#include "billing/price_list.hpp"

#include <algorithm>
#include <array>

namespace wefee {
namespace {

constexpr std::array<std::string_view, 6> aggregation_names{"sum", "count",  "unique",
                                                            "max", "latest", "time_weighted"};
constexpr std::array<std::string_view, 2> seat_rule_names{"prorated", "high_water"};
constexpr std::array<std::string_view, 2> day_count_names{"actual", "thirty"};
constexpr std::array<std::string_view, 2> timing_names{"arrears", "advance"};

template <class Value, std::size_t Size>
std::optional<Value> parse_in(const std::array<std::string_view, Size>& names, std::string_view name) {
    const auto* found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Value>(found - names.begin());
}

template <class Row>
const Row* find_in(const std::vector<Row>& rows, std::string_view code) {
    const auto found = std::ranges::find(rows, code, &Row::code);
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace

std::string_view aggregation_name(Aggregation aggregation) {
    return aggregation_names.at(static_cast<std::size_t>(aggregation));
}
std::optional<Aggregation> parse_aggregation(std::string_view name) {
    return parse_in<Aggregation>(aggregation_names, name);
}

std::string_view seat_rule_name(SeatRule rule) { return seat_rule_names.at(static_cast<std::size_t>(rule)); }
std::optional<SeatRule> parse_seat_rule(std::string_view name) {
    return parse_in<SeatRule>(seat_rule_names, name);
}

std::string_view timing_name(Timing timing) { return timing_names.at(static_cast<std::size_t>(timing)); }
std::optional<Timing> parse_timing(std::string_view name) { return parse_in<Timing>(timing_names, name); }

std::string_view day_count_name(DayCount count) {
    return day_count_names.at(static_cast<std::size_t>(count));
}
std::optional<DayCount> parse_day_count(std::string_view name) {
    return parse_in<DayCount>(day_count_names, name);
}

bool same_length(const Plan& a, const Plan& b) {
    return a.weeks == b.weeks && (a.weeks > 0 || a.months == b.months);
}

Fraction months_of(const Plan& plan) {
    return plan.weeks > 0 ? Fraction{7 * 12 * plan.weeks, 365} : Fraction{plan.months};
}

bool has_seat_price(const Plan& plan) { return plan.seat_price != MicroYuan{} || !plan.seat_tiers.empty(); }

MicroYuan highest_seat_price(const Plan& plan) {
    auto highest = plan.seat_price;
    for (const auto& tier : plan.seat_tiers) highest = std::max(highest, tier.unit_price);
    return highest;
}

const Plan* find_plan(const PriceList& prices, std::string_view code) { return find_in(prices.plans, code); }
const Module* find_module(const PriceList& prices, std::string_view code) {
    return find_in(prices.modules, code);
}
const Meter* find_meter(const PriceList& prices, std::string_view code) {
    return find_in(prices.meters, code);
}
bool is_add_on(const PriceList& prices, std::string_view code) {
    const auto* module = find_module(prices, code);
    return find_add_on(prices, code) || (module && module->price);
}
const AddOnOffer* find_add_on(const PriceList& prices, std::string_view code) {
    return find_in(prices.add_ons, code);
}
const OneOffOffer* find_one_off(const PriceList& prices, std::string_view code) {
    return find_in(prices.one_offs, code);
}
const CouponOffer* find_coupon(const PriceList& prices, std::string_view code) {
    return find_in(prices.coupons, code);
}
const Feature* find_feature(const PriceList& prices, std::string_view code) {
    return find_in(prices.features, code);
}

}  // namespace wefee
