// One provider notification each, as a whole HTTP request ready for a socket.
#pragma once

#include <cstdint>
#include <string>

#include "tests/bench/load/keys.hpp"

namespace wefee::bench {

/// What counts as an acknowledgement.
enum class Expect : std::uint8_t {
    any_2xx,  // WeChat Pay
    success   // 200 and exactly the text "success" (Alipay, WeCom commands)
};

/// An order that a notification says was paid; written for the programs that fill the databases.
struct Order {
    std::string provider;      // wechat, alipay
    std::string mchid;         // mchid, seller_id
    std::string out_trade_no;  // distinct over all runs
    std::int64_t amount_fen = 0;
    std::string transaction_id;
    std::string payer;
};

struct Notification {
    std::string request;
    Expect expect = Expect::any_2xx;
};

/// `run` is a short text that no other run has; `number` counts from 0 within it. `now`: Unix seconds.
Order wechat_order(const KeySet& keys, const std::string& run, std::uint64_t number);
Order alipay_order(const KeySet& keys, const std::string& run, std::uint64_t number);

/// TRANSACTION.SUCCESS of API v3 in public-key mode: `POST /webhooks/wechatpay`.
Notification wechat_notification(const KeySet& keys, const Order& order, const std::string& run,
                                 std::uint64_t number, std::int64_t now);
/// trade_status_sync with TRADE_SUCCESS and the fields of a real deduction: `POST /webhooks/alipay`.
Notification alipay_notification(const KeySet& keys, const Order& order, std::int64_t now);
/// Three of four: change_contact on the command URL; the fourth: an app event on the data URL.
Notification wecom_notification(const KeySet& keys, const std::string& run, std::uint64_t number,
                                std::int64_t now);

/// yyyy-MM-dd HH:mm:ss in Shanghai; `between` and `zone` make it RFC 3339.
std::string local_time(std::int64_t unix_seconds, char between = ' ', const char* zone = "");
std::string post(std::string_view target, std::string_view content_type, std::string_view headers,
                 std::string_view body);

}  // namespace wefee::bench
