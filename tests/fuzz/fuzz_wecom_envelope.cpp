// Fuzz target: what anybody may post to a WeCom callback path, and what a holder of the keys may put inside.
// Nothing may crash, an unsigned body is never an event, and a sealed one comes out as it went in.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "wecom/callback.hpp"
#include "wecom/envelope.hpp"
#include "wecom/events.hpp"

namespace {

using namespace wefee::wecom;

DoorConfig config_of(DoorKind kind) {
    DoorConfig config;
    config.kind = kind;
    config.token = "FuzzToken1";
    config.encoding_aes_key = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg";
    config.suite_id = "wwsuite";
    config.provider_corp_id = "wwprovider";
    config.corp_id = "wwcorp";
    config.agent_id = "1";
    return config;
}

const Door& command_door() {
    static const Door door(config_of(DoorKind::command));
    return door;
}
const Door& data_door() {
    static const Door door(config_of(DoorKind::data));
    return door;
}

void require(bool holds) {
    if (!holds) std::abort();
}

/// The bytes as a body, and as a query, that nobody signed.
void from_outside(std::string_view raw) {
    static const std::string query = "msg_signature=" + std::string(40, '0') + "&timestamp=1&nonce=2";
    require(std::holds_alternative<Refusal>(command_door().verify_post(query, raw)));
    require(std::holds_alternative<Refusal>(
        command_door().verify_post(raw, "<xml><Encrypt>QQ==</Encrypt></xml>")));
    require(std::holds_alternative<Refusal>(data_door().verify_get(raw)));
    if (const auto envelope = parse_envelope(raw)) {
        // Signed, so that the ciphertext steps run on arbitrary text.
        const auto signature = command_door().crypt().signature("1", "2", envelope->encrypt);
        require(std::holds_alternative<Refusal>(
            command_door().verify_post("msg_signature=" + signature + "&timestamp=1&nonce=2", raw)));
    }
}

/// The bytes as the message, correctly sealed and signed.
void from_inside(std::string_view raw) {
    const SealedWith with{std::string(16, 'r'), "1", "2", "wwsuite"};
    const auto call = make_post(command_door().crypt(), with, raw, "wwsuite", "");
    const auto verdict = command_door().verify_post(call.query, call.body);
    if (const auto* event = std::get_if<Event>(&verdict)) {
        require(event->plaintext == raw);
        require(!event->dedup_key.empty() && event->dedup_key.size() <= 191);
        try {
            (void)decode(event->plaintext);
        } catch (const std::runtime_error&) {
            // lacks what its kind needs
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    from_outside(raw);
    if (size < 150'000) from_inside(raw);
    return 0;
}
