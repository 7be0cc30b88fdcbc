// A price list (A2): everything that can ever cost money, as plain values, and what forbids its publication.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "billing/coupons.hpp"
#include "billing/pricing.hpp"
#include "billing/proration.hpp"
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

/// An event counts only when its property has one of these values.
struct MeterFilter {
    std::string property;
    std::vector<std::string> values = {};
};

struct Meter {
    std::string code;
    std::string title;
    std::string unit;  // 条, 次, 分钟 ...
    Aggregation aggregation = Aggregation::sum;
    std::string property = {};                 // unique: whose different values are counted
    std::vector<MeterFilter> filters = {};     // all must hold
    std::vector<std::string> dimensions = {};  // properties that usage is shown by (department, seat ...)
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

/// When fixed prices (plan, add-ons, seats) are billed: at the start of a period or at its end. Usage is
/// always billed at the end.
enum class Timing { arrears, advance };
std::string_view timing_name(Timing timing);
std::optional<Timing> parse_timing(std::string_view name);

std::string_view day_count_name(DayCount count);
std::optional<DayCount> parse_day_count(std::string_view name);

/// Money that a plan or an add-on includes: it pays metered amounts of a period before anything is owed. What
/// is left of it ends with the period.
struct IncludedCredit {
    std::string code;
    std::string title;
    Fen amount = {};                       // per period
    std::vector<std::string> meters = {};  // whose amounts it pays; none: all that the plan meters
    bool prorated = true;  // with the days of a part of a period, like the price of what includes it
};

struct Plan {
    std::string code;
    std::string title;
    std::vector<std::string> modules = {};
    int months = 1;        // 1, 3, 12: length of a period
    int weeks = 0;         // above 0: a period has so many weeks from the first day on, and no months
    MicroYuan price = {};  // per period
    std::int64_t included_seats = 0;
    MicroYuan seat_price = {};          // per further seat and period
    std::vector<Tier> seat_tiers = {};  // instead: further seats in tiers (R9), the flat fee once a period
    SeatRule seat_rule = SeatRule::prorated;
    DayCount day_count = DayCount::actual;  // of parts of a period
    std::vector<UsageCharge> usage = {};
    std::optional<Fen> minimum = {};  // of the whole invoice before tax, per period
    std::optional<Fen> cap = {};
    int trial_days = 0;
    Timing timing = Timing::arrears;
    std::vector<IncludedCredit> credits = {};
};

/// Several modules sold together beside a plan. A module with a price of its own is an add-on by itself.
struct AddOnOffer {
    std::string code;
    std::string title;
    std::vector<std::string> modules = {};
    MicroYuan price = {};  // per period of the plan it stands beside
    std::vector<IncludedCredit> credits = {};
};

/// Charged once, whole, when it is ordered: set-up, training.
struct OneOffOffer {
    std::string code;
    std::string title;
    std::string unit;
    MicroYuan price = {};
};

/// A discount that can be put on a subscription.
struct CouponOffer {
    std::string code;
    std::string title;
    Coupon terms = {};
    int periods = 0;  // so many periods from the one it was given in; 0: every one
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
    std::vector<AddOnOffer> add_ons = {};
    std::vector<OneOffOffer> one_offs = {};
    std::vector<CouponOffer> coupons = {};
    int tax_basis_points = 0;  // added on top; 600 is 6 %
    std::string tax_title = "税费";
    Terms terms = {};
    std::string refund_policy = {};
};

/// What forbids publishing. `pointer` resolves in the list as it is written in JSON. `code` is one of
///   hidden_fee               can be charged, but no price is listed; or is listed as free and charged
///   bundling                 a plan or add-on forces a module that has no own price
///   negative_price           a price, fee, rate, minimum or cap below 0
///   tier_overlap, tier_gap   two tiers for one quantity, or none
///   quota_without_meter      a quota of a meter that is unknown, or where nothing is counted against it
///   unknown_reference        a feature, module or meter that the list does not have
///   unreachable              no plan, add-on or meter leads to it, so nobody could ever buy or use it
///   duplicate_code           two things of one name, where lines and consents tell them apart by it
///   unique_without_property  a unique count that does not say what is counted
///   coupon_out_of_range      a discount of nothing or of more than everything
///   useless_credit           a credit of nothing, or one that nothing is paid from
///   wrong_model              a field that its charge model or aggregation does not use
///   bad_code, missing_text, bad_value
/// (Prices finer than 10^-6 yuan, price_too_fine, end earlier: they cannot be read into a list.)
struct Issue {
    std::string code;
    std::string pointer;
    std::string text;
};

/// Everything that forbids publishing, in the order of the list. Empty: fit to publish.
std::vector<Issue> validate(const PriceList& prices);

/// Whether periods of both are equally long.
bool same_length(const Plan& a, const Plan& b);
/// A period in months; weeks are twelfths of a year of 365 days.
Fraction months_of(const Plan& plan);
/// Whether seats can cost anything, and the highest price of one.
bool has_seat_price(const Plan& plan);
MicroYuan highest_seat_price(const Plan& plan);

/// nullptr when there is none.
const Plan* find_plan(const PriceList& prices, std::string_view code);
const Module* find_module(const PriceList& prices, std::string_view code);
const Meter* find_meter(const PriceList& prices, std::string_view code);
/// An offer, or a module with a price of its own: what may be chosen beside a plan.
bool is_add_on(const PriceList& prices, std::string_view code);
const AddOnOffer* find_add_on(const PriceList& prices, std::string_view code);
const OneOffOffer* find_one_off(const PriceList& prices, std::string_view code);
const CouponOffer* find_coupon(const PriceList& prices, std::string_view code);
const Feature* find_feature(const PriceList& prices, std::string_view code);

}  // namespace wefee
