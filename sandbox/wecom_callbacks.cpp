// WeCom's callbacks: AES-256-CBC with padding to 32, msg_signature, command and data events, deadlines, three
// retries.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "sandbox/json_fields.hpp"
#include "sandbox/wecom.hpp"

namespace wefee::sandbox {
namespace {

using std::chrono::milliseconds;

constexpr auto ticket_every = std::chrono::minutes{10};
constexpr auto auth_code_life = std::chrono::minutes{10};

std::string aes_key(std::string_view encoding_aes_key) {
    return io::base64_decode(std::string(encoding_aes_key) + "=").value();
}

std::string unix_text(Instant t) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count());
}

std::string element(std::string_view name, std::string_view text) {
    const bool number =
        !text.empty() && text.size() < 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
    const std::string tag(name);
    if (number) return "<" + tag + ">" + std::string(text) + "</" + tag + ">";
    return "<" + tag + "><![CDATA[" + std::string(text) + "]]></" + tag + ">";
}

std::string event_xml(const EventFields& fields) {
    std::string xml = "<xml>";
    for (const auto& [name, text] : fields) xml += element(name, text);
    // Elements that nobody has been told of yet must not disturb the receiver.
    return xml + "<SandboxExtra></SandboxExtra></xml>";
}

bool is_authorisation(std::string_view kind) {
    return kind == "create_auth" || kind == "change_auth" || kind == "cancel_auth" ||
           kind == "reset_permanent_code";
}

std::string between(std::string_view text, std::string_view open, std::string_view close) {
    const auto from = text.find(open);
    if (from == std::string_view::npos) return {};
    const auto to = text.find(close, from + open.size());
    if (to == std::string_view::npos) return {};
    return std::string(text.substr(from + open.size(), to - from - open.size()));
}

/// The text of an element, CDATA or plain.
std::string element_text(std::string_view xml, const std::string& name) {
    auto text = between(xml, "<" + name + ">", "</" + name + ">");
    if (text.starts_with("<![CDATA[") && text.ends_with("]]>")) text = text.substr(9, text.size() - 12);
    return text;
}

}  // namespace

std::string Wecom::seal(const Channel& channel, std::string_view message) const {
    const auto key = aes_key(channel.aes_key);
    auto plain = io::random_alphanumeric(16);
    for (const int shift : {24, 16, 8, 0}) plain += static_cast<char>((message.size() >> shift) & 0xFF);
    plain += std::string(message) + channel.receiver;
    const auto pad = 32 - plain.size() % 32;
    plain.append(pad, static_cast<char>(pad));
    return io::base64_encode(io::cbc_encrypt(key, key.substr(0, 16), plain));
}

std::string Wecom::signature(const Channel& channel, std::string_view timestamp, std::string_view nonce,
                             std::string_view encrypt) const {
    std::array<std::string_view, 4> parts{channel.token, timestamp, nonce, encrypt};
    std::ranges::sort(parts);
    std::string text;
    for (const auto part : parts) text += part;
    return io::sha1_hex(text);
}

Wecom::Channel Wecom::suite_channel(const std::string& url, const std::string& receiver) const {
    return {url, world_.keys.suite_token, world_.keys.suite_aes_key, receiver};
}

/// `command`: the reply must be the word "success"; else 200 with nothing or a passive reply.
Parcel Wecom::callback(std::string kind, std::string key, Channel channel, std::string message,
                       bool command) {
    Parcel parcel;
    parcel.id = io::hex_lower(io::random_bytes(12));
    parcel.provider = "wecom";
    parcel.kind = kind;
    parcel.key = std::move(key);
    parcel.url = channel.url;
    parcel.limit = is_authorisation(kind) ? milliseconds{1'000} : milliseconds{5'000};
    parcel.accepted = [command](const io::ClientResponse& response) {
        return response.status == 200 && (!command || response.body == "success");
    };
    parcel.make = [this, channel = std::move(channel), message = std::move(message)](Twist twist) {
        auto used = channel;
        if (twist == Twist::wrong_key || twist == Twist::probe) used.token = "sandboxforeigntoken";
        const auto encrypt = seal(used, message);
        const auto timestamp = unix_text(world_.now());
        const auto nonce = "0" + std::to_string(1'000'000'000 + encrypt.size() * 7919 % 1'000'000'000);
        auto sent = encrypt;
        if (twist == Twist::tamper) sent[sent.size() / 2] = sent[sent.size() / 2] == 'A' ? 'B' : 'A';
        const auto url = used.url + "?msg_signature=" + signature(used, timestamp, nonce, encrypt) +
                         "&timestamp=" + timestamp + "&nonce=" + io::percent_encode(nonce);
        auto body = "<xml>" + element("ToUserName", used.receiver) + element("AgentID", "") +
                    "<Encrypt><![CDATA[" + sent + "]]></Encrypt></xml>";
        return io::ClientRequest{
            "POST", url, {{"Content-Type", "text/xml"}, {"User-Agent", "Mozilla/4.0"}}, std::move(body)};
    };
    return parcel;
}

