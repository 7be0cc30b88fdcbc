// Order of checks: query, body and envelope (400), signature (403, nothing decrypted yet), base64, length,
// AES, padding, layout, receiveid (one 403 for all of them, so that nothing can be learnt), then the message
// itself.
#include "wecom/callback.hpp"

#include <array>
#include <optional>
#include <stdexcept>

#include "io/encoding.hpp"
#include "wecom/dedup.hpp"
#include "wecom/envelope.hpp"
#include "wecom/message_fields.hpp"

namespace wefee::wecom {
namespace {

struct KindRow {
    DoorKind kind;
    std::string_view source;
    std::string_view scope;
    std::string_view reply;
};
constexpr std::array kind_rows{KindRow{DoorKind::command, "wecom.command", "command", "success"},
                               KindRow{DoorKind::data, "wecom.data", "data", ""},
                               KindRow{DoorKind::app, "wecom.app", "app", ""},
                               KindRow{DoorKind::system, "wecom.system", "system", "success"}};

const KindRow& row_of(DoorKind kind) {
    for (const auto& row : kind_rows)
        if (row.kind == kind) return row;
    throw std::invalid_argument("unknown kind of WeCom callback");
}

struct SignedQuery {
    std::string msg_signature;
    std::string timestamp;
    std::string nonce;
    std::string echostr;
};

/// nullopt unless each needed parameter is there exactly once. Decoded once; '+' stays '+'.
std::optional<SignedQuery> parse_query(std::string_view query, bool with_echo) {
    auto fields = io::parse_form(query, false);
    if (!fields) return std::nullopt;
    SignedQuery out;
    struct Needed {
        std::string_view name;
        std::string* into;
    };
    for (const auto& [name, into] :
         {Needed{"msg_signature", &out.msg_signature}, Needed{"timestamp", &out.timestamp},
          Needed{"nonce", &out.nonce}, Needed{"echostr", &out.echostr}}) {
        if (into == &out.echostr && !with_echo) continue;
        int count = 0;
        for (auto& [key, value] : *fields)
            if (key == name && ++count == 1) *into = std::move(value);
        if (count != 1) return std::nullopt;
    }
    return out;
}

void need(const std::string& value, const char* what) {
    if (value.empty()) throw std::invalid_argument(std::string{"WeCom callback needs "} + what);
}

/// An empty expected receiveid would let anybody's messages in: refuse to start instead.
DoorConfig checked(DoorConfig config) {
    const bool suite = config.kind == DoorKind::command || config.kind == DoorKind::data;
    if (suite) need(config.suite_id, "suite_id");
    if (config.empty_receiveid) return config;
    if (suite || config.kind == DoorKind::system) need(config.provider_corp_id, "provider_corp_id");
    if (config.kind == DoorKind::app) need(config.corp_id, "corp_id");
    return config;
}

std::string scope_of(const DoorConfig& config) {
    const std::string& owner = config.kind == DoorKind::app      ? config.agent_id
                               : config.kind == DoorKind::system ? config.provider_corp_id
                                                                 : config.suite_id;
    return std::string{row_of(config.kind).scope} + ":" + owner;
}

bool receiveid_allowed_on_post(const DoorConfig& config, const MessageFields* fields,
                               std::string_view receiveid) {
    if (config.empty_receiveid) return receiveid.empty();
    switch (config.kind) {
        case DoorKind::command:
            return receiveid == config.suite_id;
        case DoorKind::system:
            return receiveid == config.provider_corp_id;
        case DoorKind::app:
            return receiveid == config.corp_id;
        case DoorKind::data:
            break;
    }
    // The customer is known only from inside; an empty one never matches.
    return fields != nullptr && !receiveid.empty() && receiveid == fields->get("ToUserName");
}

std::string corp_of(const DoorConfig& config, const MessageFields& fields) {
    const auto named = fields.corp_id();
    return std::string{named.empty() && config.kind == DoorKind::app ? std::string_view{config.corp_id}
                                                                     : named};
}

}  // namespace

Door::Door(DoorConfig config)
    : config_(checked(std::move(config))),
      crypt_(config_.token, config_.encoding_aes_key),
      scope_(scope_of(config_)) {}

std::string_view Door::source() const { return row_of(config_.kind).source; }

/// All URL checks of a provider come with its own corpid; the command URL was also seen with the suite's id.
bool Door::receiveid_allowed_on_get(std::string_view receiveid) const {
    if (config_.empty_receiveid) return receiveid.empty();
    if (config_.kind == DoorKind::app) return receiveid == config_.corp_id;
    return receiveid == config_.provider_corp_id ||
           (config_.kind == DoorKind::command && receiveid == config_.suite_id);
}

std::variant<std::string, Refusal> Door::verify_get(std::string_view query) const {
    const auto q = parse_query(query, true);
    if (!q) return Refusal{400, "query"};
    if (!crypt_.signature_holds(q->msg_signature, q->timestamp, q->nonce, q->echostr))
        return Refusal{403, "signature"};
    auto opened = crypt_.open(q->echostr);
    if (!opened || !receiveid_allowed_on_get(opened->receiveid())) return Refusal{403, "ciphertext"};
    return std::move(*opened).take_message();
}

std::variant<Event, Refusal> Door::verify_post(std::string_view query, std::string_view body) const {
    const auto q = parse_query(query, false);
    if (!q) return Refusal{400, "query"};
    const auto envelope = parse_envelope(body);
    if (!envelope) return Refusal{400, "envelope"};
    if (!crypt_.signature_holds(q->msg_signature, q->timestamp, q->nonce, envelope->encrypt))
        return Refusal{403, "signature"};
    auto opened = crypt_.open(envelope->encrypt);
    if (!opened) return Refusal{403, "ciphertext"};
    // Only the data URL needs the message to judge the receiveid; reading it first for all keeps one path.
    const auto fields = MessageFields::read(opened->message());
    if (!receiveid_allowed_on_post(config_, fields ? &*fields : nullptr, opened->receiveid()))
        return Refusal{403, "ciphertext"};
    if (!fields) return Refusal{400, "message"};
    Event event;
    event.source = source();
    event.dedup_key = dedup_key(scope_, *fields, opened->message());
    event.kind = fields->kind();
    event.corp_id = corp_of(config_, *fields);
    event.time_stamp = to_number(fields->time_text());
    event.query_timestamp = to_number(q->timestamp);
    event.receiveid = opened->receiveid();
    event.corp_must_be_known = config_.kind == DoorKind::data && !config_.empty_receiveid;
    event.plaintext = std::move(*opened).take_message();
    return event;
}

io::Response Door::success() const {
    io::Response response;
    response.body = row_of(config_.kind).reply;
    if (!response.body.empty()) response.content_type = "text/plain";
    return response;
}

io::Response Door::failure(int status) const {
    io::Response response;
    response.status = status;
    return response;
}

}  // namespace wefee::wecom
