// Alipay refunds: done by the call itself, idempotent on (trade, out_request_no); and their query.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "billing/money.hpp"
#include "sandbox/alipay.hpp"
#include "sandbox/json_fields.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr auto refund_until = std::chrono::days{366};
constexpr std::string_view method = "alipay.trade.refund";

AlipayAnswer refund_node(const Order& order, const Refund& refund, bool money_moved) {
    const ordered_json node{{"code", "10000"},
                            {"msg", "Success"},
                            {"out_trade_no", order.out_trade_no},
                            {"trade_no", order.transaction_id},
                            {"buyer_logon_id", "159****5620"},
                            {"fund_change", money_moved ? "Y" : "N"},
                            {"refund_fee", format_yuan(Fen{order.refunded_fen})},
                            {"send_back_fee", format_yuan(Fen{refund.amount_fen})},
                            {"gmt_refund_pay", format_local(*refund.ended)}};
    return {node.dump()};
}

}  // namespace

AlipayAnswer Alipay::refund(const json& biz) {
    const auto refused = [&](std::string_view code, std::string_view text, std::string_view reason) {
        world_.refuse("alipay", method, reason, text_at(biz, "out_trade_no"));
        return alipay_failure(code, text);
    };
    const auto amount = parse_yuan(text_at(biz, "refund_amount"));
    if (!amount || *amount < Fen{1})
        return refused("ACQ.INVALID_PARAMETER", "refund_amount", "bad_parameter");
    auto* order = order_of(biz);
    if (!order) return refused("ACQ.TRADE_NOT_EXIST", "交易不存在", "bad_parameter");
    const auto given = text_at(biz, "out_request_no");
    const auto number = given.empty() ? order->out_trade_no : given;
    if (given.empty() && amount->count() != order->amount_fen)
        return refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "部分退款需要out_request_no", "bad_parameter");
    if (const auto known = std::ranges::find(order->refunds, number, &Refund::out_refund_no);
        known != order->refunds.end()) {
        if (known->amount_fen != amount->count())
            return refused("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致", "refund_differs");
        return refund_node(*order, *known, false);
    }
    if (order->taken_fen == 0 || order->state == "TRADE_CLOSED")
        return refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法", "refund_above_rest");
    if (amount->count() > order->taken_fen - order->refunded_fen)
        return refused("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效", "refund_above_rest");
    if (world_.now() > *order->paid_at + refund_until)
        return refused("ACQ.TRADE_HAS_FINISHED", "交易已完结", "refund_above_rest");
    Refund refund;
    refund.out_refund_no = number;
    refund.amount_fen = amount->count();
    refund.reason = text_at(biz, "refund_reason");
    refund.created = world_.now();
    order->refunded_fen += refund.amount_fen;
    world_.books.give_back(*order, refund, world_.now());
    order->refunds.push_back(refund);
    // The trigger for a fully refunded trade is off by default: only a partial refund is told.
    if (order->refunded_fen == order->taken_fen) {
        order->state = "TRADE_CLOSED";
    } else {
        world_.courier.post(refund_parcel(*order, refund));
    }
    return refund_node(*order, refund, true);
}

AlipayAnswer Alipay::refund_query(const json& biz) {
    const auto* order = order_of(biz);
    if (!order) return alipay_failure("ACQ.TRADE_NOT_EXIST", "交易不存在");
    ordered_json node{{"code", "10000"}, {"msg", "Success"}};
    const auto number = text_at(biz, "out_request_no");
    const auto known = std::ranges::find(order->refunds, number, &Refund::out_refund_no);
    if (known != order->refunds.end())
        node.update({{"out_trade_no", order->out_trade_no},
                     {"trade_no", order->transaction_id},
                     {"out_request_no", number},
                     {"refund_amount", format_yuan(Fen{known->amount_fen})},
                     {"total_amount", format_yuan(Fen{order->amount_fen})},
                     {"refund_status", "REFUND_SUCCESS"},
                     {"gmt_refund_pay", format_local(*known->ended)}});
    return {node.dump()};
}

}  // namespace wefee::sandbox
