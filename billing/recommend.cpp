#include "billing/recommend.hpp"

#include <algorithm>

#include "billing/add_on_search.hpp"
#include "billing/error.hpp"
#include "billing/order.hpp"

namespace wefee {
namespace {

/// Rates, and counts how often.
class Rater {
public:
    PlanOption option(const PriceList& prices, const Plan& plan, std::vector<std::string> add_ons,
                      const std::vector<PeriodFacts>& periods) {
        PlanOption option{plan.code, plan.title, std::move(add_ons), {}, {}, {}, {}};
        for (const auto& facts : periods) {
            const auto rated = rate(prices, rating_input(prices, facts, plan.code, option.add_ons));
            ++calls;
            option.total += rated.total;
            option.periods.push_back({facts.period, rated.total});
            for (const auto& line : rated.lines) add(option.lines, line);
        }
        return option;
    }

    std::int64_t calls = 0;

private:
    static void add(std::vector<LineDifference>& lines, const RatedLine& line) {
        auto found = std::ranges::find(lines, line.item_code, &LineDifference::item_code);
        if (found == lines.end()) found = lines.insert(lines.end(), {line.item_code, line.title, {}, {}});
        found->then += line.amount();
    }
};

/// Sets `option` against today's bill: the saving, and each item's amount on both sides.
void compare(PlanOption& option, const PlanOption& today) {
    option.saving = today.total - option.total;
    std::vector<LineDifference> lines;
    for (const auto& line : today.lines) lines.push_back({line.item_code, line.title, line.then, {}});
    for (auto& line : option.lines) {
        const auto found = std::ranges::find(lines, line.item_code, &LineDifference::item_code);
        if (found == lines.end())
            lines.push_back(std::move(line));
        else
            found->then = line.then;
    }
    option.lines = std::move(lines);
}

std::vector<Fraction> distinct_parts(const Plan& plan, const std::vector<PeriodFacts>& periods) {
    std::vector<Fraction> parts;
    for (const auto& facts : periods) {
        const auto part = part_of(facts.period, facts.full, plan.day_count).share();
        if (std::ranges::find(parts, part) == parts.end()) parts.push_back(part);
    }
    return parts;
}

bool in_use(const RecommendInput& input, const std::string& meter) {
    return std::ranges::any_of(input.periods, [&](const PeriodFacts& facts) {
        const auto total = std::ranges::find(facts.usage, meter, &UsageTotal::meter);
        return total != facts.usage.end() && (total->quantity > Quantity{} || total->events > 0);
    });
}

void check(const PriceList& todays, const PriceList& offered, const RecommendInput& input) {
    std::vector<FieldProblem> problems;
    if (!find_plan(todays, input.plan)) problems.push_back({"/plan", "not on the price list"});
    if (input.periods.empty()) problems.push_back({"/periods", "there is no period with usage yet"});
    for (std::size_t i = 0; i < input.features.size(); ++i)
        if (!find_feature(todays, input.features[i]) && !find_feature(offered, input.features[i]))
            problems.push_back({"/features/" + std::to_string(i), "not on the price list"});
    if (!problems.empty())
        throw Error(Errc::invalid_value, "nothing can be recommended", std::move(problems));
}

/// Features that the offered list has no more cannot be kept by any of its plans.
std::vector<std::string> unlisted(const PriceList& offered, const std::vector<std::string>& features) {
    std::vector<std::string> gone;
    for (const auto& code : features)
        if (!find_feature(offered, code)) gone.push_back(code);
    return gone;
}

/// The cheapest of a plan's add-on sets that nothing undercuts; of equals the one that comes first.
PlanOption cheapest(Rater& rater, const PriceList& prices, const Plan& plan, const AddOnSearch& found,
                    const std::vector<PeriodFacts>& periods) {
    std::optional<PlanOption> best;
    const auto take_cheaper = [&](PlanOption option) {
        if (!best || option.total < best->total) best = std::move(option);
    };
    for (const auto& set : found.sets) take_cheaper(rater.option(prices, plan, set.codes, periods));
    // An offer may cost less than the usage that its credits pay.
    for (const auto& offer : prices.add_ons) {
        auto with = best->add_ons;
        if (offer.credits.empty() || std::ranges::find(with, offer.code) != with.end()) continue;
        with.push_back(offer.code);
        take_cheaper(rater.option(prices, plan, std::move(with), periods));
    }
    return std::move(best.value());
}

bool has_credits(const AddOnOffer& offer) { return !offer.credits.empty(); }

}  // namespace

std::vector<std::string> used_features(const PriceList& todays, const RecommendInput& input) {
    std::vector<std::string> used;
    const auto* plan = find_plan(todays, input.plan);
    for (const auto& feature : todays.features) {
        const bool counts = feature.meter.empty()
                                ? plan && keeps_feature(todays, *plan, input.add_ons, feature)
                                : in_use(input, feature.meter);
        if (counts) used.push_back(feature.code);
    }
    return used;
}

Recommendation recommend(const PriceList& todays, const PriceList& offered, const RecommendInput& input) {
    check(todays, offered, input);
    Rater rater;
    Recommendation result;
    const auto& plan_now = *find_plan(todays, input.plan);
    result.today = rater.option(todays, plan_now, input.add_ons, input.periods);
    const auto& months = input.months.empty() ? input.periods : input.months;
    const auto gone = unlisted(offered, input.features);
    for (const auto& plan : offered.plans) {
        if (plan.weeks != plan_now.weeks) continue;  // weeks are no parts of months
        const auto periods = same_length(plan, plan_now)
                                 ? input.periods
                                 : regrouped(offered, months, input.anchor_day, plan.months);
        auto found = cheapest_add_ons(offered, plan, input.features, distinct_parts(plan, periods));
        result.sets_considered += found.considered;
        result.exact = result.exact && found.exact && std::ranges::none_of(offered.add_ons, has_credits);
        found.missing.insert(found.missing.end(), gone.begin(), gone.end());
        if (found.missing.empty())
            result.options.push_back(cheapest(rater, offered, plan, found, periods));
        else
            result.lacking.push_back({plan.code, std::move(found.missing)});
    }
    for (auto& option : result.options) compare(option, result.today);
    compare(result.today, PlanOption{result.today});
    sort_steadily(result.options, [](const PlanOption& option) { return option.total; });
    for (const auto& facts : input.periods)
        for (auto& cliff :
             find_cliffs(todays, rating_input(todays, facts, input.plan, input.add_ons), rater.calls))
            result.cliffs.push_back(std::move(cliff));
    sort_steadily(result.cliffs, [](const Cliff& cliff) { return cliff.saving(); }, std::ranges::greater{});
    result.rate_calls = rater.calls;
    return result;
}

}  // namespace wefee
