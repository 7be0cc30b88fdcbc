// Alipay's callbacks: /webhooks/alipay (trades, agreements) and /webhooks/alipay/gateway (application
// gateway). Source: Alipay Open Platform, "asynchronous notification" (open/00f7nu, open/00dn7l), "message
// service".
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "io/crypto.hpp"
#include "payment/alipay/form.hpp"
#include "payment/notification.hpp"

namespace wefee::payment::alipay {

/// Both addresses take the same messages: what is sent where depends on each call's notify_url and the
/// console, and a user's own release of an agreement comes to the application gateway alone. Source "alipay",
/// dedup key notify_id (the same in all repeats of one notification). Foreign app ids and wrong amounts pass
/// here: they are Alipay's true words, refused by the checks on the fact.
class AlipayDoor final : public NotificationDoor {
public:
    explicit AlipayDoor(io::PublicKey alipay_key) : alipay_key_(std::move(alipay_key)) {}

    /// Reads the body only; the query never takes part. Refusals: 400 "form", "notify_id"; 401
    /// "sign_missing", "sign_malformed", "sign_type", "signature". Evidence names the rule that verified
    /// ("rule=v1").
    Verdict verify(const io::Request& request, Instant now) const override;
    ProviderFact decode(std::string_view raw) const override { return decode_notification(raw); }
    io::Response success() const override;
    io::Response failure(int status) const override;

    /// How many notifications each rule has verified since the start.
    std::uint64_t verified_by(SignRule rule) const;

    /// What a verified body says. Throws std::runtime_error when it is not a documented message.
    static ProviderFact decode_notification(std::string_view raw);

private:
    io::PublicKey alipay_key_;
    mutable std::array<std::atomic<std::uint64_t>, 3> verified_{};
};

}  // namespace wefee::payment::alipay
