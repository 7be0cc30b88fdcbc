// What may be published and what may not: one change to a good list, one issue with its pointer.
#include "billing/price_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sample_prices.hpp"

namespace wefee {
namespace {

using testing::sample_prices;

std::string issues_text(const PriceList& prices) {
    std::string text;
    for (const auto& issue : validate(prices)) text += issue.code + " " + issue.pointer + "\n";
    return text;
}

template <class Change>
std::string after(Change change) {
    auto prices = sample_prices();
    change(prices);
    return issues_text(prices);
}

TEST(PriceList, TheSamplesAreFitToPublish) {
    EXPECT_EQ(issues_text(sample_prices()), "");
    EXPECT_EQ(issues_text(testing::full_prices()), "");
}

TEST(PriceList, RefusesHiddenFees) {
    EXPECT_EQ(after([](PriceList& p) {
                  p.features.push_back({.code = "ai", .title = "智能回复", .chargeable = true});
              }),
              "hidden_fee /features/3\n");
    EXPECT_EQ(after([](PriceList& p) { p.features[2].chargeable = false; }), "hidden_fee /features/2\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage.erase(p.plans[0].usage.begin()); }),
              "hidden_fee /features/2\n");
}

TEST(PriceList, RefusesBundling) {
    EXPECT_EQ(after([](PriceList& p) { p.modules[0].price.reset(); }),
              "bundling /plans/0/modules/0\nbundling /plans/1/modules/0\n");
    EXPECT_EQ(after([](PriceList& p) {
                  p.modules.push_back({.code = "extra", .title = "附加"});
                  p.add_ons = {{"more", "更多", {"archive", "extra"}, MicroYuan{1}}};
              }),
              "bundling /add_ons/0/modules/1\n");
}

TEST(PriceList, RefusesNegativePricesWhereverTheyStand) {
    const auto negative = [](auto change) {
        const auto text = after(change);
        EXPECT_TRUE(text.starts_with("negative_price ")) << text;
        EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
    };
    negative([](PriceList& p) { p.modules[1].price = MicroYuan{-1}; });
    negative([](PriceList& p) { p.plans[0].price = MicroYuan{-1}; });
    negative([](PriceList& p) { p.plans[0].seat_price = MicroYuan{-1}; });
    negative([](PriceList& p) { p.plans[1].seat_tiers = {{.up_to = {}, .unit_price = MicroYuan{-1}}}; });
    negative(
        [](PriceList& p) { p.plans[1].seat_tiers = {{.up_to = {}, .unit_price = {}, .flat_fee = Fen{-1}}}; });
    negative([](PriceList& p) { p.one_offs = {{"setup", "实施", "次", MicroYuan{-1}}}; });
    negative([](PriceList& p) { p.plans[0].minimum = Fen{-1}; });
    negative([](PriceList& p) { p.plans[0].cap = Fen{-1}; });
    negative([](PriceList& p) { p.plans[0].usage[1].unit_price = MicroYuan{-1}; });
    negative([](PriceList& p) { p.plans[0].usage[0].tiers[1].unit_price = MicroYuan{-1}; });
    negative([](PriceList& p) { p.plans[0].usage[0].tiers[2].flat_fee = Fen{-1}; });
    negative([](PriceList& p) { p.plans[0].usage[0].tiers[2].cap = Fen{-1}; });
    negative([](PriceList& p) { p.plans[0].usage[4].percentage.rate_ppm = -1; });
    negative([](PriceList& p) { p.plans[0].usage[4].percentage.fixed_fee = Fen{-1}; });
    negative([](PriceList& p) { p.plans[0].usage[4].percentage.event_minimum = Fen{-1}; });
    negative([](PriceList& p) { p.plans[0].usage[4].percentage.event_maximum = Fen{-1}; });
    negative([](PriceList& p) { p.add_ons = {{"more", "更多", {"archive"}, MicroYuan{-1}}}; });
    negative([](PriceList& p) { p.plans[0].usage[3].minimum = Fen{-1}; });
    negative([](PriceList& p) { p.plans[0].usage[1].cap = Fen{-1}; });
}

TEST(PriceList, RefusesSeatTiersThatAreNotALedgerOfSeats) {
    const auto tiers = [](std::vector<Tier> rows, MicroYuan price = {}, SeatRule rule = SeatRule::prorated) {
        return after([&](PriceList& p) {
            p.plans[1].seat_tiers = std::move(rows);
            p.plans[1].seat_price = price;
            p.plans[1].seat_rule = rule;
        });
    };
    const Tier open{.up_to = {}, .unit_price = MicroYuan{1}};
    EXPECT_EQ(tiers({{.up_to = units(5), .unit_price = MicroYuan{2}}, open}), "");
    EXPECT_EQ(tiers({open}, MicroYuan{1}), "wrong_model /plans/1/seat_price_micro_yuan\n");
    EXPECT_EQ(tiers({open}, {}, SeatRule::high_water), "wrong_model /plans/1/seat_rule\n");
    EXPECT_EQ(tiers({{.up_to = units(5), .unit_price = {}}}), "tier_gap /plans/1/seat_tiers/0/up_to\n");
    EXPECT_EQ(tiers({{.up_to = Quantity{1}, .unit_price = {}}, open}),
              "bad_value /plans/1/seat_tiers/0/up_to\n");
    EXPECT_EQ(tiers({{.up_to = {}, .unit_price = {}, .package_size = units(2), .cap = Fen{1}}}),
              "wrong_model /plans/1/seat_tiers/0/package_size\nwrong_model /plans/1/seat_tiers/0/cap_fen\n");
}

TEST(PriceList, RefusesPeriodsThatAreBothWeeksAndMonths) {
    const auto plan = [](int months, int weeks, DayCount count) {
        return after([&](PriceList& p) {
            p.plans[1].months = months;
            p.plans[1].weeks = weeks;
            p.plans[1].day_count = count;
        });
    };
    EXPECT_EQ(plan(1, 2, DayCount::actual), "");
    EXPECT_EQ(plan(12, 0, DayCount::thirty), "");
    EXPECT_EQ(plan(3, 1, DayCount::actual), "wrong_model /plans/1/months\n");
    EXPECT_EQ(plan(1, 1, DayCount::thirty), "wrong_model /plans/1/day_count\n");
    EXPECT_EQ(plan(1, -1, DayCount::actual), "bad_value /plans/1/weeks\n");
}

TEST(PriceList, RefusesTiersThatOverlapOrLeaveAGap) {
    const auto tiers = [](PriceList& p) -> std::vector<Tier>& { return p.plans[0].usage[0].tiers; };
    EXPECT_EQ(after([&](PriceList& p) { tiers(p)[1].up_to = units(1000); }),
              "tier_overlap /plans/0/usage/0/tiers/1/up_to\n");
    EXPECT_EQ(after([&](PriceList& p) { tiers(p)[1].up_to.reset(); }),
              "tier_overlap /plans/0/usage/0/tiers/1\n");
    EXPECT_EQ(after([&](PriceList& p) { tiers(p)[0].up_to = Quantity{}; }),
              "tier_overlap /plans/0/usage/0/tiers/0/up_to\n");
    EXPECT_EQ(after([&](PriceList& p) { tiers(p)[2].up_to = units(9000); }),
              "tier_gap /plans/0/usage/0/tiers/2/up_to\n");
    EXPECT_EQ(after([&](PriceList& p) { tiers(p).clear(); }), "tier_gap /plans/0/usage/0\n");
}

TEST(PriceList, RefusesUnknownReferencesAndDoubleOrOddCodes) {
    EXPECT_EQ(after([](PriceList& p) { p.modules[0].features.push_back("nope"); }),
              "unknown_reference /modules/0/features/1\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].modules.push_back("nope"); }),
              "unknown_reference /plans/0/modules/1\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[2].meter = "nope"; }),
              "unknown_reference /plans/0/usage/2/meter\n");
    EXPECT_EQ(after([](PriceList& p) { p.features[0].meter = "nope"; }),
              "unknown_reference /features/0/meter\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[1].code = "pro"; }), "duplicate_code /plans/1/code\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[1].code = "Pro"; }), "bad_code /plans/1/code\n");
    EXPECT_EQ(after([](PriceList& p) { p.meters.push_back({"seats", "席位", "席"}); }),
              "bad_code /meters/5/code\n");
    EXPECT_EQ(after([](PriceList& p) { p.one_offs = {{"pro", "实施", "次"}}; }),
              "duplicate_code /one_offs/0/code\n");
    EXPECT_EQ(after([](PriceList& p) { p.one_offs = {{"setup", "实施", ""}}; }),
              "missing_text /one_offs/0/unit\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage.push_back(p.plans[0].usage[1]); }),
              "duplicate_code /plans/0/usage/5/meter\n");
}

