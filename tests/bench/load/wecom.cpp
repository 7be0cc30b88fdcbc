// WeCom callbacks: AES-256-CBC with 32-byte padding inside an XML envelope, SHA-1 over the sorted four texts.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tests/bench/load/messages.hpp"

namespace wefee::bench {

namespace {

std::string encrypt(const KeySet& keys, std::string_view message, std::string_view receive_id) {
    const auto size = static_cast<std::uint32_t>(message.size());
    std::string plain = random_text(16);
    for (const int shift : {24, 16, 8, 0}) plain += static_cast<char>((size >> shift) & 255U);
    plain.append(message).append(receive_id);
    const auto padding = 32 - plain.size() % 32;
    plain.append(padding, static_cast<char>(padding));
    return base64(cbc_encrypt(keys.wecom_aes_key, keys.wecom_aes_key.substr(0, 16), plain));
}

Notification envelope(const KeySet& keys, std::string_view path, const std::string& receiver,
                      std::string_view message, Expect expect, std::int64_t now) {
    const auto cipher = encrypt(keys, message, receiver);
    const auto timestamp = std::to_string(now);
    const auto nonce = random_text(10);
    std::array<std::string, 4> parts{keys.wecom_token, timestamp, nonce, cipher};
    std::ranges::sort(parts);
    const auto signature = sha1_hex(parts[0] + parts[1] + parts[2] + parts[3]);
    const auto target =
        fmt::format("{}?msg_signature={}&timestamp={}&nonce={}", path, signature, timestamp, nonce);
    const auto body = fmt::format(
        "<xml><ToUserName><![CDATA[{}]]></ToUserName><AgentID><![CDATA[]]></AgentID>"
        "<Encrypt><![CDATA[{}]]></Encrypt></xml>",
        receiver, cipher);
    return {post(target, "text/xml", "", body), expect};
}

}  // namespace

Notification wecom_notification(const KeySet& keys, const std::string& run, std::uint64_t number,
                                std::int64_t now) {
    const auto& us = keys.identity;
    if (number % 4 == 3) {
        const auto message = fmt::format(
            "<xml><ToUserName><![CDATA[{}]]></ToUserName><FromUserName><![CDATA[user{}{:07}]]></FromUserName>"
            "<CreateTime>{}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe]]></"
            "Event>"
            "<AgentID>1000002</AgentID></xml>",
            us.provider_corp_id, run, number, now);
        return envelope(keys, "/webhooks/wecom/data", us.provider_corp_id, message, Expect::any_2xx, now);
    }
    const auto message = fmt::format(
        "<xml><SuiteId><![CDATA[{}]]></SuiteId><AuthCorpId><![CDATA[wpbenchcorp{:05}]]></AuthCorpId>"
        "<InfoType><![CDATA[change_contact]]></InfoType><TimeStamp>{}</TimeStamp>"
        "<ChangeType><![CDATA[create_user]]></ChangeType><UserID><![CDATA[user{}{:07}]]></UserID>"
        "<OpenUserID><![CDATA[woAJ{}{:07}]]></OpenUserID><Name><![CDATA[user{}{:07}]]></Name>"
        "<Department><![CDATA[1,2]]></Department><Status>1</Status></xml>",
        us.suite_id, number % 1000, now, run, number, run, number, run, number);
    return envelope(keys, "/webhooks/wecom/command", us.suite_id, message, Expect::success, now);
}

}  // namespace wefee::bench
