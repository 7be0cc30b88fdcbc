// WeChat Pay refunds: accepted at once, done a minute later on the clock, then notified.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "io/crypto.hpp"
#include "sandbox/json_fields.hpp"
#include "sandbox/wechat.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr auto refund_takes = std::chrono::seconds{60};
constexpr auto refund_pause = std::chrono::minutes{1};
constexpr auto refund_until = std::chrono::days{365};
constexpr std::size_t refunds_per_order = 50;

constexpr std::array refund_rules{
    FieldRule{"transaction_id", 's', false, 32}, FieldRule{"out_trade_no", 's', false, 32},
    FieldRule{"out_refund_no", 's', true, 64},   FieldRule{"reason", 's', false, 80},
    FieldRule{"notify_url", 's', false, 256},    FieldRule{"funds_account", 's', false, 32},
    FieldRule{"amount", 'o', true, 0},           FieldRule{"amount.refund", 'i', true, 1},
    FieldRule{"amount.total", 'i', true, 1},     FieldRule{"amount.currency", 's', true, 16},
    FieldRule{"amount.from", 'a', false, 0},     FieldRule{"goods_detail", 'a', false, 0},
};

ordered_json refund_object(const Order& order, const Refund& refund) {
    ordered_json body{{"refund_id", refund.refund_id},
                      {"out_refund_no", refund.out_refund_no},
                      {"transaction_id", order.transaction_id},
                      {"out_trade_no", order.out_trade_no},
                      {"channel", "ORIGINAL"},
                      {"user_received_account", "支付用户零钱"},
                      {"create_time", format_instant(refund.created)},
                      {"status", refund.state},
                      {"funds_account", "AVAILABLE"},
                      {"amount",
                       {{"total", order.amount_fen},
                        {"refund", refund.amount_fen},
                        {"from", json::array()},
                        {"payer_total", order.amount_fen},
                        {"payer_refund", refund.amount_fen},
                        {"settlement_refund", refund.amount_fen},
                        {"settlement_total", order.amount_fen},
                        {"discount_refund", 0},
                        {"currency", "CNY"}}},
                      {"promotion_detail", json::array()}};
    if (refund.state == "SUCCESS") body["success_time"] = format_instant(*refund.ended);
    return body;
}

std::string notice_object(const Order& order, const Refund& refund, std::int64_t amount_fen) {
    ordered_json body{{"mchid", order.mchid},
                      {"out_trade_no", order.out_trade_no},
                      {"transaction_id", order.transaction_id},
                      {"out_refund_no", refund.out_refund_no},
                      {"refund_id", refund.refund_id},
                      {"refund_status", refund.state},
                      {"user_received_account", "支付用户零钱"},
                      {"amount",
                       {{"total", order.amount_fen},
                        {"refund", amount_fen},
                        {"payer_total", order.amount_fen},
                        {"payer_refund", amount_fen}}}};
    if (refund.state == "SUCCESS") body["success_time"] = format_instant(*refund.ended);
    return body.dump();
}

}  // namespace

ApiAnswer WechatPay::create_refund(const io::Request& request) {
    const auto refused = [&](int status, std::string_view code, std::string_view text,
                             std::string_view reason) {
        world_.refuse("wechat", request.path, reason, text);
        return v3_error(status, code, text);
    };
    const auto body = parse_object(request.body);
    if (!body) return refused(400, "PARAM_ERROR", "请求体不是JSON对象", "bad_parameter");
    if (const auto mistake = check_fields(*body, refund_rules))
        return refused(400, "PARAM_ERROR", mistake->field + ": " + mistake->text,
                       mistake->unknown ? "unknown_field" : "bad_parameter");
    const auto number = text_at(*body, "out_refund_no");
    const auto transaction = text_at(*body, "transaction_id");
    auto* order = transaction.empty() ? world_.books.find_order("wechat", text_at(*body, "out_trade_no"))
                                      : world_.books.find_by_transaction("wechat", transaction);
    if (!order || order->taken_fen == 0)
        return refused(404, "RESOURCE_NOT_EXISTS", "订单不存在或未支付", "bad_parameter");
    const auto digest = digest_of("refund", *body);
    for (auto* other : world_.books.orders())
        for (const auto& known : other->refunds)
            if (other->provider == "wechat" && known.out_refund_no == number) {
                if (known.fields_digest != digest)
                    return refused(400, "INVALID_REQUEST", "退款单号已使用，参数与首次请求不一致",
                                   "refund_differs");
                return {200, refund_object(*other, known).dump(), 0};
            }
    const auto amount = number_at(*body, "amount.refund");
    if (number_at(*body, "amount.total") != order->amount_fen ||
        amount > order->taken_fen - order->refunded_fen)
        return refused(400, "INVALID_REQUEST", "退款金额大于可退金额或订单金额不一致", "refund_above_rest");
    if (world_.now() > *order->paid_at + refund_until)
        return refused(403, "RULE_LIMIT", "订单已超过可退款的最大期限", "refund_above_rest");
    if (order->refunds.size() >= refunds_per_order)
        return refused(403, "RULE_LIMIT", "部分退款次数超限", "refund_above_rest");
    if (!order->refunds.empty() && world_.now() < order->refunds.back().created + refund_pause)
        return refused(429, "FREQUENCY_LIMITED", "同一笔订单的退款间隔需大于1分钟", "too_frequent");

    Refund refund;
    refund.out_refund_no = number;
    refund.refund_id = made_number("5030", world_.now(), 28);
    refund.amount_fen = amount;
    refund.state = "PROCESSING";
    refund.notify_url = text_at(*body, "notify_url");
    refund.fields_digest = digest;
    refund.created = world_.now();
    order->refunded_fen += amount;
    order->state = "REFUND";
    order->refunds.push_back(refund);
    world_.agenda.call_at(world_.now() + refund_takes,
                          [this, paid = order->out_trade_no, number] { finish_refund(paid, number); });
    return {200, refund_object(*order, refund).dump(), 0};
}

void WechatPay::finish_refund(const std::string& out_trade_no, const std::string& out_refund_no) {
    auto* order = world_.books.find_order("wechat", out_trade_no);
    const auto refund = std::ranges::find(order->refunds, out_refund_no, &Refund::out_refund_no);
    world_.books.give_back(*order, *refund, world_.now());
    world_.courier.post(v3_parcel("REFUND.SUCCESS", out_refund_no, refund->notify_url, "refund",
                                  [snapshot = *order, done = *refund](Twist twist) {
                                      const auto wrong = twist == Twist::wrong_amount ? 1 : 0;
                                      return notice_object(snapshot, done, done.amount_fen + wrong);
                                  }));
}

ApiAnswer WechatPay::query_refund(std::string_view out_refund_no) {
    for (const auto* order : world_.books.orders())
        for (const auto& refund : order->refunds)
            if (order->provider == "wechat" && refund.out_refund_no == out_refund_no)
                return {200, refund_object(*order, refund).dump(), 0};
    return v3_error(404, "RESOURCE_NOT_EXISTS", "退款单不存在");
}

}  // namespace wefee::sandbox
