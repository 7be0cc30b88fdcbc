// Recommendation: the cheapest plan and add-ons that keep what is used, against blind enumeration; cliffs.
#include "billing/recommend.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "billing/add_on_search.hpp"
#include "billing/error.hpp"
#include "billing/modules.hpp"
#include "random_catalogue.hpp"
#include "sample_prices.hpp"

namespace wefee {
namespace {

using namespace testing;

CivilDay day(const char* text) { return parse_day(text).value(); }
const DaySpan november{day("2026-11-01"), day("2026-12-01")};

std::vector<std::string> codes_for_sale(const PriceList& prices) {
    std::vector<std::string> codes;
    for (const auto& offer : prices.add_ons) codes.push_back(offer.code);
    for (const auto& module : prices.modules)
        if (module.price) codes.push_back(module.code);
    return codes;
}

/// Calls `body` with every set of add-ons, in rating order, that keeps the features beside the plan.
template <class Body>
void every_fitting_set(const PriceList& prices, const Plan& plan, const std::vector<std::string>& features,
                       const Body& body) {
    const auto codes = codes_for_sale(prices);
    for (std::size_t set = 0; set < (std::size_t{1} << codes.size()); ++set) {
        std::vector<std::string> chosen;
        for (std::size_t i = 0; i < codes.size(); ++i)
            if (set >> i & 1) chosen.push_back(codes[i]);
        if (std::ranges::all_of(features, [&](const std::string& code) {
                return keeps_feature(prices, plan, chosen, *find_feature(prices, code));
            }))
            body(chosen);
    }
}

/// What a set costs for a part of a full period of 30 days, by the overlap rule itself.
Fen cost_of(const PriceList& prices, const Plan& plan, const std::vector<std::string>& set, int days) {
    const DaySpan span{november.start, add_days(november.start, days)};
    std::vector<SelectedItem> items{{plan.code, in_fen(plan.price), plan.modules, span}};
    for (const auto& code : set) {
        const auto* offer = find_add_on(prices, code);
        items.push_back({code, in_fen(offer ? offer->price : *find_module(prices, code)->price),
                         offer ? offer->modules : std::vector{code}, span});
    }
    std::vector<ModulePrice> list;
    for (const auto& module : prices.modules)
        if (module.price) list.push_back({module.code, in_fen(*module.price)});
    Fen total{};
    const auto charges = charge_once(items, list, november);
    for (std::size_t i = 1; i < charges.size(); ++i) total += charges[i].amount;
    return total;
}

std::vector<std::string> random_features(Random& random, const PriceList& prices) {
    std::vector<std::string> features;
    for (const auto& feature : prices.features)
        if (random.chance(60)) features.push_back(feature.code);
    return features;
}

TEST(AddOnSearch, FindsWhatBlindEnumerationFindsForEveryPartOfAPeriod) {
    for_seeds(60, [](Random& random) {
        const auto prices = random_catalogue(random, {});
        const auto features = random_features(random, prices);
        const int days[]{30, static_cast<int>(random.between(1, 29))};
        const Fraction parts[]{1, {days[1], 30}};
        for (const auto& plan : prices.plans) {
            const auto found = cheapest_add_ons(prices, plan, features, parts);
            std::optional<Fen> best[2];
            every_fitting_set(prices, plan, features, [&](const std::vector<std::string>& set) {
                for (int p = 0; p < 2; ++p) {
                    const auto cost = cost_of(prices, plan, set, days[p]);
                    if (!best[p] || cost < *best[p]) best[p] = cost;
                }
            });
            ASSERT_EQ(found.sets.empty(), !best[0]) << plan.code;
            ASSERT_EQ(found.sets.empty(), !found.missing.empty());
            if (found.sets.empty()) continue;
            for (std::size_t p = 0; p < 2; ++p) {
                auto cheapest = found.sets.front().costs[p];
                for (const auto& set : found.sets) {
                    cheapest = std::min(cheapest, set.costs[p]);
                    EXPECT_EQ(set.costs[p], cost_of(prices, plan, set.codes, days[p]));
                    for (const auto& code : features)
                        EXPECT_TRUE(keeps_feature(prices, plan, set.codes, *find_feature(prices, code)))
                            << code;
                }
                EXPECT_EQ(cheapest, *best[p]) << plan.code << " for " << days[p] << " of 30 days";
            }
        }
    });
}

TEST(AddOnSearch, ACheapOfferThatTakesItsListPriceOffADearOneIsFound) {
    PriceList prices;
    prices.features = {{"a", ""}, {"b", ""}};
    prices.modules = {{"ma", "", {"a"}}, {"mb", "", {"b"}, MicroYuan{30'000'000}}};
    prices.add_ons = {{"small", "", {"mb"}, MicroYuan{20'000'000}},
                      {"large", "", {"ma", "mb"}, MicroYuan{50'000'000}}};
    const std::vector<std::string> features{"a"};
    const Fraction whole[]{1};
    const auto found = cheapest_add_ons(prices, Plan{.code = "p", .title = ""}, features, whole);
    ASSERT_EQ(found.sets.size(), 1U);
    EXPECT_EQ(found.sets[0].codes, (std::vector<std::string>{"small", "large"}));
    EXPECT_EQ(found.sets[0].costs[0], Fen{4000});
}

RecommendInput input_of(const PriceList& prices, std::vector<PeriodFacts> months,
                        std::vector<std::string> features) {
    return {prices.plans.front().code, {}, 1, std::move(months), std::move(features)};
}

void expect_sums(const Recommendation& result) {
    auto last = Fen{std::numeric_limits<std::int64_t>::min()};
    for (const auto& option : result.options) {
        EXPECT_LE(last, option.total);
        last = option.total;
        Fen periods{}, today{}, then{}, difference{};
        for (const auto& period : option.periods) periods += period.total;
        for (const auto& line : option.lines) {
            today += line.today;
            then += line.then;
            difference += line.difference();
        }
        EXPECT_EQ(periods, option.total);
        EXPECT_EQ(then, option.total);
        EXPECT_EQ(today, result.today.total);
        EXPECT_EQ(difference, -option.saving);
    }
}

void expect_cheapest_of_all(Random& random, const CatalogueSize& size) {
    auto prices = random_catalogue(random, size);
    prices.plans.front().months = 1;
    const auto input = input_of(prices, random_months(random, prices, static_cast<int>(random.between(1, 4))),
                                random_features(random, prices));
    const auto result = recommend(prices, prices, input);
    expect_sums(result);
    EXPECT_EQ(result.options.size() + result.lacking.size(), prices.plans.size());
    for (const auto& plan : prices.plans) {
        const auto periods = plan.months == prices.plans.front().months
                                 ? input.periods
                                 : regrouped(prices, input.periods, 1, plan.months);
        std::optional<Fen> best;
        every_fitting_set(prices, plan, input.features, [&](const std::vector<std::string>& set) {
            Fen total{};
            for (const auto& facts : periods)
                total += rate(prices, rating_input(prices, facts, plan.code, set)).total;
            if (!best || total < *best) best = total;
        });
        const auto option = std::ranges::find(result.options, plan.code, &PlanOption::plan);
        ASSERT_EQ(option != result.options.end(), best.has_value()) << plan.code;
        if (best) EXPECT_EQ(option->total, *best) << plan.code;
    }
}

TEST(Recommend, TheCheapestOfEachPlanIsThatOfBlindEnumerationWithModulesSoldAlone) {
    for_seeds(60, [](Random& random) {
        expect_cheapest_of_all(random, {.features = 5, .modules = 6, .offers = 0, .plans = 3});
    });
}

TEST(Recommend, AndWithOffersThatOverlap) {
    for_seeds(40, [](Random& random) {
        expect_cheapest_of_all(random, {.features = 5, .modules = 4, .offers = 3, .plans = 3});
    });
}

std::vector<std::string> features_used(const PriceList& prices, const RecommendInput& input) {
    return used_features(prices, input);
}

TEST(Recommend, FeaturesOfThePlanCountAsUsedAndMeteredOnesWhenTheirMeterDoes) {
    const auto prices = sample_prices();
    RecommendInput input{"pro", {}, 1, {{.period = november, .full = november}}, {}};
    EXPECT_EQ(features_used(prices, input), (std::vector<std::string>{"crm"}));
    input.add_ons = {"archive"};
    input.periods[0].usage = {{"api_calls", units(1), 1}};
    EXPECT_EQ(features_used(prices, input), (std::vector<std::string>{"crm", "archive", "calls"}));
}

TEST(Recommend, ShowsTheDifferenceToTodayLineByLine) {
    auto prices = sample_prices();
    auto lite = prices.plans[0];
    lite.code = "lite";
    lite.title = "轻量版";
    lite.price = MicroYuan{100'000'000};
    lite.included_seats = 0;
    prices.plans.push_back(lite);
    RecommendInput input{"pro",
                         {"archive"},
                         1,
                         {{.period = november, .full = november, .seats = {{day("2026-01-01"), 11}}}},
                         {"crm", "archive"}};
    const auto result = recommend(prices, prices, input);
    expect_sums(result);
    ASSERT_EQ(result.options.size(), 3U);
    // The yearly plan holds the archive: a month of its 3,000 yuan (30 of 365 days) and no seat price.
    EXPECT_EQ(result.options[0].plan, "yearly");
    EXPECT_EQ(result.options[0].periods[0].period, november);
    EXPECT_EQ(result.options[1].plan, "pro");
    EXPECT_EQ(result.options[1].saving, Fen{});
    const auto& dearer = result.options[2];
    EXPECT_EQ(dearer.plan, "lite");
    EXPECT_EQ(dearer.add_ons, std::vector<std::string>{"archive"});
    const auto line = [&](std::string_view code) {
        return *std::ranges::find(dearer.lines, code, &LineDifference::item_code);
    };
    EXPECT_EQ(line("plan.pro").difference(), Fen{-30'000});
    EXPECT_EQ(line("plan.lite").difference(), Fen{10'000});
    EXPECT_EQ(line("seats").difference(), Fen{99'000});
    EXPECT_EQ(line("module.archive").difference(), Fen{});
    EXPECT_EQ(dearer.saving, Fen{-(79'000 + 4'740)});
}

TEST(Recommend, APlanThatCannotKeepAFeatureIsNamedWithWhatItLacks) {
    auto prices = sample_prices();
    prices.modules[1].price.reset();
    RecommendInput input{"yearly", {}, 1, {{.period = november, .full = november}}, {"archive"}};
    const auto result = recommend(prices, prices, input);
    ASSERT_EQ(result.lacking.size(), 1U);
    EXPECT_EQ(result.lacking[0].plan, "pro");
    EXPECT_EQ(result.lacking[0].features, std::vector<std::string>{"archive"});
    EXPECT_EQ(result.options.size(), 1U);
}

TEST(Recommend, RefusesWhatIsNotOnTheListWithPointers) {
    const auto prices = sample_prices();
    try {
        recommend(prices, prices, {"gold", {}, 1, {}, {"flying"}});
        FAIL();
    } catch (const Error& error) {
        ASSERT_EQ(error.fields().size(), 3U);
        EXPECT_EQ(error.fields()[0].pointer, "/plan");
        EXPECT_EQ(error.fields()[1].pointer, "/periods");
        EXPECT_EQ(error.fields()[2].pointer, "/features/0");
    }
}

TEST(Recommend, MonthsBecomeTheLongerPeriodsOfAnotherPlan) {
    auto prices = sample_prices();
    prices.meters[1].aggregation = Aggregation::max;
    std::vector<PeriodFacts> months;
    for (int i = 0; i < 4; ++i) {
        const DaySpan full{add_months(day("2026-01-31"), i), add_months(day("2026-01-31"), i + 1)};
        months.push_back(
            {.period = full, .full = full, .seats = {{day("2026-01-01"), 1}, {full.start, 2 + i}}});
        months.back().usage = {{"api_calls", units(10), 1},
                               {"messages", units(i == 1 ? 9 : 4), 1},
                               {"storage", units(i == 0 ? 100 : 0)}};
    }
    const auto quarters = regrouped(prices, months, 31, 3);
    ASSERT_EQ(quarters.size(), 2U);
    EXPECT_EQ(quarters[0].period, (DaySpan{day("2026-01-31"), day("2026-04-30")}));
    EXPECT_EQ(quarters[1].full, (DaySpan{day("2026-04-30"), day("2026-07-31")}));
    EXPECT_EQ(quarters[0].usage[0].quantity, units(30));
    EXPECT_EQ(quarters[0].usage[1].quantity, units(9));
    EXPECT_EQ(quarters[0].usage[2].quantity, Quantity{31'460'674})
        << "100 GB for 28 of 89 days, rounded once";
    EXPECT_EQ(quarters[0].seats.size(), 4U);
}

TEST(Recommend, ALongPeriodIsCutIntoMonthsForMonthlyPlans) {
    auto prices = sample_prices();
    PeriodFacts year{.period = {day("2026-01-15"), day("2026-03-01")},
                     .full = {day("2026-01-01"), day("2027-01-01")}};
    year.seats = {{day("2026-01-15"), 3}};
    year.usage = {{"messages", units(30), 3}, {"storage", {}, 1}};
    set_unit_days(year.usage[1], units(7 * 45), 365);
    const std::vector<UsageDay> days{{"messages", day("2026-01-20"), units(10), 1},
                                     {"messages", day("2026-02-01"), units(20), 2}};
    const auto months = cut_into_months(prices, year, days, 1);
    ASSERT_EQ(months.size(), 2U);
    EXPECT_EQ(months[0].period, (DaySpan{day("2026-01-15"), day("2026-02-01")}));
    EXPECT_EQ(months[0].full, (DaySpan{day("2026-01-01"), day("2026-02-01")}));
    EXPECT_EQ(months[0].usage[0].quantity, units(10));
    EXPECT_EQ(months[1].usage[0].quantity, units(20));
    EXPECT_EQ(months[0].usage[1].unit_days, units(7 * 17)) << "a level holds on each day";
    EXPECT_EQ(months[0].usage[1].days, 31);
    EXPECT_EQ(months[1].usage[1].quantity, units(7));
}

TEST(Cliffs, AFurtherUnitThatReachesACheaperTierForAllIsFoundWithItsSaving) {
    const auto prices = sample_prices();  // storage: 2 yuan a GB up to 100, then 1.50 for all of them
    RatingInput input{.plan = "pro", .period = november, .full = november};
    std::int64_t calls = 0;
    input.usage = {{"storage", units(90)}};
    const auto cliffs = find_cliffs(prices, input, calls);
    ASSERT_EQ(cliffs.size(), 1U);
    EXPECT_EQ(cliffs[0].meter, "storage");
    EXPECT_EQ(cliffs[0].used, units(90));
    EXPECT_EQ(cliffs[0].at, units(101));
    EXPECT_EQ(cliffs[0].saving(), Fen{18'000 - 15'150 + 171}) << "with 6 % tax";
    input.usage = {{"storage", units(75)}};
    EXPECT_TRUE(find_cliffs(prices, input, calls).empty()) << "75 GB cost less than 101";
    input.usage = {{"storage", Quantity{100'000'000 - 1}}};
    EXPECT_EQ(find_cliffs(prices, input, calls).at(0).at, Quantity{100'000'001})
        << "fractions step by the smallest one";
}

TEST(Cliffs, NoQuantityThatBlindSearchTriesIsCheaperThanTheOneFound) {
    for_seeds(60, [](Random& random) {
        const auto prices = random_catalogue(random, {.meters = 1});
        const auto& plan = prices.plans.front();
        RatingInput input{.plan = plan.code, .period = november, .full = november};
        const auto used = random.between(0, 600);
        input.usage = {{"meter0", units(used), 1}};
        std::int64_t calls = 0;
        const auto cliffs = find_cliffs(prices, input, calls);
        const auto bill = rate(prices, input).total;
        auto best = bill;
        for (auto more = used; more <= 1200; ++more) {
            input.usage[0].quantity = units(more);
            best = std::min(best, rate(prices, input).total);
        }
        EXPECT_EQ(cliffs.empty(), best == bill);
        if (!cliffs.empty()) EXPECT_EQ(cliffs[0].bill_at, best);
    });
}

/// Offers of two to four modules at 80 % of their list price, as vendors make them.
PriceList discounted_catalogue(Random& random, int modules, int offers) {
    auto prices = random_catalogue(
        random, {.features = modules, .modules = modules, .offers = 0, .plans = 12, .meters = 10});
    for (auto& module : prices.modules) module.price = MicroYuan{random.between(20, 200) * 1'000'000};
    for (int i = 0; i < offers; ++i) {
        AddOnOffer offer{"offer" + std::to_string(i), "组合", some_modules(random, prices, 2, 4)};
        std::int64_t listed = 0;
        for (const auto& code : offer.modules) listed += find_module(prices, code)->price->count();
        offer.price = MicroYuan{listed * 8 / 10};
        prices.add_ons.push_back(std::move(offer));
    }
    return prices;
}

TEST(AddOnSearch, TwelvePlansAndTwentyAddOnsAreQuick) {
    const std::pair<int, int> sizes[]{{20, 0}, {12, 8}, {20, 20}, {30, 30}};
    for (const auto& [modules, offers] : sizes) {
        Random random(seed_of_run());
        const auto prices = discounted_catalogue(random, modules, offers);
        std::vector<std::string> features;
        for (const auto& feature : prices.features) features.push_back(feature.code);
        const Fraction parts[]{1, {17, 30}};
        const auto begun = std::chrono::steady_clock::now();
        std::int64_t considered = 0;
        bool exact = true;
        for (const auto& plan : prices.plans) {
            const auto found = cheapest_add_ons(prices, plan, features, parts);
            considered += found.considered;
            exact = exact && found.exact;
        }
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
        std::cout << "seed " << seed_of_run() << ": 12 plans, " << modules << " modules alone, " << offers
                  << " offers: " << considered << " partial sets in " << took.count() << " ms, "
                  << (exact ? "exact" : "cut short") << "\n";
        EXPECT_TRUE(exact || modules > 20);
    }
}

TEST(Recommend, TwelvePlansTwentyAddOnsAndTwelvePeriodsAreQuick) {
    Random random(seed_of_run());
    const auto prices = discounted_catalogue(random, 12, 8);
    std::vector<std::string> features;
    for (const auto& feature : prices.features) features.push_back(feature.code);
    const auto input = input_of(prices, random_months(random, prices, 12), features);
    const auto begun = std::chrono::steady_clock::now();
    const auto result = recommend(prices, prices, input);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    std::cout << "seed " << seed_of_run()
              << ": 12 plans, 20 add-ons (12 modules, 8 offers), 12 periods, 10 meters: "
              << result.options.size() << " plans fit, " << result.sets_considered << " partial sets, "
              << result.rate_calls << " calls of rate() in " << took.count() << " ms\n";
    EXPECT_EQ(result.options.size(), 12U);
}

}  // namespace
}  // namespace wefee
