// Control calls that play WeCom: corps and members, installs, tickets, clicks, login codes.
#include "io/crypto.hpp"
#include "sandbox/control_outcome.hpp"
#include "sandbox/json_fields.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;

void put_members_of(Corp& corp, const json& body) {
    for (const auto& given : body.value("members", json::array())) {
        const auto userid = text_at(given, "userid");
        if (userid.empty()) throw ControlError(400, "members: userid");
        auto& member = corp.members[userid];
        member.userid = userid;
        member.name = given.value("name", member.name.empty() ? userid : member.name);
        member.admin = given.value("admin", member.admin);
        member.licensed = given.value("licensed", member.licensed);
        member.visible = given.value("visible", member.visible);
    }
    for (const auto& userid : body.value("remove", json::array()))
        if (userid.is_string()) corp.members.erase(userid.get<std::string>());
}

}  // namespace

Corp& Control::known_corp(const std::string& id) {
    auto* corp = wecom_.find_corp(id);
    if (!corp) throw ControlError(404, "no such corp");
    return *corp;
}

Control::Outcome Control::put_corp(const Json& body, const std::string&) {
    auto corpid = text_at(body, "corpid");
    if (corpid.empty()) corpid = "wpcorp" + io::random_alphanumeric(24);
    auto& corp = wecom_.corp(corpid);
    corp.name = body.value("name", corp.name.empty() ? corpid : corp.name);
    put_members_of(corp, body);
    return {.json = {{"corpid", corpid}}};
}

Control::Outcome Control::put_members(const Json& body, const std::string& id) {
    put_members_of(known_corp(id), body);
    return {};
}

Control::Outcome Control::install(const Json& body, const std::string& id) {
    auto& corp = known_corp(id);
    auto installer = text_at(body, "installer");
    for (const auto& [userid, member] : corp.members)
        if (installer.empty() && member.admin) installer = userid;
    auto delivery = wecom_.install(corp, installer);
    return {.json = {{"auth_code", corp.auth_code}, {"agentid", corp.agentid}},
            .delivery = std::move(delivery)};
}

Control::Outcome Control::uninstall(const Json&, const std::string& id) {
    return {.delivery = wecom_.uninstall(known_corp(id))};
}

Control::Outcome Control::change_auth(const Json&, const std::string& id) {
    return {.delivery = wecom_.change_auth(known_corp(id))};
}

Control::Outcome Control::data_event(const Json& body, const std::string& id) {
    const auto event = text_at(body, "event");
    if (event.empty()) throw ControlError(400, "event");
    EventFields fields;
    for (const auto& [name, value] : body.value("fields", Json::object()).items())
        fields.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    return {.delivery = wecom_.data_event(known_corp(id), text_at(body, "userid"), event, std::move(fields))};
}

Control::Outcome Control::ticket(const Json&, const std::string&) {
    return {.delivery = wecom_.send_ticket()};
}

Control::Outcome Control::url_check(const Json& body, const std::string&) {
    auto delivery = wecom_.url_check(text_at(body, "url"));
    if (!delivery) throw ControlError(400, "this callback has no address");
    return {.finish = [delivery](Json& json) {
        json["status"] = delivery->last_status;
        json["accepted"] = delivery->state == "accepted";
    }};
}

Control::Outcome Control::click(const Json& body, const std::string&) {
    std::string response_code;
    auto delivery =
        wecom_.click(text_at(body, "task_id"), text_at(body, "userid"), text_at(body, "key"), response_code);
    Outcome outcome{.json = {{"response_code", response_code}}, .delivery = delivery};
    if (delivery)
        outcome.finish = [this, delivery](Json& json) {
            if (const auto reply = wecom_.open_reply(delivery->last_body, delivery->parcel.key))
                json["reply"] = *reply;
        };
    return outcome;
}

Control::Outcome Control::revoke_tokens(const Json&, const std::string&) {
    wecom_.revoke_tokens();
    return {};
}

Control::Outcome Control::login_code(const Json& body, const std::string&) {
    const auto kind = text_at(body, "kind");
    if (kind == "wechat") {
        const auto user = text_at(body, "user");
        if (user.empty()) throw ControlError(400, "user");
        return {.json = {{"code", wecom_.login_code("wechat", "", user)}}};
    }
    if (kind != "wecom") throw ControlError(400, "kind: wecom or wechat");
    const auto& corp = known_corp(text_at(body, "corpid"));
    const auto userid = text_at(body, "userid");
    if (!corp.members.contains(userid)) throw ControlError(404, "no such member");
    return {.json = {{"code", wecom_.login_code("wecom", corp.corpid, userid)}}};
}

}  // namespace wefee::sandbox
