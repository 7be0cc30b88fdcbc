// The calls: request fields in, typed answers out. WeCom's names stay in this file.
#include "wecom/client.hpp"

#include <algorithm>
#include <set>

#include "wecom/client_core.hpp"
#include "wecom/recipients.hpp"

namespace wefee::wecom {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t recipients_max = 1000;
constexpr int pages_max = 1000;  // ten million rows: beyond it the cursor runs in a circle

std::unexpected<Failure> refused(std::string code, std::string detail) {
    return std::unexpected(Failure{ErrorClass::fix, 0, std::move(code), std::move(detail), false});
}

ClientCore::Call call_of(TokenKind token, std::string corp_id, std::string path, const OrderedJson& body) {
    ClientCore::Call call;
    call.token = token;
    call.corp_id = std::move(corp_id);
    call.request.path = std::move(path);
    call.request.body = json_dump(body);
    return call;
}

std::vector<std::string> texts(const Json& list) {
    std::vector<std::string> out;
    for (const auto& item : list)
        if (item.is_string()) out.push_back(item.get<std::string>());
    return out;
}

std::vector<std::int64_t> numbers(const Json& list) {
    std::vector<std::int64_t> out;
    for (const auto& item : list)
        if (item.is_number_integer()) out.push_back(item.get<std::int64_t>());
    return out;
}

Member member_of(const Json& user) {
    return {json_text(user, "userid"), json_text(user, "open_userid"), json_text(user, "name")};
}

AuthorisedAgent agent_of(const Json& row) {
    const Json& range = json_list(row, "privilege");
    AuthorisedAgent agent;
    agent.agent_id = json_integer(row, "agentid").value_or(0);
    agent.name = json_text(row, "name");
    agent.auth_mode = static_cast<int>(json_integer(row, "auth_mode").value_or(0));
    agent.customized = json_text(row, "is_customized_app") == "true";
    agent.users = texts(json_list(range, "allow_user"));
    agent.departments = numbers(json_list(range, "allow_party"));
    agent.tags = numbers(json_list(range, "allow_tag"));
    return agent;
}

Edition edition_of(const Json& row) {
    Edition edition;
    edition.agent_id = json_integer(row, "agentid").value_or(0);
    edition.edition_id = json_text(row, "edition_id");
    edition.edition_name = json_text(row, "edition_name");
    edition.app_status = static_cast<int>(json_integer(row, "app_status").value_or(0));
    edition.user_limit = json_integer(row, "user_limit").value_or(0);
    edition.expired_time = json_integer(row, "expired_time").value_or(0);
    return edition;
}

AuthInfo auth_info_of(const Json& answer) {
    const Json& corp = json_list(answer, "auth_corp_info");
    AuthInfo info;
    info.corp_id = json_text(corp, "corpid");
    info.corp_name = json_text(corp, "corp_name");
    info.corp_full_name = json_text(corp, "corp_full_name");
    info.subject_type = static_cast<int>(json_integer(corp, "subject_type").value_or(0));
    info.user_max = json_integer(corp, "corp_user_max").value_or(0);
    for (const auto& row : json_list(json_list(answer, "auth_info"), "agent"))
        info.agents.push_back(agent_of(row));
    for (const auto& row : json_list(json_list(answer, "edition_info"), "agent"))
        info.editions.push_back(edition_of(row));
    return info;
}

MemberPage member_page_of(const Json& answer) {
    MemberPage page;
    for (const auto& row : json_list(answer, "dept_user")) {
        std::string id = json_text(row, "userid");
        if (id.empty()) id = json_text(row, "open_userid");
        if (!id.empty()) page.rows.push_back({std::move(id), json_integer(row, "department").value_or(0)});
    }
    page.next_cursor = json_text(answer, "next_cursor");
    return page;
}

/// "a|b"; nullopt when an id is empty or would break the list.
std::optional<std::string> joined(const std::vector<std::string>& ids) {
    std::string out;
    for (const auto& id : ids) {
        if (id.empty() || id.find('|') != std::string::npos) return std::nullopt;
        if (!out.empty()) out += '|';
        out += id;
    }
    return out;
}

/// Fixed order of members: WeCom's duplicate check compares the JSON text.
std::string send_body(const std::string& touser, std::int64_t agent_id, const Rendered& message) {
    OrderedJson body;
    body["touser"] = touser;
    body["msgtype"] = message.msgtype;
    body["agentid"] = agent_id;
    body["enable_id_trans"] = 0;
    body["enable_duplicate_check"] = 1;
    body["duplicate_check_interval"] = 14400;
    body[message.msgtype] = OrderedJson::parse(message.content);
    return json_dump(body);
}

OrderedJson update_body(const CardUpdate& update, std::int64_t agent_id) {
    OrderedJson body;
    if (update.everybody)
        body["atall"] = 1;
    else
        body["userids"] = update.user_ids;
    body["agentid"] = agent_id;
    body["response_code"] = update.response_code;
    if (update.card)
        body["template_card"] = OrderedJson::parse(update.card->content);
    else
        body["button"] = {{"replace_name", update.replace_name}};
    return body;
}

LoginSession session_of(const Json& answer) {
    return {json_text(answer, "corpid"), json_text(answer, "userid"), json_text(answer, "open_userid"),
            json_text(answer, "session_key")};
}

}  // namespace

