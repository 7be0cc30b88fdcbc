// For .cpp files of this room only: nlohmann/json behind the guard (depth, UTF-8) and readers that never
// throw.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace wefee::wecom {

inline constexpr int json_depth_max = 16;

/// nullopt unless `text` is one JSON object, at most json_depth_max deep and strict UTF-8.
std::optional<nlohmann::json> parse_json_object(std::string_view text);

/// The member as text: strings as they are, integers and booleans printed. Empty when absent or of another
/// kind.
std::string json_text(const nlohmann::json& object, std::string_view name);

/// The member as a 64-bit integer, also from a text of digits; nullopt when absent or not one.
std::optional<std::int64_t> json_integer(const nlohmann::json& object, std::string_view name);

/// The member when it is an array or object; else an empty array, to iterate over.
const nlohmann::json& json_list(const nlohmann::json& object, std::string_view name);

/// Compact, with broken UTF-8 replaced instead of thrown at.
std::string json_dump(const nlohmann::ordered_json& value);

}  // namespace wefee::wecom
