#include "billing/add_on_shop.hpp"

#include <algorithm>
#include <optional>

#include "billing/add_on_search.hpp"

namespace wefee::add_ons {
namespace {

constexpr DaySpan one_day{std::chrono::year{2000} / 1 / 1, std::chrono::year{2000} / 1 / 2};

bool share_a_module(const Candidate& a, const Candidate& b) {
    return std::ranges::any_of(a.module_codes,
                               [&](const std::string& code) { return contains(b.module_codes, code); });
}

}  // namespace

bool contains(std::span<const std::string> all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

bool holds_feature(const PriceList& prices, std::span<const std::string> modules,
                   const std::string& feature) {
    return std::ranges::any_of(modules, [&](const std::string& code) {
        const auto* module = find_module(prices, code);
        return module && contains(module->features, feature);
    });
}

Shop::Shop(const PriceList& prices, const Plan& plan, std::span<const std::string> features,
           std::span<const Fraction> parts)
    : prices_(prices), parts_(parts.begin(), parts.end()) {
    for (const auto& code : features)
        if (const auto* feature = find_feature(prices, code);
            feature && !keeps_feature(prices, plan, {}, *feature) && !contains(missing_, code))
            missing_.push_back(code);
    for (const auto& module : prices.modules)
        if (module.price) list_.push_back({module.code, in_fen(*module.price)});
    for (const auto& feature : missing_) {
        std::optional<std::int64_t> least;
        for (const auto& module : prices.modules) {
            if (!contains(module.features, feature)) continue;
            const auto shared = std::ranges::count_if(
                missing_, [&](const auto& code) { return contains(module.features, code); });
            const auto part = list_micro(module.code) / shared;
            if (!least || part < *least) least = part;
        }
        least_micro_.push_back(least.value_or(0));
    }
    choose_candidates(plan);
}

void Shop::choose_candidates(const Plan& plan) {
    std::vector<Candidate> all;
    for (const auto& offer : prices_.add_ons) all.push_back({offer.code, offer.price, offer.modules, true});
    for (const auto& module : prices_.modules)
        if (module.price) all.push_back({module.code, *module.price, {module.code}, false});
    std::vector<Candidate> chosen;  // backwards: whether an offer helps depends on later ones
    for (auto i = all.rbegin(); i != all.rend(); ++i)
        if (helps(*i, chosen)) chosen.push_back(std::move(*i));
    candidates_.assign(std::make_move_iterator(chosen.rbegin()), std::make_move_iterator(chosen.rend()));
    for (auto& candidate : candidates_) index(candidate);
    for (const auto& code : module_codes_) covered_by_plan_.push_back(contains(plan.modules, code));
}

/// By a missing feature, or an offer by what it takes off a later one.
bool Shop::helps(const Candidate& candidate, std::span<const Candidate> later) const {
    if (std::ranges::any_of(missing_, [&](const auto& feature) { return brings(candidate, feature); }))
        return true;
    return candidate.offer && std::ranges::any_of(later, [&](const Candidate& other) {
               return other.offer && share_a_module(candidate, other);
           });
}

void Shop::index(Candidate& candidate) {
    for (const auto& feature : missing_) candidate.features.push_back(brings(candidate, feature));
    candidate.discount_micro = -candidate.price.count();
    for (const auto& code : candidate.module_codes) {
        candidate.modules.push_back(module_index(code));
        candidate.discount_micro += list_micro(code);
    }
    candidate.discount_micro = std::max<std::int64_t>(candidate.discount_micro, 0);
}

std::size_t Shop::module_index(const std::string& code) {
    const auto found = std::ranges::find(module_codes_, code);
    const auto index = static_cast<std::size_t>(found - module_codes_.begin());
    if (found == module_codes_.end()) module_codes_.push_back(code);
    return index;
}

std::int64_t Shop::list_micro(std::string_view module) const {
    const auto* found = find_module(prices_, module);
    return found && found->price ? found->price->count() : 0;
}

bool Shop::brings(const Candidate& candidate, const std::string& feature) const {
    return holds_feature(prices_, candidate.module_codes, feature);
}

State Shop::empty_handed() const { return {Bits(missing_.size()), covered_by_plan_}; }

bool Shop::brought_from(std::size_t first, std::size_t feature) const {
    for (auto i = first; i < candidates_.size(); ++i)
        if (candidates_[i].features[feature]) return true;
    return false;
}

State Shop::with(State state, std::size_t i) const {
    for (std::size_t f = 0; f < missing_.size(); ++f)
        state.have[f] = state.have[f] || candidates_[i].features[f];
    for (const auto m : candidates_[i].modules) state.covered[m] = true;
    return state;
}

State Shop::behind(State state, std::size_t i) const {
    Bits later(state.covered.size());
    for (auto j = i + 1; j < candidates_.size() && candidates_[j].offer; ++j)
        for (const auto m : candidates_[j].modules) later[m] = true;
    for (std::size_t m = 0; m < later.size(); ++m) state.covered[m] = state.covered[m] && later[m];
    return state;
}

const Costs& Shop::costs_of(std::size_t i, const Bits& covered) {
    const auto& candidate = candidates_[i];
    Bits shared;
    SelectedItem earlier{"", {}, {}, one_day};
    for (const auto m : candidate.modules) {
        shared.push_back(covered[m]);
        if (covered[m]) earlier.modules.push_back(module_codes_[m]);
    }
    auto [known, fresh] = known_costs_.try_emplace({i, std::move(shared)});
    if (fresh) {
        const SelectedItem items[]{
            earlier, {candidate.code, in_fen(candidate.price), candidate.module_codes, one_day}};
        const auto price = charge_once(items, list_, one_day).at(1).exact;
        for (const auto& part : parts_) known->second.push_back(rounded(price * part));
    }
    return known->second;
}

/// A candidate costs at least the list prices of the modules that it newly covers less its discount, and
/// every missing feature needs a newly covered module.
Costs Shop::least_rest(std::size_t first, const State& state) const {
    auto least = list_price_of_missing(state.have);
    std::int64_t roundings = 0;  // half a fen each
    for (auto j = first; j < candidates_.size() && least > 0; ++j) {
        const auto& candidate = candidates_[j];
        roundings += 1;
        if (candidate.offer &&
            std::ranges::any_of(candidate.modules, [&](std::size_t m) { return !state.covered[m]; }))
            least -= candidate.discount_micro;
    }
    Costs costs(parts_.size());
    if (least <= 0) return costs;
    for (std::size_t p = 0; p < costs.size(); ++p)
        costs[p] = std::max(Fen{}, Fen{floor_of(in_fen(MicroYuan{least}) * parts_[p]) - roundings});
    return costs;
}

std::int64_t Shop::list_price_of_missing(const Bits& have) const {
    std::int64_t micro = 0;
    for (std::size_t f = 0; f < missing_.size(); ++f)
        if (!have[f] && __builtin_add_overflow(micro, least_micro_[f], &micro))
            throw std::overflow_error("list prices of add-ons");
    return micro;
}

}  // namespace wefee::add_ons