TEST(PriceList, RefusesQuotasThatNothingCountsAgainst) {
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[1].meter = "nope"; }),
              "unknown_reference /plans/0/usage/1/meter\nquota_without_meter /plans/0/usage/1/included\n");
    for (const auto model : {ChargeModel::flat, ChargeModel::percentage})
        EXPECT_EQ(after([&](PriceList& p) {
                      p.plans[0].usage[1] = {.meter = "messages", .model = model, .included = units(5)};
                  }),
                  "quota_without_meter /plans/0/usage/1/included\n");
}

TEST(PriceList, RefusesTwoThingsOfOneNameAmongAllThatIsSold) {
    const auto sold = [](PriceList& p, std::string add_on, std::string coupon) {
        p.add_ons = {{std::move(add_on), "更多", {"archive"}, MicroYuan{1}}};
        p.coupons = {{std::move(coupon), "优惠", {.kind = Coupon::Kind::fixed, .amount = Fen{1}}, 0}};
    };
    EXPECT_EQ(after([&](PriceList& p) { sold(p, "more", "less"); }), "");
    EXPECT_EQ(after([&](PriceList& p) { sold(p, "pro", "archive"); }),
              "duplicate_code /add_ons/0/code\nduplicate_code /coupons/0/code\n");
    EXPECT_EQ(after([&](PriceList& p) { sold(p, "more", "more"); }), "duplicate_code /coupons/0/code\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].code = "base"; }), "duplicate_code /plans/0/code\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].modules.push_back("base"); }),
              "duplicate_code /plans/0/modules/1\n");
}

