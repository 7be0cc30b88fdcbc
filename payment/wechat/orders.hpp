// Orders of APIv3 (JSAPI and mini-program, Native): request texts, the order object that queries and
// notifications share, and what the client needs to pay.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "payment/gateway.hpp"
#include "payment/wechat/settings.hpp"

namespace wefee::payment::wechat {

/// {"body":{...},"path":"/v3/pay/transactions/jsapi|native"}, keys sorted. Throws std::invalid_argument
/// naming the field.
std::string order_fields(const Settings& settings, const ManualOrder& order);

struct OrderCall {
    std::string path = {};
    std::string body = {};
    std::string appid = {};
    std::string mchid = {};
};
/// Reads what order_fields wrote. Throws std::invalid_argument when it is something else.
OrderCall read_order_fields(std::string_view fields);

std::string order_query_target(const Settings& settings, std::string_view out_trade_no);
std::string order_close_target(std::string_view out_trade_no);
std::string order_close_body(const Settings& settings);

/// prepay_id or code_url of a verified answer; nullopt when neither is in it.
std::optional<PayInstructions> read_created(std::string_view body);
/// timeStamp, nonceStr, package, signType, paySign: the argument of wx.requestPayment, all strings.
std::string client_params(const Settings& settings, std::string_view appid, std::string_view prepay_id,
                          Instant now, std::string_view nonce);

/// The order object, from a query or a decrypted notification.
struct Order {
    std::string appid = {};
    std::string mchid = {};
    std::string out_trade_no = {};
    std::string transaction_id = {};
    std::string trade_type = {};
    std::string trade_state = {};
    std::string payer = {};
    std::string currency = {};
    std::string contract_id = {};
    std::string err_code = {};
    std::optional<Fen> total = {};
    std::optional<Instant> success_time = {};
};
/// nullopt when it is no order object (number, merchant and state are required). Amounts are integers.
std::optional<Order> read_order(std::string_view json);

/// The payment of a paid order; nullopt when an element of it is missing or the currency is not CNY.
std::optional<PaymentSucceeded> payment_of(const Order& order);

/// Judges a verified query answer against what we asked for.
OrderResult judge_order(const Settings& settings, std::string_view body, std::string_view out_trade_no,
                        Fen expected);
/// The same for either protocol's order, once read.
OrderResult judge_order(const Settings& settings, const Order& order, std::string_view out_trade_no,
                        Fen expected);

}  // namespace wefee::payment::wechat
