// Checks of JSON request bodies by table: names, types, lengths; a name that is not listed is refused.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wefee::sandbox {

struct FieldRule {
    std::string_view name;  // "amount.total" for one inside an object; the object is listed too
    char type;              // s string, i integer, b boolean, o object, a array
    bool required;
    std::int64_t limit;  // strings: most characters; integers: least value
};

struct FieldMistake {
    std::string field;
    std::string text;
    bool unknown = false;
};

/// The first mistake of `body` against the rules; members of an object are checked when rules name them.
std::optional<FieldMistake> check_fields(const nlohmann::json& body, std::span<const FieldRule> rules);

/// Parses an object. nullopt when the text is no JSON object.
std::optional<nlohmann::json> parse_object(std::string_view text);

/// Code points of valid UTF-8; `four_bytes` tells whether one lies above the basic plane.
std::size_t count_characters(std::string_view text);
bool has_four_byte_characters(std::string_view text);

/// The value at a dotted name as text; empty when absent or of another type.
std::string text_at(const nlohmann::json& body, std::string_view name);
std::int64_t number_at(const nlohmann::json& body, std::string_view name, std::int64_t otherwise = 0);

/// The same for equal business fields in any order (P-03).
std::string digest_of(std::string_view kind, const nlohmann::json& fields);

}  // namespace wefee::sandbox