TEST(PriceList, RefusesWhatNobodyCouldEverBuyOrUse) {
    EXPECT_EQ(after([](PriceList& p) { p.modules.push_back({.code = "lost", .title = "无人可买"}); }),
              "unreachable /modules/2\n");
    EXPECT_EQ(after([](PriceList& p) { p.features.push_back({.code = "lost", .title = "无人可用"}); }),
              "unreachable /features/3\n");
    EXPECT_EQ(after([](PriceList& p) { p.add_ons = {{"empty", "空", {}, MicroYuan{1}}}; }),
              "bad_value /add_ons/0/modules\n");
}

TEST(PriceList, RefusesMetersThatDoNotSayWhatTheyCount) {
    EXPECT_EQ(after([](PriceList& p) { p.meters[0].aggregation = Aggregation::unique; }),
              "unique_without_property /meters/0\n");
    EXPECT_EQ(after([](PriceList& p) {
                  p.meters[0].aggregation = Aggregation::unique;
                  p.meters[0].property = "customer";
              }),
              "");
    EXPECT_EQ(after([](PriceList& p) { p.meters[0].property = "customer"; }),
              "wrong_model /meters/0/property\n");
    EXPECT_EQ(after([](PriceList& p) { p.meters[0].filters = {{"kind", {}}}; }),
              "bad_value /meters/0/filters/0/values\n");
    EXPECT_EQ(after([](PriceList& p) { p.meters[0].filters = {{"kind", {"a"}}, {"kind", {"b"}}}; }),
              "duplicate_code /meters/0/filters/1/property\n");
    EXPECT_EQ(after([](PriceList& p) { p.meters[0].dimensions = {"seat", "seat"}; }),
              "duplicate_code /meters/0/dimensions/1\n");
}

