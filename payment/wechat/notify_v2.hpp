// POST /webhooks/wechatpay/v2/...: contract, deduction and refund notices of APIv2.
#pragma once

#include <atomic>
#include <cstdint>

#include "payment/notification.hpp"
#include "payment/wechat/settings.hpp"

namespace wefee::payment::wechat {

/// The exact acknowledgement; anything around it counts as a failure at the provider.
inline constexpr std::string_view v2_acknowledgement =
    "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>";

/// One class for all three paths: a message is taken for what its fields say, on whichever path it came.
/// Receipts: source "wechatpay.v2.contract" | ".deduction" | ".refund"; dedup_key contract_id:change_type,
/// out_trade_no:transaction_id:result_code, out_refund_no:refund_status. Reasons of refusal: malformed,
/// return_code, kind (400), signature, decrypt (401; the refund notice has no signature but its encryption).
class V2Door final : public NotificationDoor {
public:
    explicit V2Door(const Settings& settings);  // outlives the door

    Verdict verify(const io::Request& request, Instant now) const override;
    ProviderFact decode(std::string_view raw) const override;
    io::Response success() const override;
    io::Response failure(int status) const override;

    /// Notices that verified only with the algorithm that is not configured: a person should look.
    std::uint64_t other_algorithm_count() const { return other_algorithm_.load(); }

private:
    bool signature_holds(const v2::Fields& fields, bool is_contract) const;

    const Settings& settings_;
    mutable std::atomic<std::uint64_t> other_algorithm_{0};
};

}  // namespace wefee::payment::wechat
