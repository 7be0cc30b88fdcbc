#include "sandbox/json_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "io/crypto.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;

const json* find(const json& body, std::string_view name) {
    const auto dot = name.find('.');
    if (!body.is_object()) return nullptr;
    const auto found = body.find(std::string(name.substr(0, dot)));
    if (found == body.end()) return nullptr;
    return dot == std::string_view::npos ? &*found : find(*found, name.substr(dot + 1));
}

bool has_type(const json& value, char type) {
    switch (type) {
        case 's':
            return value.is_string();
        case 'i':
            return value.is_number_integer();
        case 'b':
            return value.is_boolean();
        case 'o':
            return value.is_object();
        case 'a':
            return value.is_array();
        default:
            return false;
    }
}

std::optional<FieldMistake> unknown_member(const json& object, const std::string& prefix,
                                           std::span<const FieldRule> rules) {
    for (const auto& [name, value] : object.items()) {
        const auto full = prefix + name;
        const auto listed = [&full](const FieldRule& rule) { return rule.name == full; };
        if (std::ranges::none_of(rules, listed)) return FieldMistake{full, "unknown field", true};
        const auto inner = [&full](const FieldRule& rule) { return rule.name.starts_with(full + "."); };
        if (value.is_object() && std::ranges::any_of(rules, inner))
            if (auto mistake = unknown_member(value, full + ".", rules)) return mistake;
    }
    return std::nullopt;
}

std::optional<FieldMistake> check_one(const json& body, const FieldRule& rule) {
    const auto* value = find(body, rule.name);
    const std::string name(rule.name);
    if (!value) {
        const auto dot = rule.name.rfind('.');
        const bool parent_there = dot == std::string_view::npos || find(body, rule.name.substr(0, dot));
        if (rule.required && parent_there) return FieldMistake{name, "missing"};
        return std::nullopt;
    }
    if (!has_type(*value, rule.type)) return FieldMistake{name, "wrong type"};
    if (rule.type == 's') {
        const auto& text = value->get_ref<const std::string&>();
        if (rule.required && text.empty()) return FieldMistake{name, "empty"};
        if (count_characters(text) > static_cast<std::size_t>(rule.limit))
            return FieldMistake{name, "too long"};
        if (has_four_byte_characters(text)) return FieldMistake{name, "character of four bytes"};
    }
    if (rule.type == 'i' && value->get<std::int64_t>() < rule.limit) return FieldMistake{name, "too small"};
    return std::nullopt;
}

}  // namespace

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool has_four_byte_characters(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xF0; });
}

std::optional<FieldMistake> check_fields(const json& body, std::span<const FieldRule> rules) {
    if (auto mistake = unknown_member(body, "", rules)) return mistake;
    for (const auto& rule : rules)
        if (auto mistake = check_one(body, rule)) return mistake;
    return std::nullopt;
}

std::optional<json> parse_object(std::string_view text) {
    auto parsed = json::parse(text, nullptr, false);
    if (!parsed.is_object()) return std::nullopt;
    return parsed;
}

std::string text_at(const json& body, std::string_view name) {
    const auto* value = find(body, name);
    return value && value->is_string() ? value->get<std::string>() : std::string();
}

std::int64_t number_at(const json& body, std::string_view name, std::int64_t otherwise) {
    const auto* value = find(body, name);
    return value && value->is_number_integer() ? value->get<std::int64_t>() : otherwise;
}

std::string digest_of(std::string_view kind, const json& fields) {
    return io::sha256_hex(std::string(kind) + "\n" +
                          fields.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace wefee::sandbox
