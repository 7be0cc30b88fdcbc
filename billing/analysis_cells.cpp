// Days first, then keys: two largest-remainder splits, each exact.
#include "billing/analysis_cells.hpp"

#include <algorithm>
#include <array>

#include "billing/splits.hpp"

namespace wefee::analysis {
namespace {

struct Share {
    std::string key;
    Fen weight;  // any unit: only proportions count
};

/// The code behind "plan.", "module." or "add_on.", without what may be appended to it: the longest that
/// `known` takes.
template <class Known>
std::string code_in(std::string_view item, const Known& known) {
    const auto dot = item.find('.');
    if (dot == std::string_view::npos) return {};
    for (auto rest = item.substr(dot + 1); !rest.empty();) {
        if (known(rest)) return std::string(rest);
        const auto cut = rest.rfind('.');
        rest = cut == std::string_view::npos ? std::string_view{} : rest.substr(0, cut);
    }
    return {};
}

std::string meter_of(const PriceList& prices, const CostLine& line) {
    if (line.kind != "usage" && line.kind != "late_usage" && line.kind != "minimum" && line.kind != "cap")
        return {};
    const auto item = item_of(line.item_code);
    const auto code = item.substr(0, item.find('.'));
    return find_meter(prices, code) ? std::string(code) : std::string();
}

std::vector<std::string> modules_of(const PriceList& prices, const CostLine& line) {
    const auto plan =
        code_in(item_of(line.item_code), [&](auto code) { return find_plan(prices, code) != nullptr; });
    if (line.kind == "plan" && !plan.empty()) return find_plan(prices, plan)->modules;
    const auto offer =
        code_in(item_of(line.item_code), [&](auto code) { return find_add_on(prices, code) != nullptr; });
    if (!offer.empty()) return find_add_on(prices, offer)->modules;
    const auto module =
        code_in(item_of(line.item_code), [&](auto code) { return find_module(prices, code) != nullptr; });
    if (!module.empty()) return {module};
    return {};
}

/// Modules whose features the meter counts.
std::vector<std::string> modules_of_meter(const PriceList& prices, const std::string& meter) {
    std::vector<std::string> modules;
    for (const auto& module : prices.modules)
        if (std::ranges::any_of(module.features, [&](const std::string& code) {
                const auto* feature = find_feature(prices, code);
                return feature && feature->meter == meter;
            }))
            modules.push_back(module.code);
    return modules;
}

std::vector<Share> by_list_price(const PriceList& prices, const std::vector<std::string>& modules) {
    std::vector<Share> shares;
    Fen sum{};
    for (const auto& code : modules) {
        const auto* module = find_module(prices, code);
        shares.push_back({code, Fen{module && module->price ? module->price->count() : 0}});
        sum += shares.back().weight;
    }
    if (sum == Fen{})
        for (auto& share : shares) share.weight = Fen{1};
    return shares;
}

/// Shares of each meter's days by the property asked for.
using Values = std::map<std::pair<std::string, CivilDay>, std::vector<Share>>;

Values index_of(const BilledPeriod& billed) {
    Values values;
    for (const auto& row : billed.values)
        if (row.quantity > Quantity{})
            values[{row.meter, row.day}].push_back({row.value, Fen{row.quantity.count()}});
    return values;
}

/// To what a line's part of one day is given.
std::vector<Share> keys_of(const BilledPeriod& billed, const Values& values, const CostLine& line,
                           CivilDay day, AnalysisBy by) {
    const auto meter = meter_of(*billed.prices, line);
    switch (by) {
        case AnalysisBy::day:
            return {{format_day(day), Fen{1}}};
        case AnalysisBy::meter:
            if (!meter.empty()) return {{meter, Fen{1}}};
            return {{std::string(line.kind == "seats" ? seats_key : fixed_key), Fen{1}}};
        case AnalysisBy::module:
            if (line.kind == "seats") return {{std::string(seats_key), Fen{1}}};
            return by_list_price(*billed.prices, meter.empty() ? modules_of(*billed.prices, line)
                                                               : modules_of_meter(*billed.prices, meter));
        case AnalysisBy::seat:
        case AnalysisBy::department:
            if (by == AnalysisBy::seat && line.kind == "seats") return {{std::string(seats_key), Fen{1}}};
            if (const auto found = values.find({meter, day}); found != values.end()) return found->second;
            return {};
    }
    return {};
}

std::int64_t seats_on(const BilledPeriod& billed, CivilDay day) {
    std::int64_t seats = 0;
    for (const auto& level : billed.seats)
        if (level.day <= day) seats = level.seats;
    return seats;
}

DaySpan days_of(const BilledPeriod& billed, const CostLine& line) {
    return line.days && line.days->days() > 0 ? *line.days : billed.period;
}

/// One weight for each of the line's days; all the same where nothing tells them apart.
std::vector<Fen> day_weights(const BilledPeriod& billed, const CostLine& line) {
    const auto days = days_of(billed, line);
    const auto count = static_cast<std::size_t>(days.days());
    std::vector<Fen> weights(count);
    if (const auto meter = meter_of(*billed.prices, line); !meter.empty()) {
        for (const auto& row : billed.usage)
            if (row.meter == meter && days.start <= row.day && row.day < days.end)
                weights[static_cast<std::size_t>(days_between(days.start, row.day))] +=
                    Fen{row.quantity.count()};
        for (auto& weight : weights) weight = std::max(weight, Fen{});
    }
    if (line.kind == "seats")
        for (std::size_t i = 0; i < count; ++i)
            weights[i] = Fen{seats_on(billed, add_days(days.start, static_cast<int>(i)))};
    if (std::ranges::all_of(weights, [](Fen weight) { return weight == Fen{}; }))
        weights.assign(count, Fen{1});
    return weights;
}

bool concerns_whole_bill(const PriceList& prices, const CostLine& line) {
    constexpr std::array direct{"plan", "module", "seats", "one_off", "usage", "late_usage", "credit"};
    return std::ranges::find(direct, line.kind) == direct.end() && meter_of(prices, line).empty();
}

void add_direct(Cells& cells, const BilledPeriod& billed, const Values& values, const CostLine& line,
                AnalysisBy by) {
    const auto parts = split(line.amount, day_weights(billed, line));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto day = add_days(days_of(billed, line).start, static_cast<int>(i));
        auto shares = keys_of(billed, values, line, day, by);
        if (shares.empty()) shares.push_back({"", Fen{1}});
        std::vector<Fen> weights;
        for (const auto& share : shares) weights.push_back(share.weight);
        const auto amounts = split(parts[i], weights);
        for (std::size_t k = 0; k < shares.size(); ++k) cells[{day, shares[k].key}] += amounts[k];
    }
}

/// In proportion to what the other lines put into each cell; over the days where they put nothing anywhere.
void add_overhead(Cells& cells, const Cells& direct, const BilledPeriod& billed, const CostLine& line,
                  AnalysisBy by) {
    std::vector<Cell> places;
    std::vector<Fen> weights;
    for (const auto& [cell, amount] : direct)
        if (amount > Fen{}) {
            places.push_back(cell);
            weights.push_back(amount);
        }
    if (places.empty())
        for (auto day = billed.period.start; day < billed.period.end; day = add_days(day, 1)) {
            places.push_back({day, by == AnalysisBy::day ? format_day(day) : ""});
            weights.emplace_back(1);
        }
    const auto parts = split(line.amount, weights);
    for (std::size_t i = 0; i < parts.size(); ++i) cells[places[i]] += parts[i];
}

}  // namespace

void add_period(Cells& cells, const BilledPeriod& billed, AnalysisBy by) {
    const auto values = index_of(billed);
    Cells direct;
    for (const auto& line : billed.lines)
        if (!concerns_whole_bill(*billed.prices, line)) add_direct(direct, billed, values, line, by);
    auto all = direct;
    for (const auto& line : billed.lines)
        if (concerns_whole_bill(*billed.prices, line)) add_overhead(all, direct, billed, line, by);
    for (const auto& [cell, amount] : all) cells[cell] += amount;
}

std::string title_of(std::span<const BilledPeriod> periods, const std::string& key, AnalysisBy by) {
    if (key == seats_key && by != AnalysisBy::day && by != AnalysisBy::department) return "席位";
    if (key == fixed_key && by == AnalysisBy::meter) return "固定费用";
    if (key.empty()) return by == AnalysisBy::module ? "其他" : "未归属";
    for (const auto& billed : periods) {
        if (by == AnalysisBy::module)
            if (const auto* module = find_module(*billed.prices, key)) return module->title;
        if (by == AnalysisBy::meter)
            if (const auto* meter = find_meter(*billed.prices, key)) return meter->title;
    }
    return key;
}

}  // namespace wefee::analysis
