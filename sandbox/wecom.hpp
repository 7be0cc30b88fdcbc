// WeCom, simulated: a provider's suite with its customers' corps, tokens, contacts, app messages with cards,
// logins, and encrypted callbacks; beside it the WeChat mini-program login.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/answers.hpp"
#include "sandbox/world.hpp"

namespace wefee::sandbox {

struct Member {
    std::string userid;
    std::string name;
    bool admin = false;
    bool licensed = true;
    bool visible = true;
    std::vector<Instant> received;  // of the last hour, for the silent limits
};

struct Corp {
    std::string corpid;
    std::string name;
    std::map<std::string, Member, std::less<>> members;  // by userid as given
    std::string state = "NONE";                          // NONE, CODE_SENT, ACTIVE, CANCELLED
    std::string installer;
    std::string auth_code;
    std::optional<Instant> auth_code_until;
    std::string permanent_code;
    std::int64_t agentid = 0;
};

struct SentMessage {
    std::string corpid;
    std::int64_t agentid = 0;
    std::string msgtype;
    std::string request;  // the body as received
    std::vector<std::string> recipients;
    std::vector<std::string> invalid;
    std::vector<std::string> unlicensed;
    std::vector<std::string> dropped;  // over the silent limits
    bool duplicate = false;            // swallowed by the duplicate check
    std::string task_id;
    std::string msgid;
    std::string response_code;
    std::vector<std::string> updates;  // bodies of update_template_card
    Instant at{};
};

struct Token {
    std::string kind;  // suite, provider, corp
    std::string corpid;
    Instant until{};
};

struct LoginCode {
    std::string kind;  // wecom, wechat
    std::string corpid;
    std::string who;  // userid, or the payer's name
    Instant until{};
    bool used = false;
};

/// Name and value of an event's elements, in order.
using EventFields = std::vector<std::pair<std::string, std::string>>;

class Wecom {
public:
    explicit Wecom(World& world) : world_(world) { retry_gaps_.fill(world.options.wecom_retry_gap); }

    io::Response handle(const io::Request& request);
    io::Response system_error() const;

    Corp& corp(const std::string& corpid);  // made when missing
    Corp* find_corp(std::string_view corpid);
    /// A corp's admin installs the app from the market: an auth code, told by create_auth.
    std::shared_ptr<Delivery> install(Corp& corp, const std::string& installer);
    std::shared_ptr<Delivery> uninstall(Corp& corp);
    std::shared_ptr<Delivery> change_auth(Corp& corp);
    std::shared_ptr<Delivery> send_ticket();
    /// Sends one when none is alive.
    void ensure_ticket();
    /// Once a new one is due (10 minutes) and somebody listens.
    void keep_ticket_fresh();
    std::shared_ptr<Delivery> data_event(const Corp& corp, const std::string& userid,
                                         const std::string& event, EventFields fields);
    /// Presses a button of a card; `key` empty: the first. The new response code is in `response_code`.
    /// Throws Refused.
    std::shared_ptr<Delivery> click(const std::string& task_id, const std::string& userid, std::string key,
                                    std::string& response_code);
    /// The text inside a passive reply to a data callback; nullopt when it is not one of ours.
    std::optional<std::string> open_reply(std::string_view body, const std::string& corpid) const;
    /// The GET check of a callback address: "command", "data", "app", "system". Throws Refused for another
    /// word.
    std::shared_ptr<Delivery> url_check(const std::string& kind);
    void revoke_tokens() { tokens_.clear(); }
    std::string login_code(std::string kind, std::string corpid, std::string who);
    const std::vector<SentMessage>& messages() const { return messages_; }

private:
    struct Failure {
        int errcode;
        std::string text;
        std::string_view reason = "";  // for the books, where the errcode does not say it
    };
    using Parameters = std::map<std::string, std::string, std::less<>>;
    using Json = nlohmann::json;

    Json route(const io::Request& request, const Parameters& parameters, const Json& body);
    Json fetch_token(std::string_view path, const Parameters& parameters, const Json& body);
    std::string new_token(std::string kind, std::string corpid);
    /// Throws Failure when the parameter is missing, unknown, of another kind, or dead.
    const Token& required(const Parameters& parameters, const char* name, std::string_view kind);
    Corp& corp_of(const Parameters& parameters);
    Json permanent_code(const Json& body, bool whole);
    Json auth_info(const Json& body);
    Json admin_list(const Corp& corp);
    Json member_ids(const Corp& corp, const Json& body);
    Json login(const Parameters& parameters, std::string corpid);
    Json wechat_login(const Parameters& parameters);
    Json send(Corp& corp, const io::Request& request, const Json& body);
    void address(Corp& corp, const Json& body, SentMessage& message);
    bool is_duplicate(const SentMessage& message, const Json& body) const;
    Json update_card(const Corp& corp, const io::Request& request, const Json& body);
    std::string new_response_code(std::size_t message);

    struct Channel {
        std::string url;
        std::string token;
        std::string aes_key;
        std::string receiver;  // receiveid
    };
    std::string seal(const Channel& channel, std::string_view message) const;
    std::string signature(const Channel& channel, std::string_view timestamp, std::string_view nonce,
                          std::string_view encrypt) const;
    Parcel callback(std::string kind, std::string key, Channel channel, std::string message, bool command);
    Channel suite_channel(const std::string& url, const std::string& receiver) const;
    std::shared_ptr<Delivery> command_event(const std::string& kind, const std::string& key,
                                            EventFields fields);

    World& world_;
    std::array<std::chrono::seconds, 3> retry_gaps_{};
    std::map<std::string, Corp, std::less<>> corps_;
    std::map<std::string, Token, std::less<>> tokens_;
    std::map<std::string, LoginCode, std::less<>> codes_;
    std::vector<SentMessage> messages_;
    std::set<std::string> task_ids_;  // agent and id, for ever
    struct ResponseCode {
        std::size_t message = 0;
        Instant until{};
        bool used = false;
    };
    std::map<std::string, ResponseCode, std::less<>> response_codes_;
    std::map<std::string, Instant, std::less<>> tickets_;  // with their time of issue
    std::optional<Instant> last_ticket_;
    int last_agentid_ = 1000001;
};

/// The 420xx code of the first field of a card that production refuses; 0 when it is right. `text`: which
/// one.
int card_mistake(const nlohmann::json& card, std::string& text);

}  // namespace wefee::sandbox
