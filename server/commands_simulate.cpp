// wefee simulate FILE...: scenario files through the billing core, without a database.
#include <cstdio>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "server/command_line.hpp"
#include "server/commands.hpp"
#include "server/scenario/scenario.hpp"

namespace wefee::server {
namespace {

std::optional<std::string> file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

void complain(const std::string& path, std::string_view what, const std::vector<FieldProblem>& problems) {
    fmt::print(stderr, "{}: {}\n", path, what);
    for (const auto& problem : problems) fmt::print(stderr, "  {}: {}\n", problem.pointer, problem.text);
}

/// 0, or the exit code that this file asks for; its result goes to `results`.
int simulate(const std::string& path, nlohmann::ordered_json& results) {
    const auto text = file_text(path);
    if (!text) {
        fmt::print(stderr, "{}: cannot be read\n", path);
        return exit_usage;
    }
    try {
        const auto scenario = read_scenario(*text);
        auto result = run_scenario(scenario);
        const auto problems = unmet(scenario.expect, result);
        result["as_expected"] = problems.empty();
        results.push_back(std::move(result));
        if (problems.empty()) return 0;
        complain(path, "is not as expected", problems);
        return exit_failure;
    } catch (const Error& error) {
        complain(path, error.what(), error.fields());
        return exit_usage;
    }
}

}  // namespace

int run_simulate(const std::vector<std::string>& paths) {
    auto results = nlohmann::ordered_json::array();
    int code = 0;
    for (const auto& path : paths) code = std::max(code, simulate(path, results));
    fmt::print("{}\n", results.dump(2));
    return code;
}

}  // namespace wefee::server
