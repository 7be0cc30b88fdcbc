#include "tests/server/json_schema.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <stdexcept>

namespace wefee::server::tests {
namespace {

using Json = nlohmann::json;

const std::set<std::string> keywords{"$schema",
                                     "$id",
                                     "$defs",
                                     "$ref",
                                     "title",
                                     "description",
                                     "default",
                                     "type",
                                     "required",
                                     "properties",
                                     "additionalProperties",
                                     "items",
                                     "enum",
                                     "minimum",
                                     "maximum",
                                     "minLength",
                                     "maxLength",
                                     "maxItems",
                                     "pattern",
                                     "format"};

/// Walks a schema, not the names of properties and definitions within it.
void allow_only_known(const Json& schema) {
    for (const auto& [name, value] : schema.items()) {
        if (!keywords.contains(name))
            throw std::runtime_error("this checker does not know the keyword " + name);
        if (name == "properties" || name == "$defs")
            for (const auto& [inner, one] : value.items()) allow_only_known(one);
        if (name == "items") allow_only_known(value);
        if (name == "additionalProperties" && value != false)
            throw std::runtime_error("additionalProperties is false everywhere");
        if (name == "format" && value != "date") throw std::runtime_error("only dates have a format");
    }
}

bool is_of(const std::string& type, const Json& value) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    throw std::runtime_error("this checker does not know the type " + type);
}

bool has_type(const Json& types, const Json& value) {
    if (types.is_string()) return is_of(types.get<std::string>(), value);
    return std::ranges::any_of(types,
                               [&](const Json& type) { return is_of(type.get<std::string>(), value); });
}

/// Unicode characters of a UTF-8 text.
std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

JsonSchema::JsonSchema(Json document) : document_(std::move(document)) { allow_only_known(document_); }

const Json& JsonSchema::resolved(const Json& schema) const {
    if (!schema.contains("$ref")) return schema;
    return resolved(document_.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1))));
}

std::vector<std::string> JsonSchema::refusals(const Json& value) const {
    std::vector<std::string> found;
    check(document_, value, "", found);
    return found;
}

void JsonSchema::check(const Json& given, const Json& value, const std::string& at,
                       std::vector<std::string>& found) const {
    const auto& schema = resolved(given);
    const auto refuse = [&](const std::string& why) { found.push_back(at + " " + why); };
    if (!has_type(schema.at("type"), value)) return refuse("is not " + schema["type"].dump());
    if (schema.contains("enum") && std::ranges::count(schema["enum"], value) == 0)
        refuse("is not one of " + schema["enum"].dump());
    if (value.is_number_integer()) {
        if (schema.contains("minimum") && value < schema["minimum"])
            refuse("is below " + schema["minimum"].dump());
        if (schema.contains("maximum") && value > schema["maximum"])
            refuse("is above " + schema["maximum"].dump());
    }
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (characters(text) < schema.value("minLength", std::size_t{0})) refuse("is too short");
        if (schema.contains("maxLength") && characters(text) > schema["maxLength"].get<std::size_t>())
            refuse("is too long");
        if (schema.contains("pattern") &&
            !std::regex_search(text, std::regex(schema["pattern"].get<std::string>())))
            refuse("does not match " + schema["pattern"].dump());
    }
    if (value.is_array()) {
        if (value.size() > schema.value("maxItems", value.size())) refuse("has too many elements");
        for (std::size_t i = 0; i < value.size(); ++i)
            check(schema.at("items"), value[i], at + "/" + std::to_string(i), found);
    }
    if (value.is_object()) check_object(schema, value, at, found);
}

void JsonSchema::check_object(const Json& schema, const Json& value, const std::string& at,
                              std::vector<std::string>& found) const {
    const auto& properties = schema.at("properties");
    for (const auto& name : schema.at("required"))
        if (!value.contains(name.get<std::string>()))
            found.push_back(at + "/" + name.get<std::string>() + " is missing");
    for (const auto& [name, member] : value.items()) {
        if (properties.contains(name))
            check(properties[name], member, at + "/" + name, found);
        else if (schema.contains("additionalProperties"))
            found.push_back(at + "/" + name + " is not known");
    }
}

}  // namespace wefee::server::tests
