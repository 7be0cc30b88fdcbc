// Price lists as JSON: the format that docs/price-list.schema.json describes, read strictly and written in one
// order, so that the same list always has the same hash.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "server/flows/price_lists.hpp"
#include "server/http/body.hpp"

namespace wefee::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t money_max = 1'000'000'000'000;  // far above any price, far below overflow
constexpr std::size_t things_max = 500;

/// Collects the problems of nested readers.
class Problems {
public:
    void take(ObjectReader& reader) {
        for (auto& problem : reader.take_problems()) all_.push_back(std::move(problem));
    }
    void add(std::string pointer, std::string text) { all_.push_back({std::move(pointer), std::move(text)}); }
    void finish() {
        if (!all_.empty()) throw Error(Errc::invalid_value, "", std::move(all_));
    }

private:
    std::vector<FieldProblem> all_;
};

template <class Read>
auto read_all(const json* list, const std::string& pointer, Read read) {
    std::vector<decltype(read(std::declval<const json&>(), std::string{}))> all;
    if (list)
        for (std::size_t i = 0; i < list->size(); ++i) all.push_back(read((*list)[i], fmt::format("{}/{}", pointer, i)));
    return all;
}

std::vector<std::string> read_texts(ObjectReader& reader, std::string_view name) {
    std::vector<std::string> texts;
    const auto* list = reader.optional_array(name, things_max);
    if (!list) return texts;
    for (const auto& element : *list) {
        if (!element.is_string()) {
            reader.problem(name, "must be a list of texts");
            return {};
        }
        texts.push_back(element.get<std::string>());
    }
    return texts;
}

MicroYuan read_price(ObjectReader& reader, std::string_view name) {
    return MicroYuan{reader.optional_integer(name, -money_max, money_max).value_or(0)};
}
std::optional<Fen> read_fen(ObjectReader& reader, std::string_view name) {
    const auto value = reader.optional_integer(name, -money_max, money_max);
    return value ? std::optional{Fen{*value}} : std::nullopt;
}
std::optional<Quantity> read_quantity(ObjectReader& reader, std::string_view name, bool present) {
    return present ? std::optional{Quantity{reader.quantity_micro(name)}} : std::nullopt;
}

