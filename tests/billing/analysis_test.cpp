// Where the money went: every way of looking adds up to the bill, to the fen.
#include "billing/analysis.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "random_catalogue.hpp"
#include "sample_prices.hpp"

namespace wefee {
namespace {

using namespace testing;

CivilDay day(const char* text) { return parse_day(text).value(); }
const DaySpan november{day("2026-11-01"), day("2026-12-01")};
const DaySpan october{day("2026-10-01"), day("2026-11-01")};
constexpr AnalysisBy every_way[]{AnalysisBy::module, AnalysisBy::meter, AnalysisBy::seat,
                                 AnalysisBy::department, AnalysisBy::day};

std::vector<CostLine> lines_of(const RatedPeriod& rated) {
    std::vector<CostLine> lines;
    for (const auto& line : rated.lines)
        lines.push_back({line.item_code, std::string(line_kind_name(line.kind)), line.title, line.amount()});
    return lines;
}

const AnalysisRow& row_of(const Analysis& analysis, std::string_view key) {
    const auto found = std::ranges::find(analysis.rows, key, &AnalysisRow::key);
    if (found == analysis.rows.end()) throw std::out_of_range(std::string(key));
    return *found;
}

TEST(Analysis, ByDepartmentUsageGoesByItsEventsAndTheRestBelongsToNobody) {
    auto prices = sample_prices();
    prices.tax_basis_points = 0;
    BilledPeriod billed{november, &prices, {}, {}, {}};
    billed.lines = {{"plan.pro", "plan", "专业版", Fen{30'000}},
                    {"messages", "usage", "群发消息", Fen{1000}}};
    billed.usage = {{"messages", day("2026-11-02"), units(30)}, {"messages", day("2026-11-03"), units(70)}};
    billed.values = {{"messages", day("2026-11-02"), "销售部", units(1)},
                     {"messages", day("2026-11-02"), "市场部", units(2)},
                     {"messages", day("2026-11-03"), "销售部", units(5)}};
    const auto analysis = analyse({&billed, 1}, november, october, AnalysisBy::department);
    EXPECT_EQ(row_of(analysis, "销售部").amount, Fen{100 + 700});
    EXPECT_EQ(row_of(analysis, "市场部").amount, Fen{200});
    EXPECT_EQ(row_of(analysis, "").amount, Fen{30'000});
    EXPECT_EQ(row_of(analysis, "").title, "未归属");
    EXPECT_EQ(analysis.total, Fen{31'000});
}

TEST(Analysis, ByDayUsageFollowsItsDaysAndFixedPricesAreEven) {
    auto prices = sample_prices();
    BilledPeriod billed{november, &prices, {}, {{day("2026-01-01"), 1}, {day("2026-11-30"), 31}}, {}};
    billed.lines = {{"plan.pro", "plan", "专业版", Fen{3000}},
                    {"seats", "seats", "席位", Fen{6000}},
                    {"messages", "usage", "群发消息", Fen{900}},
                    {"tax", "tax", "税费", Fen{990}}};
    billed.usage = {{"messages", day("2026-11-02"), units(30)}};
    const auto analysis = analyse({&billed, 1}, november, october, AnalysisBy::day);
    EXPECT_EQ(analysis.rows.size(), 30U);
    EXPECT_EQ(row_of(analysis, "2026-11-01").amount, Fen{100 + 100 + 20});
    EXPECT_EQ(row_of(analysis, "2026-11-02").amount, Fen{100 + 100 + 900 + 110});
    EXPECT_EQ(row_of(analysis, "2026-11-30").amount, Fen{100 + 3100 + 320});
}

TEST(Analysis, ByModuleAPlanIsSharedByTheListPricesOfItsModulesAndMetersGoToTheirFeatures) {
    auto prices = sample_prices();
    prices.modules[0].price = MicroYuan{60'000'000};
    prices.modules[0].features.push_back("calls");
    BilledPeriod billed{november, &prices, {}, {}, {}};
    billed.lines = {{"plan.yearly", "plan", "年付版", Fen{900}},
                    {"api_calls.tier1", "usage", "接口调用", Fen{50}},
                    {"seats", "seats", "席位", Fen{7}},
                    {"messages", "usage", "群发消息", Fen{3}}};
    const auto analysis = analyse({&billed, 1}, november, october, AnalysisBy::module);
    EXPECT_EQ(row_of(analysis, "base").amount, Fen{300 + 50});
    EXPECT_EQ(row_of(analysis, "archive").amount, Fen{600});
    EXPECT_EQ(row_of(analysis, "archive").title, "会话存档");
    EXPECT_EQ(row_of(analysis, "seats").amount, Fen{7});
    EXPECT_EQ(row_of(analysis, "").amount, Fen{3});
}

TEST(Analysis, GrowthAndDriversCompareWithTheMonthBefore) {
    auto prices = sample_prices();
    std::vector<BilledPeriod> periods{{october, &prices, {}, {}, {}}, {november, &prices, {}, {}, {}}};
    periods[0].lines = {{"plan.pro", "plan", "", Fen{10'000}},
                        {"messages", "usage", "", Fen{500}},
                        {"minutes", "usage", "", Fen{50}}};
    periods[1].lines = {{"plan.pro", "plan", "", Fen{10'000}},
                        {"messages", "usage", "", Fen{900}},
                        {"storage", "usage", "", Fen{7000}}};
    const auto analysis = analyse(periods, november, days_before(november), AnalysisBy::meter);
    EXPECT_EQ(analysis.before, Fen{10'550});
    EXPECT_EQ(analysis.total, Fen{17'900});
    ASSERT_EQ(analysis.drivers.size(), 3U);
    EXPECT_EQ(analysis.drivers[0].key, "storage");
    EXPECT_EQ(analysis.drivers[0].difference(), Fen{7000});
    EXPECT_EQ(analysis.drivers[1].key, "messages");
    EXPECT_EQ(analysis.drivers[2].difference(), Fen{-50});
    EXPECT_EQ(growth_basis_points(Fen{10'550}, Fen{17'900}), 6967);
    EXPECT_EQ(growth_basis_points(Fen{}, Fen{1}), std::nullopt);
}

TEST(Analysis, WholeMonthsAreComparedWithMonthsAndOtherDaysWithAsManyDays) {
    EXPECT_EQ(days_before(november), october);
    EXPECT_EQ(days_before({day("2026-03-01"), day("2026-06-01")}),
              (DaySpan{day("2025-12-01"), day("2026-03-01")}));
    EXPECT_EQ(days_before({day("2026-11-10"), day("2026-11-17")}),
              (DaySpan{day("2026-11-03"), day("2026-11-10")}));
}

TEST(Analysis, EveryWayOfLookingAddsUpToTheSameBillsToTheFen) {
    for_seeds(150, [](Random& random) {
        const auto prices = random_catalogue(random, {});
        const auto& plan = prices.plans.front();
        std::vector<BilledPeriod> periods;
        Fen billed_total{};
        for (const auto& facts : random_months(random, prices, 3)) {
            const auto rated = rate(prices, rating_input(prices, facts, plan.code, {}));
            billed_total += rated.total;
            BilledPeriod billed{facts.period, &prices, lines_of(rated), facts.seats, {}};
            for (const auto& meter : prices.meters)
                for (auto at = facts.period.start; at < facts.period.end; at = add_days(at, 1)) {
                    if (random.chance(60))
                        billed.usage.push_back({meter.code, at, units(random.between(-20, 100))});
                    for (const auto* who : {"a", "b", ""})
                        if (random.chance(50))
                            billed.values.push_back(
                                {meter.code, at, who, Quantity{random.between(-3, 1'000'000)}});
                }
            periods.push_back(std::move(billed));
        }
        const DaySpan all{periods.front().period.start, periods.back().period.end};
        const auto cut = add_days(all.start, static_cast<int>(random.between(1, all.days() - 1)));
        for (const auto by : every_way) {
            const auto whole = analyse(periods, all, days_before(all), by);
            EXPECT_EQ(whole.total, billed_total) << analysis_by_name(by);
            Fen rows{};
            for (const auto& row : whole.rows) rows += row.amount;
            EXPECT_EQ(rows, whole.total) << analysis_by_name(by);
            const auto late = analyse(periods, {cut, all.end}, {all.start, cut}, by);
            EXPECT_EQ(late.total + late.before, billed_total)
                << analysis_by_name(by) << ": a day belongs to one side";
        }
    });
}

}  // namespace
}  // namespace wefee
