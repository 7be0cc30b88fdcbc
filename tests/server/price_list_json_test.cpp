// The JSON form of a price list: nothing is lost on the way out and back, and what is wrong is pointed at.
#include <gtest/gtest.h>

#include "billing/error.hpp"
#include "billing/price_list_diff.hpp"
#include "server/demo/month.hpp"
#include "server/flows/price_lists.hpp"
#include "tests/billing/random_prices.hpp"
#include "tests/billing/sample_prices.hpp"

namespace wefee::server::tests {
namespace {

using Json = nlohmann::json;

/// "code pointer" of everything that is wrong; the document's own code first.
std::string refusal(const std::string& text) {
    try {
        parse_price_list(text);
        return "";
    } catch (const Error& error) {
        auto told = std::string{error.fault().code};
        for (const auto& field : error.fields()) told += " " + field.code + " " + field.pointer;
        return told;
    }
}

std::string refusal_with(const std::string& pointer, const Json& value) {
    auto list = Json::parse(print_price_list(testing::full_prices()));
    list[Json::json_pointer{pointer}] = value;
    return refusal(list.dump());
}

TEST(PriceListJson, PrintedAndReadAgainItIsTheSame) {
    testing::for_seeds(300, [](testing::Random& random) {
        const auto prices = testing::random_prices(random);
        const auto text = print_price_list(prices);
        const auto again = parse_price_list(text);
        for (const auto& difference : differences(prices, again))
            ADD_FAILURE() << difference.pointer << " " << difference.text;
        EXPECT_EQ(print_price_list(again), text);
    });
}

TEST(PriceListJson, WhatIsLeftOutHasItsDefault) {
    const auto prices = parse_price_list(demo::demo_price_list().dump());
    EXPECT_EQ(prices.plans[0].timing, Timing::arrears);
    EXPECT_EQ(prices.plans[0].seat_rule, SeatRule::prorated);
    EXPECT_EQ(prices.plans[0].trial_days, 0);
    EXPECT_EQ(prices.meters[0].aggregation, Aggregation::sum);
    EXPECT_EQ(prices.plans[0].minimum, std::nullopt);
    EXPECT_TRUE(prices.add_ons.empty() && prices.coupons.empty());
}

TEST(PriceListJson, APriceFinerThanAMillionthOfAYuanIsRefused) {
    EXPECT_EQ(refusal_with("/plans/0/price_micro_yuan", 0.5),
              "invalid_value price_too_fine /plans/0/price_micro_yuan");
    EXPECT_EQ(refusal_with("/plans/0/usage/0/tiers/1/unit_price_micro_yuan", 80'000.25),
              "invalid_value price_too_fine /plans/0/usage/0/tiers/1/unit_price_micro_yuan");
    EXPECT_EQ(refusal_with("/modules/1/price_micro_yuan", 1e-7),
              "invalid_value price_too_fine /modules/1/price_micro_yuan");
    EXPECT_EQ(refusal_with("/add_ons/0/price_micro_yuan", 1.5),
              "invalid_value price_too_fine /add_ons/0/price_micro_yuan");
    EXPECT_EQ(refusal_with("/plans/0/price_micro_yuan", 5.0),
              "invalid_value invalid_value /plans/0/price_micro_yuan")
        << "a whole number, but not written as one";
    EXPECT_EQ(refusal_with("/plans/0/price_micro_yuan", "5"),
              "invalid_value invalid_value /plans/0/price_micro_yuan");
}

TEST(PriceListJson, EveryMistakeIsPointedAtWithItsCode) {
    EXPECT_EQ(refusal("{}"),
              "missing_field missing_field /title missing_field /features missing_field /modules "
              "missing_field /plans "
              "missing_field /terms missing_field /refund_policy");
    EXPECT_EQ(refusal_with("/plans/0/colour", 1), "unknown_field unknown_field /plans/0/colour");
    EXPECT_EQ(refusal_with("/meters/1/filters/0/colour", 1),
              "unknown_field unknown_field /meters/1/filters/0/colour");
    EXPECT_EQ(refusal_with("/plans/0/timing", "later"), "invalid_value invalid_value /plans/0/timing");
    EXPECT_EQ(refusal_with("/coupons/0/kind", "gift"), "invalid_value invalid_value /coupons/0/kind");
    EXPECT_EQ(refusal_with("/plans/0/modules/0", 7), "invalid_value invalid_value /plans/0/modules/0");
    EXPECT_EQ(refusal_with("/plans/0/usage/1/included", "0.1234567"),
              "invalid_value invalid_value /plans/0/usage/1/included");
    EXPECT_EQ(refusal_with("/plans/0/minimum_fen", 99'999'999'999'999),
              "invalid_value invalid_value /plans/0/minimum_fen");
    EXPECT_EQ(refusal_with("/terms", 7), "invalid_value invalid_value /terms");
    EXPECT_EQ(refusal_with("/effective_from", "2026-02-30"), "invalid_value invalid_value /effective_from");
    EXPECT_EQ(refusal(R"({"title":"a","title":"b"})"), "bad_request");
    EXPECT_EQ(refusal("[]"), "bad_request");
}

TEST(PriceListJson, NegativePricesCanBeWrittenSoThatPublishingTellsThem) {
    auto list = Json::parse(print_price_list(testing::full_prices()));
    list["plans"][0]["price_micro_yuan"] = -1;
    list["plans"][0]["usage"][4]["percentage"]["rate_ppm"] = -1;
    const auto issues = validate(parse_price_list(list.dump()));
    ASSERT_EQ(issues.size(), 2U);
    EXPECT_EQ(issues[0].code + " " + issues[0].pointer, "negative_price /plans/0/price_micro_yuan");
    EXPECT_EQ(issues[1].code + " " + issues[1].pointer,
              "negative_price /plans/0/usage/4/percentage/rate_ppm");
}

TEST(PriceListJson, EveryIssueOfPublishingPointsIntoTheDocument) {
    int issues = 0;
    testing::for_seeds(100, [&](testing::Random& random) {
        const auto prices = testing::random_prices(random);
        const auto document = Json::parse(print_price_list(prices));
        for (const auto& issue : validate(prices)) {
            EXPECT_TRUE(document.contains(Json::json_pointer{issue.pointer}))
                << issue.code << " " << issue.pointer;
            ++issues;
        }
    });
    EXPECT_GT(issues, 1'000);
}

TEST(PriceListJson, EveryDifferencePointsIntoItsDocument) {
    testing::for_seeds(30, [](testing::Random& random) {
        const auto older = testing::random_prices(random), newer = testing::random_prices(random);
        const auto old_document = Json::parse(print_price_list(older)),
                   new_document = Json::parse(print_price_list(newer));
        for (const auto& one : differences(older, newer)) {
            const auto& document = one.kind == DifferenceKind::removed ? old_document : new_document;
            // What is empty or has its default need not be written.
            const auto parent = Json::json_pointer{one.pointer}.parent_pointer();
            EXPECT_TRUE(document.contains(parent) || document.contains(parent.parent_pointer()))
                << one.pointer << " " << one.text;
        }
    });
}

}  // namespace
}  // namespace wefee::server::tests
