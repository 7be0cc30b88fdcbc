// Reads TOML and environment into Config through the table of keys; collects every mistake.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "server/config/checks.hpp"
#include "server/config/keys.hpp"

extern char** environ;

namespace wefee::server {
namespace {

using Mistakes = std::vector<ConfigMistake>;

std::optional<std::chrono::minutes> parse_duration(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0 || end + 1 != text.data() + text.size()) return std::nullopt;
    switch (*end) {
        case 'm':
            return std::chrono::minutes{count};
        case 'h':
            return std::chrono::hours{count};
        case 'd':
            return std::chrono::days{count};
        default:
            return std::nullopt;
    }
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> parts;
    std::istringstream in{std::string{text}};
    for (std::string part; std::getline(in, part, ',');)
        if (!part.empty()) parts.push_back(part);
    return parts;
}

/// Sets one field from text; false when the text is not of the field's kind.
struct FromText {
    std::string_view text;

    bool operator()(std::string* field) const { return *field = text, true; }
    bool operator()(std::int64_t* field) const {
        const auto value = parse_integer(text);
        return value ? (*field = *value, true) : false;
    }
    bool operator()(std::optional<std::int64_t>* field) const {
        const auto value = parse_integer(text);
        return value ? (*field = *value, true) : false;
    }
    bool operator()(bool* field) const {
        if (text != "true" && text != "false") return false;
        return *field = text == "true", true;
    }
    bool operator()(std::chrono::minutes* field) const {
        const auto value = parse_duration(text);
        return value ? (*field = *value, true) : false;
    }
    bool operator()(std::optional<Instant>* field) const {
        *field = parse_instant(text);
        return field->has_value();
    }
    bool operator()(std::vector<std::string>* field) const { return *field = split_list(text), true; }
    bool operator()(std::vector<std::int64_t>* field) const {
        field->clear();
        for (const auto& part : split_list(text)) {
            const auto value = parse_integer(part);
            if (!value) return false;
            field->push_back(*value);
        }
        return true;
    }
};

std::string_view kind_of(const ConfigField& field) {
    static constexpr std::string_view kinds[] = {
        "a text",     "an integer",          "true or false",   "a duration like \"24h\", \"7d\" or \"30m\"",
        "an integer", "an RFC 3339 instant", "a list of texts", "a list of integers"};
    return kinds[field.index()];
}

/// A TOML value as the text that FromText reads; lists are joined by commas.
std::optional<std::string> text_of(const toml::node& node) {
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
    if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
    const auto* list = node.as_array();
    if (!list) return std::nullopt;
    std::string joined;
    for (const auto& element : *list) {
        const auto part = text_of(element);
        if (!part || element.is_array() || part->find(',') != std::string::npos) return std::nullopt;
        joined += (joined.empty() ? "" : ",") + *part;
    }
    return joined;
}

bool kind_fits(const toml::node& node, const ConfigField& field) {
    const bool wants_list = field.index() >= 6;
    const bool wants_integer = field.index() == 1 || field.index() == 4;
    if (node.is_array()) return wants_list;
    if (node.is_integer()) return wants_integer;
    if (node.is_boolean()) return field.index() == 2;
    return node.is_string() && !wants_list && !wants_integer && field.index() != 2;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

ConfigMistake unknown_key(const std::string& name, const std::vector<ConfigKey>& keys) {
    const auto nearest = std::ranges::min_element(
        keys, {}, [&](const ConfigKey& key) { return edit_distance(name, key.name); });
    return {name, fmt::format("is not a known key; the nearest is \"{}\"", nearest->name)};
}

void set_key(const ConfigKey& key, const std::string& text, Mistakes& mistakes) {
    if (!std::visit(FromText{text}, key.field))
        mistakes.push_back({key.name, fmt::format("must be {}", kind_of(key.field))});
}

void apply_table(const toml::table& table, const std::string& prefix, const std::vector<ConfigKey>& keys,
                 Mistakes& mistakes) {
    for (const auto& [name, node] : table) {
        const auto full = prefix + std::string{name.str()};
        if (const auto* section = node.as_table(); section && prefix.empty()) {
            apply_table(*section, full + ".", keys, mistakes);
            continue;
        }
        const auto key = std::ranges::find(keys, full, &ConfigKey::name);
        if (key == keys.end()) {
            mistakes.push_back(unknown_key(full, keys));
            continue;
        }
        const auto text = text_of(node);
        if (!text || !kind_fits(node, key->field))
            mistakes.push_back({full, fmt::format("must be {}", kind_of(key->field))});
        else
            set_key(*key, *text, mistakes);
    }
}

/// WEFEE_WECHATPAY__API_V3_KEY_FILE is wechatpay.api_v3_key_file.
std::string key_of_variable(std::string_view variable) {
    std::string name;
    for (std::size_t i = 0; i < variable.size(); ++i) {
        if (variable.substr(i, 2) == "__") {
            name += '.';
            ++i;
        } else {
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(variable[i])));
        }
    }
    return name;
}

