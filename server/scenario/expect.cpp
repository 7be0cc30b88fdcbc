#include <fmt/format.h>

#include "server/scenario/scenario.hpp"

namespace wefee::server {
namespace {

using nlohmann::json;

std::string escaped(const std::string& key) {
    std::string text;
    for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return text;
}

void compare(const json& expect, const json& result, const std::string& pointer,
             std::vector<FieldProblem>& problems) {
    if (expect.is_object() && result.is_object()) {
        for (const auto& [key, value] : expect.items()) {
            const auto here = pointer + "/" + escaped(key);
            if (result.contains(key))
                compare(value, result[key], here, problems);
            else
                problems.push_back({here, "expected " + value.dump() + ", is absent"});
        }
        return;
    }
    if (expect.is_array() && result.is_array() && expect.size() == result.size()) {
        for (std::size_t i = 0; i < expect.size(); ++i)
            compare(expect[i], result[i], fmt::format("{}/{}", pointer, i), problems);
        return;
    }
    if (expect != result) {
        const bool lists = expect.is_array() && result.is_array();
        problems.push_back(
            {pointer, lists ? fmt::format("expected {} entries, are {}", expect.size(), result.size())
                            : "expected " + expect.dump() + ", is " + result.dump()});
    }
}

}  // namespace

std::vector<FieldProblem> unmet(const json& expect, const json& result) {
    std::vector<FieldProblem> problems;
    if (!expect.is_null()) compare(expect, result, "/expect", problems);
    return problems;
}

}  // namespace wefee::server