class Parser {
public:
    PriceList parse(const json& document) {
        ObjectReader reader{document};
        PriceList prices;
        prices.title = reader.text("title", 128);
        prices.effective_from = reader.optional_day("effective_from").value_or(CivilDay{});
        prices.features = read_all(reader.array("features", things_max), "/features",
                                   [this](const json& j, const std::string& p) { return feature(j, p); });
        prices.modules = read_all(reader.array("modules", things_max), "/modules",
                                  [this](const json& j, const std::string& p) { return module(j, p); });
        prices.meters = read_all(reader.optional_array("meters", things_max), "/meters",
                                 [this](const json& j, const std::string& p) { return meter(j, p); });
        prices.plans = read_all(reader.array("plans", things_max), "/plans",
                                [this](const json& j, const std::string& p) { return plan(j, p); });
        prices.tax_basis_points = static_cast<int>(reader.optional_integer("tax_basis_points", 0, 10'000).value_or(0));
        prices.tax_title = reader.optional_text("tax_title", 32).value_or("税费");
        if (const auto* terms = reader.optional_object("terms")) prices.terms = this->terms(*terms);
        else reader.problem("terms", "is required");
        prices.refund_policy = reader.text("refund_policy", 8'192);
        problems_.take(reader);
        problems_.finish();
        return prices;
    }

private:
    Feature feature(const json& object, const std::string& pointer) {
        ObjectReader reader{object, pointer};
        Feature row{reader.text("code", 64), reader.text("title", 128), reader.optional_flag("chargeable").value_or(false),
                    reader.optional_text("meter", 64).value_or("")};
        problems_.take(reader);
        return row;
    }

    Module module(const json& object, const std::string& pointer) {
        ObjectReader reader{object, pointer};
        Module row{reader.text("code", 64), reader.text("title", 128), read_texts(reader, "features"), std::nullopt};
        if (const auto price = reader.optional_integer("price_micro_yuan", -money_max, money_max)) row.price = MicroYuan{*price};
        problems_.take(reader);
        return row;
    }

    Meter meter(const json& object, const std::string& pointer) {
        ObjectReader reader{object, pointer};
        Meter row{reader.text("code", 64), reader.text("title", 128), reader.text("unit", 16), Aggregation::sum};
        const auto name = reader.optional_text("aggregation", 32).value_or("sum");
        if (const auto aggregation = parse_aggregation(name)) row.aggregation = *aggregation;
        else reader.problem("aggregation", "is not a known aggregation");
        problems_.take(reader);
        return row;
    }

    Tier tier(const json& object, const std::string& pointer) {
        ObjectReader reader{object, pointer};
        Tier row;
        row.up_to = read_quantity(reader, "up_to", object.is_object() && object.contains("up_to"));
        row.unit_price = read_price(reader, "unit_price_micro_yuan");
        row.flat_fee = read_fen(reader, "flat_fee_fen").value_or(Fen{});
        row.package_size = read_quantity(reader, "package_size", object.is_object() && object.contains("package_size"));
        row.cap = read_fen(reader, "cap_fen");
        problems_.take(reader);
        return row;
    }

    Percentage percentage(const json& object, const std::string& pointer) {
        ObjectReader reader{object, pointer};
        Percentage row;
        row.rate_ppm = reader.integer("rate_ppm", 0, 1'000'000);
        row.fixed_fee = read_fen(reader, "fixed_fee_fen").value_or(Fen{});
        row.free_events = reader.optional_integer("free_events", 0, money_max).value_or(0);
        row.event_minimum = read_fen(reader, "event_minimum_fen");
        row.event_maximum = read_fen(reader, "event_maximum_fen");
        problems_.take(reader);
        return row;
    }

    UsageCharge usage(const json& object, const std::string& pointer) {
        ObjectReader reader{object, pointer};
        UsageCharge row;
        row.meter = reader.text("meter", 64);
        const auto name = reader.text("model", 32);
        if (const auto model = parse_charge_model(name)) row.model = *model;
        else if (!name.empty()) reader.problem("model", "is not a known charge model");
        row.unit_price = read_price(reader, "unit_price_micro_yuan");
        row.included = read_quantity(reader, "included", object.is_object() && object.contains("included")).value_or(Quantity{});
        row.package_size =
            read_quantity(reader, "package_size", object.is_object() && object.contains("package_size")).value_or(Quantity{});
        row.tiers = read_all(reader.optional_array("tiers", 50), pointer + "/tiers",
                             [this](const json& j, const std::string& p) { return tier(j, p); });
        if (const auto* terms = reader.optional_object("percentage")) row.percentage = percentage(*terms, pointer + "/percentage");
        row.minimum = read_fen(reader, "minimum_fen");
        row.cap = read_fen(reader, "cap_fen");
        problems_.take(reader);
        return row;
    }

    Plan plan(const json& object, const std::string& pointer) {
        ObjectReader reader{object, pointer};
        Plan row;
        row.code = reader.text("code", 64);
        row.title = reader.text("title", 128);
        row.modules = read_texts(reader, "modules");
        row.months = static_cast<int>(reader.optional_integer("months", 1, 12).value_or(1));
        row.price = read_price(reader, "price_micro_yuan");
        row.included_seats = reader.optional_integer("included_seats", 0, money_max).value_or(0);
        row.seat_price = read_price(reader, "seat_price_micro_yuan");
        const auto rule = reader.optional_text("seat_rule", 32).value_or("prorated");
        if (const auto parsed = parse_seat_rule(rule)) row.seat_rule = *parsed;
        else reader.problem("seat_rule", "is not a known seat rule");
        row.usage = read_all(reader.optional_array("usage", things_max), pointer + "/usage",
                             [this](const json& j, const std::string& p) { return usage(j, p); });
        row.minimum = read_fen(reader, "minimum_fen");
        row.cap = read_fen(reader, "cap_fen");
        row.trial_days = static_cast<int>(reader.optional_integer("trial_days", 0, 366).value_or(0));
        problems_.take(reader);
        return row;
    }

    Terms terms(const json& object) {
        ObjectReader reader{object, "/terms"};
        Terms row{reader.text("version", 64), reader.text("text", 32'768)};
        problems_.take(reader);
        return row;
    }

    Problems problems_;
};

ordered_json print_tier(const Tier& tier) {
    ordered_json row = ordered_json::object();
    if (tier.up_to) row["up_to"] = format_quantity(*tier.up_to);
    row["unit_price_micro_yuan"] = tier.unit_price.count();
    if (tier.flat_fee != Fen{}) row["flat_fee_fen"] = tier.flat_fee.count();
    if (tier.package_size) row["package_size"] = format_quantity(*tier.package_size);
    if (tier.cap) row["cap_fen"] = tier.cap->count();
    return row;
}

ordered_json print_usage(const UsageCharge& usage) {
    ordered_json row{{"meter", usage.meter},
                     {"model", charge_model_name(usage.model)},
                     {"unit_price_micro_yuan", usage.unit_price.count()},
                     {"included", format_quantity(usage.included)},
                     {"package_size", format_quantity(usage.package_size)}};
    for (const auto& tier : usage.tiers) row["tiers"].push_back(print_tier(tier));
    if (usage.model == ChargeModel::percentage) {
        const auto& terms = usage.percentage;
        row["percentage"] = {{"rate_ppm", terms.rate_ppm}, {"fixed_fee_fen", terms.fixed_fee.count()}, {"free_events", terms.free_events}};
        if (terms.event_minimum) row["percentage"]["event_minimum_fen"] = terms.event_minimum->count();
        if (terms.event_maximum) row["percentage"]["event_maximum_fen"] = terms.event_maximum->count();
    }
    if (usage.minimum) row["minimum_fen"] = usage.minimum->count();
    if (usage.cap) row["cap_fen"] = usage.cap->count();
    return row;
}

ordered_json print_plan(const Plan& plan) {
    ordered_json row{{"code", plan.code},
                     {"title", plan.title},
                     {"modules", plan.modules},
                     {"months", plan.months},
                     {"price_micro_yuan", plan.price.count()},
                     {"included_seats", plan.included_seats},
                     {"seat_price_micro_yuan", plan.seat_price.count()},
                     {"seat_rule", seat_rule_name(plan.seat_rule)},
                     {"usage", ordered_json::array()}};
    for (const auto& usage : plan.usage) row["usage"].push_back(print_usage(usage));
    if (plan.minimum) row["minimum_fen"] = plan.minimum->count();
    if (plan.cap) row["cap_fen"] = plan.cap->count();
    row["trial_days"] = plan.trial_days;
    return row;
}

}  // namespace

PriceList parse_price_list(const std::string& text) {
    json document;
    try {
        document = json::parse(text);
    } catch (const json::exception&) {
        throw Error(Errc::bad_request, "the price list is not valid JSON");
    }
    return Parser{}.parse(document);
}

std::string print_price_list(const PriceList& prices) {
    ordered_json row{{"title", prices.title}};
    if (prices.effective_from.ok()) row["effective_from"] = format_day(prices.effective_from);
    row["features"] = ordered_json::array();
    for (const auto& feature : prices.features) {
        ordered_json one{{"code", feature.code}, {"title", feature.title}, {"chargeable", feature.chargeable}};
        if (!feature.meter.empty()) one["meter"] = feature.meter;
        row["features"].push_back(std::move(one));
    }
    row["modules"] = ordered_json::array();
    for (const auto& module : prices.modules) {
        ordered_json one{{"code", module.code}, {"title", module.title}, {"features", module.features}};
        if (module.price) one["price_micro_yuan"] = module.price->count();
        row["modules"].push_back(std::move(one));
    }
    row["meters"] = ordered_json::array();
    for (const auto& meter : prices.meters)
        row["meters"].push_back({{"code", meter.code}, {"title", meter.title}, {"unit", meter.unit}, {"aggregation", aggregation_name(meter.aggregation)}});
    row["plans"] = ordered_json::array();
    for (const auto& plan : prices.plans) row["plans"].push_back(print_plan(plan));
    row["tax_basis_points"] = prices.tax_basis_points;
    row["tax_title"] = prices.tax_title;
    row["terms"] = {{"version", prices.terms.version}, {"text", prices.terms.text}};
    row["refund_policy"] = prices.refund_policy;
    return row.dump();
}

}  // namespace wefee::server
