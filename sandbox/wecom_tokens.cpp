// WeCom's API at the wire: tokens of three kinds, authorisation of corps, contacts and logins.
#include <nlohmann/json.hpp>

#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "sandbox/json_fields.hpp"
#include "sandbox/wecom.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;

constexpr auto token_life = std::chrono::seconds{7200};
constexpr auto ticket_life = std::chrono::minutes{30};
constexpr auto login_code_life = std::chrono::minutes{5};

json ok() { return {{"errcode", 0}, {"errmsg", "ok"}}; }

io::Response json_response(const json& body) {
    return {.status = 200,
            .content_type = "application/json; charset=UTF-8",
            .body = body.dump(-1, ' ', false, json::error_handler_t::replace),
            .headers = {}};
}

std::string value(const std::map<std::string, std::string, std::less<>>& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

}  // namespace

io::Response Wecom::system_error() const {
    return json_response({{"errcode", -1}, {"errmsg", "system busy"}});
}

io::Response Wecom::handle(const io::Request& request) {
    Parameters parameters;
    if (const auto query = io::parse_form(request.query)) parameters.insert(query->begin(), query->end());
    try {
        auto body = json::object();
        if (request.method == "POST" && !request.body.empty()) {
            auto parsed = parse_object(request.body);
            if (!parsed) throw Failure{40058, "invalid Request Parameter"};
            body = std::move(*parsed);
        }
        if (request.path == "/cgi-bin/message/send")
            return json_response(send(corp_of(parameters), request, body));
        if (request.path == "/cgi-bin/message/update_template_card")
            return json_response(update_card(corp_of(parameters), request, body));
        return json_response(route(request, parameters, body));
    } catch (const Failure& failure) {
        const auto code = failure.errcode;
        const bool token = code == 40014 || code == 40082 || code == 42001 || code == 42009 || code == 40085;
        const bool login = code == 40029 || code == 40163 || code == 42003 || code == 40078;
        const auto reason = !failure.reason.empty() ? failure.reason
                            : token                 ? "bad_token"
                            : login                 ? "bad_code"
                                                    : "bad_parameter";
        world_.refuse("wecom", request.path, reason, std::to_string(code) + " " + failure.text);
        return json_response({{"errcode", code}, {"errmsg", failure.text + ", hint: [sandbox]"}});
    }
}

json Wecom::route(const io::Request& request, const Parameters& parameters, const json& body) {
    const auto path = request.path;
    if (path == "/sns/jscode2session") return wechat_login(parameters);
    if (path == "/cgi-bin/service/get_suite_token" || path == "/cgi-bin/service/get_provider_token" ||
        path == "/cgi-bin/service/get_corp_token" || path == "/cgi-bin/gettoken")
        return fetch_token(path, parameters, body);
    if (path == "/cgi-bin/service/get_pre_auth_code") {
        required(parameters, "suite_access_token", "suite");
        auto answer = ok();
        answer["pre_auth_code"] = io::random_alphanumeric(64);
        answer["expires_in"] = 1200;
        return answer;
    }
    if (path == "/cgi-bin/service/v2/get_permanent_code" || path == "/cgi-bin/service/get_permanent_code") {
        required(parameters, "suite_access_token", "suite");
        return permanent_code(body, path == "/cgi-bin/service/get_permanent_code");
    }
    if (path == "/cgi-bin/service/v2/get_auth_info" || path == "/cgi-bin/service/get_auth_info") {
        required(parameters, "suite_access_token", "suite");
        return auth_info(body);
    }
    if (path == "/cgi-bin/service/miniprogram/jscode2session") {
        required(parameters, "suite_access_token", "suite");
        return login(parameters, "");
    }
    if (path == "/cgi-bin/miniprogram/jscode2session") return login(parameters, corp_of(parameters).corpid);
    if (path == "/cgi-bin/agent/get_admin_list") return admin_list(corp_of(parameters));
    if (path == "/cgi-bin/user/list_id") return member_ids(corp_of(parameters), body);
    throw Failure{48002, "api forbidden or unknown"};
}

