// R11 on whole bills: parts of a bill and what is left of it are the bill.
#include "billing/invoiced.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "property.hpp"

namespace wefee {
namespace {

RatedLine line(std::string code, LineKind kind, std::int64_t fen, std::int64_t tax = 0) {
    RatedLine line;
    line.item_code = std::move(code);
    line.kind = kind;
    line.formula.amount = Fen{fen};
    line.tax = Fen{tax};
    return line;
}

RatedPeriod random_bill(testing::Random& random) {
    RatedPeriod bill;
    for (const auto* code : {"plan.a", "plan.a@2026-02-03", "calls", "calls.tier1"})
        if (random.chance(70))
            bill.lines.push_back(
                line(code, LineKind::usage, random.between(0, 9'999), random.between(0, 99)));
    if (random.chance(50)) bill.lines.push_back(line("coupon.c", LineKind::coupon, -random.between(0, 500)));
    Fen tax{};
    for (const auto& one : bill.lines) tax += one.tax;
    if (tax != Fen{}) bill.lines.push_back(line("tax", LineKind::tax, tax.count()));
    return joined(std::array{bill}, JoinBy::line);  // adds it up
}

TEST(Invoiced, PartsAndWhatIsLeftOfABillAreTheBill) {
    testing::for_seeds(200, [](testing::Random& random) {
        const std::array parts{random_bill(random), random_bill(random)};
        const auto whole = random_bill(random);
        const auto left = less_invoiced(whole, joined(parts, JoinBy::line));
        ASSERT_EQ(left.total + parts[0].total + parts[1].total, whole.total);
        ASSERT_EQ(left.tax + parts[0].tax + parts[1].tax, whole.tax);
        Fen lines{}, taxes{};
        for (const auto& one : left.lines) lines += one.amount(), taxes += one.tax;
        ASSERT_EQ(lines, left.total);
        ASSERT_EQ(taxes, left.tax);
        ASSERT_TRUE(correction(whole, whole).lines.empty());
        for (std::size_t i = 0; i + 1 < left.lines.size(); ++i)
            ASSERT_NE(left.lines[i].kind, LineKind::tax) << "the last one";
    });
}

TEST(Invoiced, ABillBelowZeroBecomesOneOfNothingAndACreditNote) {
    testing::for_seeds(200, [](testing::Random& random) {
        const auto whole = random_bill(random);
        auto left = less_invoiced(whole, random_bill(random));
        const auto before = left;
        const auto kept = keep_below_zero(left);
        ASSERT_EQ(kept.has_value(), before.total < Fen{});
        if (!kept) {
            ASSERT_EQ(left.lines.size(), before.lines.size());
            return;
        }
        ASSERT_EQ(left.total, Fen{});
        ASSERT_EQ(left.net, Fen{});
        ASSERT_EQ(kept->net, -before.net);
        ASSERT_EQ(kept->total, kept->net + kept->tax);
        const auto line = std::ranges::find(left.lines, account_credit_item(), &RatedLine::item_code);
        ASSERT_NE(line, left.lines.end());
        ASSERT_EQ(line->amount(), kept->net) << "no more is given back than a line has";
    });
}

TEST(Invoiced, AtAThresholdAllThatIsNotInvoicedIsOnceSomethingIsOwed) {
    const auto metered = [](std::int64_t fen, std::int64_t coupon, std::int64_t tax) {
        RatedPeriod bill;
        bill.lines = {line("calls", LineKind::usage, fen), line("coupon.c", LineKind::coupon, -coupon),
                      line("tax", LineKind::tax, tax)};
        return joined(std::array{bill}, JoinBy::line);
    };
    const Thresholds thresholds{{Fen{100}}, Fen{100}};
    EXPECT_FALSE(threshold_bill(thresholds, metered(99, 0, 10), {}));
    EXPECT_EQ(threshold_bill(thresholds, metered(100, 40, 6), {})->total, Fen{66})
        << "reached before coupons and tax";
    EXPECT_FALSE(threshold_bill(thresholds, metered(100, 100, 0), {})) << "nothing is owed";
    EXPECT_FALSE(threshold_bill(thresholds, metered(199, 0, 20), metered(150, 0, 15)));
    EXPECT_EQ(threshold_bill(thresholds, metered(200, 0, 20), metered(150, 0, 15))->total, Fen{55});
    EXPECT_FALSE(threshold_bill(thresholds, metered(120, 0, 12), metered(250, 0, 25)))
        << "usage was taken back";
}

TEST(Invoiced, StretchesOfAnItemAreOneWhenJoinedByItem) {
    RatedPeriod bill;
    bill.lines = {line("plan.a", LineKind::plan, 300), line("plan.a@2026-02-03", LineKind::plan, 700),
                  line("tax", LineKind::tax, 60)};
    const auto one = joined(std::array{bill}, JoinBy::item);
    ASSERT_EQ(one.lines.size(), 2U);
    EXPECT_EQ(one.lines[0].amount(), Fen{1'000});
    EXPECT_EQ(one.total, Fen{1'060});
    EXPECT_EQ(one.tax, Fen{60});
}

TEST(Invoiced, DiscountsAreWholeFenOfThePositiveLines) {  // N09
    RatedPeriod bill;
    bill.lines = {line("a", LineKind::plan, 333), line("b", LineKind::usage, 333),
                  line("d", LineKind::usage, -50), line("c", LineKind::usage, 334),
                  line("coupon.x", LineKind::coupon, -100)};
    EXPECT_EQ(line_discounts(bill), (std::vector<Fen>{Fen{33}, Fen{33}, Fen{}, Fen{34}, Fen{}}));
    bill.lines = {line("a", LineKind::plan, -10), line("coupon.x", LineKind::coupon, 5)};
    EXPECT_EQ(line_discounts(bill), std::vector<Fen>(2)) << "a bill below zero gives coupons back";
}

}  // namespace
}  // namespace wefee
