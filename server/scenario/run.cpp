// Walks the timeline: a step is read, then done. What came of it is printed as it is kept.
#include "server/scenario/run.hpp"

#include <algorithm>
#include <array>

#include "server/scenario/print.hpp"

namespace wefee::server {
namespace {

using nlohmann::ordered_json;

/// The lists of the result that steps add to.
constexpr std::array<std::string_view, 5> result_lists{"quotes", "running_costs", "mandates", "deductions",
                                                       "licence_orders"};

const StepKind* find_step(std::string_view name) {
    for (const auto steps :
         {subscription_steps(), usage_steps(), money_steps(), collection_steps(), licence_steps()})
        for (const auto& step : steps)
            if (step.name == name) return &step;
    return nullptr;
}

}  // namespace

ordered_json Run::run() {
    for (const auto& step : scenario_.steps) {
        try {
            take(step);
        } catch (const Error& error) {
            std::vector<FieldProblem> problems;
            for (const auto& problem : error.fields())
                problems.push_back({step.pointer + problem.pointer, problem.text});
            if (problems.empty()) problems.push_back({step.pointer, error.what()});
            throw Error(error.errc(), "a step cannot be done", std::move(problems));
        }
    }
    for (auto& [name, account] : accounts_) account.reach(scenario_.until);
    ordered_json result{{"id", scenario_.id}, {"tenants", ordered_json::object()}};
    for (const auto& [name, account] : accounts_) result["tenants"][name] = print(name, account);
    if (accounts_.size() == 1)  // the usual case reads without the tenant's name
        for (const auto& [key, value] : print(accounts_.begin()->first, accounts_.begin()->second).items())
            result[key] = value;
    for (const auto& name : result_lists)
        result[name] = lists_.contains(name) ? lists_.at(name) : ordered_json::array();
    return result;
}

ordered_json Run::print(const std::string& tenant, const TenantAccount& account) const {
    auto row = print_account(account);
    const auto collection = collections_.find(tenant);
    if (collection != collections_.end()) print_collection(collection->second, account, row["invoices"]);
    return row;
}

void Run::take(const ScenarioStep& step) {
    ObjectReader reader{step.object};
    const auto tenant = reader.optional_text("tenant", 64).value_or("tenant");
    find_step(step.kind)->run(*this, reader, tenant, step.on);
}

TenantAccount& Run::account(const std::string& tenant, CivilDay on) {
    const auto found = accounts_.find(tenant);
    if (found == accounts_.end()) throw Error(Errc::invalid_value, "", {{"/tenant", "has no subscription"}});
    found->second.reach(on);
    return found->second;
}

void Run::open(const std::string& tenant, Subscription subscription) {
    if (accounts_.contains(tenant))
        throw Error(Errc::conflict, "", {{"/tenant", "has a subscription already"}});
    accounts_.emplace(tenant, TenantAccount{std::move(subscription)});
}

void Run::add(std::string_view list, ordered_json row) {
    const auto* known = std::ranges::find(result_lists, list);
    auto& rows = lists_[*known];
    if (rows.is_null()) rows = ordered_json::array();
    rows.push_back(std::move(row));
}

std::shared_ptr<const PriceList> Run::list_in_force(const std::string& tenant) const {
    const auto* list = scenario_list(scenario_, tenant, std::nullopt);
    if (!list) throw Error(Errc::invalid_value, "", {{"/price_list", "the scenario has no price list"}});
    return list->prices;
}

std::shared_ptr<const PriceList> Run::list(ObjectReader& reader, const std::string& tenant) const {
    const auto name = reader.optional_text("price_list", 64);
    if (!name) return nullptr;
    if (const auto* list = scenario_list(scenario_, tenant, name)) return list->prices;
    reader.problem("price_list", "is not a price list of this tenant");
    return nullptr;
}

std::optional<std::vector<std::string>> read_codes(ObjectReader& reader, std::string_view name) {
    const auto* list = reader.optional_array(name, 50);
    if (!list) return std::nullopt;
    std::vector<std::string> result;
    for (const auto& code : *list) {
        if (code.is_string())
            result.push_back(code.get<std::string>());
        else
            reader.problem(name, "must be a list of codes");
    }
    return result;
}

std::size_t read_invoice(ObjectReader& reader) {
    return static_cast<std::size_t>(reader.integer("invoice", 0, 1'000'000));
}

CivilDay read_day(ObjectReader& reader, std::string_view name) {
    const auto text = reader.text(name, 10);
    const auto day = parse_day(text);
    if (!day && !text.empty()) reader.problem(name, "must be a date YYYY-MM-DD, 1970 to 2100");
    return day.value_or(CivilDay{});
}

Fen read_amount(ObjectReader& reader, std::string_view name) {
    return Fen{reader.integer(name, 1, scenario_money_max)};
}

bool is_scenario_step(std::string_view kind) { return find_step(kind) != nullptr; }

ordered_json run_scenario(const Scenario& scenario) { return Run{scenario}.run(); }

}  // namespace wefee::server