std::string Wecom::new_token(std::string kind, std::string corpid) {
    auto text = io::random_alphanumeric(214);
    tokens_.emplace(text, Token{std::move(kind), std::move(corpid), world_.now() + token_life});
    return text;
}

const Token& Wecom::required(const Parameters& parameters, const char* name, std::string_view kind) {
    const bool suite = kind == "suite";
    const auto text = value(parameters, name);
    if (text.empty()) throw Failure{suite ? 41022 : 41001, std::string(name) + " missing"};
    const auto found = tokens_.find(text);
    if (found == tokens_.end() || found->second.kind != kind)
        throw Failure{suite ? 40082 : 40014, std::string("invalid ") + name};
    if (world_.now() >= found->second.until)
        throw Failure{suite ? 42009 : 42001, std::string(name) + " expired"};
    return found->second;
}

Corp& Wecom::corp_of(const Parameters& parameters) {
    const auto& token = required(parameters, "access_token", "corp");
    auto* corp = find_corp(token.corpid);
    if (!corp || corp->state != "ACTIVE") throw Failure{48004, "api forbidden: the authorisation is gone"};
    return *corp;
}

json Wecom::fetch_token(std::string_view path, const Parameters& parameters, const json& body) {
    const auto& options = world_.options;
    if (path == "/cgi-bin/service/get_suite_token") {
        if (text_at(body, "suite_id") != options.wecom_suite_id) throw Failure{40083, "invalid suite_id"};
        if (text_at(body, "suite_secret") != world_.keys.suite_secret)
            throw Failure{40080, "invalid suite_secret"};
        const auto ticket = tickets_.find(text_at(body, "suite_ticket"));
        if (ticket == tickets_.end() || world_.now() > ticket->second + ticket_life)
            throw Failure{40085, "invalid suite_ticket"};
        return {{"suite_access_token", new_token("suite", "")}, {"expires_in", token_life.count()}};
    }
    if (path == "/cgi-bin/service/get_provider_token") {
        if (text_at(body, "corpid") != options.wecom_provider_corp_id) throw Failure{40013, "invalid corpid"};
        if (text_at(body, "provider_secret") != world_.keys.provider_secret)
            throw Failure{40091, "invalid provider_secret"};
        return {{"provider_access_token", new_token("provider", "")}, {"expires_in", token_life.count()}};
    }
    // The custom-developed kind gives the permanent code in the place of a secret.
    const bool plain = path == "/cgi-bin/gettoken";
    if (!plain) required(parameters, "suite_access_token", "suite");
    auto* corp = find_corp(plain ? value(parameters, "corpid") : text_at(body, "auth_corpid"));
    const auto code = plain ? value(parameters, "corpsecret") : text_at(body, "permanent_code");
    if (!corp) throw Failure{40013, "invalid corpid"};
    if (corp->state == "CANCELLED" || code.empty() || corp->permanent_code != code)
        throw Failure{plain ? 40001 : 40084, "invalid permanent_code"};
    if (!plain)
        return {{"access_token", new_token("corp", corp->corpid)}, {"expires_in", token_life.count()}};
    auto answer = ok();
    answer["access_token"] = new_token("corp", corp->corpid);
    answer["expires_in"] = token_life.count();
    return answer;
}

json Wecom::permanent_code(const json& body, bool whole) {
    const auto code = text_at(body, "auth_code");
    for (auto& [id, corp] : corps_) {
        if (code.empty() || corp.auth_code != code) continue;
        if (world_.now() > *corp.auth_code_until) throw Failure{40078, "auth_code expired"};
        corp.auth_code.clear();  // one use
        corp.state = "ACTIVE";
        corp.permanent_code = io::random_alphanumeric(43);
        json answer{
            {"permanent_code", corp.permanent_code},
            {"auth_corp_info", {{"corpid", corp.corpid}, {"corp_name", corp.name}}},
            {"auth_user_info",
             {{"userid", corp.installer}, {"open_userid", corp.installer}, {"name", corp.installer}}}};
        if (whole)
            answer["auth_info"] =
                auth_info({{"auth_corpid", id}, {"permanent_code", corp.permanent_code}})["auth_info"];
        return answer;
    }
    throw Failure{40078, "invalid auth_code"};
}

