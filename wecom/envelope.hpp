// The outer form of callbacks and passive replies, XML and JSON, read and written. The writing half also
// serves whoever plays WeCom (tests, sandbox).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wecom/crypt.hpp"

namespace wefee::wecom {

struct Envelope {
    std::string to_user_name;  // receiver: corpid, or suite_id on the command URL; may be empty
    std::string agent_id;      // may be empty
    std::string encrypt;       // as it stands in the body, untrimmed
    bool json = false;
};

/// XML or JSON by the first non-blank byte. nullopt: malformed, over the limits, no or more than one Encrypt.
std::optional<Envelope> parse_envelope(std::string_view body);

std::string write_envelope(std::string_view to_user_name, std::string_view agent_id,
                           std::string_view encrypt);
std::string write_envelope_json(std::string_view encrypt);

/// What one signed message is made of. `random16`: 16 random bytes; `timestamp`, `nonce`: the sender's
/// choice.
struct SealedWith {
    std::string random16;
    std::string timestamp;
    std::string nonce;
    std::string receiveid;
};

struct CallbackCall {
    std::string query;  // percent-encoded, without '?'
    std::string body;
};

/// A POST as WeCom sends it.
CallbackCall make_post(const CallbackCrypt& crypt, const SealedWith& with, std::string_view message,
                       std::string_view to_user_name, std::string_view agent_id);
/// The query of a "save URL" check; the right answer is `echo`.
std::string make_get_query(const CallbackCrypt& crypt, const SealedWith& with, std::string_view echo);

/// Encrypted passive replies; `with.receiveid` is the one that the request was decrypted with.
std::string passive_reply_xml(const CallbackCrypt& crypt, const SealedWith& with, std::string_view message);
std::string passive_reply_json(const CallbackCrypt& crypt, const SealedWith& with, std::string_view message);

/// Message for passive_reply_xml that greys a card's buttons out for the member who clicked.
std::string update_button_message(std::string_view user_id, std::string_view corp_id,
                                  std::int64_t create_time, std::string_view replace_name);

}  // namespace wefee::wecom
