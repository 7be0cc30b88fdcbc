// Typed calls to WeCom's API for one app: third-party (suite), custom-developed or self-built. Tokens are
// fetched, kept and renewed inside. A call never repeats itself but once after a dead token; retries belong
// to the caller's queue, by the failure's class.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/async.hpp"
#include "io/clock.hpp"
#include "io/http.hpp"
#include "wecom/errors.hpp"
#include "wecom/messages.hpp"
#include "wecom/tokens.hpp"

namespace wefee::wecom {

struct PermanentCode {
    std::string code;
    std::int64_t agent_id = 0;  // the newest: it may change when the app is installed again
};

/// What is durable and so belongs to the server: the newest suite ticket and each corp's permanent code.
class CredentialSource {
public:
    virtual ~CredentialSource() = default;
    virtual io::awaitable<std::optional<std::string>> suite_ticket() = 0;
    virtual io::awaitable<std::optional<PermanentCode>> permanent_code(std::string corp_id) = 0;
};

enum class AppMode { third_party, custom_developed, self_built };

struct ClientConfig {
    std::string base_url = "https://qyapi.weixin.qq.com";
    AppMode mode = AppMode::third_party;
    std::string suite_id;
    std::string suite_secret;
    std::string provider_corp_id;
    std::string provider_secret;
    std::string corp_id;                    // self-built
    std::string corp_secret;                // self-built
    std::int64_t agent_id = 0;              // self-built
    std::chrono::milliseconds limit{5000};  // per HTTP call
};

struct PreAuthCode {
    std::string code;
    std::chrono::seconds expires_in{};
};

struct Member {
    std::string user_id;
    std::string open_user_id;
    std::string name;
};

/// The answer that cannot be asked for twice: store it before anything else.
struct Installed {
    std::string permanent_code;
    std::string corp_id;
    std::string corp_name;  // for display only
    Member installer;       // may be empty
    std::string state;
};

struct AuthorisedAgent {
    std::int64_t agent_id = 0;
    std::string name;
    int auth_mode = 0;  // 0 by an admin, 1 by members
    bool customized = false;
    std::vector<std::string> users;  // of the visible range
    std::vector<std::int64_t> departments;
    std::vector<std::int64_t> tags;
};

struct Edition {
    std::int64_t agent_id = 0;
    std::string edition_id;
    std::string edition_name;
    int app_status =
        0;  // 0 none, 1 trial, 2 trial ended, 3 paid, 4 paid period ended, 5 unlimited trial, 6/7 too many
    std::int64_t user_limit = 0;
    std::int64_t expired_time = 0;  // Unix seconds
};

/// No agent means that the authorisation is gone.
struct AuthInfo {
    std::string corp_id;
    std::string corp_name;
    std::string corp_full_name;
    int subject_type = 0;
    std::int64_t user_max = 0;
    std::vector<AuthorisedAgent> agents;
    std::vector<Edition> editions;
};

struct Admin {
    std::string user_id;
    bool manages = false;  // false: may send messages only
};

struct MemberPage {
    struct Row {
        std::string user_id;  // open_userid where the app may not see more
        std::int64_t department = 0;
    };
    std::vector<Row> rows;  // a member in three departments is there three times
    std::string next_cursor;
};

struct SendResult {
    std::vector<std::string> delivered;  // recipients less the two below, as given
    std::vector<std::string> invalid;    // outside the visible range, gone, unknown
    std::vector<std::string> unlicensed;
    std::string msgid;
    std::string response_code;  // of cards that can be updated: 72 h, one use; may be empty
};

/// Either `replace_name` (greys the buttons out) or `card` (a whole new one).
struct CardUpdate {
    std::vector<std::string> user_ids;
    bool everybody = false;
    std::string response_code;
    std::string replace_name;
    std::optional<Rendered> card;
};

struct LoginSession {
    std::string corp_id;
    std::string user_id;
    std::string open_user_id;  // third-party apps only
    std::string session_key;   // never to the client, never to a log
};

class ClientCore;

/// Used from any loop; each call runs on its caller's. `http`, `clock` and `credentials` outlive it. Clients
/// of one corp or suite may share `tokens` (one refresher); without it the client has its own.
class Client {
public:
    Client(ClientConfig config, io::HttpClient& http, const io::Clock& clock, CredentialSource& credentials,
           std::shared_ptr<TokenCache> tokens = nullptr);
    ~Client();

    io::awaitable<Result<std::string>> suite_token();
    io::awaitable<Result<std::string>> provider_token();
    /// Third-party: service/get_corp_token. Custom-developed: gettoken with the permanent code. Self-built:
    /// gettoken.
    io::awaitable<Result<std::string>> corp_token(std::string corp_id);

    /// service/get_pre_auth_code: one per install attempt, 20 minutes.
    io::awaitable<Result<PreAuthCode>> pre_auth_code();
    /// service/v2/get_permanent_code. The code works once: after an unknown outcome the admin installs again.
    io::awaitable<Result<Installed>> exchange_auth_code(std::string auth_code);
    /// service/v2/get_auth_info.
    io::awaitable<Result<AuthInfo>> auth_info(std::string corp_id);
    /// agent/get_admin_list. Empty under member authorisation.
    io::awaitable<Result<std::vector<Admin>>> admins(std::string corp_id);
    /// user/list_id, one page of at most `limit` (10,000) rows.
    io::awaitable<Result<MemberPage>> member_page(std::string corp_id, std::string cursor,
                                                  int limit = 10'000);
    /// All pages: the distinct visible members, sorted. Void as a whole when one page fails.
    io::awaitable<Result<std::vector<std::string>>> visible_members(std::string corp_id);

    /// message/send with duplicate check over 4 h: repeating the same message to the same recipients is safe,
    /// also after an unknown outcome. At most 1,000 recipients; an answer for none of them is 81013 (class
    /// data).
    io::awaitable<Result<SendResult>> send_message(std::string corp_id, std::vector<std::string> recipients,
                                                   Rendered message);
    /// message/update_template_card. Answers the ids that were invalid.
    io::awaitable<Result<std::vector<std::string>>> update_card(std::string corp_id, CardUpdate update);

    /// jscode2session of a wx.qy.login code (one use: a repeat is never sent by us).
    io::awaitable<Result<LoginSession>> login(std::string js_code);

private:
    std::unique_ptr<ClientCore> core_;
};

/// Where to send an admin's browser to install; comes back to `redirect_uri` with auth_code, expires_in,
/// state.
std::string install_link(std::string_view suite_id, std::string_view pre_auth_code,
                         std::string_view redirect_uri, std::string_view state);

}  // namespace wefee::wecom