Client::Client(ClientConfig config, io::HttpClient& http, const io::Clock& clock,
               CredentialSource& credentials, std::shared_ptr<TokenCache> tokens)
    : core_(std::make_unique<ClientCore>(std::move(config), http, clock, credentials, std::move(tokens))) {}
Client::~Client() = default;

io::awaitable<Result<std::string>> Client::suite_token() { return core_->token(TokenKind::suite, ""); }
io::awaitable<Result<std::string>> Client::provider_token() { return core_->token(TokenKind::provider, ""); }
io::awaitable<Result<std::string>> Client::corp_token(std::string corp_id) {
    return core_->token(TokenKind::corp, std::move(corp_id));
}

io::awaitable<Result<PreAuthCode>> Client::pre_auth_code() {
    ClientCore::Call call;
    call.token = TokenKind::suite;
    call.request.method = "GET";
    call.request.path = "/cgi-bin/service/get_pre_auth_code";
    call.request.needed = "pre_auth_code";
    const auto answer = co_await core_->call(std::move(call));
    if (!answer) co_return std::unexpected(answer.error());
    co_return PreAuthCode{json_text(*answer, "pre_auth_code"),
                          std::chrono::seconds{json_integer(*answer, "expires_in").value_or(1200)}};
}

io::awaitable<Result<Installed>> Client::exchange_auth_code(std::string auth_code) {
    auto call =
        call_of(TokenKind::suite, "", "/cgi-bin/service/v2/get_permanent_code", {{"auth_code", auth_code}});
    call.request.needed = "permanent_code";
    const auto answer = co_await core_->call(std::move(call));
    if (!answer) co_return std::unexpected(answer.error());
    const Json& corp = json_list(*answer, "auth_corp_info");
    Installed installed{json_text(*answer, "permanent_code"), json_text(corp, "corpid"),
                        json_text(corp, "corp_name"), member_of(json_list(*answer, "auth_user_info")),
                        json_text(*answer, "state")};
    if (installed.permanent_code.empty() || installed.corp_id.empty())
        co_return std::unexpected(
            Failure{ErrorClass::reinstall, 0, "garbled", "no permanent code or no corp", true});
    co_return installed;
}

io::awaitable<Result<AuthInfo>> Client::auth_info(std::string corp_id) {
    const auto code = co_await core_->permanent_code(corp_id);
    if (!code) co_return std::unexpected(code.error());
    auto call = call_of(TokenKind::suite, corp_id, "/cgi-bin/service/v2/get_auth_info",
                        {{"auth_corpid", corp_id}, {"permanent_code", *code}});
    call.request.needed = "auth_corp_info";
    const auto answer = co_await core_->call(std::move(call));
    if (!answer) co_return std::unexpected(answer.error());
    co_return auth_info_of(*answer);
}

io::awaitable<Result<std::vector<Admin>>> Client::admins(std::string corp_id) {
    auto call =
        call_of(TokenKind::corp, std::move(corp_id), "/cgi-bin/agent/get_admin_list", OrderedJson::object());
    call.request.needed = "admin";
    const auto answer = co_await core_->call(std::move(call));
    if (!answer) co_return std::unexpected(answer.error());
    std::vector<Admin> admins;
    for (const auto& row : json_list(*answer, "admin"))
        if (std::string id = json_text(row, "userid"); !id.empty())
            admins.push_back({std::move(id), json_integer(row, "auth_type") == 1});
    co_return admins;
}

