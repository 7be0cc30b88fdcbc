// Add-ons are decided one after the other in the order in which they are rated, so that what a partial set
// costs never changes again. Of two partial sets that cover the same, only those survive that are cheaper in
// some part; and one that cannot end below a known whole set is dropped.
#include "billing/add_on_search.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "billing/add_on_shop.hpp"
#include "billing/order.hpp"

namespace wefee {
namespace {

using namespace add_ons;

/// Partial sets that are followed side by side at most.
constexpr std::size_t states_max = 1'500;

struct Partial {
    Costs costs;
    std::vector<std::size_t> chosen;  // rising
};

using Layer = std::map<State, std::vector<Partial>>;

bool no_dearer(const Costs& a, const Costs& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] > b[i]) return false;
    return true;
}

void add(Costs& costs, const Costs& more) {
    for (std::size_t p = 0; p < costs.size(); ++p) costs[p] += more[p];
}

Fen sum(const Costs& costs) {
    Fen total{};
    for (const auto cost : costs) total += cost;
    return total;
}

/// Keeps `front` free of sets that another one undercuts; of equals the first stays.
void admit(std::vector<Partial>& front, const Partial& partial) {
    for (const auto& other : front)
        if (no_dearer(other.costs, partial.costs)) return;
    std::erase_if(front, [&](const Partial& other) { return no_dearer(partial.costs, other.costs); });
    front.push_back(partial);
}

class Search {
public:
    explicit Search(Shop& shop) : shop_(shop) {}

    AddOnSearch run() {
        AddOnSearch found;
        for (std::size_t f = 0; f < shop_.missing().size(); ++f)
            if (!shop_.brought_from(0, f)) found.missing.push_back(shop_.missing()[f]);
        if (!found.missing.empty()) return found;
        Layer layer;
        layer[shop_.empty_handed()].push_back({Costs(shop_.parts()), {}});
        for (std::size_t i = 0; i < shop_.candidates().size(); ++i) {
            layer = decide(i, layer);
            if (layer.size() > states_max) cut(layer);
        }
        for (const auto& [state, front] : layer)
            for (const auto& partial : front) admit(whole_, partial);
        sort_steadily(whole_, [](const Partial& partial) { return sum(partial.costs); });
        for (const auto& partial : whole_) {
            AddOnSet set{{}, partial.costs};
            for (const auto i : partial.chosen) set.codes.push_back(shop_.candidates()[i].code);
            found.sets.push_back(std::move(set));
        }
        found.considered = considered_;
        found.exact = exact_;
        return found;
    }

private:
    /// The next layer: each partial set without candidate `i`, where the rest can still do, and with it.
    Layer decide(std::size_t i, const Layer& layer) {
        Layer next;
        const auto& candidate = shop_.candidates()[i];
        for (const auto& [state, front] : layer) {
            bool can_go_without = true;
            bool adds = candidate.offer;  // a module alone is bought for a feature only
            for (std::size_t f = 0; f < state.have.size(); ++f) {
                if (state.have[f]) continue;
                can_go_without = can_go_without && shop_.brought_from(i + 1, f);
                adds = adds || candidate.features[f];
            }
            if (can_go_without) carry(next, i, shop_.behind(state, i), front);
            if (adds) carry(next, i, shop_.behind(shop_.with(state, i), i), bought(i, state, front));
        }
        return next;
    }

    std::vector<Partial> bought(std::size_t i, const State& state, std::vector<Partial> front) {
        for (auto& partial : front) {
            add(partial.costs, shop_.costs_of(i, state.covered));
            partial.chosen.push_back(i);
        }
        return front;
    }

    void carry(Layer& next, std::size_t i, const State& state, const std::vector<Partial>& front) {
        const auto least = shop_.least_rest(i + 1, state);
        for (const auto& partial : front) {
            ++considered_;
            auto at_least = partial.costs;
            add(at_least, least);
            if (std::ranges::any_of(whole_,
                                    [&](const Partial& whole) { return no_dearer(whole.costs, at_least); }))
                continue;
            finish_with_modules(i + 1, state, partial);
            admit(next[state], partial);
        }
    }

    /// A whole set, known early, is what partial ones are measured against: the rest bought module by module.
    void finish_with_modules(std::size_t first, State state, Partial partial) {
        const auto& candidates = shop_.candidates();
        for (std::size_t f = 0; f < state.have.size(); ++f) {
            if (state.have[f]) continue;
            std::optional<std::size_t> cheapest;
            for (auto j = first; j < candidates.size(); ++j)
                if (!candidates[j].offer && candidates[j].features[f] &&
                    (!cheapest || candidates[j].price < candidates[*cheapest].price))
                    cheapest = j;
            if (!cheapest) return;
            add(partial.costs, shop_.costs_of(*cheapest, state.covered));
            state = shop_.with(std::move(state), *cheapest);
            partial.chosen.push_back(*cheapest);
        }
        std::ranges::sort(partial.chosen);
        admit(whole_, partial);
    }

    /// Too many ways: those go on that would cost least with what is missing at list prices.
    void cut(Layer& layer) {
        exact_ = false;
        std::vector<std::pair<Fraction, State>> order;
        for (const auto& [state, front] : layer)
            order.emplace_back(Fraction{sum(front.front().costs)} +
                                   in_fen(MicroYuan{shop_.list_price_of_missing(state.have)}) *
                                       Fraction{static_cast<std::int64_t>(shop_.parts())},
                               state);
        sort_steadily(order, [](const auto& entry) { return entry.first; });
        for (auto i = states_max; i < order.size(); ++i) layer.erase(order[i].second);
    }

    Shop& shop_;
    std::vector<Partial> whole_;  // whole sets that no known one undercuts
    std::int64_t considered_ = 0;
    bool exact_ = true;
};

}  // namespace

bool keeps_feature(const PriceList& prices, const Plan& plan, std::span<const std::string> add_ons,
                   const Feature& feature) {
    if (holds_feature(prices, plan.modules, feature.code)) return true;
    for (const auto& code : add_ons) {
        const auto* offer = find_add_on(prices, code);
        if (holds_feature(prices, offer ? offer->modules : std::vector{code}, feature.code)) return true;
    }
    const bool in_a_module = std::ranges::any_of(
        prices.modules, [&](const Module& module) { return contains(module.features, feature.code); });
    if (in_a_module) return false;
    return feature.meter.empty() ||
           std::ranges::find(plan.usage, feature.meter, &UsageCharge::meter) != plan.usage.end();
}

AddOnSearch cheapest_add_ons(const PriceList& prices, const Plan& plan, std::span<const std::string> features,
                             std::span<const Fraction> parts) {
    Shop shop{prices, plan, features, parts};
    return Search{shop}.run();
}

}  // namespace wefee
