// The forecast of a running period: each method by name, the quantities, and the days that bring them.
#include "billing/forecast.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "property.hpp"
#include "sample_prices.hpp"

namespace wefee {
namespace {

using namespace testing;

CivilDay day(const char* text) { return parse_day(text).value(); }
const DaySpan november{day("2026-11-01"), day("2026-12-01")};

struct Running {
    PriceList prices = sample_prices();
    std::vector<UsageDay> days = {};

    /// `quantity` on each day of [from, to).
    void use(const char* meter, CivilDay from, CivilDay to, Quantity quantity,
             std::vector<Fen> transactions = {}) {
        for (auto at = from; at < to; at = add_days(at, 1))
            days.push_back({meter, at, quantity, 1, transactions});
    }
    UsageForecast at(CivilDay today) const { return forecast_usage(prices, november, days, today); }
    MeterForecast only(const char* today) const { return at(day(today)).meters.at(0); }
};

void expect_further_adds_up(const UsageForecast& forecast, CivilDay today) {
    for (const auto& row : forecast.meters) {
        auto sum = row.so_far;
        for (const auto& more : forecast.further) {
            if (more.meter != row.meter) continue;
            sum = sum + more.quantity;
            EXPECT_TRUE(more.day >= today && more.day < november.end) << format_day(more.day);
            EXPECT_GT(more.quantity, Quantity{});
        }
        EXPECT_EQ(sum, row.at_end);
    }
}

TEST(Forecast, FromSevenWholeDaysOnTheLastSevenDaysGoOn) {
    Running running;
    running.use("messages", day("2026-11-01"), day("2026-11-09"), units(100));
    running.use("messages", day("2026-11-09"), day("2026-11-16"), units(1000));
    running.use("messages", day("2026-11-16"), day("2026-11-17"), units(300));
    const auto row = running.only("2026-11-16");
    EXPECT_EQ(row.method, ForecastMethod::last_days);
    EXPECT_EQ(row.words, "按最近 7 个整天的日均用量推算");
    EXPECT_EQ(row.so_far, units(8100));
    EXPECT_EQ(row.at_end, units(8100 + 700 + 14 * 1000)) << "today ends like an average day";
    expect_further_adds_up(running.at(day("2026-11-16")), day("2026-11-16"));
}

TEST(Forecast, BeforeThatTheDaysSoFarAreScaled) {
    Running running;
    running.use("api_calls", day("2026-11-01"), day("2026-11-04"), units(10));
    const auto row = running.only("2026-11-04");
    EXPECT_EQ(row.method, ForecastMethod::average);
    EXPECT_EQ(row.words, "按已过 3 个整天的日均用量推算");
    EXPECT_EQ(row.at_end, units(300));
    Running first;
    first.use("api_calls", day("2026-11-01"), day("2026-11-02"), units(10));
    EXPECT_EQ(first.only("2026-11-01").method, ForecastMethod::first_day);
    EXPECT_EQ(first.only("2026-11-01").at_end, units(300));
}

TEST(Forecast, LevelsAndHighestValuesStay) {
    for (const auto aggregation : {Aggregation::max, Aggregation::latest, Aggregation::time_weighted}) {
        Running running;
        running.prices.meters[2].aggregation = aggregation;
        running.use("storage", day("2026-11-03"), day("2026-11-04"), units(50));
        const auto row = running.only("2026-11-10");
        EXPECT_EQ(row.method, ForecastMethod::level_kept);
        EXPECT_EQ(row.at_end, units(50));
        EXPECT_EQ(row.words, "保持当前水平");
        EXPECT_TRUE(running.at(day("2026-11-10")).further.empty());
    }
}

TEST(Forecast, AfterTheEndItIsWhatWasUsed) {
    Running running;
    running.use("messages", november.start, november.end, units(400));
    EXPECT_EQ(running.only("2026-12-01").method, ForecastMethod::ended);
    EXPECT_EQ(running.only("2026-12-01").at_end, units(12'000));
}

TEST(Forecast, FurtherTransactionsHaveTheAverageAmount) {
    Running running;
    running.use("orders", day("2026-11-01"), day("2026-11-11"), units(2), {Fen{5'000}, Fen{15'000}});
    std::vector<Fen> more;
    for (const auto& row : running.at(day("2026-11-11")).further)
        more.insert(more.end(), row.transactions.begin(), row.transactions.end());
    EXPECT_EQ(more, std::vector<Fen>(40, Fen{10'000}));
}

TEST(Forecast, NeverFallsBelowWhatIsUsedAndEvenUsageIsForecastExactly) {
    for_seeds(200, [](Random& random) {
        const auto a_day = units(random.between(1, 1000));
        const auto today = add_days(november.start, static_cast<int>(random.between(0, 29)));
        Running even;
        even.use("messages", november.start, add_days(today, 1), a_day);
        EXPECT_EQ(even.at(today).meters.at(0).at_end, Quantity{30 * a_day.count()});

        Running any;
        for (auto at = november.start; at <= today; at = add_days(at, 1))
            any.use("messages", at, add_days(at, 1), Quantity{random.between(-5'000'000, 900'000'000)});
        const auto forecast = any.at(today);
        EXPECT_GE(forecast.meters.at(0).at_end, forecast.meters.at(0).so_far);
        expect_further_adds_up(forecast, today);
    });
}

}  // namespace
}  // namespace wefee
