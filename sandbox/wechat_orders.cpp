// WeChat Pay orders paid by people: jsapi (mini-program) and native, query, close, and the payment itself.
#include <array>
#include <nlohmann/json.hpp>

#include "io/encoding.hpp"
#include "sandbox/json_fields.hpp"
#include "sandbox/wechat.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr auto handle_life = std::chrono::hours{2};
constexpr auto auto_close_after = std::chrono::days{7};

constexpr std::array common_rules{
    FieldRule{"appid", 's', true, 32},          FieldRule{"mchid", 's', true, 32},
    FieldRule{"description", 's', true, 127},   FieldRule{"out_trade_no", 's', true, 32},
    FieldRule{"time_expire", 's', false, 64},   FieldRule{"attach", 's', false, 128},
    FieldRule{"notify_url", 's', true, 255},    FieldRule{"goods_tag", 's', false, 32},
    FieldRule{"support_fapiao", 'b', false, 0}, FieldRule{"amount", 'o', true, 0},
    FieldRule{"amount.total", 'i', true, 1},    FieldRule{"amount.currency", 's', false, 16},
    FieldRule{"scene_info", 'o', false, 0},     FieldRule{"settle_info", 'o', false, 0},
    FieldRule{"detail", 'o', false, 0},         FieldRule{"limit_pay", 'a', false, 0},
};
constexpr auto with_payer = [] {
    std::array<FieldRule, common_rules.size() + 2> rules{};
    std::size_t i = 0;
    for (const auto& rule : common_rules) rules[i++] = rule;
    rules[i++] = FieldRule{"payer", 'o', true, 0};
    rules[i++] = FieldRule{"payer.openid", 's', true, 128};
    return rules;
}();

bool good_number(std::string_view text) {
    constexpr std::string_view allowed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-*|";
    return text.size() >= 6 && text.size() <= 32 && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string_view trade_type(const Order& order) {
    if (order.kind == "deduction") return "PAP";
    return order.kind == "native" ? "NATIVE" : "JSAPI";
}

std::string_view state_words(std::string_view state) {
    if (state == "SUCCESS") return "支付成功";
    if (state == "REFUND") return "转入退款";
    if (state == "CLOSED") return "订单已关闭";
    if (state == "ACCEPT") return "已接收，等待扣款";
    return "订单未支付";
}

std::string query_parameter(const io::Request& request, std::string_view name) {
    const auto fields = io::parse_form(request.query);
    const auto* value = fields ? io::find_field(*fields, name) : nullptr;
    return value ? *value : std::string();
}

}  // namespace

std::string WechatPay::order_json(const Order& order, std::int64_t amount_fen) const {
    ordered_json body{{"amount", {{"currency", "CNY"}, {"total", amount_fen}}},
                      {"appid", order.appid},
                      {"mchid", order.mchid},
                      {"out_trade_no", order.out_trade_no},
                      {"trade_state", order.state},
                      {"trade_state_desc", state_words(order.state)}};
    if (order.paid_at) {
        body["amount"]["payer_currency"] = "CNY";
        body["amount"]["payer_total"] = amount_fen;
        body["attach"] = order.attach;
        body["bank_type"] = "OTHERS";
        body["payer"] = {{"openid", world_.books.user(order.user).openid}};
        body["promotion_detail"] = json::array();
        body["success_time"] = format_instant(*order.paid_at);
        body["trade_type"] = trade_type(order);
        body["transaction_id"] = order.transaction_id;
    }
    return body.dump();
}

