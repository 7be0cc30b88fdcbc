// What is for sale beside a plan towards some missing features, indexed for the search. Not for other rooms.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "billing/modules.hpp"
#include "billing/price_list.hpp"

namespace wefee::add_ons {

using Bits = std::vector<bool>;
using Costs = std::vector<Fen>;  // one for each part of a full period that is billed

/// Missing features that are had, and modules that are covered.
struct State {
    Bits have;
    Bits covered;
    friend auto operator<=>(const State&, const State&) = default;
};

struct Candidate {
    std::string code;
    MicroYuan price;
    std::vector<std::string> module_codes;
    bool offer = false;
    Bits features = {};                     // which missing ones it brings
    std::vector<std::size_t> modules = {};  // its modules by index
    std::int64_t discount_micro = 0;        // below the list prices of all its modules
};

class Shop {
public:
    Shop(const PriceList& prices, const Plan& plan, std::span<const std::string> features,
         std::span<const Fraction> parts);

    const std::vector<std::string>& missing() const { return missing_; }
    /// In rating order: offers that can help, then modules sold alone that bring a missing feature.
    const std::vector<Candidate>& candidates() const { return candidates_; }
    std::size_t parts() const { return parts_.size(); }

    State empty_handed() const;
    bool brought_from(std::size_t first, std::size_t feature) const;
    State with(State state, std::size_t i) const;
    /// Forgets covered modules that no offer after `i` sells again: they decide nothing any more.
    State behind(State state, std::size_t i) const;

    /// The candidate's cost where these modules are covered already, by the overlap rule of modules.hpp.
    const Costs& costs_of(std::size_t i, const Bits& covered);

    /// No way to have the missing features with candidates from `first` on costs less.
    Costs least_rest(std::size_t first, const State& state) const;
    /// What is missing at list prices: a guess of the rest, in micro-yuan.
    std::int64_t list_price_of_missing(const Bits& have) const;

private:
    void choose_candidates(const Plan& plan);
    bool helps(const Candidate& candidate, std::span<const Candidate> later) const;
    void index(Candidate& candidate);
    std::size_t module_index(const std::string& code);
    std::int64_t list_micro(std::string_view module) const;
    bool brings(const Candidate& candidate, const std::string& feature) const;

    const PriceList& prices_;
    std::vector<Fraction> parts_;
    std::vector<std::string> missing_;
    std::vector<std::int64_t> least_micro_;  // by missing feature: the least part of a module's list price
    std::vector<Candidate> candidates_;
    std::vector<std::string> module_codes_;
    Bits covered_by_plan_;
    std::vector<ModulePrice> list_;
    std::map<std::pair<std::size_t, Bits>, Costs> known_costs_;
};

bool contains(std::span<const std::string> all, std::string_view one);
/// One of the modules (codes) holds the feature.
bool holds_feature(const PriceList& prices, std::span<const std::string> modules, const std::string& feature);

}  // namespace wefee::add_ons
