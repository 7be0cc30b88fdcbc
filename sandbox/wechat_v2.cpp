// WeChat Pay APIv2 at the wire: flat XML, MD5 or HMAC-SHA256 sign, order query and close.
#include "io/encoding.hpp"
#include "payment/xml_guard.hpp"
#include "sandbox/wechat.hpp"

namespace wefee::sandbox {
namespace {

std::string value(const V2Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

std::string xml(const V2Fields& fields) {
    std::string text = "<xml>";
    for (const auto& [name, content] : fields)
        text += "<" + name + "><![CDATA[" + content + "]]></" + name + ">\n";
    return text + "</xml>";
}

io::Response xml_response(const V2Fields& fields) {
    io::Response response;
    response.content_type = "text/plain";  // as the real one answers
    response.body = xml(fields);
    return response;
}

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return text;
}

}  // namespace

V2Fields v2_error(std::string_view code, std::string_view text) {
    return {{"result_code", "FAIL"}, {"err_code", std::string(code)}, {"err_code_des", std::string(text)}};
}

std::string WechatPay::v2_sign(const V2Fields& fields, std::string_view type) const {
    std::string text;
    for (const auto& [name, content] : fields)
        if (name != "sign" && !content.empty()) text += name + "=" + content + "&";
    text += "key=" + world_.keys.api_v2_key;
    if (type == "HMAC-SHA256") return io::hex_upper(io::hmac_sha256(world_.keys.api_v2_key, text));
    return upper(io::md5_hex(text));
}

bool WechatPay::v2_sign_holds(const V2Fields& fields) const {
    const auto type = value(fields, "sign_type");
    if (!type.empty() && type != "MD5" && type != "HMAC-SHA256") return false;
    return io::equal_constant_time(upper(value(fields, "sign")), v2_sign(fields, type));
}

io::Response WechatPay::handle_v2(const io::Request& request) {
    if (request.method == "GET" &&
        (request.path == "/papay/entrustweb" || request.path == "/papay/h5entrustweb")) {
        io::Response page;
        page.content_type = "text/html; charset=utf-8";
        const auto query = io::parse_form(request.query, false);
        try {
            if (!query) throw Refused("broken query");
            auto& mandate = open_signing(V2Fields(query->begin(), query->end()), request.path);
            page.body = "<html><body>微信支付 签约: " + mandate.our_number + "</body></html>";
        } catch (const Refused& refused) {
            page.body = std::string("<html><body>参数错误: ") + refused.what() + "</body></html>";
        }
        return page;
    }
    const auto parsed = payment::read_flat_xml(request.body, "xml");
    const auto transport_failure = [&](std::string_view reason, std::string_view text) {
        world_.refuse("wechat", request.path, reason, text);
        return xml_response({{"return_code", "FAIL"}, {"return_msg", std::string(text)}});
    };
    if (request.method != "POST" || !parsed) return transport_failure("bad_parameter", "XML格式错误");
    const V2Fields fields(parsed->begin(), parsed->end());
    if (value(fields, "mch_id") != world_.options.wechat_mchid)
        return transport_failure("unknown_merchant", "mch_id");
    if (value(fields, "appid") != world_.options.wechat_appid)
        return transport_failure("bad_parameter", "appid");
    if (!v2_sign_holds(fields)) return transport_failure("wrong_signature", "签名错误");
    auto answer = route_v2(request.path, fields);
    answer.try_emplace("result_code", "SUCCESS");
    answer["return_code"] = "SUCCESS";
    answer["return_msg"] = "OK";
    answer["appid"] = world_.options.wechat_appid;
    answer["mch_id"] = world_.options.wechat_mchid;
    answer["nonce_str"] = io::random_alphanumeric(16);
    answer["sign"] = v2_sign(answer, value(fields, "sign_type"));
    return xml_response(answer);
}

V2Fields WechatPay::route_v2(std::string_view path, const V2Fields& fields) {
    if (path == "/pay/pappayapply") return apply_deduction(fields);
    if (path == "/pay/orderquery") return query_order_v2(fields, false);
    if (path == "/pay/paporderquery") return query_order_v2(fields, true);
    if (path == "/pay/closeorder") return close_order_v2(fields);
    if (path == "/papay/querycontract") return query_contract(fields);
    if (path == "/papay/deletecontract") return delete_contract(fields);
    world_.refuse("wechat", path, "bad_parameter", "no such path");
    return v2_error("INVALID_REQUEST", "接口不存在");
}

io::Response WechatPay::system_error(const io::Request& request) {
    if (request.path.starts_with("/v3/")) {
        const auto answer = v3_error(500, "SYSTEM_ERROR", "系统异常，请稍后重试");
        return {.status = answer.status,
                .content_type = "application/json; charset=utf-8",
                .body = answer.body,
                .headers = {}};
    }
    auto answer = v2_error("SYSTEMERROR", "系统错误");
    answer["return_code"] = "SUCCESS";
    answer["return_msg"] = "OK";
    answer["appid"] = world_.options.wechat_appid;
    answer["mch_id"] = world_.options.wechat_mchid;
    answer["nonce_str"] = io::random_alphanumeric(16);
    const auto hmac = request.body.find("HMAC-SHA256") != std::string_view::npos;
    answer["sign"] = v2_sign(answer, hmac ? "HMAC-SHA256" : "");
    return xml_response(answer);
}

V2Fields WechatPay::query_order_v2(const V2Fields& fields, bool deductions_only) {
    const auto transaction = value(fields, "transaction_id");
    const auto* order = transaction.empty() ? world_.books.find_order("wechat", value(fields, "out_trade_no"))
                                            : world_.books.find_by_transaction("wechat", transaction);
    if (!order) return v2_error("ORDERNOTEXIST", "此交易订单号不存在");
    if (deductions_only && (order->kind != "deduction" || order->state == "CLOSED"))
        return v2_error("ORDERNOTEXIST", "订单不是委托代扣场景");
    if (deductions_only && world_.now() > order->created + std::chrono::days{31})
        return v2_error("ORDERNOTEXIST", "此交易订单号不存在");
    V2Fields answer{{"out_trade_no", order->out_trade_no},
                    {"trade_state", order->state},
                    {"attach", order->attach},
                    {"total_fee", std::to_string(order->amount_fen)},
                    {"trade_state_desc", order->cause.empty() ? order->state : order->cause}};
    if (order->kind == "deduction") answer["contract_id"] = order->contract_id;
    if (order->paid_at) {
        answer["openid"] = world_.books.user(order->user).openid;
        answer["is_subscribe"] = "N";
        answer["trade_type"] = order->kind == "deduction" ? "PAP"
                               : order->kind == "native"  ? "NATIVE"
                                                          : "JSAPI";
        answer["bank_type"] = "OTHERS";
        answer["fee_type"] = "CNY";
        answer["cash_fee"] = std::to_string(order->amount_fen);
        answer["transaction_id"] = order->transaction_id;
        answer["time_end"] = format_compact(*order->paid_at);
    }
    return answer;
}

V2Fields WechatPay::close_order_v2(const V2Fields& fields) {
    auto* order = world_.books.find_order("wechat", value(fields, "out_trade_no"));
    if (!order) return v2_error("ORDERNOTEXIST", "订单不存在");
    if (order->taken_fen > 0) {
        world_.refuse("wechat", "/pay/closeorder", "already_paid", order->out_trade_no);
        return v2_error("ORDERPAID", "订单已支付");
    }
    order->state = "CLOSED";
    return {};
}

}  // namespace wefee::sandbox
