// A price list (A2): everything that can ever cost money, as plain values, and what forbids its publication.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "billing/pricing.hpp"
#include "billing/time.hpp"

namespace wefee {

struct Feature {
    std::string code;
    std::string title;
    bool chargeable = false;  // using it can cost money: through a module, a meter, or both
    std::string meter = {};   // "" : not counted
};

struct Module {
    std::string code;
    std::string title;
    std::vector<std::string> features = {};
    std::optional<MicroYuan> price = {};  // alone, per period; none: not sold alone
};

enum class Aggregation { sum, count, unique, max, latest, time_weighted };
std::string_view aggregation_name(Aggregation aggregation);
std::optional<Aggregation> parse_aggregation(std::string_view name);

struct Meter {
    std::string code;
    std::string title;
    std::string unit;  // 条, 次, 分钟 ...
    Aggregation aggregation = Aggregation::sum;
};

/// The price of one meter within a plan. Which fields count depends on the model.
struct UsageCharge {
    std::string meter;
    ChargeModel model = ChargeModel::per_unit;
    MicroYuan unit_price = {};        // per_unit; package: of one package
    Quantity included = {};           // free quota: per_unit, package
    Quantity package_size = {};       // package
    std::vector<Tier> tiers = {};     // graduated, volume
    Percentage percentage = {};       // percentage
    std::optional<Fen> minimum = {};  // per period, prorated with the period
    std::optional<Fen> cap = {};      // per period
};

enum class SeatRule { prorated, high_water };
std::string_view seat_rule_name(SeatRule rule);
std::optional<SeatRule> parse_seat_rule(std::string_view name);

struct Plan {
    std::string code;
    std::string title;
    std::vector<std::string> modules = {};
    int months = 1;        // 1, 3, 12: length of a period
    MicroYuan price = {};  // per period
    std::int64_t included_seats = 0;
    MicroYuan seat_price = {};  // per further seat and period
    SeatRule seat_rule = SeatRule::prorated;
    std::vector<UsageCharge> usage = {};
    std::optional<Fen> minimum = {};  // of the whole invoice before tax, per period
    std::optional<Fen> cap = {};
    int trial_days = 0;
};

struct Terms {
    std::string version;
    std::string text;
};

struct PriceList {
    std::string id = {};
    int version = 0;
    std::string title = {};
    CivilDay effective_from{};
    std::vector<Feature> features = {};
    std::vector<Module> modules = {};
    std::vector<Meter> meters = {};
    std::vector<Plan> plans = {};
    int tax_basis_points = 0;  // added on top; 600 is 6 %
    std::string tax_title = "税费";
    Terms terms = {};
    std::string refund_policy = {};
};

/// `code`: hidden_fee, bundling, negative_price, tier_overlap, tier_gap, unknown_reference, duplicate_code,
/// bad_code, missing_text, bad_value, wrong_model. `pointer`: JSON pointer into the list as the structs are
/// laid out.
struct Issue {
    std::string code;
    std::string pointer;
    std::string text;
};

/// Everything that forbids publishing, in the order of the list. Empty: fit to publish.
std::vector<Issue> validate(const PriceList& prices);

/// nullptr when there is none.
const Plan* find_plan(const PriceList& prices, std::string_view code);
const Module* find_module(const PriceList& prices, std::string_view code);
const Meter* find_meter(const PriceList& prices, std::string_view code);
const Feature* find_feature(const PriceList& prices, std::string_view code);

}  // namespace wefee
