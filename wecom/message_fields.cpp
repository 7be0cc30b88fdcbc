// Reads decrypted messages. Numbers stay text: a MsgId does not fit a double.
#include "wecom/message_fields.hpp"

#include <array>
#include <charconv>

#include "wecom/json.hpp"
#include "wecom/xml.hpp"

namespace wefee::wecom {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Renamed {
    std::string_view json;
    std::string_view xml;
};
/// Smart robots write lower case; one name for one fact.
constexpr std::array renamed{Renamed{"msgid", "MsgId"},
                             Renamed{"msgtype", "MsgType"},
                             Renamed{"from.userid", "FromUserName"},
                             Renamed{"text.content", "Content"},
                             Renamed{"create_time", "CreateTime"},
                             Renamed{"event.eventtype", "Event"},
                             Renamed{"tousername", "ToUserName"},
                             Renamed{"agentid", "AgentID"}};

/// Recursion is bounded by the guard's depth.
void flatten(XmlElement element, const std::string& prefix, Fields& out) {
    for (auto child = element.first_child(); child; child = child.next_sibling()) {
        std::string name = prefix;
        name += child.name();
        if (child.has_children())
            flatten(child, name + ".", out);
        else
            out.emplace_back(std::move(name), child.text());
    }
}

void flatten(const nlohmann::json& value, const std::string& name, Fields& out) {
    if (value.is_object()) {
        for (const auto& [key, member] : value.items())
            flatten(member, name.empty() ? key : name + "." + key, out);
    } else if (value.is_array()) {
        for (const auto& item : value) flatten(item, name, out);
    } else {
        out.emplace_back(name, value.is_string() ? value.get<std::string>()
                               : value.is_null() ? ""
                                                 : value.dump());
        for (const auto& row : renamed)
            if (row.json == name) out.back().first = row.xml;
    }
}

}  // namespace

std::optional<MessageFields> MessageFields::read(std::string_view message) {
    MessageFields result;
    const auto first = message.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && message[first] == '{') {
        const auto object = parse_json_object(message);
        if (!object) return std::nullopt;
        flatten(*object, "", result.fields_);
        return result;
    }
    const auto document = XmlDocument::parse(message);
    if (!document) return std::nullopt;
    result.fields_.reserve(16);
    flatten(document->root(), "", result.fields_);
    return result;
}

std::string_view MessageFields::get(std::string_view name) const {
    for (const auto& [key, value] : fields_)
        if (key == name) return value;
    return {};
}

std::vector<std::string_view> MessageFields::every(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : fields_)
        if (key == name) values.emplace_back(value);
    return values;
}

std::string_view MessageFields::kind() const {
    if (const auto info_type = get("InfoType"); !info_type.empty()) return info_type;
    if (get("MsgType") == "event" && !get("Event").empty()) return get("Event");
    return "message";
}

std::string_view MessageFields::corp_id() const {
    for (const auto name : {"AuthCorpId", "PaidCorpId"})
        if (const auto value = get(name); !value.empty()) return value;
    return get("InfoType").empty() ? get("ToUserName") : std::string_view{};
}

std::string_view MessageFields::time_text() const {
    const auto stamp = get("TimeStamp");
    return stamp.empty() ? get("CreateTime") : stamp;
}

Instant MessageFields::at() const {
    // Seconds within what milliseconds of an Instant can hold; anything else is nonsense and counts as
    // absent.
    const std::int64_t seconds = to_number(time_text());
    return seconds < 0 || seconds > 253'402'300'799 ? Instant{} : Instant{std::chrono::seconds{seconds}};
}

std::string_view MessageFields::subject() const {
    for (const auto name : {"UserID", "Id", "TagId"})
        if (const auto value = get(name); !value.empty()) return value;
    return {};
}

std::int64_t to_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

}  // namespace wefee::wecom
