// WeChat Pay API v3 payment notifications: AES-256-GCM resource, RSA signature over timestamp, nonce and
// body.
#include <fmt/format.h>

#include "tests/bench/load/messages.hpp"

namespace wefee::bench {

namespace {

std::string resource_of(const KeySet& keys, const Order& order, std::int64_t now) {
    return fmt::format(
        R"({{"mchid":"{}","appid":"{}","out_trade_no":"{}","transaction_id":"{}","trade_type":"NATIVE",)"
        R"("trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"CMB_CREDIT","attach":"bench",)"
        R"("success_time":"{}","payer":{{"openid":"{}"}},)"
        R"("amount":{{"total":{},"payer_total":{},"currency":"CNY","payer_currency":"CNY"}}}})",
        keys.identity.mchid, keys.identity.appid, order.out_trade_no, order.transaction_id,
        local_time(now, 'T', "+08:00"), order.payer, order.amount_fen, order.amount_fen);
}

}  // namespace

Notification wechat_notification(const KeySet& keys, const Order& order, const std::string& run,
                                 std::uint64_t number, std::int64_t now) {
    const auto nonce = random_text(12);
    const auto sealed =
        base64(gcm_seal(keys.api_v3_key, nonce, "transaction", resource_of(keys, order, now)));
    const auto body = fmt::format(
        R"({{"id":"{:0>24}{:012}","create_time":"{}","resource_type":"encrypt-resource",)"
        R"("event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{{"original_type":"transaction",)"
        R"("algorithm":"AEAD_AES_256_GCM","ciphertext":"{}","associated_data":"transaction","nonce":"{}"}}}})",
        run, number, local_time(now, 'T', "+08:00"), sealed, nonce);
    const auto header_nonce = random_text(32);
    const auto signature = sign_base64(keys.wechat, fmt::format("{}\n{}\n{}\n", now, header_nonce, body));
    const auto headers = fmt::format(
        "Wechatpay-Timestamp: {}\r\nWechatpay-Nonce: {}\r\nWechatpay-Serial: {}\r\nWechatpay-Signature: "
        "{}\r\n"
        "Wechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048\r\nRequest-ID: {:0>20}{:012}-0\r\n",
        now, header_nonce, keys.identity.public_key_id, signature, run, number);
    return {post("/webhooks/wechatpay", "application/json", headers, body), Expect::any_2xx};
}

}  // namespace wefee::bench
