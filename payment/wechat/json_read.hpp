// Readers of a provider's JSON, for .cpp files only: a member of the wrong type counts as absent.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace wefee::payment::wechat {

inline std::string text_at(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// Integers only: 199.0 and 1e3 are not amounts.
inline std::optional<std::int64_t> integer_at(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
    return found->get<std::int64_t>();
}

/// The member when it is an object, else nullptr.
inline const nlohmann::json* object_at(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_object() ? &*found : nullptr;
}

/// The object that `text` holds; nullopt when it is no JSON or no object.
inline std::optional<nlohmann::json> parse_object(std::string_view text) {
    auto parsed = nlohmann::json::parse(text, nullptr, false);
    if (!parsed.is_object()) return std::nullopt;
    return parsed;
}

}  // namespace wefee::payment::wechat
