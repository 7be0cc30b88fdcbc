// The rating function: a month line by line, and the properties that hold for any usage.
#include "billing/rating.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "billing/consent.hpp"
#include "billing/error.hpp"
#include "property.hpp"
#include "sample_prices.hpp"

namespace wefee {
namespace {

using testing::sample_prices;

CivilDay day(const char* text) { return parse_day(text).value(); }
const DaySpan november{day("2026-11-01"), day("2026-12-01")};

RatingInput november_input() {
    RatingInput input{.plan = "pro", .period = november, .full = november};
    input.seats = {{day("2026-01-01"), 12}};
    return input;
}

const RatedLine& line_of(const RatedPeriod& rated, std::string_view code) {
    const auto found = std::ranges::find(rated.lines, code, &RatedLine::item_code);
    if (found == rated.lines.end()) throw std::out_of_range(std::string(code));
    return *found;
}

bool has_line(const RatedPeriod& rated, std::string_view code) {
    return std::ranges::find(rated.lines, code, &RatedLine::item_code) != rated.lines.end();
}

void expect_sound(const RatedPeriod& rated) {
    Fen net{};
    Fen all{};
    Fen tax_shares{};
    std::set<std::string> codes;
    for (const auto& line : rated.lines) {
        EXPECT_TRUE(codes.insert(line.item_code).second) << line.item_code;
        EXPECT_FALSE(line.title.empty()) << line.item_code;
        EXPECT_FALSE(line.formula.text.empty()) << line.item_code;
        all += line.amount();
        if (line.kind != LineKind::tax) net += line.amount();
        tax_shares += line.tax;
    }
    EXPECT_EQ(net, rated.net);
    EXPECT_EQ(all, rated.total);
    EXPECT_EQ(tax_shares, rated.tax);
}

TEST(Rating, AFullMonthLineByLine) {
    auto input = november_input();
    input.usage = {{"api_calls", units(6000), 6000},
                   {"messages", units(12'400), 300},
                   {"storage", units(150)},
                   {"minutes", units(61)},
                   {"orders", units(3), 3, {Fen{1000}, Fen{10'000}, Fen{20'000}}}};
    const auto rated = rate(sample_prices(), input);
    expect_sound(rated);
    const std::map<std::string, std::pair<std::int64_t, std::string>> expected{
        {"plan.pro", {30'000, "¥300.00 × 1 月"}},
        {"seats", {19'800, "¥99.00 × (12 \u2212 含 10) 席"}},
        {"api_calls.tier1", {10'000, "0–1,000 次 ¥0.10 × 1,000"}},
        {"api_calls.tier2", {32'000, "1,000–5,000 次 ¥0.08 × 4,000"}},
        {"api_calls.tier3", {450, "5,000 次以上 ¥0.0035 × 1,000 + ¥1.00"}},
        {"messages", {12'000, "¥0.05 × (12,400 \u2212 含 10,000) 条"}},
        {"storage", {22'500, "¥1.50 × 150 GB"}},
        {"minutes", {2000, "¥10.00 × 2 包(61 分钟,每包 60 分钟)"}},
        {"orders", {200, "(3 \u2212 含 1) 笔,交易额 ¥310.00,费率 0.6% + 每笔 ¥0.10"}},
        {"tax", {7737, "¥1,289.50 × 6%"}},
    };
    EXPECT_EQ(rated.lines.size(), expected.size());
    for (const auto& [code, line] : expected) {
        EXPECT_EQ(line_of(rated, code).amount().count(), line.first) << code;
        EXPECT_EQ(line_of(rated, code).formula.text, line.second) << code;
    }
    EXPECT_EQ(rated.price_list_version, 3);
    EXPECT_EQ(rated.lines.back().kind, LineKind::tax);
    EXPECT_EQ(line_of(rated, "messages").evidence, "合计 12,400 条,来自 300 条用量记录");
}

TEST(Rating, AMonthWithoutUsageShowsEveryMeterAtZeroOrItsMinimum) {
    const auto rated = rate(sample_prices(), november_input());
    expect_sound(rated);
    EXPECT_EQ(line_of(rated, "messages").amount(), Fen{});
    EXPECT_EQ(line_of(rated, "minutes.minimum").amount(), Fen{2000});
    EXPECT_EQ(line_of(rated, "minutes.minimum").formula.text, "保底 ¥20.00,实际 ¥0.00");
    EXPECT_FALSE(has_line(rated, "api_calls.tier2"));
}

TEST(Rating, SeatsAddedAndRemovedPayFromTheirOwnDay) {
    auto input = november_input();
    input.seats = {{day("2026-01-01"), 12}, {day("2026-11-16"), 17}, {day("2026-11-26"), 9}};
    const auto rated = rate(sample_prices(), input);
    const auto& seats = line_of(rated, "seats");
    // 2 seats for 30 days, 5 more for 15, all 7 gone for the last 5: 60 + 75 - 35 = 100 seat-days of 30.
    EXPECT_EQ(seats.amount(), Fen{33'000});
    EXPECT_EQ(seats.formula.text,
              "¥99.00 × (12 \u2212 含 10) 席 + ¥99.00 × 5 席 × 15/30 天 \u2212 ¥99.00 × 7 席 × 5/30 天");
    EXPECT_EQ(seats.formula.quantity - seats.formula.included, units(100));
    EXPECT_EQ(seats.evidence, "期初 12 席,2026-11-16 起 17 席,2026-11-26 起 9 席");
}

TEST(Rating, HighWaterSeatsPayTheHighestLevelWhole) {
    auto prices = sample_prices();
    prices.plans[0].seat_rule = SeatRule::high_water;
    auto input = november_input();
    input.seats = {{day("2026-01-01"), 12}, {day("2026-11-16"), 17}, {day("2026-11-26"), 9}};
    EXPECT_EQ(line_of(rate(prices, input), "seats").amount(), Fen{7 * 9900});
}

TEST(Rating, AStubIsMeasuredAgainstItsFullPeriod) {
    auto input = november_input();
    input.period = {day("2026-11-21"), november.end};
    const auto rated = rate(sample_prices(), input);
    expect_sound(rated);
    EXPECT_EQ(line_of(rated, "plan.pro").amount(), Fen{10'000});
    EXPECT_EQ(line_of(rated, "plan.pro").formula.text, "¥300.00 × 10/30 天");
    EXPECT_EQ(line_of(rated, "seats").amount(), Fen{6600});
    EXPECT_EQ(line_of(rated, "minutes.minimum").amount(), Fen{667});
}

TEST(Rating, AModuleThatThePlanHoldsIsNotPaidAgain) {
    auto prices = sample_prices();
    prices.plans[0].modules.push_back("archive");
    auto input = november_input();
    input.add_ons = {{"archive", november}};
    const auto within = line_of(rate(prices, input), "module.archive");
    EXPECT_EQ(within.amount(), Fen{});
    EXPECT_EQ(within.formula.text, "¥120.00 × 0/30 天(已含于其他项目 30 天,不重复计费)");
    EXPECT_EQ(line_of(rate(sample_prices(), input), "module.archive").amount(), Fen{12'000});
    input.add_ons = {{"archive", {day("2026-11-16"), day("2027-05-01")}}};
    EXPECT_EQ(line_of(rate(sample_prices(), input), "module.archive").amount(), Fen{6000});
}

TEST(Rating, CapsTakeOffWhatLiesAboveAndSayIt) {
    auto input = november_input();
    input.usage = {{"messages", units(60'000)}};
    const auto rated = rate(sample_prices(), input);
    expect_sound(rated);
    EXPECT_EQ(line_of(rated, "messages").amount(), Fen{250'000});
    EXPECT_EQ(line_of(rated, "messages.cap").amount(), Fen{-230'000});
    EXPECT_EQ(line_of(rated, "messages.cap").formula.text, "封顶 ¥200.00,实际 ¥2,500.00");
}

TEST(Rating, LateUsageIsTheDifferenceToWhatWasInvoiced) {
    auto input = november_input();
    const DaySpan october{day("2026-10-01"), november.start}, september{day("2026-09-01"), october.start};
    const std::array late{testing::late_usage(october, {"messages", units(10'300)}, Fen{500}),
                          testing::late_usage(september, {"messages", units(10'100)}, Fen{700}),
                          testing::late_usage(october, {"minutes", units(60)}, Fen{2000})};
    const auto rated = rate(sample_prices(), input, late);
    expect_sound(rated);
    EXPECT_EQ(line_of(rated, "messages.late").amount(), Fen{1500 - 500 + 500 - 700});
    EXPECT_NE(line_of(rated, "messages.late").formula.text.find("10月补记"), std::string::npos);
    EXPECT_EQ(line_of(rated, "minutes.late").amount(), Fen{});
}

TEST(Rating, RefusesWhatIsNotOnTheListAndNamesTheFields) {
    auto input = november_input();
    input.plan = "nope";
    input.add_ons = {{"base", november}, {"base", november}, {"nope", november}};
    input.usage = {{"nope", {}}};
    input.period.end = day("2026-12-02");
    try {
        rate(sample_prices(), input);
        FAIL() << "must throw";
    } catch (const Error& error) {
        EXPECT_EQ(error.errc(), Errc::invalid_value);
        std::vector<std::string> pointers;
        for (const auto& field : error.fields()) pointers.push_back(field.pointer);
        EXPECT_EQ(pointers, (std::vector<std::string>{"/plan", "/period", "/add_ons/1/code",
                                                      "/add_ons/2/code", "/usage/0/meter"}));
    }
}

RatingInput random_input(testing::Random& random) {
    auto input = november_input();
    if (random.chance(30)) input.period.start = day("2026-11-11");
    if (random.chance(50))
        input.add_ons = {
            {"archive", {add_days(november.start, static_cast<int>(random.between(0, 29))), november.end}}};
    for (int i = 0; i < 3; ++i)
        input.seats.push_back({add_days(november.start, static_cast<int>(10 * i + random.between(0, 9))),
                               random.between(0, 40)});
    for (const auto* meter : {"api_calls", "messages", "storage", "minutes"})
        input.usage.push_back({meter, Quantity{random.between(0, 20'000'000'000)}});
    input.usage.push_back(
        {"orders", {}, 0, {Fen{random.between(0, 100'000)}, Fen{random.between(0, 100'000)}}});
    return input;
}

std::vector<LateUsage> random_late(testing::Random& random, const PriceList& prices) {
    if (random.chance(50)) return {};
    return {testing::late_usage({day("2026-10-01"), november.start},
                                {"messages", units(random.between(0, 40'000))}, Fen{random.between(0, 9000)},
                                prices)};
}

PriceList random_prices(testing::Random& random) {
    auto prices = sample_prices();
    if (random.chance(30)) prices.plans[0].cap = Fen{random.between(0, 200'000)};
    if (random.chance(30)) prices.plans[0].minimum = Fen{random.between(0, 200'000)};
    if (random.chance(30)) prices.plans[0].seat_rule = SeatRule::high_water;
    if (random.chance(30)) prices.tax_basis_points = 2333;
    if (random.chance(30))
        prices.plans[0].credits = {{"gift", "礼包", Fen{random.between(1, 60'000)}, {}, random.chance(50)}};
    if (random.chance(30))
        prices.plans[0].credits.push_back({"talk", "通话", Fen{random.between(1, 9'000)}, {"minutes"}});
    return prices;
}

TEST(Rating, LinesAddUpAndAConsentCanNameThemAllBeforehand) {
    testing::for_seeds(1500, [](testing::Random& random) {
        const auto prices = random_prices(random);
        const auto input = random_input(random);
        const auto rated = rate(prices, input, random_late(random, prices));
        expect_sound(rated);
        const auto items = chargeable_items(prices, "pro", {"archive"});
        for (const auto& line : rated.lines) {
            const auto item = std::ranges::find(items, line.item_code, &ChargeableItem::code);
            ASSERT_NE(item, items.end()) << line.item_code;
            EXPECT_LE(line.formula.unit_price, item->unit_price) << line.item_code;
        }
    });
}

/// The formula of the kinds that have one gives the amount, so that the customer can work it out.
TEST(Rating, TheFormulaGivesTheAmount) {
    testing::for_seeds(1500, [](testing::Random& random) {
        for (const auto& line : rate(random_prices(random), random_input(random)).lines) {
            const auto& f = line.formula;
            const bool plain = line.item_code == "plan.pro" || line.item_code == "seats" ||
                               line.item_code == "messages" || line.item_code == "minutes" ||
                               line.item_code == "storage" || line.item_code == "module.archive";
            if (!plain) continue;
            const auto exact = in_fen(f.unit_price) * in_units(f.quantity - f.included) *
                               Fraction{f.factor_num, f.factor_den};
            EXPECT_EQ(rounded(exact), f.amount) << line.item_code << " " << f.text;
        }
    });
}

/// R11 through the whole rating function: a period billed in parts costs what it costs at once, tax apart.
TEST(Rating, APeriodBilledInPartsCostsTheSame) {
    testing::for_seeds(1000, [](testing::Random& random) {
        const auto prices = random_prices(random);
        auto input = random_input(random);
        const auto whole = rate(prices, input);
        auto part = input;
        std::map<std::string, Fen> invoiced;
        Fen net{};
        const int parts = static_cast<int>(random.between(2, 4));
        for (int i = 1; i <= parts; ++i) {
            for (std::size_t u = 0; u < input.usage.size(); ++u) {
                part.usage[u].quantity = Quantity{input.usage[u].quantity.count() / parts * i};
                if (i == parts) part.usage[u].quantity = input.usage[u].quantity;
            }
            part.last_part = i == parts;
            part.already.clear();
            for (const auto& [code, amount] : invoiced) part.already.push_back({code, amount});
            const auto rated = rate(prices, part);
            net += rated.net;
            for (const auto& line : rated.lines)
                if (line.kind != LineKind::tax) invoiced[line.item_code] += line.amount();
        }
        EXPECT_EQ(net, whole.net);
        for (const auto& line : whole.lines)
            if (line.kind != LineKind::tax)
                EXPECT_EQ(invoiced[line.item_code], line.amount()) << line.item_code;
    });
}

TEST(Rating, TheSameInputGivesTheSameLines) {
    testing::for_seeds(50, [](testing::Random& random) {
        const auto prices = random_prices(random);
        const auto input = random_input(random);
        const auto once = rate(prices, input);
        const auto twice = rate(prices, input);
        ASSERT_EQ(once.lines.size(), twice.lines.size());
        for (std::size_t i = 0; i < once.lines.size(); ++i) {
            EXPECT_EQ(once.lines[i].item_code, twice.lines[i].item_code);
            EXPECT_EQ(once.lines[i].formula.text, twice.lines[i].formula.text);
        }
    });
}

}  // namespace
}  // namespace wefee
