// Alipay asynchronous notifications: sorted undecorated pairs without sign and sign_type, signed with RSA2.
#include <fmt/format.h>

#include <map>

#include "tests/bench/load/messages.hpp"

namespace wefee::bench {

namespace {

std::string form_encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
            c == '_' || c == '.' || c == '*')
            encoded += c;
        else if (c == ' ')
            encoded += '+';
        else
            ((encoded += '%') += digits[byte >> 4]) += digits[byte & 15];
    }
    return encoded;
}

std::string yuan(std::int64_t fen) { return fmt::format("{}.{:02}", fen / 100, fen % 100); }

std::map<std::string, std::string> fields_of(const KeySet& keys, const Order& order, std::int64_t now) {
    const auto amount = yuan(order.amount_fen);
    return {{"gmt_create", local_time(now)},
            {"charset", "utf-8"},
            {"seller_email", "mer***@example.test"},
            {"subject", "企微助手标准版 月费"},
            {"body", "standard plan"},
            {"buyer_id", order.payer},
            {"invoice_amount", amount},
            {"notify_id", "notify" + order.out_trade_no},
            {"fund_bill_list", fmt::format(R"([{{"amount":"{}","fundChannel":"ALIPAYACCOUNT"}}])", amount)},
            {"notify_type", "trade_status_sync"},
            {"trade_status", "TRADE_SUCCESS"},
            {"receipt_amount", amount},
            {"app_id", keys.identity.alipay_app_id},
            {"buyer_pay_amount", amount},
            {"seller_id", order.mchid},
            {"gmt_payment", local_time(now)},
            {"notify_time", local_time(now)},
            {"version", "1.0"},
            {"out_trade_no", order.out_trade_no},
            {"total_amount", amount},
            {"trade_no", order.transaction_id},
            {"auth_app_id", keys.identity.alipay_app_id},
            {"buyer_logon_id", "138****0009"},
            {"point_amount", "0.00"}};
}

}  // namespace

Notification alipay_notification(const KeySet& keys, const Order& order, std::int64_t now) {
    std::string to_sign;
    std::string body;
    for (const auto& [name, value] : fields_of(keys, order, now)) {
        to_sign += fmt::format("{}{}={}", to_sign.empty() ? "" : "&", name, value);
        body += fmt::format("{}={}&", name, form_encode(value));
    }
    body += "sign_type=RSA2&sign=" + form_encode(sign_base64(keys.alipay, to_sign));
    return {post("/webhooks/alipay", "application/x-www-form-urlencoded; charset=utf-8", "", body),
            Expect::success};
}

}  // namespace wefee::bench