std::shared_ptr<Delivery> Wecom::command_event(const std::string& kind, const std::string& key,
                                               EventFields fields) {
    EventFields all{{"SuiteId", world_.options.wecom_suite_id},
                    {"InfoType", kind},
                    {"TimeStamp", unix_text(world_.now())}};
    all.insert(all.end(), fields.begin(), fields.end());
    auto parcel =
        callback(kind, key, suite_channel(world_.options.wecom_command_url, world_.options.wecom_suite_id),
                 event_xml(all), true);
    parcel.gaps = retry_gaps_;
    return world_.courier.post(std::move(parcel));
}

Corp* Wecom::find_corp(std::string_view corpid) {
    const auto found = corps_.find(corpid);
    return found == corps_.end() ? nullptr : &found->second;
}

Corp& Wecom::corp(const std::string& corpid) {
    auto& corp = corps_[corpid];
    corp.corpid = corpid;
    return corp;
}

std::shared_ptr<Delivery> Wecom::install(Corp& corp, const std::string& installer) {
    corp.state = "CODE_SENT";
    corp.installer = installer;
    corp.agentid = ++last_agentid_;  // a re-install has a new one
    corp.auth_code = io::random_alphanumeric(64);
    corp.auth_code_until = world_.now() + auth_code_life;
    return command_event("create_auth", corp.corpid,
                         {{"AuthCode", corp.auth_code}, {"State", ""}, {"ExtraInfo", ""}});
}

std::shared_ptr<Delivery> Wecom::uninstall(Corp& corp) {
    corp.state = "CANCELLED";
    corp.permanent_code.clear();
    std::erase_if(tokens_, [&corp](const auto& token) { return token.second.corpid == corp.corpid; });
    return command_event("cancel_auth", corp.corpid, {{"AuthCorpId", corp.corpid}});
}

std::shared_ptr<Delivery> Wecom::change_auth(Corp& corp) {
    return command_event("change_auth", corp.corpid,
                         {{"AuthCorpId", corp.corpid}, {"State", ""}, {"ExtraInfo", ""}});
}

std::shared_ptr<Delivery> Wecom::send_ticket() {
    const auto ticket = io::random_alphanumeric(86);
    tickets_[ticket] = world_.now();
    std::erase_if(tickets_,
                  [this](const auto& old) { return world_.now() > old.second + std::chrono::hours{24}; });
    last_ticket_ = world_.now();
    return command_event("suite_ticket", "ticket", {{"SuiteTicket", ticket}});
}

void Wecom::ensure_ticket() {
    if (!last_ticket_ || world_.now() >= *last_ticket_ + ticket_every) send_ticket();
}

void Wecom::keep_ticket_fresh() {
    if (world_.options.wecom_command_url.empty() || !last_ticket_) return;
    if (world_.now() >= *last_ticket_ + ticket_every) send_ticket();
}

std::shared_ptr<Delivery> Wecom::data_event(const Corp& corp, const std::string& userid,
                                            const std::string& event, EventFields fields) {
    EventFields all{{"ToUserName", corp.corpid},
                    {"FromUserName", userid.empty() ? "sys" : userid},
                    {"CreateTime", unix_text(world_.now())},
                    {"MsgType", "event"},
                    {"Event", event},
                    {"AgentID", std::to_string(corp.agentid)}};
    all.insert(all.end(), fields.begin(), fields.end());
    auto parcel = callback(event, corp.corpid, suite_channel(world_.options.wecom_data_url, corp.corpid),
                           event_xml(all), false);
    parcel.gaps = retry_gaps_;
    return world_.courier.post(std::move(parcel));
}

