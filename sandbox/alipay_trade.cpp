// Alipay trades: agreement deductions, QR codes and pages, query, close.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "billing/money.hpp"
#include "io/encoding.hpp"
#include "sandbox/alipay.hpp"
#include "sandbox/json_fields.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr auto qr_life = std::chrono::hours{2};
constexpr auto trade_life = std::chrono::days{15};

std::string value(const AlipayParams& params, std::string_view name) {
    const auto found = params.find(name);
    return found == params.end() ? std::string() : found->second;
}

/// Fen of a yuan text in [0.01, 100000000]; 0 when it is not one.
std::int64_t fen_of(const json& biz, std::string_view name) {
    const auto text = text_at(biz, name);
    const auto amount = parse_yuan(text);
    if (!amount || *amount < Fen{1} || *amount > Fen{100'000'000'00}) return 0;
    return amount->count();
}

std::string field_mistake(const json& biz, const std::string& product_code, bool agreement) {
    const auto number = text_at(biz, "out_trade_no");
    constexpr std::string_view allowed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    if (number.empty() || number.size() > 64 || number.find_first_not_of(allowed) != std::string::npos)
        return "out_trade_no";
    if (fen_of(biz, "total_amount") == 0) return "total_amount";
    const auto subject = text_at(biz, "subject");
    if (subject.empty() || count_characters(subject) > 256 ||
        subject.find_first_of("/=&") != std::string::npos)
        return "subject";
    if (text_at(biz, "product_code") != product_code) return "product_code";
    if (agreement && text_at(biz, "agreement_params.agreement_no").empty()) return "agreement_params";
    return {};
}

ordered_json success() { return {{"code", "10000"}, {"msg", "Success"}}; }

}  // namespace

void Alipay::expire(Order& order) const {
    if (order.state == "WAIT_BUYER_PAY" && order.expires_at && world_.now() > *order.expires_at)
        order.state = "TRADE_CLOSED";  // by the provider itself, without a notification
}

Order* Alipay::order_of(const json& biz) {
    const auto trade_no = text_at(biz, "trade_no");
    auto* order = trade_no.empty() ? world_.books.find_order("alipay", text_at(biz, "out_trade_no"))
                                   : world_.books.find_by_transaction("alipay", trade_no);
    if (!order) return nullptr;
    expire(*order);
    return order->state == "NONE" || order->state == "FAILED" ? nullptr : order;
}

AlipayAnswer Alipay::trade_pay(const AlipayParams& params, const json& biz) {
    const auto product =
        text_at(biz, "product_code") == "GENERAL_WITHHOLDING" ? "GENERAL_WITHHOLDING" : "CYCLE_PAY_AUTH";
    if (const auto mistake = field_mistake(biz, product, true); !mistake.empty()) {
        world_.refuse("alipay", "alipay.trade.pay", "bad_parameter", mistake);
        return alipay_failure("ACQ.INVALID_PARAMETER", "参数无效: " + mistake);
    }
    const auto number = text_at(biz, "out_trade_no");
    const auto digest = digest_of("alipay.trade.pay " + value(params, "notify_url"), biz);
    if (auto* known = world_.books.find_order("alipay", number)) return repeat_pay(*known, digest);
    auto* mandate = world_.books.find_contract(text_at(biz, "agreement_params.agreement_no"));
    if (!mandate || mandate->provider != "alipay") {
        world_.refuse("alipay", "alipay.trade.pay", "mandate_ended", number);
        return alipay_failure("ACQ.AGREEMENT_NOT_EXIST", "用户协议不存在");
    }
    Order order;
    order.provider = "alipay";
    order.mchid = world_.options.alipay_seller_id;
    order.out_trade_no = number;
    order.amount_fen = fen_of(biz, "total_amount");
    order.kind = "deduction";
    order.state = "FAILED";  // no trade until money moved
    order.user = mandate->user;
    order.contract_id = mandate->contract_id;
    order.description = text_at(biz, "subject");
    order.attach = text_at(biz, "passback_params");
    order.notify_url = value(params, "notify_url");
    order.appid = value(params, "app_id");
    order.fields_digest = digest;
    order.created = world_.now();
    return charge(world_.books.add_order(std::move(order)), *mandate);
}

AlipayAnswer Alipay::repeat_pay(Order& order, const std::string& digest) {
    const auto refused = [&](std::string_view code, std::string_view text, std::string_view reason) {
        world_.refuse("alipay", "alipay.trade.pay", reason, order.out_trade_no);
        return alipay_failure(code, text);
    };
    if (order.fields_digest != digest)
        return refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改", "number_reused");
    if (order.taken_fen > 0) return refused("ACQ.TRADE_HAS_SUCCESS", "交易已被支付", "already_paid");
    if (order.state == "TRADE_CLOSED") return refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭", "order_closed");
    return charge(order, *world_.books.find_contract(order.contract_id));
}

AlipayAnswer Alipay::charge(Order& order, Mandate& mandate) {
    std::string reason;
    if (const auto code = deduction_refused(mandate, order.amount_fen, reason); !code.empty()) {
        world_.refuse("alipay", "alipay.trade.pay", reason, order.out_trade_no);
        return alipay_failure(code, reason);
    }
    if (const auto failure = world_.books.take(order, world_.now()); !failure.empty()) {
        world_.refuse("alipay", "alipay.trade.pay",
                      failure == "ACQ.BUYER_BALANCE_NOT_ENOUGH" ? "balance_not_enough" : "wallet_refused",
                      order.out_trade_no);
        return alipay_failure(failure, "扣款失败");
    }
    order.state = "TRADE_SUCCESS";
    mandate.deducted_fen += order.amount_fen;
    ++mandate.deductions;
    mandate.last_deducted = order.paid_at;
    mandate.last_planned_day = mandate.next_day;
    mandate.next_day = mandate.period_type == "MONTH"
                           ? CivilDay{*mandate.next_day + std::chrono::months{mandate.period}}
                           : add_days(*mandate.next_day, mandate.period);
    world_.courier.post(payment_parcel(order));
    auto node = success();
    node.update({{"trade_no", order.transaction_id},
                 {"out_trade_no", order.out_trade_no},
                 {"buyer_user_id", world_.books.user(order.user).alipay_user_id},
                 {"buyer_logon_id", "159****5620"},
                 {"total_amount", format_yuan(Fen{order.amount_fen})},
                 {"receipt_amount", format_yuan(Fen{order.amount_fen})},
                 {"buyer_pay_amount", format_yuan(Fen{order.amount_fen})},
                 {"gmt_payment", format_local(*order.paid_at)}});
    return {node.dump()};
}

/// The trade behind a QR code or page: NONE until somebody scans or logs in. Throws Refused with a sub_code.
Order& Alipay::open_trade(const AlipayParams& params, const json& biz, const std::string& kind) {
    const auto method = value(params, "method");
    const auto refused = [&](const std::string& code, std::string_view reason, const std::string& text) {
        world_.refuse("alipay", method, reason, text);
        return Refused(code + " " + text, code);
    };
    auto product = std::string(kind == "page" ? "FAST_INSTANT_TRADE_PAY" : "QUICK_WAP_WAY");
    if (kind == "precreate")
        product = text_at(biz, "product_code") == "FACE_TO_FACE_PAYMENT" ? "FACE_TO_FACE_PAYMENT"
                                                                         : "QR_CODE_OFFLINE";
    if (const auto mistake = field_mistake(biz, product, false); !mistake.empty())
        throw refused("ACQ.INVALID_PARAMETER", "bad_parameter", mistake);
    const auto number = text_at(biz, "out_trade_no");
    const auto digest = digest_of(method + " " + value(params, "notify_url"), biz);
    if (auto* known = world_.books.find_order("alipay", number)) {
        expire(*known);
        if (known->fields_digest != digest)
            throw refused("ACQ.CONTEXT_INCONSISTENT", "number_reused", number);
        if (known->taken_fen > 0) throw refused("ACQ.TRADE_HAS_SUCCESS", "already_paid", number);
        if (known->state == "TRADE_CLOSED") throw refused("ACQ.TRADE_HAS_CLOSE", "order_closed", number);
        return *known;
    }
    Order order;
    order.provider = "alipay";
    order.mchid = world_.options.alipay_seller_id;
    order.out_trade_no = number;
    order.amount_fen = fen_of(biz, "total_amount");
    order.kind = kind;
    order.state = "NONE";
    order.description = text_at(biz, "subject");
    order.attach = text_at(biz, "passback_params");
    order.notify_url = value(params, "notify_url");
    order.return_url = value(params, "return_url");
    order.appid = value(params, "app_id");
    order.fields_digest = digest;
    order.created = world_.now();
    order.expires_at = world_.now() + trade_life;
    if (const auto text = text_at(biz, "time_expire"); !text.empty()) {
        order.expires_at = parse_local(text);
        if (!order.expires_at) throw refused("ACQ.INVALID_PARAMETER", "bad_parameter", "time_expire");
        if (*order.expires_at <= world_.now())
            throw refused("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "bad_parameter", "time_expire");
    }
    return world_.books.add_order(std::move(order));
}

AlipayAnswer Alipay::precreate(const AlipayParams& params, const json& biz) {
    try {
        auto& order = open_trade(params, biz, "precreate");
        order.handle = "https://qr.alipay.com/bax" + io::random_alphanumeric(18);
        auto node = success();
        node.update({{"out_trade_no", order.out_trade_no}, {"qr_code", order.handle}});
        return {node.dump()};
    } catch (const Refused& refused) {
        return alipay_failure(refused.code(), refused.what());
    }
}

Order& Alipay::open_page(std::string_view link) {
    const auto question = link.find('?');
    const auto query =
        question == std::string_view::npos ? std::nullopt : io::parse_form(link.substr(question + 1));
    if (!query) throw Refused("link has no readable query");
    const AlipayParams params(query->begin(), query->end());
    bool is_signed = true;
    if (const auto mistake = gateway_mistake(params, is_signed); !mistake.empty()) throw Refused(mistake);
    const auto biz = parse_object(value(params, "biz_content"));
    if (!biz) throw Refused("biz_content is no JSON object");
    return open_trade(params, *biz, value(params, "method") == "alipay.trade.page.pay" ? "page" : "wap");
}

std::string Alipay::pay(Order& order, const std::string& user) {
    expire(order);
    if (order.kind == "deduction") throw Refused("a deduction is not paid by hand");
    if (order.taken_fen > 0) throw Refused("already paid", "ACQ.TRADE_HAS_SUCCESS");
    if (order.state == "TRADE_CLOSED") throw Refused("trade is closed", "ACQ.TRADE_HAS_CLOSE");
    if (order.state == "WAIT_BUYER_PAY" && order.user != user)
        throw Refused("another buyer's trade", "ACQ.TRADE_BUYER_NOT_MATCH");
    if (order.state == "NONE" && order.kind == "precreate" && world_.now() > order.created + qr_life)
        throw Refused("the QR code is no longer valid");
    if (order.expires_at && world_.now() > *order.expires_at) throw Refused("time_expire has passed");
    order.user = user;
    order.state = "WAIT_BUYER_PAY";
    if (auto failure = world_.books.take(order, world_.now()); !failure.empty()) return failure;
    order.state = "TRADE_SUCCESS";
    world_.courier.post(payment_parcel(order));
    return {};
}

AlipayAnswer Alipay::query(const json& biz) {
    const auto* order = order_of(biz);
    if (!order) return alipay_failure("ACQ.TRADE_NOT_EXIST", "交易不存在");
    auto node = success();
    node.update({{"out_trade_no", order->out_trade_no},
                 {"trade_no", order->transaction_id},
                 {"trade_status", order->state},
                 {"total_amount", format_yuan(Fen{order->amount_fen})},
                 {"buyer_logon_id", "159****5620"},
                 {"buyer_user_id", world_.books.user(order->user).alipay_user_id}});
    if (order->paid_at)
        node.update({{"receipt_amount", format_yuan(Fen{order->amount_fen})},
                     {"buyer_pay_amount", format_yuan(Fen{order->amount_fen})},
                     {"point_amount", "0.00"},
                     {"invoice_amount", format_yuan(Fen{order->amount_fen})},
                     {"send_pay_date", format_local(*order->paid_at)}});
    return {node.dump()};
}

AlipayAnswer Alipay::close(const json& biz, bool cancel) {
    auto* order = order_of(biz);
    auto node = success();
    if (!order) {
        if (!cancel) return alipay_failure("ACQ.TRADE_NOT_EXIST", "交易不存在");
        node.update({{"out_trade_no", text_at(biz, "out_trade_no")}, {"retry_flag", "N"}});
        return {node.dump()};
    }
    if (order->taken_fen > 0 || order->state == "TRADE_CLOSED") {
        world_.refuse("alipay", cancel ? "alipay.trade.cancel" : "alipay.trade.close",
                      order->taken_fen > 0 ? "already_paid" : "order_closed", order->out_trade_no);
        // A cancel of a paid trade would refund it; nobody here may give money back without a refund number.
        return alipay_failure(cancel ? "ACQ.CANCEL_NOT_ALLOWED" : "ACQ.TRADE_STATUS_ERROR", "交易状态不合法");
    }
    order->state = "TRADE_CLOSED";
    node.update({{"trade_no", order->transaction_id}, {"out_trade_no", order->out_trade_no}});
    if (cancel) node.update({{"retry_flag", "N"}, {"action", "close"}});
    return {node.dump()};
}

}  // namespace wefee::sandbox
