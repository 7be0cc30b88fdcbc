// Scenario files: given prices and a timeline of dated actions, what is billed. docs/scenarios.md describes
// the format.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "billing/error.hpp"
#include "billing/tenant_account.hpp"

namespace wefee::server {

struct ScenarioStep {
    CivilDay on;
    std::string kind;       // is_scenario_step()
    std::string pointer;    // into the file
    nlohmann::json object;  // its own fields, read by the kind
};

struct ScenarioList {
    std::string name;
    std::shared_ptr<const PriceList> prices;
    std::string tenant;  // whose own it is; empty: everybody's
};

struct Scenario {
    std::string id;
    std::string title;
    std::vector<ScenarioList> price_lists;  // in the file's order
    std::vector<ScenarioStep> steps;        // in order of their days
    CivilDay until{};                       // all days before it have passed
    nlohmann::json expect;                  // compared with the result, see unmet()
};

/// Throws Error with a pointer for everything that is wrong.
Scenario read_scenario(const std::string& text);

/// What a tenant's steps mean by a name; nullptr: no such list, or another's. Without a name the list in
/// force for it: its own first, else everybody's.
const ScenarioList* scenario_list(const Scenario& scenario, const std::string& tenant,
                                  const std::optional<std::string>& name);

/// Whether a step may `do` this.
bool is_scenario_step(std::string_view kind);

/// Runs it through the billing core and prints what was billed. Throws Error with a pointer when a step
/// cannot be done.
nlohmann::ordered_json run_scenario(const Scenario& scenario);

/// Where the result is not as expected: objects must hold what is named, lists must agree in length and
/// order.
std::vector<FieldProblem> unmet(const nlohmann::json& expect, const nlohmann::json& result);

}  // namespace wefee::server
