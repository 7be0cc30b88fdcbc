// The door for WeCom callbacks, one a path: checks the raw request in a fixed order and hands out the
// decrypted event. Pure, no I/O; one object serves any number of threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/http.hpp"
#include "wecom/crypt.hpp"

namespace wefee::wecom {

enum class DoorKind { command, data, app, system };

struct DoorConfig {
    DoorKind kind{};
    std::string token;
    std::string encoding_aes_key;
    std::string suite_id;          // command, data
    std::string provider_corp_id;  // command, data, system
    std::string corp_id;           // app
    std::string agent_id;          // app: part of the duplicate key's scope
    /// Apps of an individual developer and smart robots: the expected receiveid is the empty string
    /// everywhere.
    bool empty_receiveid = false;
};

/// One verified and decrypted callback. `plaintext` is what the inbox keeps as raw and what decode() reads.
struct Event {
    std::string source;     // "wecom.command", "wecom.data", "wecom.app", "wecom.system"
    std::string dedup_key;  // unique within the source, for ever
    std::string kind;       // InfoType, Event or "message"
    std::string corp_id;    // the customer's; empty where the event names none (suite_ticket, create_auth)
    std::int64_t time_stamp = 0;       // TimeStamp or CreateTime, Unix seconds; 0 when absent
    std::int64_t query_timestamp = 0;  // of the delivery; skew is only counted, repeats may be old
    std::string receiveid;             // for a passive reply
    /// Data URL: the caller must know corp_id as an authorised corp of the suite (or the provider's own),
    /// else keep the event for review, answer success and do not process it.
    bool corp_must_be_known = false;
    std::string plaintext;
};

struct Refusal {
    int status = 403;    // 400 malformed, 403 signature or ciphertext
    std::string reason;  // for log and metrics: "query", "envelope", "signature", "ciphertext", "message"
};

class Door {
public:
    /// Throws std::invalid_argument naming what the kind needs and is missing or malformed.
    explicit Door(DoorConfig config);

    /// "Save URL" check. `query`: raw, after '?'. Answers the text for a 200, exactly as it must be sent.
    std::variant<std::string, Refusal> verify_get(std::string_view query) const;
    /// Never throws on what the sender controls. The same request gives the same event with the same key; the
    /// same message encrypted again does so too.
    std::variant<Event, Refusal> verify_post(std::string_view query, std::string_view body) const;

    /// After the commit: "success" on command and system URLs, empty on data and app URLs.
    io::Response success() const;
    io::Response failure(int status) const;

    const CallbackCrypt& crypt() const { return crypt_; }
    DoorKind kind() const { return config_.kind; }
    std::string_view source() const;

private:
    bool receiveid_allowed_on_get(std::string_view receiveid) const;
    DoorConfig config_;
    CallbackCrypt crypt_;
    std::string scope_;
};

}  // namespace wefee::wecom