TEST(PriceList, RefusesCouponsOutOfRange) {
    const auto coupon = [](Coupon terms, int periods = 0) {
        return after([&](PriceList& p) { p.coupons = {{"less", "优惠", terms, periods}}; });
    };
    using enum Coupon::Kind;
    EXPECT_EQ(coupon({percent, 10'000, Fen{}}), "");
    EXPECT_EQ(coupon({fixed, 0, Fen{1}}, 12), "");
    EXPECT_EQ(coupon({percent, 0, Fen{}}), "coupon_out_of_range /coupons/0\n");
    EXPECT_EQ(coupon({percent, 10'001, Fen{}}), "coupon_out_of_range /coupons/0/basis_points\n");
    EXPECT_EQ(coupon({percent, -1, Fen{}}), "coupon_out_of_range /coupons/0/basis_points\n");
    EXPECT_EQ(coupon({fixed, 0, Fen{}}), "coupon_out_of_range /coupons/0\n");
    EXPECT_EQ(coupon({fixed, 0, Fen{-5}}), "coupon_out_of_range /coupons/0/amount_fen\n");
    EXPECT_EQ(coupon({percent, 1, Fen{5}}), "wrong_model /coupons/0/amount_fen\n");
    EXPECT_EQ(coupon({fixed, 1, Fen{5}}), "wrong_model /coupons/0/basis_points\n");
    EXPECT_EQ(coupon({fixed, 0, Fen{5}}, -1), "bad_value /coupons/0/periods\n");
}

TEST(PriceList, RefusesWhatCannotBeWorkedOutOrShown) {
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].months = 2; }), "bad_value /plans/0/months\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[3].package_size = {}; }),
              "bad_value /plans/0/usage/3\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[3].package_size = units(-1); }),
              "bad_value /plans/0/usage/3/package_size\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[0].included = units(1); }),
              "wrong_model /plans/0/usage/0/included\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[1].tiers.resize(1); }),
              "wrong_model /plans/0/usage/1/tiers\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[0].unit_price = MicroYuan{1}; }),
              "wrong_model /plans/0/usage/0/unit_price_micro_yuan\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[1].package_size = units(1); }),
              "wrong_model /plans/0/usage/1/package_size\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[1].percentage.free_events = 1; }),
              "wrong_model /plans/0/usage/1/percentage\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[1].minimum = Fen{20'001}; }),
              "bad_value /plans/0/usage/1/cap_fen\n");
    for (const auto counting : {Aggregation::max, Aggregation::latest, Aggregation::time_weighted})
        EXPECT_EQ(after([&](PriceList& p) { p.meters[4].aggregation = counting; }),
                  "wrong_model /plans/0/usage/4/model\n")
            << "no event of it is charged by itself";
    EXPECT_EQ(after([](PriceList& p) {
                  p.meters[4].aggregation = Aggregation::unique;
                  p.meters[4].property = "customer";
              }),
              "wrong_model /plans/0/usage/4/model\n");
    EXPECT_EQ(after([](PriceList& p) { p.meters[1].unit.clear(); }), "missing_text /meters/1/unit\n");
    EXPECT_EQ(after([](PriceList& p) { p.terms = {}; }),
              "missing_text /terms/version\nmissing_text /terms/text\n");
    EXPECT_EQ(after([](PriceList& p) { p.refund_policy.clear(); }), "missing_text /refund_policy\n");
    EXPECT_EQ(after([](PriceList& p) { p.tax_basis_points = 10'001; }), "bad_value /tax_basis_points\n");
    EXPECT_EQ(after([](PriceList& p) { p.tax_title.clear(); }), "missing_text /tax_title\n");
    EXPECT_EQ(after([](PriceList& p) { p.effective_from = {}; }), "bad_value \n");
    EXPECT_NE(issues_text(PriceList{}), "");
}

TEST(PriceList, NamesOfKindsReadBack) {
    for (int i = 0; i <= static_cast<int>(Aggregation::time_weighted); ++i)
        EXPECT_EQ(parse_aggregation(aggregation_name(static_cast<Aggregation>(i))),
                  static_cast<Aggregation>(i));
    for (int i = 0; i <= static_cast<int>(ChargeModel::flat); ++i)
        EXPECT_EQ(parse_charge_model(charge_model_name(static_cast<ChargeModel>(i))),
                  static_cast<ChargeModel>(i));
    for (const auto rule : {SeatRule::prorated, SeatRule::high_water})
        EXPECT_EQ(parse_seat_rule(seat_rule_name(rule)), rule);
    EXPECT_EQ(parse_charge_model("free"), std::nullopt);
}

}  // namespace
}  // namespace wefee
