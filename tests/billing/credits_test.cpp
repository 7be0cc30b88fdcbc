// Credits that a plan or add-on includes: what they pay, in which order, and what is said of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "billing/consent.hpp"
#include "billing/price_list_diff.hpp"
#include "billing/price_words.hpp"
#include "billing/recommend.hpp"
#include "property.hpp"
#include "tests/billing/sample_prices.hpp"

namespace wefee {
namespace {

CivilDay day(const char* text) { return parse_day(text).value(); }
const DaySpan november{day("2026-11-01"), day("2026-12-01")};

/// Minutes are ¥10 a started hour and ¥20 at least, messages ¥0.05 above 10,000 up to ¥200.
PriceList prices_with(std::vector<IncludedCredit> credits) {
    auto prices = testing::sample_prices();
    prices.tax_basis_points = 0;
    prices.plans[0].credits = std::move(credits);
    return prices;
}

RatingInput used(std::int64_t minutes, std::int64_t messages) {
    return {.plan = "pro",
            .period = november,
            .full = november,
            .usage = {{"minutes", units(minutes)}, {"messages", units(messages)}}};
}

const RatedLine& line_of(const RatedPeriod& rated, std::string_view code) {
    const auto found = std::ranges::find(rated.lines, code, &RatedLine::item_code);
    if (found == rated.lines.end()) throw std::runtime_error("no line " + std::string(code));
    return *found;
}

TEST(Credits, PayMeteredAmountsAndNothingElseNeverBelowZero) {
    const auto prices = prices_with({{"gift", "礼包", Fen{10'000}}});
    EXPECT_EQ(line_of(rate(prices, used(300, 0)), "credit.gift").amount(), Fen{-5'000});
    const auto much = rate(prices, used(300, 100'000));
    EXPECT_EQ(line_of(much, "credit.gift").amount(), Fen{-10'000});
    EXPECT_EQ(much.net, Fen{30'000 + 5'000 + 20'000 - 10'000}) << "messages stay under their cap";
    const auto idle = rate(prices, used(0, 0));
    EXPECT_EQ(line_of(idle, "credit.gift").amount(), Fen{-2'000}) << "a meter's minimum is metered too";
    EXPECT_EQ(line_of(idle, "credit.gift").formula.text, "额度 ¥100.00,抵扣全部用量 ¥20.00");
    EXPECT_EQ(line_of(idle, "credit.gift").evidence, "余 ¥80.00,期末作废");
}

TEST(Credits, PayTheirMetersOnlyAndInTheOrderOfTheList) {
    const auto rated =
        rate(prices_with({{"all", "全部", Fen{6'000}}, {"talk", "通话", Fen{9'000}, {"minutes"}}}),
             used(600, 30'000));
    EXPECT_EQ(line_of(rated, "credit.all").amount(), Fen{-6'000});
    EXPECT_EQ(line_of(rated, "credit.talk").amount(), Fen{-9'000})
        << "minutes cost ¥100, messages paid the first credit";
}

TEST(Credits, OfAPartOfAPeriodFollowItsDaysOrDoNot) {
    auto input = used(600, 0);
    input.period.start = day("2026-11-21");
    const auto rated =
        rate(prices_with({{"daily", "按天", Fen{1'000}}, {"whole", "整期", Fen{1'000}, {}, false}}), input);
    EXPECT_EQ(line_of(rated, "credit.daily").amount(), Fen{-333});
    EXPECT_EQ(line_of(rated, "credit.daily").formula.text, "额度 ¥10.00 × 10/30 天,抵扣全部用量 ¥3.33");
    EXPECT_EQ(line_of(rated, "credit.whole").amount(), Fen{-1'000});
}

TEST(Credits, OfAnAddOnAreThereOnItsDays) {
    auto prices = prices_with({});
    prices.add_ons = {{"talker",
                       "通话包",
                       {"archive"},
                       MicroYuan{10'000'000},
                       {{"talk", "通话", Fen{3'000}, {"minutes"}}}}};
    auto input = used(600, 0);
    input.add_ons = {{"talker", {day("2026-11-11"), november.end}}};
    EXPECT_EQ(line_of(rate(prices, input), "credit.talk").amount(), Fen{-2'000});
    input.add_ons.clear();
    EXPECT_THROW(line_of(rate(prices, input), "credit.talk"), std::runtime_error);
}

TEST(Credits, ComeBeforeThePlansMinimumAndCapAndBeforeCouponsAndTax) {
    auto prices = prices_with({{"gift", "礼包", Fen{10'000}}});
    prices.plans[0].minimum = Fen{35'000};
    prices.coupons = {{"tenth", "九折", {.kind = Coupon::Kind::percent, .basis_points = 1'000}}};
    prices.tax_basis_points = 600;
    auto input = used(300, 0);
    input.coupons = {"tenth"};
    const auto rated = rate(prices, input);
    EXPECT_EQ(line_of(rated, "minimum").amount(), Fen{5'000});
    EXPECT_EQ(line_of(rated, "coupon.tenth").amount(), Fen{-3'500});
    EXPECT_EQ(rated.tax, Fen{1'890});
}

TEST(Credits, LateUsageIsPaidByWhatWasLeft) {
    auto late = testing::late_usage({day("2026-10-01"), november.start}, {"minutes", units(600)}, Fen{3'000},
                                    prices_with({{"gift", "礼包", Fen{5'000}}}));
    late.already.push_back({"credit.gift", Fen{-3'000}});
    const auto rated = rate(testing::sample_prices(), used(0, 0), {&late, 1});
    EXPECT_EQ(line_of(rated, "minutes.late").amount(), Fen{7'000});
    EXPECT_EQ(line_of(rated, "credit.gift.late").amount(), Fen{-2'000});
    EXPECT_EQ(line_of(rated, "credit.gift.late").title, "礼包 10月补记");
}

std::string refusals(const PriceList& prices) {
    std::string all;
    for (const auto& issue : validate(prices)) all += issue.code + " " + issue.pointer + "\n";
    return all;
}

TEST(Credits, ThatPayNothingAreNotPublished) {
    EXPECT_EQ(refusals(prices_with({{"gift", "礼包", Fen{1}, {"minutes"}}})), "");
    EXPECT_EQ(refusals(prices_with({{"gift", "礼包", Fen{}}})),
              "useless_credit /plans/0/credits/0/amount_fen\n");
    EXPECT_EQ(refusals(prices_with({{"gift", "礼包", Fen{-1}}})),
              "negative_price /plans/0/credits/0/amount_fen\n");
    EXPECT_EQ(refusals(prices_with({{"gift", "礼包", Fen{1}, {"nothing"}}})),
              "unknown_reference /plans/0/credits/0/meters/0\n");
    EXPECT_EQ(refusals(prices_with({{"gift", "礼包", Fen{1}, {"minutes", "minutes"}}})),
              "duplicate_code /plans/0/credits/0/meters/1\n");
    EXPECT_EQ(refusals(prices_with({{"pro", "", Fen{1}}})),
              "duplicate_code /plans/0/credits/0/code\nmissing_text /plans/0/credits/0/title\n");
    auto idle = prices_with({});
    idle.plans[1].credits = {{"gift", "礼包", Fen{1}}};
    EXPECT_EQ(refusals(idle), "useless_credit /plans/1/credits/0\n") << "the yearly plan meters nothing";
    auto beside = prices_with({});
    beside.meters.push_back({"faxes", "传真", "页"});
    beside.add_ons = {{"talker", "通话包", {"archive"}, MicroYuan{1}, {{"gift", "礼包", Fen{1}, {"faxes"}}}}};
    EXPECT_EQ(refusals(beside), "useless_credit /add_ons/0/credits/0/meters/0\n");
    auto named = prices_with({});
    named.meters.push_back({"credit", "信用", "个"});
    EXPECT_EQ(refusals(named), "bad_code /meters/5/code\n");
}

TEST(Credits, AreListedInWordsAndEachChangeOfThemIsTold) {
    const auto prices = prices_with({{"gift", "礼包", Fen{5'000}, {"minutes", "messages"}, false}});
    const auto words = plan_words(prices, prices.plans[0]);
    const auto found = std::ranges::find(words, "含抵扣额度「礼包」", &PriceWords::what);
    ASSERT_NE(found, words.end());
    EXPECT_EQ(found->costs, "¥50.00 / 月,先抵扣通话、群发消息,不足一期不折算,未用完的期末作废");
    const auto told =
        differences(prices, prices_with({{"gift", "礼包", Fen{4'000}, {"minutes", "messages"}, false}}));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].pointer, "/plans/0/credits/0/amount_fen");
    EXPECT_EQ(told[0].text, "套餐「专业版」 · 含抵扣额度「礼包」 · 每期额度 由 ¥50.00 调低为 ¥40.00");
}

Consent consent_to(const PriceList& prices) {
    Consent consent;
    for (const auto& item : chargeable_items(prices, "pro", {}))
        consent.items.push_back({item.code, item.title, item.unit_price, item.unit, "", Fen{1'000'000}});
    consent.cap_charge = consent.cap_cycle = Fen{1'000'000};
    return consent;
}

/// What is taken off is part of the price that was agreed to.
TEST(Credits, ASmallerCreditNeedsANewConsent) {
    const auto agreed = consent_to(prices_with({{"gift", "礼包", Fen{5'000}}}));
    const auto same = rate(prices_with({{"gift", "礼包", Fen{5'000}}}), used(600, 0));
    EXPECT_TRUE(covers(agreed, cover_lines(same), same.total, Fen{}, Instant{}).ok);
    const auto smaller = rate(prices_with({{"gift", "礼包", Fen{4'000}}}), used(600, 0));
    const auto cover = covers(agreed, cover_lines(smaller), smaller.total, Fen{}, Instant{});
    EXPECT_EQ(cover.items_needing_consent, std::vector<std::string>{"credit.gift"});
    EXPECT_TRUE(needs_new_consent(agreed, consent_to(prices_with({{"gift", "礼包", Fen{4'000}}}))));
    EXPECT_TRUE(needs_new_consent(agreed, consent_to(prices_with({})))) << "nor may it go";
    EXPECT_FALSE(needs_new_consent(agreed, consent_to(prices_with({{"gift", "礼包", Fen{6'000}}}))));
}

TEST(Credits, ABillOfUsageWithoutAnAgreedCreditIsNotDeducted) {
    const auto agreed = consent_to(prices_with({{"gift", "礼包", Fen{5'000}}}));
    const auto without = rate(prices_with({}), used(600, 0));
    const auto cover = covers(agreed, cover_lines(without), without.total, Fen{}, Instant{});
    ASSERT_EQ(cover.blocked.size(), 1U);
    EXPECT_EQ(cover.blocked[0].item_code, "credit.gift");
    EXPECT_EQ(cover.blocked[0].problem, CoverProblem::unit_price_above);
    EXPECT_EQ(cover.blocked[0].allowed, -50'000'000);
    EXPECT_EQ(cover.manual, without.total);
    auto fees = used(600, 0);
    fees.portion = Portion::fixed;
    const auto advance = rate(prices_with({}), fees);
    EXPECT_TRUE(covers(agreed, cover_lines(advance), advance.total, Fen{}, Instant{}).ok)
        << "it pays no fees";
}

/// Without usage nothing metered is charged.
PriceList without_minimum(PriceList prices) {
    for (auto& charge : prices.plans[0].usage) charge.minimum.reset();
    return prices;
}

/// A bill of three stretches with so many minutes each; `with`: whether its price list has the agreed credit.
RatedPeriod bill_of_stretches(const std::array<bool, 3>& with, const std::array<std::int64_t, 3>& minutes) {
    const auto credited = without_minimum(prices_with({{"gift", "礼包", Fen{5'000}}}));
    const auto bare = without_minimum(prices_with({}));
    std::vector<RatingPart> parts;
    auto from = november.start;
    for (std::size_t i = 0; i < with.size(); ++i) {
        auto input = used(minutes[i], 0);
        input.period = {from, add_days(from, 10)};
        from = input.period.end;
        parts.push_back({with[i] ? &credited : &bare, input});
    }
    return rate(parts, {});
}

TEST(Credits, AnAgreedCreditMayBeginInTheMiddleOfABillButNotEndThere) {
    const auto agreed = consent_to(without_minimum(prices_with({{"gift", "礼包", Fen{5'000}}})));
    const auto deducted = [&](std::array<bool, 3> with, std::array<std::int64_t, 3> minutes) {
        const auto bill = bill_of_stretches(with, minutes);
        return covers(agreed, cover_lines(bill), bill.total, Fen{}, Instant{}).ok;
    };
    for (int mask = 0; mask < 8; ++mask)
        for (int usage = 0; usage < 8; ++usage) {
            const std::array<bool, 3> with{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
            std::array<std::int64_t, 3> minutes{};
            bool wrong = false;
            bool had = false;
            for (std::size_t i = 0; i < 3; ++i) {
                if ((usage >> i & 1) != 0) minutes[i] = 6'000;  // more than the credit pays
                had = had || with[i];
                wrong = wrong || (minutes[i] > 0 && !with[i] && (had || mask == 0));
            }
            EXPECT_EQ(deducted(with, minutes), !wrong) << mask << " " << usage;
        }
}

TEST(Credits, ARecommendationTakesAnAddOnWhoseCreditPaysMoreThanItCosts) {
    auto prices = prices_with({});
    prices.add_ons = {{"talker",
                       "通话包",
                       {"archive"},
                       MicroYuan{10'000'000},
                       {{"talk", "通话", Fen{3'000}, {"minutes"}}}}};
    const auto best = [&](std::int64_t minutes) {
        RecommendInput input{
            .plan = "pro",
            .add_ons = {},
            .periods = {{.period = november, .full = november, .usage = {{"minutes", units(minutes), 1}}}}};
        const auto result = recommend(prices, prices, input);
        EXPECT_FALSE(result.exact);
        return std::ranges::find(result.options, "pro", &PlanOption::plan)->add_ons;
    };
    EXPECT_EQ(best(600), std::vector<std::string>{"talker"});
    EXPECT_EQ(best(0), std::vector<std::string>{"talker"}) << "the minimum is ¥20";
    prices.plans[0].usage[3].minimum.reset();
    EXPECT_EQ(best(30), std::vector<std::string>{}) << "¥10 for ¥10";
}

}  // namespace
}  // namespace wefee
