// The APIv3 notification envelope: JSON around an AES-256-GCM resource ("callback notification, decryption").
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "billing/time.hpp"

namespace wefee::payment::wechat {

struct OpenedEnvelope {
    std::string id = {};
    std::string event_type = {};
    std::string original_type = {};
    std::optional<Instant> created = {};  // create_time; absent when it is missing or no RFC 3339
    std::string plaintext = {};           // the resource, tag checked
};

/// malformed: not the documented JSON; decrypt: the tag does not hold under this key.
enum class EnvelopeFault { malformed, decrypt };

/// Parses and decrypts. The plaintext is never released before its tag was checked. Never throws on content.
std::expected<OpenedEnvelope, EnvelopeFault> open_envelope(std::string_view body,
                                                           std::string_view api_v3_key);

/// What the provider puts into one. `nonce`: 12 ASCII bytes; `associated_data` may be empty.
struct EnvelopeParts {
    std::string id = {};
    Instant created{};
    std::string event_type = {};
    std::string summary = {};
    std::string original_type = {};
    std::string associated_data = {};
    std::string nonce = {};
    std::string plaintext = {};
};
/// The provider's side: the JSON text of the envelope.
std::string seal_envelope(const EnvelopeParts& parts, std::string_view api_v3_key);

}  // namespace wefee::payment::wechat
