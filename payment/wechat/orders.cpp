// Request texts and readers of APIv3 orders.
#include "payment/wechat/orders.hpp"

#include <stdexcept>

#include "io/encoding.hpp"
#include "payment/text.hpp"
#include "payment/wechat/json_read.hpp"
#include "payment/wechat/results.hpp"
#include "payment/wechat/sign.hpp"

namespace wefee::payment::wechat {

namespace {

using nlohmann::json;  // sorts its keys: the same order always gives the same text

constexpr std::string_view jsapi_path = "/v3/pay/transactions/jsapi";
constexpr std::string_view native_path = "/v3/pay/transactions/native";
constexpr std::string_view order_number_marks = "_-*|";

void require_order(const ManualOrder& order) {
    require_token(order.out_trade_no, "out_trade_no", 6, 32, order_number_marks);
    require_plain_text(order.description, "description", 127);
    require_callback_url(order.notify_url, "notify_url");
    if (order.amount < Fen{1}) throw std::invalid_argument("amount: must be at least 1 fen");
    if (order.way == ManualOrder::Way::mini_program)
        require_token(order.payer, "payer", 1, 128, "_-");
    else if (order.way != ManualOrder::Way::native_qr)
        throw std::invalid_argument("way: WeChat Pay serves mini_program and native_qr here");
}

const std::string& appid_for(const Settings& settings, ManualOrder::Way way) {
    const bool own = way == ManualOrder::Way::mini_program && !settings.mini_program_appid.empty();
    return own ? settings.mini_program_appid : settings.appid;
}

OrderResult mismatch(std::string what) { return {.result = ResultClass::differs, .code = std::move(what)}; }

}  // namespace

std::string order_fields(const Settings& settings, const ManualOrder& order) {
    require_order(order);
    json body{{"appid", appid_for(settings, order.way)},
              {"mchid", settings.mchid},
              {"description", order.description},
              {"out_trade_no", order.out_trade_no},
              {"notify_url", order.notify_url},
              {"amount", {{"total", order.amount.count()}, {"currency", "CNY"}}}};
    if (order.expires_at != Instant{}) body["time_expire"] = format_instant(order.expires_at);
    const bool jsapi = order.way == ManualOrder::Way::mini_program;
    if (jsapi) body["payer"] = {{"openid", order.payer}};
    return json{{"path", jsapi ? jsapi_path : native_path}, {"body", body}}.dump();
}

OrderCall read_order_fields(std::string_view fields) {
    const auto parsed = parse_object(fields);
    const json* body = parsed ? object_at(*parsed, "body") : nullptr;
    if (body == nullptr) throw std::invalid_argument("fields: not of a WeChat Pay order");
    OrderCall call{text_at(*parsed, "path"), body->dump(), text_at(*body, "appid"), text_at(*body, "mchid")};
    if (call.path != jsapi_path && call.path != native_path)
        throw std::invalid_argument("fields: the path is not one of ours");
    return call;
}

std::string order_query_target(const Settings& settings, std::string_view out_trade_no) {
    return "/v3/pay/transactions/out-trade-no/" + io::percent_encode(out_trade_no) +
           "?mchid=" + io::percent_encode(settings.mchid);
}

std::string order_close_target(std::string_view out_trade_no) {
    return "/v3/pay/transactions/out-trade-no/" + io::percent_encode(out_trade_no) + "/close";
}

std::string order_close_body(const Settings& settings) { return json{{"mchid", settings.mchid}}.dump(); }

std::optional<PayInstructions> read_created(std::string_view body) {
    const auto parsed = parse_object(body);
    if (!parsed) return std::nullopt;
    PayInstructions instructions{.prepay_id = text_at(*parsed, "prepay_id"),
                                 .qr_code = text_at(*parsed, "code_url")};
    if (instructions.prepay_id.empty() && instructions.qr_code.empty()) return std::nullopt;
    return instructions;
}

std::string client_params(const Settings& settings, std::string_view appid, std::string_view prepay_id,
                          Instant now, std::string_view nonce) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const std::string timestamp = std::to_string(seconds);
    const std::string package = "prepay_id=" + std::string(prepay_id);
    const std::string message = pay_message(appid, timestamp, nonce, package);
    return json{{"timeStamp", timestamp},
                {"nonceStr", nonce},
                {"package", package},
                {"signType", "RSA"},
                {"paySign", sign_base64(settings.merchant_key, message)}}
        .dump();
}

std::optional<Order> read_order(std::string_view text) {
    const auto object = parse_object(text);
    if (!object) return std::nullopt;
    const json& parsed = *object;
    Order order{.appid = text_at(parsed, "appid"),
                .mchid = text_at(parsed, "mchid"),
                .out_trade_no = text_at(parsed, "out_trade_no"),
                .transaction_id = text_at(parsed, "transaction_id"),
                .trade_type = text_at(parsed, "trade_type"),
                .trade_state = text_at(parsed, "trade_state"),
                .contract_id = text_at(parsed, "contract_id"),
                .err_code = text_at(parsed, "err_code"),
                .success_time = parse_instant(text_at(parsed, "success_time"))};
    if (const json* payer = object_at(parsed, "payer")) order.payer = text_at(*payer, "openid");
    if (const json* amount = object_at(parsed, "amount")) {
        order.currency = text_at(*amount, "currency");
        if (const auto total = integer_at(*amount, "total")) order.total = Fen{*total};
    }
    if (order.mchid.empty() || order.out_trade_no.empty() || order.trade_state.empty()) return std::nullopt;
    return order;
}

std::optional<PaymentSucceeded> payment_of(const Order& order) {
    const bool cny = order.currency.empty() || order.currency == "CNY";
    if (!cny || !order.total || *order.total < Fen{1} || order.transaction_id.empty() || !order.success_time)
        return std::nullopt;
    return PaymentSucceeded{.provider = Provider::wechat,
                            .mchid = order.mchid,
                            .app_id = order.appid,
                            .out_trade_no = order.out_trade_no,
                            .transaction_id = order.transaction_id,
                            .amount = *order.total,
                            .payer = order.payer,
                            .paid_at = *order.success_time,
                            .contract_id = order.contract_id};
}

OrderResult judge_order(const Settings& settings, std::string_view body, std::string_view out_trade_no,
                        Fen expected) {
    const auto order = read_order(body);
    if (!order) return {.code = "UNREADABLE"};
    return judge_order(settings, *order, out_trade_no, expected);
}

OrderResult judge_order(const Settings& settings, const Order& order, std::string_view out_trade_no,
                        Fen expected) {
    if (order.mchid != settings.mchid) return mismatch("MCHID_MISMATCH");
    if (order.out_trade_no != out_trade_no) return mismatch("OUT_TRADE_NO_MISMATCH");
    if (order.total && *order.total != expected) return mismatch("AMOUNT_MISMATCH");
    if (!order.currency.empty() && order.currency != "CNY") return mismatch("CURRENCY_MISMATCH");
    OrderResult result{.result = trade_state_result(order.trade_state), .code = order.trade_state};
    if (result.result == ResultClass::succeeded) {
        result.payment = payment_of(order);
        if (!result.payment) return {.code = "INCOMPLETE_" + order.trade_state};
    }
    if (result.result == ResultClass::failed) {
        const bool closed = order.trade_state == "CLOSED" || order.trade_state == "REVOKED";
        const FailureCause told = deduction_cause(order.err_code);
        result.cause = closed && told == FailureCause::unlisted ? FailureCause::closed_unpaid : told;
    }
    return result;
}

}  // namespace wefee::payment::wechat
