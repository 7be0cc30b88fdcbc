// POST /webhooks/wechatpay: every APIv3 notification ("callback notification").
#pragma once

#include "payment/notification.hpp"
#include "payment/wechat/certificates.hpp"
#include "payment/wechat/keys.hpp"
#include "payment/wechat/settings.hpp"

namespace wefee::payment::wechat {

inline constexpr std::size_t notification_bytes_max = 64 * 1024;

/// Receipts: source "wechatpay", dedup_key the envelope's id, evidence the Wechatpay-* headers. Reasons of
/// refusal: size, headers, signature_type, timestamp, serial, probe, signature (401), malformed (400),
/// decrypt (500).
class V3Door final : public NotificationDoor {
public:
    /// All outlive the door; `keeper` may be null.
    V3Door(const Settings& settings, const KeyRing& keys, KeyKeeper* keeper);

    Verdict verify(const io::Request& request, Instant now) const override;
    ProviderFact decode(std::string_view raw) const override;
    io::Response success() const override;
    io::Response failure(int status) const override;
    io::awaitable<bool> refresh_keys() override;

private:
    const Settings& settings_;
    const KeyRing& keys_;
    KeyKeeper* keeper_;
};

}  // namespace wefee::payment::wechat