ApiAnswer WechatPay::create_order(const io::Request& request, const std::string& kind) {
    const auto bad = [&](std::string_view text, std::string_view reason = "bad_parameter",
                         std::int64_t tail = 268435461) {
        world_.refuse("wechat", request.path, reason, text);
        return v3_error(400, "PARAM_ERROR", text, tail);
    };
    const auto body = parse_object(request.body);
    if (!body) return bad("请求体不是JSON对象");
    const auto rules =
        kind == "jsapi" ? std::span<const FieldRule>(with_payer) : std::span<const FieldRule>(common_rules);
    if (const auto mistake = check_fields(*body, rules))
        return bad(mistake->field + ": " + mistake->text,
                   mistake->unknown ? "unknown_field" : "bad_parameter",
                   mistake->unknown ? 270924358 : 268435461);
    if (text_at(*body, "mchid") != world_.options.wechat_mchid) return bad("mchid与签名的商户号不一致");
    if (text_at(*body, "appid") != world_.options.wechat_appid &&
        text_at(*body, "appid") != world_.options.miniprogram_appid) {
        world_.refuse("wechat", request.path, "bad_parameter", "appid");
        return v3_error(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配", 268445527);
    }
    const auto number = text_at(*body, "out_trade_no");
    if (!good_number(number)) return bad("out_trade_no格式错误");
    if (const auto currency = text_at(*body, "amount.currency"); !currency.empty() && currency != "CNY")
        return bad("amount.currency");
    const auto notify_url = text_at(*body, "notify_url");
    if (!notify_url.starts_with("http") || notify_url.find('?') != std::string::npos)
        return bad("notify_url");
    const auto digest = digest_of(kind, *body);
    if (auto* known = world_.books.find_order("wechat", number)) return repeat_order(*known, digest);

    Order order;
    order.provider = "wechat";
    order.mchid = world_.options.wechat_mchid;
    order.out_trade_no = number;
    order.amount_fen = number_at(*body, "amount.total");
    order.kind = kind;
    order.state = "NOTPAY";
    order.description = text_at(*body, "description");
    order.attach = text_at(*body, "attach");
    order.notify_url = notify_url;
    order.appid = text_at(*body, "appid");
    order.fields_digest = digest;
    order.created = world_.now();
    order.expires_at = world_.now() + auto_close_after;
    if (const auto text = text_at(*body, "time_expire"); !text.empty()) {
        const auto moment = parse_instant(text);
        if (!moment) return bad("time_expire格式错误");
        order.expires_at = std::clamp(*moment, Instant{world_.now() + std::chrono::minutes{1}},
                                      Instant{world_.now() + std::chrono::days{90}});
    }
    if (kind == "jsapi") {
        const auto* payer = world_.books.find_user_by_openid(text_at(*body, "payer.openid"));
        if (!payer) {
            world_.refuse("wechat", request.path, "bad_parameter", "payer.openid unknown under this appid");
            return v3_error(400, "PARAM_ERROR", "无效的openid", 268501013);
        }
        order.user = payer->name;
    }
    auto& added = world_.books.add_order(std::move(order));
    world_.agenda.call_at(added.created + auto_close_after, [&added] {
        if (added.state == "NOTPAY")
            added.state = "CLOSED";  // the provider's own close, without a notification
    });
    return order_handle(added);
}

ApiAnswer WechatPay::repeat_order(Order& order, const std::string& digest) {
    const auto refused = [&](int status, std::string_view code, std::string_view text,
                             std::string_view reason, std::int64_t tail) {
        world_.refuse("wechat", "/v3/pay/transactions", reason, order.out_trade_no);
        return v3_error(status, code, text, tail);
    };
    if (order.fields_digest != digest)
        return refused(403, "OUT_TRADE_NO_USED", "请求重入时，参数与首次请求时不一致", "number_reused",
                       268498688);
    if (order.taken_fen > 0) return refused(400, "ORDERPAID", "该订单已支付", "already_paid", 268498689);
    if (order.state == "CLOSED")
        return refused(400, "ORDER_CLOSED", "该订单已关闭", "order_closed", 268447914);
    return order_handle(order);
}

/// A fresh prepay_id or code_url; the one before is dead.
ApiAnswer WechatPay::order_handle(Order& order) {
    order.handle_made = world_.now();
    if (order.kind == "jsapi") {
        order.handle = "wx" + format_compact(world_.now()) + io::random_alphanumeric(18);
        return {200, json{{"prepay_id", order.handle}}.dump(), 0};
    }
    order.handle = "weixin://wxpay/bizpayurl?pr=" + io::random_alphanumeric(7) + "zz";
    return {200, json{{"code_url", order.handle}}.dump(), 0};
}

ApiAnswer WechatPay::query_order(const io::Request& request, std::string_view out_trade_no,
                                 std::string_view transaction_id) {
    if (query_parameter(request, "mchid") != world_.options.wechat_mchid) {
        world_.refuse("wechat", request.path, "bad_parameter", "mchid");
        return v3_error(400, "PARAM_ERROR", "mchid", 268435461);
    }
    const auto* order = transaction_id.empty() ? world_.books.find_order("wechat", out_trade_no)
                                               : world_.books.find_by_transaction("wechat", transaction_id);
    if (!order) return v3_error(404, "ORDER_NOT_EXIST", "订单不存在", 268512771);
    return {200, order_json(*order, order->amount_fen), 0};
}

ApiAnswer WechatPay::close_order(const io::Request& request, std::string_view out_trade_no) {
    const auto body = parse_object(request.body);
    if (!body || text_at(*body, "mchid") != world_.options.wechat_mchid) {
        world_.refuse("wechat", request.path, "bad_parameter", "mchid");
        return v3_error(400, "PARAM_ERROR", "mchid", 268435461);
    }
    auto* order = world_.books.find_order("wechat", out_trade_no);
    // A close of a number that was never created was seen answered like any other: it proves nothing.
    if (!order) return {204, "", 0};
    if (order->taken_fen > 0) {
        world_.refuse("wechat", request.path, "already_paid", order->out_trade_no);
        return v3_error(400, "ORDERPAID", "该订单已支付", 268498689);
    }
    if (order->state == "NOTPAY") order->state = "CLOSED";
    return {204, "", 0};
}

void WechatPay::check_open(const Order& order) const {
    if (world_.now() > order.handle_made + handle_life)
        throw Refused("prepay_id or code_url is older than 2 h");
    if (order.expires_at && world_.now() > *order.expires_at) throw Refused("time_expire has passed");
}

std::string WechatPay::pay(Order& order, const std::string& user) {
    if (order.kind == "deduction") throw Refused("a deduction is not paid by hand");
    if (order.taken_fen > 0) throw Refused("already paid", "ORDERPAID");
    if (order.state == "CLOSED") throw Refused("order is closed", "ORDER_CLOSED");
    if (order.kind == "jsapi" && order.user != user)
        throw Refused("another payer's order", "OPENID_MISMATCH");
    order.user = user;
    auto failure = world_.books.take(order, world_.now());
    if (!failure.empty()) return failure;  // a failed attempt leaves NOTPAY
    order.state = "SUCCESS";
    world_.courier.post(payment_parcel(order));
    return {};
}

void WechatPay::check_client_params(std::string_view json_text, const std::string& prepay_id) {
    const auto params = parse_object(json_text);
    if (!params) throw Refused("client_params is no JSON object");
    const auto package = text_at(*params, "package");
    if (package != "prepay_id=" + prepay_id) throw Refused("package names another prepay_id");
    if (text_at(*params, "signType") != "RSA") throw Refused("signType");
    const auto message = world_.options.miniprogram_appid + "\n" + text_at(*params, "timeStamp") + "\n" +
                         text_at(*params, "nonceStr") + "\n" + package + "\n";
    const auto signature = io::base64_decode(text_at(*params, "paySign"));
    if (!signature || !merchant_key_.verify_sha256(message, *signature)) throw Refused("paySign is wrong");
}

}  // namespace wefee::sandbox
