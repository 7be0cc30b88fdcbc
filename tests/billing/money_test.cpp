// Rounding and the texts of amounts: exhaustive where the space is small.
#include "billing/money.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace wefee {
namespace {

constexpr auto largest = std::numeric_limits<std::int64_t>::max();
constexpr auto smallest = std::numeric_limits<std::int64_t>::min();

TEST(Fen, OverflowThrowsAndNeverWraps) {
    EXPECT_THROW(Fen{largest} + Fen{1}, std::overflow_error);
    EXPECT_THROW(Fen{smallest} - Fen{1}, std::overflow_error);
    EXPECT_THROW(-Fen{smallest}, std::overflow_error);
}

TEST(RoundToFen, HalfGoesAwayFromZero) {
    EXPECT_EQ(round_to_fen(5, 10), Fen{1});
    EXPECT_EQ(round_to_fen(-5, 10), Fen{-1});
    EXPECT_EQ(round_to_fen(4, 10), Fen{0});
    EXPECT_EQ(round_to_fen(25, 10), Fen{3});
    EXPECT_EQ(round_to_fen(-14, 10), Fen{-1});
    EXPECT_EQ(round_to_fen(1, 3), Fen{0});
    EXPECT_EQ(round_to_fen(2, 3), Fen{1});
}

TEST(RoundToFen, WorksBeyondInt64AndRefusesWhatDoesNotFit) {
    const __int128 huge = static_cast<__int128>(largest) * 1'000'000;
    EXPECT_EQ(round_to_fen(huge, 1'000'000), Fen{largest});
    EXPECT_THROW(round_to_fen(huge + 500'000, 1'000'000), std::overflow_error);
    EXPECT_THROW(round_to_fen(1, 0), std::domain_error);
    EXPECT_THROW(round_to_fen(1, -1), std::domain_error);
}

TEST(ParseYuan, TakesTheProvidersForms) {
    EXPECT_EQ(parse_yuan("12.30"), Fen{1230});
    EXPECT_EQ(parse_yuan("12.3"), Fen{1230});
    EXPECT_EQ(parse_yuan("12"), Fen{1200});
    EXPECT_EQ(parse_yuan("0.01"), Fen{1});
    EXPECT_EQ(parse_yuan("-0.05"), Fen{-5});
    EXPECT_EQ(parse_yuan("92233720368547758.07"), Fen{largest});
    EXPECT_EQ(parse_yuan("-92233720368547758.08"), Fen{smallest});
}

TEST(ParseYuan, RefusesEverythingElse) {
    for (const auto* text : {"",
                             "-",
                             ".",
                             ".5",
                             "5.",
                             "1.234",
                             "+1",
                             " 1",
                             "1 ",
                             "1e3",
                             "1,000",
                             "--1",
                             "1.-5",
                             "0x1",
                             "1.2.3",
                             "92233720368547758.08",
                             "-92233720368547758.09",
                             "99999999999999999999",
                             "¥1",
                             "nan"})
        EXPECT_EQ(parse_yuan(text), std::nullopt) << text;
}

TEST(FormatYuan, AlwaysTwoDecimals) {
    EXPECT_EQ(format_yuan(Fen{361250}), "3612.50");
    EXPECT_EQ(format_yuan(Fen{-5}), "-0.05");
    EXPECT_EQ(format_yuan(Fen{smallest}), "-92233720368547758.08");
    EXPECT_EQ(format_yuan_for_people(Fen{361250}), "¥3,612.50");
    EXPECT_EQ(format_yuan_for_people(Fen{-22000}), "\u2212¥220.00");
    EXPECT_EQ(format_yuan_for_people(Fen{100'000'000'00}), "¥100,000,000.00");
    EXPECT_EQ(format_yuan_for_people(Fen{99999}), "¥999.99");
}

TEST(FormatUnitPrice, DropsTrailingZerosButKeepsTwoDecimals) {
    EXPECT_EQ(format_unit_price(MicroYuan{3'500}), "¥0.0035");
    EXPECT_EQ(format_unit_price(MicroYuan{99'000'000}), "¥99.00");
    EXPECT_EQ(format_unit_price(MicroYuan{1}), "¥0.000001");
    EXPECT_EQ(format_unit_price(MicroYuan{1'234'500'000}), "¥1,234.50");
    EXPECT_EQ(format_unit_price(MicroYuan{-50'000}), "\u2212¥0.05");
}

TEST(Yuan, EveryAmountUpToAMillionFenSurvivesItsText) {
    for (std::int64_t fen = 0; fen <= 1'000'000; ++fen) {
        if (parse_yuan(format_yuan(Fen{fen})) != Fen{fen}) ADD_FAILURE() << fen;
        if (parse_yuan(format_yuan(Fen{-fen})) != Fen{-fen}) ADD_FAILURE() << -fen;
    }
}

TEST(RoundYuan, ADecimalOfAnyLengthIsRoundedOnce) {
    EXPECT_EQ(round_yuan("17.9699999999999988631316"), Fen{1797});  // N17
    EXPECT_EQ(round_yuan("17.9649999999999999999999"), Fen{1796});
    EXPECT_EQ(round_yuan("0.005"), Fen{1});
    EXPECT_EQ(round_yuan("-0.005"), Fen{-1});
    EXPECT_EQ(round_yuan("-0.0049"), Fen{0});
    EXPECT_EQ(round_yuan("12"), Fen{1200});
    EXPECT_EQ(round_yuan("12.3"), Fen{1230});
    EXPECT_EQ(round_yuan("92233720368547758.07"), Fen{INT64_MAX});
    for (const auto* wrong : {"", ".5", "1.", "1.234x", "1.2.3", "1e3", "+1", "92233720368547758.079"})
        EXPECT_EQ(round_yuan(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace wefee
