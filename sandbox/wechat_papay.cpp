// WeChat Pay deductions (pappayapply): accepted, executed later, notified. (mch_id, out_trade_no) takes money
// once.
#include <charconv>

#include "io/encoding.hpp"
#include "sandbox/wechat.hpp"

namespace wefee::sandbox {
namespace {

constexpr std::string_view path = "/pay/pappayapply";
constexpr auto mode_1_delay = std::chrono::hours{24};
constexpr auto free_after_signing = std::chrono::hours{12};

std::string value(const V2Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

std::optional<std::int64_t> amount(std::string_view text) {
    std::int64_t fen{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), fen);
    if (error != std::errc{} || end != text.data() + text.size() || fen < 1) return std::nullopt;
    return fen;
}

std::string missing_field(const V2Fields& fields) {
    for (const char* name : {"nonce_str", "body", "out_trade_no", "total_fee", "spbill_create_ip",
                             "notify_url", "trade_type", "contract_id"})
        if (value(fields, name).empty()) return name;
    return {};
}

/// Business fields: all but what is made anew for each send.
std::string digest(const V2Fields& fields) {
    std::string text = "pappayapply";
    for (const auto& [name, content] : fields)
        if (name != "sign" && name != "sign_type" && name != "nonce_str") text += "\n" + name + "=" + content;
    return io::sha256_hex(text);
}

}  // namespace

V2Fields WechatPay::repeat_deduction(Order& order, const std::string& fields_digest) {
    const auto refused = [&](std::string_view code, std::string_view text, std::string_view reason) {
        world_.refuse("wechat", path, reason, order.out_trade_no);
        return v2_error(code, text);
    };
    if (order.fields_digest != fields_digest)
        return refused("OUT_TRADE_NO_USED", "商户订单号重复，参数与首次请求不一致", "number_reused");
    if (order.taken_fen > 0) return refused("ORDERPAID", "订单已支付", "already_paid");
    if (order.state == "ACCEPT") return v2_error("ORDER_ACCEPTED", "扣款请求已受理，请勿重复发起");
    return refused("ORDERCLOSED", "订单已关闭", "order_closed");
}

V2Fields WechatPay::apply_deduction(const V2Fields& fields) {
    const auto refused = [&](std::string_view code, std::string_view text, std::string_view reason) {
        world_.refuse("wechat", path, reason, value(fields, "out_trade_no"));
        return v2_error(code, text);
    };
    if (const auto name = missing_field(fields); !name.empty())
        return refused("PARAM_ERROR", "缺少参数" + name, "bad_parameter");
    const auto fen = amount(value(fields, "total_fee"));
    if (!fen || value(fields, "trade_type") != "PAP" || value(fields, "out_trade_no").size() > 32)
        return refused("PARAM_ERROR", "参数错误", "bad_parameter");
    const auto fields_digest = digest(fields);
    if (auto* known = world_.books.find_order("wechat", value(fields, "out_trade_no")))
        return repeat_deduction(*known, fields_digest);
    auto* mandate = world_.books.find_contract(value(fields, "contract_id"));
    if (!mandate || mandate->provider != "wechat")
        return refused("CONTRACT_NOT_EXIST", "签约协议不存在", "mandate_ended");
    const bool fresh = mandate->notices.empty() && mandate->signed_at &&
                       world_.now() < *mandate->signed_at + free_after_signing;
    if (const auto allowed = deduction_allowed(*mandate, *fen); !allowed.code.empty())
        return refused(allowed.code, allowed.text, allowed.reason);

    Order order;
    order.provider = "wechat";
    order.mchid = world_.options.wechat_mchid;
    order.out_trade_no = value(fields, "out_trade_no");
    order.amount_fen = *fen;
    order.kind = "deduction";
    order.state = "ACCEPT";
    order.user = mandate->user;
    order.contract_id = mandate->contract_id;
    order.description = value(fields, "body");
    order.attach = value(fields, "attach");
    order.notify_url = value(fields, "notify_url");
    order.appid = value(fields, "appid");
    order.fields_digest = fields_digest;
    order.sign_type = value(fields, "sign_type");
    order.created = world_.now();
    const auto& added = world_.books.add_order(std::move(order));
    const bool delayed = world_.options.wechat_deduct_mode == 1 && !fresh && mandate->notices.empty();
    world_.agenda.call_at(
        world_.now() + (delayed ? mode_1_delay : std::chrono::hours{0}),
        [this, number = added.out_trade_no] { execute_deduction(number, failures_ % 2 == 1); });
    return {};
}

void WechatPay::execute_deduction(const std::string& out_trade_no, bool odd_failure_shape) {
    auto& order = *world_.books.find_order("wechat", out_trade_no);
    if (order.state != "ACCEPT") return;  // closed meanwhile
    auto& mandate = *world_.books.find_contract(order.contract_id);
    if (mandate.state != "ACTIVE") {
        order.cause = "CONTRACT_NOT_EXIST";
    } else if (world_.books.take(order, world_.now()).empty()) {
        order.state = "SUCCESS";
        if (!mandate.notices.empty()) mandate.notices.back().used = true;
        ++mandate.deductions;
        mandate.deducted_fen += order.amount_fen;
        post_deduction_notice(order, false);
        return;
    }
    order.state = "CLOSED";
    world_.refuse("wechat", path, order.cause == "NOTENOUGH" ? "balance_not_enough" : "wallet_refused",
                  order.out_trade_no);
    ++failures_;
    post_deduction_notice(order, odd_failure_shape);
}

}  // namespace wefee::sandbox
