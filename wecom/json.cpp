// The JSON guard. The depth is counted before the parser sees the text, so that a bomb costs one pass.
#include "wecom/json.hpp"

#include <charconv>

#include "wecom/text.hpp"

namespace wefee::wecom {
namespace {

bool shallow(std::string_view text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > json_depth_max) return false;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return true;
}

const nlohmann::json* member(const nlohmann::json& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const auto at = object.find(name);
    return at == object.end() ? nullptr : &*at;
}

}  // namespace

std::optional<nlohmann::json> parse_json_object(std::string_view text) {
    if (!shallow(text) || !valid_utf8(text)) return std::nullopt;
    auto value = nlohmann::json::parse(text, nullptr, false);
    if (!value.is_object()) return std::nullopt;
    return value;
}

std::string json_text(const nlohmann::json& object, std::string_view name) {
    const auto* value = member(object, name);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    if (value->is_number_integer() || value->is_boolean()) return value->dump();
    return {};
}

std::optional<std::int64_t> json_integer(const nlohmann::json& object, std::string_view name) {
    const std::string text = json_text(object, name);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

const nlohmann::json& json_list(const nlohmann::json& object, std::string_view name) {
    static const nlohmann::json none = nlohmann::json::array();
    const auto* value = member(object, name);
    return value != nullptr && value->is_structured() ? *value : none;
}

std::string json_dump(const nlohmann::ordered_json& value) {
    return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace wefee::wecom
