// Two versions of a price list, compared: nothing that changed is lost, nothing else is told.
#include "billing/price_list_diff.hpp"

#include <gtest/gtest.h>

#include "random_prices.hpp"
#include "sample_prices.hpp"

namespace wefee {
namespace {

using testing::sample_prices;

std::string told(const std::vector<Difference>& all) {
    std::string text;
    for (const auto& one : all)
        text += std::string(difference_kind_name(one.kind)) + " " + one.pointer + " " + one.text + "\n";
    return text;
}

template <class Change>
std::string after(Change change) {
    const auto older = sample_prices();
    auto newer = older;
    change(newer);
    return told(differences(older, newer));
}

TEST(PriceListDiff, ARaisedAndALoweredPriceAreToldInWords) {
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].price = MicroYuan{330'000'000}; }),
              "raised /plans/0/price_micro_yuan 套餐「专业版」 · 每期价格 由 ¥300.00 调高为 ¥330.00\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[0].tiers[1].unit_price = MicroYuan{70'000}; }),
              "lowered /plans/0/usage/0/tiers/1/unit_price_micro_yuan "
              "套餐「专业版」 · 按量计费「接口调用」 · 第 2 档 · 单价 由 ¥0.08 调低为 ¥0.07\n");
    EXPECT_EQ(after([](PriceList& p) { p.tax_basis_points = 1'300; }),
              "raised /tax_basis_points 税率 由 6% 调高为 13%\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[4].percentage.rate_ppm = 5'500; }),
              "lowered /plans/0/usage/4/percentage/rate_ppm "
              "套餐「专业版」 · 按量计费「交易」 · 按交易额 · 费率 由 0.6% 调低为 0.55%\n");
}

TEST(PriceListDiff, ALimitThatComesOrGoesIsToldAsSuch) {
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].cap = Fen{500'000}; }),
              "added /plans/0/cap_fen 套餐「专业版」 · 每期封顶 新增:¥5,000.00\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[0].usage[3].minimum.reset(); }),
              "removed /plans/0/usage/3/minimum_fen 套餐「专业版」 · 按量计费「通话」 · 每期最低消费 "
              "取消,原为 ¥20.00\n");
}

TEST(PriceListDiff, WholeRowsComeAndGoWithAllThatTheyCost) {
    EXPECT_EQ(
        after([](PriceList& p) {
            p.coupons.push_back({"old", "老客户", {.kind = Coupon::Kind::percent, .basis_points = 1'000}, 3});
        }),
        "added /coupons/0 新增优惠「老客户」:代码 old,名称 老客户,优惠方式 按比例优惠,优惠比例 10%,适用期数 "
        "3 期\n");
    EXPECT_EQ(after([](PriceList& p) { p.plans[1].modules.pop_back(); }),
              "removed /plans/1/modules/1 套餐「年付版」 · 取消功能模块「archive」\n");
    const auto gone = after([](PriceList& p) { p.plans.erase(p.plans.begin()); });
    EXPECT_TRUE(gone.starts_with("removed /plans/0 取消套餐「专业版」:")) << gone;
    for (const std::string price : {"¥300.00", "¥99.00", "¥0.10", "¥0.0035", "¥1.00", "¥200.00", "0.6%"})
        EXPECT_NE(gone.find(price), std::string::npos) << price << " in " << gone;
}

TEST(PriceListDiff, ARowInFrontMovesNoOther) {
    EXPECT_EQ(
        after([](PriceList& p) { p.modules.insert(p.modules.begin(), {.code = "new", .title = "新"}); }),
        "added /modules/0 新增功能模块「新」:代码 new,名称 新\n");
}

TEST(PriceListDiff, AChangedOrderIsNotLost) {
    EXPECT_EQ(after([](PriceList& p) { std::swap(p.plans[0], p.plans[1]); }),
              "changed /plans 套餐 的顺序有变化\n");
}

TEST(PriceListDiff, LongTextsAreKeptWholeBesideShortWords) {
    auto newer = sample_prices();
    newer.terms.text = std::string(4'000, 'x');
    const auto all = differences(sample_prices(), newer);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].text, "服务条款 · 正文 由 服务条款 改为 (全文略)");
    EXPECT_EQ(std::get<std::string>(*all[0].after), newer.terms.text);
    EXPECT_EQ(std::get<std::string>(*all[0].before), "服务条款");
}

TEST(PriceListDiff, AListDoesNotDifferFromItself) {
    testing::for_seeds(200, [](testing::Random& random) {
        const auto prices = testing::random_prices(random);
        EXPECT_EQ(told(differences(prices, prices)), "");
    });
}

TEST(PriceListDiff, OneChangedFieldIsExactlyOneDifference) {
    int mutations = 0;
    testing::for_seeds(25, [&](testing::Random& random) {
        const auto older = testing::random_prices(random);
        for (int target = 0;; ++target) {
            auto newer = older;
            testing::Mutate mutate(target, random);
            describe(mutate, newer);
            if (!mutate.done) break;
            ++mutations;
            const auto& done = *mutate.done;
            const auto all = differences(older, newer);
            SCOPED_TRACE(done.pointer + "\n" + told(all));
            if (done.of_key) {
                ASSERT_EQ(all.size(), 2U);
                EXPECT_EQ(all[0].kind, DifferenceKind::added);
                EXPECT_EQ(all[1].kind, DifferenceKind::removed);
                EXPECT_EQ(all[0].pointer, done.pointer);
                EXPECT_EQ(all[1].pointer, done.pointer);
                continue;
            }
            ASSERT_EQ(all.size(), 1U);
            EXPECT_EQ(all[0].pointer, done.pointer);
            EXPECT_FALSE(all[0].text.empty());
            EXPECT_EQ(all[0].kind == DifferenceKind::added, done.added);
            EXPECT_EQ(all[0].kind == DifferenceKind::removed, done.removed);
            EXPECT_NE(all[0].before, all[0].after);
        }
    });
    EXPECT_GT(mutations, 1'000);
}

}  // namespace
}  // namespace wefee
