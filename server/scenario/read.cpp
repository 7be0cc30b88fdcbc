// Reads scenario files strictly; price lists pass the same reader and the same checks as those that are
// published.
#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "server/flows/price_lists.hpp"
#include "server/http/body.hpp"
#include "server/scenario/scenario.hpp"

namespace wefee::server {
namespace {

using nlohmann::json;

constexpr std::size_t steps_max = 100'000, lists_max = 50;
/// What a list may leave out in a scenario, where its texts do not matter.
json with_texts(json list, const std::string& name) {
    const auto fill = [&](const char* key, json value) {
        if (list.is_object() && !list.contains(key)) list[key] = std::move(value);
    };
    fill("title", name);
    fill("effective_from", "1970-01-01");
    fill("features", json::array());
    fill("modules", json::array());
    fill("terms", {{"version", "1"}, {"text", "场景"}});
    fill("refund_policy", "未使用天数按天退还。");
    return list;
}

/// Beside its content a list may say whose own it is.
std::pair<json, std::string> without_tenant(json list, const std::string& pointer,
                                            std::vector<FieldProblem>& problems) {
    std::string tenant;
    if (list.is_object() && list.contains("tenant")) {
        if (list["tenant"].is_string() && !list["tenant"].get_ref<const std::string&>().empty())
            tenant = list["tenant"].get<std::string>();
        else
            problems.push_back({pointer + "/tenant", "must be the name of a tenant"});
        list.erase("tenant");
    }
    return {std::move(list), std::move(tenant)};
}

void add_under(std::vector<FieldProblem>& problems, const std::string& pointer, const Error& error) {
    if (error.fields().empty()) problems.push_back({pointer, error.what()});
    for (const auto& problem : error.fields()) problems.push_back({pointer + problem.pointer, problem.text});
}

std::shared_ptr<const PriceList> read_list(json object, const std::string& name, int version,
                                           const std::string& pointer, std::vector<FieldProblem>& problems) {
    try {
        auto prices =
            std::make_shared<PriceList>(parse_price_list(with_texts(std::move(object), name).dump()));
        prices->id = name;
        prices->version = version;
        for (const auto& issue : validate(*prices))
            problems.push_back({pointer + issue.pointer, issue.code + ": " + issue.text});
        return prices;
    } catch (const Error& error) {
        add_under(problems, pointer, error);
        return nullptr;
    }
}

void read_step(const json& object, const std::string& pointer, Scenario& scenario,
               std::vector<FieldProblem>& problems) {
    if (!object.is_object()) return problems.push_back({pointer, "must be an object"});
    ScenarioStep step;
    step.pointer = pointer;
    const auto on = object.contains("on") && object["on"].is_string()
                        ? parse_day(object["on"].get<std::string>())
                        : std::nullopt;
    if (on)
        step.on = *on;
    else
        problems.push_back({pointer + "/on", "must be a date, 1970 to 2100"});
    step.kind = object.contains("do") && object["do"].is_string() ? object["do"].get<std::string>() : "";
    if (!is_scenario_step(step.kind))
        problems.push_back({pointer + "/do", "is not an action that a scenario knows"});
    step.object = object;
    step.object.erase("on");
    step.object.erase("do");
    if (!scenario.steps.empty() && step.on < scenario.steps.back().on)
        problems.push_back({pointer + "/on", "days must not go back"});
    scenario.steps.push_back(std::move(step));
}

/// What stands before the first day: lists of steps without a day and an action of their own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> given_lists{
    {{"consents", "consent"}, {"mandates", "mandate"}}};

void read_given(const json& object, Scenario& scenario, std::vector<FieldProblem>& problems) {
    ObjectReader reader{object, "/given"};
    std::vector<ScenarioStep> steps;
    for (const auto& [name, kind] : given_lists) {
        const auto* rows = reader.optional_array(name, steps_max);
        for (std::size_t i = 0; rows && i < rows->size(); ++i) {
            auto pointer = fmt::format("/given/{}/{}", name, i);
            if ((*rows)[i].is_object())
                steps.push_back(
                    {scenario.steps.front().on, std::string(kind), std::move(pointer), (*rows)[i]});
            else
                problems.push_back({std::move(pointer), "must be an object"});
        }
    }
    std::ranges::move(reader.take_problems(), std::back_inserter(problems));
    scenario.steps.insert(scenario.steps.begin(), std::make_move_iterator(steps.begin()),
                          std::make_move_iterator(steps.end()));
}

}  // namespace

const ScenarioList* scenario_list(const Scenario& scenario, const std::string& tenant,
                                  const std::optional<std::string>& name) {
    const ScenarioList* found = nullptr;
    for (const auto& list : scenario.price_lists) {
        const bool sees = list.tenant.empty() || list.tenant == tenant;
        if (!sees || (name && *name != list.name)) continue;
        if (!found || (found->tenant.empty() && !list.tenant.empty())) found = &list;
    }
    return found;
}

Scenario read_scenario(const std::string& text) {
    json document;
    try {
        document = json::parse(text);
    } catch (const json::exception& error) {
        throw Error(Errc::bad_request, std::string("the scenario is not valid JSON: ") + error.what());
    }
    Scenario scenario;
    ObjectReader reader{document};
    scenario.id = reader.text("id", 64);
    scenario.title = reader.optional_text("title", 256).value_or("");
    const auto* lists = reader.optional_object("price_lists");
    const auto* given = reader.optional_object("given");
    const auto* steps = reader.array("timeline", steps_max);
    const auto until = reader.optional_day("until");
    if (const auto* expect = reader.optional_object("expect")) scenario.expect = *expect;
    reader.optional_text("source", 1024);
    auto problems = reader.take_problems();
    if (lists && lists->size() > lists_max)
        problems.push_back({"/price_lists", "has more than 50 price lists"});
    else if (lists)
        for (const auto& [name, list] : lists->items()) {
            const auto pointer = "/price_lists/" + name;
            auto [content, tenant] = without_tenant(list, pointer, problems);
            auto prices = read_list(std::move(content), name,
                                    static_cast<int>(scenario.price_lists.size()) + 1, pointer, problems);
            scenario.price_lists.push_back({name, std::move(prices), std::move(tenant)});
        }
    for (std::size_t i = 0; steps && i < steps->size(); ++i)
        read_step((*steps)[i], fmt::format("/timeline/{}", i), scenario, problems);
    if (steps && steps->empty()) problems.push_back({"/timeline", "must hold a step"});
    if (given && !scenario.steps.empty()) read_given(*given, scenario, problems);
    if (!problems.empty())
        throw Error(Errc::invalid_value, "this scenario cannot be run", std::move(problems));
    scenario.until = until.value_or(scenario.steps.back().on);
    if (scenario.until < scenario.steps.back().on)
        throw Error(Errc::invalid_value, "this scenario cannot be run",
                    {{"/until", "lies before the last step"}});
    return scenario;
}

}  // namespace wefee::server
