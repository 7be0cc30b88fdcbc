#include "tests/server/openapi.hpp"

#include <algorithm>
#include <stdexcept>

#include <yaml-cpp/yaml.h>

namespace wefee::server::tests {
namespace {

using Json = nlohmann::json;

Json scalar(const YAML::Node& node) {
    if (node.Tag() == "!") return node.Scalar();  // quoted
    if (const auto text = node.Scalar(); text == "true" || text == "false") return text == "true";
    std::int64_t number = 0;
    if (YAML::convert<std::int64_t>::decode(node, number)) return number;
    return node.Scalar();
}

Json json_of(const YAML::Node& node) {
    if (node.IsMap()) {
        Json object = Json::object();
        for (const auto& pair : node) object[pair.first.Scalar()] = json_of(pair.second);
        return object;
    }
    if (node.IsSequence()) {
        Json list = Json::array();
        for (const auto& element : node) list.push_back(json_of(element));
        return list;
    }
    return node.IsNull() ? Json{} : scalar(node);
}

bool is_of_type(const Json& value, const std::string& type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    return type == "null" && value.is_null();
}

bool has_a_type(const Json& schema, const Json& value) {
    const auto& type = schema["type"];
    if (type.is_string()) return is_of_type(value, type.get<std::string>());
    return std::ranges::any_of(type,
                               [&](const Json& one) { return is_of_type(value, one.get<std::string>()); });
}

}  // namespace

OpenApi::OpenApi() : document_(json_of(YAML::LoadFile(WEFEE_OPENAPI))) {
    for (const auto& [path, methods] : document_.at("paths").items())
        for (const auto& [method, content] : methods.items()) {
            auto upper = method;
            std::ranges::transform(upper, upper.begin(),
                                   [](char c) { return static_cast<char>(c - 'a' + 'A'); });
            operations_.push_back({upper, path, content});
        }
}

const OpenApi::Operation& OpenApi::operation(const std::string& method, const std::string& path) const {
    const auto found = std::ranges::find_if(
        operations_, [&](const auto& o) { return o.method == method && o.path == path; });
    if (found == operations_.end()) throw std::out_of_range(method + " " + path);
    return *found;
}

std::set<std::string> OpenApi::required_fields(const Operation& operation) {
    std::set<std::string> names;
    const auto schema =
        operation.content.value("/requestBody/content/application~1json/schema"_json_pointer, Json::object());
    for (const auto& name : schema.value("required", Json::array())) names.insert(name.get<std::string>());
    return names;
}

std::vector<std::string> OpenApi::differences(const Operation& operation, const Json& answer,
                                              const std::string& wanted) const {
    std::vector<std::string> found;
    for (const auto& [status, response] : operation.content.at("responses").items())
        if (status.starts_with(wanted))
            compare(response.at("/content/application~1json/schema"_json_pointer), answer, "", found);
    return found;
}

void OpenApi::compare(const Json& schema, const Json& value, const std::string& at,
                      std::vector<std::string>& found) const {
    if (schema.contains("$ref"))
        return compare(document_.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1))), value,
                       at, found);
    if (schema.contains("oneOf")) {  // something or null
        if (!value.is_null()) compare(schema["oneOf"][0], value, at, found);
        return;
    }
    if (!has_a_type(schema, value)) {
        found.push_back(at + " is " + value.dump() + ", not " + schema["type"].dump());
        return;
    }
    if (schema.contains("enum") && std::ranges::count(schema["enum"], value) == 0)
        found.push_back(at + " is not listed: " + value.dump());
    if (value.is_object()) compare_object(schema, value, at, found);
    if (value.is_array())
        for (std::size_t i = 0; i < value.size(); ++i)
            compare(schema.at("items"), value[i], at + "/" + std::to_string(i), found);
}

void OpenApi::compare_object(const Json& schema, const Json& value, const std::string& at,
                             std::vector<std::string>& found) const {
    const auto properties = schema.value("properties", Json::object());
    const auto further = schema.value("additionalProperties", Json(true));
    for (const auto& name : schema.value("required", Json::array()))
        if (!value.contains(name.get<std::string>()))
            found.push_back(at + "/" + name.get<std::string>() + " is missing");
    for (const auto& [name, member] : value.items()) {
        if (properties.contains(name))
            compare(properties[name], member, at + "/" + name, found);
        else if (further.is_object())
            compare(further, member, at + "/" + name, found);
        else if (further == false)
            found.push_back(at + "/" + name + " is not described");
    }
}

}  // namespace wefee::server::tests
