// Which add-ons a plan needs beside it, at their cheapest: exact, by dominance instead of enumeration.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "billing/price_list.hpp"

namespace wefee {

/// True when the plan with these add-ons (codes of modules sold alone and of offers) lets the feature be
/// used: one of their modules holds it, or no module does and it needs none, or the plan prices its meter.
bool keeps_feature(const PriceList& prices, const Plan& plan, std::span<const std::string> add_ons,
                   const Feature& feature);

struct AddOnSet {
    std::vector<std::string> codes;  // in the order in which they are rated: offers, then modules, as listed
    std::vector<Fen> costs;          // one for each part asked for
};

struct AddOnSearch {
    std::vector<AddOnSet> sets;        // the cheapest first; empty: some feature cannot be bought
    std::vector<std::string> missing;  // features that no add-on brings
    std::int64_t considered = 0;       // partial sets looked at
    bool exact = true;  // false: so many offers overlap that only the most promising sets were followed
};

/// The add-on sets that keep `features` (codes) beside `plan` and that no other such set undercuts: whatever
/// else stands on the bill, the cheapest bill has one of them. `parts`: the parts of full periods that will
/// be billed (1: whole ones); a set is priced for each of them by the overlap rule of modules.hpp.
AddOnSearch cheapest_add_ons(const PriceList& prices, const Plan& plan, std::span<const std::string> features,
                             std::span<const Fraction> parts);

}  // namespace wefee
