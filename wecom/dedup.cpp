// Official advice (MsgId; FromUserName + CreateTime) loses events of one second, so the keys are wider.
#include "wecom/dedup.hpp"

#include <algorithm>

#include "io/crypto.hpp"

namespace wefee::wecom {
namespace {

/// The kind comes from the message: only a plain word of sane length may stand in a key.
std::string_view plain_word(std::string_view kind) {
    const bool plain = std::ranges::all_of(kind, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    return plain && kind.size() <= 64 ? kind : "other";
}

/// Length-prefixed, so that ("ab", "c") and ("a", "bc") differ.
void add(std::string& material, std::string_view value) {
    material += std::to_string(value.size());
    material += ':';
    material += value;
}

/// False when the message lacks the field.
bool add_field(std::string& material, const MessageFields& fields, std::string_view name) {
    if (name == "corp" || name == "time" || name == "subject") {
        const auto value = name == "corp"   ? fields.corp_id()
                           : name == "time" ? fields.time_text()
                                            : fields.subject();
        add(material, value);
        return !value.empty();
    }
    bool present = false;
    for (const auto& [key, value] : fields.all()) {
        if (key != name) continue;
        add(material, value);
        present = present || !value.empty();
    }
    return present;
}

/// The bytes to hash for this message under its rule; empty when the whole message must be hashed.
std::string key_material(const MessageFields& fields, std::string_view message) {
    const auto rule = std::ranges::find(dedup_rules, fields.kind(), &DedupRule::kind);
    if (rule == dedup_rules.end()) return {};
    std::string material;
    for (const auto name : rule->fields)
        if (!name.empty() && !add_field(material, fields, name)) return {};
    if (rule->payload_hash) add(material, message);
    return material;
}

}  // namespace

std::string dedup_key(std::string_view scope, const MessageFields& fields, std::string_view message) {
    const std::string material = key_material(fields, message);
    std::string key{scope};
    key += ':';
    key += plain_word(fields.kind());
    key += ':';
    key += io::sha256_hex(material.empty() ? message : std::string_view{material});
    return key;
}

}  // namespace wefee::wecom
