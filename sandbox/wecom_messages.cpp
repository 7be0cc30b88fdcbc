// WeCom app messages: who gets them, the duplicate check, the silent limits, card rules, updates of cards.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "io/crypto.hpp"
#include "sandbox/json_fields.hpp"
#include "sandbox/wecom.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t per_minute = 30;
constexpr std::size_t per_hour = 1'000;
constexpr auto response_code_life = std::chrono::hours{72};
constexpr std::size_t recipients_max = 1'000;

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto bar = text.find('|');
        if (const auto part = text.substr(0, bar); !part.empty()) parts.emplace_back(part);
        text.remove_prefix(bar == std::string_view::npos ? text.size() : bar + 1);
    }
    return parts;
}

std::string joined_lower(const std::vector<std::string>& ids) {
    std::string text;
    for (const auto& id : ids) text += (text.empty() ? "" : "|") + lower(id);
    return text;
}

bool updatable(const json& card) {
    const auto type = text_at(card, "card_type");
    return type == "button_interaction" || type == "vote_interaction" || type == "multiple_interaction" ||
           card.contains("action_menu");
}

bool good_task_id(std::string_view id) {
    constexpr std::string_view allowed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-@";
    return !id.empty() && id.size() <= 128 && id.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

/// Fills recipients, invalid, unlicensed and dropped by the corp's members.
void Wecom::address(Corp& corp, const json& body, SentMessage& message) {
    const auto to = text_at(body, "touser");
    auto ids = split(to);
    if (to == "@all") {
        ids.clear();
        for (const auto& [userid, member] : corp.members)
            if (member.visible) ids.push_back(userid);
    }
    if (ids.empty()) throw Failure{82001, "all recipients are empty"};
    if (ids.size() > recipients_max) throw Failure{81017, "too many userids"};
    for (const auto& id : ids) {
        const auto found = corp.members.find(id);
        if (found == corp.members.end() || !found->second.visible) {
            message.invalid.push_back(id);
            continue;
        }
        auto& member = found->second;
        if (!member.licensed) {
            message.unlicensed.push_back(id);
            continue;
        }
        std::erase_if(member.received,
                      [this](Instant at) { return at <= world_.now() - std::chrono::hours{1}; });
        const auto in_minute = static_cast<std::size_t>(std::ranges::count_if(
            member.received, [this](Instant at) { return at > world_.now() - std::chrono::minutes{1}; }));
        if (in_minute >= per_minute || member.received.size() >= per_hour) {
            message.dropped.push_back(id);  // the answer does not say so
            continue;
        }
        message.recipients.push_back(id);
    }
    if (message.recipients.empty() && message.dropped.empty())
        throw Failure{81013, "user & party & tag all invalid"};
}

bool Wecom::is_duplicate(const SentMessage& message, const json& body) const {
    if (number_at(body, "enable_duplicate_check") != 1) return false;
    const auto interval = std::chrono::seconds{number_at(body, "duplicate_check_interval", 1'800)};
    return std::ranges::any_of(messages_, [&](const SentMessage& other) {
        return !other.duplicate && other.corpid == message.corpid && other.request == message.request &&
               world_.now() < other.at + interval;
    });
}

std::string Wecom::new_response_code(std::size_t message) {
    auto code = io::random_alphanumeric(43);
    response_codes_.emplace(code, ResponseCode{message, world_.now() + response_code_life});
    return code;
}

json Wecom::send(Corp& corp, const io::Request& request, const json& body) {
    if (number_at(body, "agentid") != corp.agentid) throw Failure{40056, "invalid agentid"};
    SentMessage message;
    message.corpid = corp.corpid;
    message.agentid = corp.agentid;
    message.msgtype = text_at(body, "msgtype");
    message.request = std::string(request.body);
    message.at = world_.now();
    if (number_at(body, "duplicate_check_interval") > 14'400)
        throw Failure{40058, "duplicate_check_interval"};
    constexpr std::array types{"text", "markdown", "textcard", "template_card", "miniprogram_notice", "news"};
    if (std::ranges::find(types, message.msgtype) == types.end() || !body.contains(message.msgtype))
        throw Failure{40008, "invalid message type"};
    if (message.msgtype == "text" && text_at(body, "text.content").empty())
        throw Failure{44004, "empty content"};
    const bool card = message.msgtype == "template_card";
    if (card) {
        std::string text;
        if (const auto code = card_mistake(body["template_card"], text); code != 0)
            throw Failure{code, text, "bad_card"};
        message.task_id = text_at(body["template_card"], "task_id");
    }
    message.duplicate = is_duplicate(message, body);
    const auto task = std::to_string(corp.agentid) + " " + corp.corpid + " " + message.task_id;
    if (!message.task_id.empty() && !message.duplicate) {
        if (!good_task_id(message.task_id)) throw Failure{42014, "invalid task_id"};
        if (task_ids_.contains(task))
            throw Failure{42014, "task_id used before: " + message.task_id, "duplicate_task_id"};
    }
    address(corp, body, message);
    if (!message.task_id.empty()) task_ids_.insert(task);  // a refused send uses none up
    message.msgid = io::random_alphanumeric(43);
    json answer{{"errcode", 0}, {"errmsg", "ok"}, {"msgid", message.msgid}};
    if (!message.invalid.empty()) answer["invaliduser"] = joined_lower(message.invalid);
    if (!message.unlicensed.empty()) answer["unlicenseduser"] = joined_lower(message.unlicensed);
    if (message.duplicate) {
        message.recipients.clear();
    } else {
        for (const auto& id : message.recipients)
            corp.members.find(id)->second.received.push_back(world_.now());
        if (card && updatable(body["template_card"]))
            message.response_code = new_response_code(messages_.size());
        if (!message.response_code.empty()) answer["response_code"] = message.response_code;
    }
    messages_.push_back(std::move(message));
    return answer;
}

json Wecom::update_card(const Corp& corp, const io::Request& request, const json& body) {
    if (number_at(body, "agentid") != corp.agentid) throw Failure{42015, "agentid of another app"};
    const auto found = response_codes_.find(text_at(body, "response_code"));
    if (found == response_codes_.end() || found->second.used || world_.now() > found->second.until ||
        messages_[found->second.message].corpid != corp.corpid)
        throw Failure{60140, "invalid response_code", "bad_response_code"};
    const bool button = !text_at(body, "button.replace_name").empty();
    if (button == body.contains("template_card")) throw Failure{40058, "either button or template_card"};
    if (!button) {
        std::string text;
        if (const auto code = card_mistake(body["template_card"], text); code != 0)
            throw Failure{code, text, "bad_card"};
    }
    found->second.used = true;
    messages_[found->second.message].updates.emplace_back(request.body);
    auto invalid = json::array();
    if (body.contains("userids"))
        for (const auto& id : body["userids"])
            if (!id.is_string() || !corp.members.contains(id.get<std::string>())) invalid.push_back(id);
    return {{"errcode", 0}, {"errmsg", "ok"}, {"invaliduser", invalid}};
}

}  // namespace wefee::sandbox