json Wecom::auth_info(const json& body) {
    const auto* corp = find_corp(text_at(body, "auth_corpid"));
    if (!corp || corp->state != "ACTIVE" || corp->permanent_code != text_at(body, "permanent_code"))
        throw Failure{40084, "invalid permanent_code"};
    auto users = json::array();
    for (const auto& [userid, member] : corp->members)
        if (member.visible) users.push_back(userid);
    return {{"auth_corp_info",
             {{"corpid", corp->corpid},
              {"corp_name", corp->name},
              {"corp_full_name", corp->name},
              {"corp_type", "verified"},
              {"corp_user_max", 200},
              {"subject_type", 1}}},
            {"auth_info",
             {{"agent",
               {{{"agentid", corp->agentid},
                 {"name", "SCRM"},
                 {"auth_mode", 0},
                 {"is_customized_app", false},
                 {"privilege",
                  {{"level", 1},
                   {"allow_party", json::array()},
                   {"allow_user", users},
                   {"allow_tag", json::array()},
                   {"extra_party", json::array()},
                   {"extra_user", json::array()},
                   {"extra_tag", json::array()}}}}}}}}};
}

json Wecom::admin_list(const Corp& corp) {
    auto admins = json::array();
    for (const auto& [userid, member] : corp.members)
        if (member.admin) admins.push_back({{"userid", userid}, {"auth_type", 1}});
    auto answer = ok();
    answer["admin"] = std::move(admins);
    return answer;
}

json Wecom::member_ids(const Corp& corp, const json& body) {
    const auto limit = static_cast<std::size_t>(number_at(body, "limit", 10'000));
    const auto cursor = text_at(body, "cursor");
    auto rows = json::array();
    std::string next;
    for (const auto& [userid, member] : corp.members) {
        if (!member.visible || userid < cursor) continue;
        if (rows.size() >= limit) {
            next = userid;
            break;
        }
        rows.push_back({{"userid", userid}, {"department", 1}});
    }
    auto answer = ok();
    answer["next_cursor"] = next;
    answer["dept_user"] = std::move(rows);
    return answer;
}

std::string Wecom::login_code(std::string kind, std::string corpid, std::string who) {
    auto code = io::random_alphanumeric(32);
    codes_.emplace(
        code, LoginCode{std::move(kind), std::move(corpid), std::move(who), world_.now() + login_code_life});
    return code;
}

json Wecom::login(const Parameters& parameters, std::string corpid) {
    const auto found = codes_.find(value(parameters, "js_code"));
    // A wx.login code at this endpoint is as wrong as an unknown one.
    if (found == codes_.end() || found->second.kind != "wecom" || found->second.used ||
        value(parameters, "grant_type") != "authorization_code")
        throw Failure{40029, "invalid code"};
    if (world_.now() > found->second.until) throw Failure{42003, "code expired"};
    if (!corpid.empty() && corpid != found->second.corpid) throw Failure{40029, "invalid code"};
    found->second.used = true;
    auto answer = ok();
    answer["corpid"] = found->second.corpid;
    answer["userid"] = found->second.who;
    answer["session_key"] = io::base64_encode(io::random_bytes(16));
    if (corpid.empty()) answer["open_userid"] = found->second.who;
    return answer;
}

json Wecom::wechat_login(const Parameters& parameters) {
    if (value(parameters, "appid") != world_.options.miniprogram_appid) throw Failure{40013, "invalid appid"};
    if (value(parameters, "secret") != world_.keys.miniprogram_secret)
        throw Failure{40125, "invalid appsecret"};
    const auto found = codes_.find(value(parameters, "js_code"));
    if (found == codes_.end() || found->second.kind != "wechat") throw Failure{40029, "invalid code"};
    if (found->second.used) throw Failure{40163, "code been used"};
    if (world_.now() > found->second.until) throw Failure{40029, "invalid code"};
    found->second.used = true;
    return {{"openid", world_.books.user(found->second.who).openid},
            {"session_key", io::base64_encode(io::random_bytes(16))}};
}

}  // namespace wefee::sandbox