io::awaitable<Result<MemberPage>> Client::member_page(std::string corp_id, std::string cursor, int limit) {
    OrderedJson body{{"limit", limit}};
    if (!cursor.empty()) body["cursor"] = cursor;
    auto call = call_of(TokenKind::corp, std::move(corp_id), "/cgi-bin/user/list_id", body);
    call.request.needed = "dept_user";
    const auto answer = co_await core_->call(std::move(call));
    if (!answer) co_return std::unexpected(answer.error());
    co_return member_page_of(*answer);
}

io::awaitable<Result<std::vector<std::string>>> Client::visible_members(std::string corp_id) {
    std::set<std::string> members;
    std::string cursor;
    for (int page_number = 0; page_number < pages_max; ++page_number) {
        auto page = co_await member_page(corp_id, cursor);
        if (!page) co_return std::unexpected(page.error());
        for (auto& row : page->rows) members.insert(std::move(row.user_id));
        if (page->next_cursor.empty()) co_return std::vector<std::string>(members.begin(), members.end());
        cursor = std::move(page->next_cursor);
    }
    co_return refused("endless_pages", "user/list_id");
}

io::awaitable<Result<SendResult>> Client::send_message(std::string corp_id,
                                                       std::vector<std::string> recipients,
                                                       Rendered message) {
    recipients = without_repeats(std::move(recipients));
    const auto touser = joined(recipients);
    if (recipients.empty() || recipients.size() > recipients_max || !touser)
        co_return refused("recipients", "1 to 1000 ids without '|'");
    const auto agent_id = co_await core_->agent_id(corp_id);
    if (!agent_id) co_return std::unexpected(agent_id.error());
    auto call = call_of(TokenKind::corp, corp_id, "/cgi-bin/message/send", {});
    call.request.body = send_body(*touser, *agent_id, message);
    const auto answer = co_await core_->call(std::move(call));
    if (!answer) co_return std::unexpected(answer.error());
    auto split =
        split_recipients(recipients, json_text(*answer, "invaliduser"), json_text(*answer, "unlicenseduser"));
    co_return SendResult{std::move(split.delivered), std::move(split.invalid), std::move(split.unlicensed),
                         json_text(*answer, "msgid"), json_text(*answer, "response_code")};
}

io::awaitable<Result<std::vector<std::string>>> Client::update_card(std::string corp_id, CardUpdate update) {
    if (update.response_code.empty() || (!update.everybody && update.user_ids.empty()) ||
        update.card.has_value() != update.replace_name.empty())
        co_return refused("card_update",
                          "needs a response_code, receivers, and either a new name or a new card");
    const auto agent_id = co_await core_->agent_id(corp_id);
    if (!agent_id) co_return std::unexpected(agent_id.error());
    auto call = call_of(TokenKind::corp, corp_id, "/cgi-bin/message/update_template_card",
                        update_body(update, *agent_id));
    const auto answer = co_await core_->call(std::move(call));
    if (!answer) co_return std::unexpected(answer.error());
    std::vector<std::string> invalid;
    for (const auto& id : json_list(*answer, "invaliduser"))
        if (id.is_string()) invalid.push_back(id.get<std::string>());
    co_return invalid;
}

io::awaitable<Result<LoginSession>> Client::login(std::string js_code) {
    const bool third_party = core_->config.mode == AppMode::third_party;
    ClientCore::Call call;
    call.token = third_party ? TokenKind::suite : TokenKind::corp;
    if (!third_party) call.corp_id = core_->config.corp_id;
    call.request.method = "GET";
    call.request.path =
        third_party ? "/cgi-bin/service/miniprogram/jscode2session" : "/cgi-bin/miniprogram/jscode2session";
    call.request.query = query_part("js_code", js_code) + "&grant_type=authorization_code";
    call.request.needed = "userid";
    const auto answer = co_await core_->call(std::move(call));
    if (!answer) co_return std::unexpected(answer.error());
    auto session = session_of(*answer);
    if (session.corp_id.empty() || session.user_id.empty())
        co_return std::unexpected(
            Failure{ErrorClass::user_again, 0, "garbled", "no corp or no member", false});
    co_return session;
}

std::string install_link(std::string_view suite_id, std::string_view pre_auth_code,
                         std::string_view redirect_uri, std::string_view state) {
    return "https://open.work.weixin.qq.com/3rdapp/install?" + query_part("suite_id", suite_id) + "&" +
           query_part("pre_auth_code", pre_auth_code) + "&" + query_part("redirect_uri", redirect_uri) + "&" +
           query_part("state", state);
}

}  // namespace wefee::wecom