std::shared_ptr<Delivery> Wecom::click(const std::string& task_id, const std::string& userid, std::string key,
                                       std::string& response_code) {
    const auto found = std::ranges::find_if(messages_, [&](const SentMessage& message) {
        return message.task_id == task_id && !message.duplicate;
    });
    if (task_id.empty() || found == messages_.end()) throw Refused("no card with that task_id");
    if (std::ranges::find(found->recipients, userid) == found->recipients.end())
        throw Refused("this member did not get the card");
    const auto card = nlohmann::json::parse(found->request)["template_card"];
    bool menu = false;
    if (card.contains("button_list"))
        for (const auto& button : card["button_list"])
            if (key.empty()) key = text_at(button, "key");  // a button that opens a page has none
    if (card.contains("action_menu"))
        for (const auto& action : card["action_menu"]["action_list"])
            menu = menu || text_at(action, "key") == key;
    if (key.empty()) throw Refused("the card has no button");
    response_code = new_response_code(static_cast<std::size_t>(found - messages_.begin()));
    return data_event(*find_corp(found->corpid), userid,
                      menu ? "template_card_menu_event" : "template_card_event",
                      {{"EventKey", key},
                       {"TaskId", task_id},
                       {"CardType", text_at(card, "card_type")},
                       {"ResponseCode", response_code}});
}

std::optional<std::string> Wecom::open_reply(std::string_view body, const std::string& corpid) const {
    const auto channel = suite_channel("", corpid);
    const auto encrypt = element_text(body, "Encrypt");
    const auto expected =
        signature(channel, element_text(body, "TimeStamp"), element_text(body, "Nonce"), encrypt);
    if (encrypt.empty() || element_text(body, "MsgSignature") != expected) return std::nullopt;
    const auto cipher = io::base64_decode(encrypt);
    if (!cipher || cipher->empty() || cipher->size() % 32 != 0) return std::nullopt;
    const auto key = aes_key(channel.aes_key);
    const auto plain = io::cbc_decrypt(key, key.substr(0, 16), *cipher);
    const auto pad = static_cast<unsigned char>(plain.back());
    if (pad < 1 || pad > 32 || plain.size() < 20U + pad) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 16; i < 20; ++i) length = length << 8 | static_cast<unsigned char>(plain[i]);
    if (length > plain.size() - 20 - pad) return std::nullopt;
    if (plain.substr(20 + length, plain.size() - pad - 20 - length) != corpid) return std::nullopt;
    return plain.substr(20, length);
}

std::shared_ptr<Delivery> Wecom::url_check(const std::string& kind) {
    const auto& options = world_.options;
    auto channel = suite_channel(kind == "command" ? options.wecom_command_url : options.wecom_data_url,
                                 options.wecom_provider_corp_id);
    if (kind == "system")
        channel = {options.wecom_system_url, world_.keys.provider_token, world_.keys.provider_aes_key,
                   options.wecom_provider_corp_id};
    else if (kind != "command" && kind != "data")
        throw Refused("url: command, data or system");
    const auto echo =
        std::to_string(7'000'000'000'000'000'000 + static_cast<std::int64_t>(to_millis(world_.now())));
    Parcel parcel;
    parcel.id = io::hex_lower(io::random_bytes(12));
    parcel.provider = "wecom";
    parcel.kind = "url_check";
    parcel.key = kind;
    parcel.url = channel.url;
    parcel.limit = milliseconds{1'000};
    parcel.accepted = [echo](const io::ClientResponse& response) {
        return response.status == 200 && response.body == echo;
    };
    parcel.make = [this, channel, echo](Twist twist) {
        auto used = channel;
        if (twist != Twist::none) used.token = "sandboxforeigntoken";
        const auto encrypt = seal(used, echo);
        const auto timestamp = unix_text(world_.now());
        const std::string nonce = "0012345678";
        return io::ClientRequest{"GET",
                                 used.url + "?msg_signature=" + signature(used, timestamp, nonce, encrypt) +
                                     "&timestamp=" + timestamp + "&nonce=" + nonce +
                                     "&echostr=" + io::percent_encode(encrypt),
                                 {{"User-Agent", "Mozilla/4.0"}},
                                 ""};
    };
    return world_.courier.post(std::move(parcel));
}

}  // namespace wefee::sandbox