constexpr std::string_view variable_prefix = "WEFEE_";
/// Read by scripts and tests, not configuration.
constexpr std::string_view foreign_variables[] = {"WEFEE_BIN", "WEFEE_DEMO_DIR", "WEFEE_TEST_DATA",
                                                  "WEFEE_SEED"};

void apply_environment(const std::vector<std::pair<std::string, std::string>>& environment,
                       const std::vector<ConfigKey>& keys, Mistakes& mistakes) {
    for (const auto& [variable, value] : environment) {
        if (!variable.starts_with(variable_prefix) || std::ranges::count(foreign_variables, variable))
            continue;
        const auto name = key_of_variable(std::string_view{variable}.substr(variable_prefix.size()));
        const auto key = std::ranges::find(keys, name, &ConfigKey::name);
        if (key == keys.end())
            mistakes.push_back({variable, unknown_key(name, keys).reason});
        else
            set_key(*key, value, mistakes);
    }
}

std::vector<std::pair<std::string, std::string>> process_environment() {
    std::vector<std::pair<std::string, std::string>> all;
    for (char** entry = environ; *entry; ++entry) {
        const std::string_view text{*entry};
        if (const auto equals = text.find('='); equals != std::string_view::npos)
            all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

}  // namespace

LoadedConfig parse_config(std::string_view text,
                          const std::vector<std::pair<std::string, std::string>>& environment) {
    LoadedConfig loaded;
    const auto keys = config_keys(loaded.config);
    try {
        const auto table = toml::parse(text);
        loaded.config.wechatpay.present = table.contains("wechatpay");
        loaded.config.alipay.present = table.contains("alipay");
        loaded.config.wecom.present = table.contains("wecom");
        apply_table(table, "", keys, loaded.mistakes);
    } catch (const toml::parse_error& error) {
        loaded.mistakes.push_back(
            {"(file)", fmt::format("line {}: {}", error.source().begin.line, error.description())});
        return loaded;
    }
    apply_environment(environment, keys, loaded.mistakes);
    check_config(loaded.config, loaded.mistakes);
    return loaded;
}

LoadedConfig load_config(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        LoadedConfig loaded;
        loaded.mistakes.push_back({"--config", fmt::format("cannot read {}", path)});
        return loaded;
    }
    std::ostringstream text;
    text << file.rdbuf();
    return parse_config(text.str(), process_environment());
}

namespace {

struct ToText {
    std::string operator()(const std::string* field) const { return fmt::format("\"{}\"", *field); }
    std::string operator()(const std::int64_t* field) const { return std::to_string(*field); }
    std::string operator()(const bool* field) const { return *field ? "true" : "false"; }
    std::string operator()(const std::chrono::minutes* field) const {
        const auto minutes = field->count();
        if (minutes % 1'440 == 0 && minutes > 1'440) return fmt::format("\"{}d\"", minutes / 1'440);
        if (minutes % 60 == 0) return fmt::format("\"{}h\"", minutes / 60);
        return fmt::format("\"{}m\"", minutes);
    }
    std::string operator()(const std::optional<std::int64_t>* field) const {
        return *field ? std::to_string(**field) : "(not set)";
    }
    std::string operator()(const std::optional<Instant>* field) const {
        return *field ? fmt::format("\"{}\"", format_instant(**field)) : "(not set)";
    }
    std::string operator()(const std::vector<std::string>* field) const {
        return fmt::format("[{}]", fmt::join(*field, ", "));
    }
    std::string operator()(const std::vector<std::int64_t>* field) const {
        return fmt::format("[{}]", fmt::join(*field, ", "));
    }
};

}  // namespace

std::string show_config(const Config& config) {
    auto copy = config;
    std::string text;
    for (const auto& key : config_keys(copy))
        text += fmt::format("{} = {}\n", key.name, std::visit(ToText{}, key.field));
    return text;
}

}  // namespace wefee::server
