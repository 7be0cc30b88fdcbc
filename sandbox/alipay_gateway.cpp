// Alipay's v2 gateway at the wire: parameters, the order of checks, signatures, answers by template.
#include <charconv>
#include <nlohmann/json.hpp>

#include "io/encoding.hpp"
#include "sandbox/alipay.hpp"
#include "sandbox/json_fields.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr auto timestamp_tolerance = std::chrono::minutes{10};

AlipayParams params_of(const io::Request& request) {
    AlipayParams params;
    if (const auto query = io::parse_form(request.query))
        for (const auto& [name, value] : *query) params.insert_or_assign(name, value);
    if (request.method == "POST")
        if (const auto body = io::parse_form(request.body))
            for (const auto& [name, value] : *body) params.insert_or_assign(name, value);
    return params;
}

std::string value(const AlipayParams& params, std::string_view name) {
    const auto found = params.find(name);
    return found == params.end() ? std::string() : found->second;
}

std::string with_escaped_slashes(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '/') out += '\\';
        out += c;
    }
    return out;
}

std::string html_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"')
            out += "&quot;";
        else if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else
            out += c;
    }
    return out;
}

AlipayAnswer gateway_error(std::string_view code, std::string_view message, std::string_view sub_code,
                           std::string_view text, bool is_signed) {
    return {ordered_json{{"code", code}, {"msg", message}, {"sub_code", sub_code}, {"sub_msg", text}}.dump(),
            is_signed};
}

/// A wrong page address gives an HTML page in GBK; ours keeps to ASCII, which is GBK too.
io::Response html_error(std::string_view text) {
    return {.status = 200,
            .content_type = "text/html;charset=GBK",
            .body = "<html><body>" + std::string(text) + "</body></html>",
            .headers = {}};
}

bool is_page(std::string_view method) {
    return method == "alipay.trade.page.pay" || method == "alipay.trade.wap.pay" ||
           method == "alipay.user.agreement.page.sign";
}

}  // namespace

AlipayAnswer alipay_failure(std::string_view sub_code, std::string_view text) {
    return gateway_error("40004", "Business Failed", sub_code, text, true);
}

Alipay::Alipay(World& world)
    : world_(world),
      app_key_(io::PrivateKey::parse(world.keys.alipay_app_private_key).public_key()),
      alipay_key_(io::PrivateKey::parse(world.keys.alipay_private_key)),
      foreign_key_(io::PrivateKey::parse(world.keys.foreign_private_key)) {}

std::string Alipay::method_of(const io::Request& request) { return value(params_of(request), "method"); }

std::string Alipay::gateway_mistake(const AlipayParams& params, bool& is_signed) {
    const auto refused = [&](std::string_view reason, const std::string& sub_code, std::string detail = "") {
        world_.refuse("alipay", value(params, "method"), reason, detail.empty() ? sub_code : detail);
        return sub_code;
    };
    is_signed = true;
    if (value(params, "method").empty()) return refused("bad_parameter", "isv.missing-method");
    if (value(params, "app_id").empty()) return refused("unknown_merchant", "isv.missing-app-id");
    if (value(params, "app_id") != world_.options.alipay_app_id) {
        is_signed = false;
        return refused("unknown_merchant", "isv.invalid-app-id");
    }
    const auto stamp = value(params, "timestamp");
    if (stamp.empty()) return refused("bad_parameter", "isv.missing-timestamp");
    const auto moment = parse_local(stamp);
    if (!moment || stamp.size() != 19) return refused("bad_parameter", "isv.invalid-timestamp");
    const auto off = *moment - world_.now();
    if (off > timestamp_tolerance || off < -timestamp_tolerance)
        return refused("stale_timestamp", "isv.illegal-timestamp");
    const auto charset = value(params, "charset");
    if (charset != "utf-8" && charset != "UTF-8") return refused("bad_parameter", "isv.invalid-charset");
    if (const auto format = value(params, "format"); !format.empty() && format != "JSON" && format != "json")
        return refused("bad_parameter", "isv.invalid-format");
    if (value(params, "sign_type") != "RSA2") return refused("bad_parameter", "isv.invalid-signature-type");
    if (value(params, "version") != "1.0") return refused("bad_parameter", "isv.missing-version");
    if (value(params, "sign").empty()) return refused("wrong_signature", "isv.missing-signature");
    std::string message;
    for (const auto& [name, content] : params)
        if (name != "sign" && !content.empty())
            message += (message.empty() ? "" : "&") + name + "=" + content;
    const auto signature = io::base64_decode(value(params, "sign"));
    if (!signature || !app_key_.verify_sha256(message, *signature)) {
        refused("wrong_signature", "isv.invalid-signature");
        return "isv.invalid-signature|" + html_escaped(message);
    }
    return {};
}

AlipayAnswer Alipay::checked(const AlipayParams& params, std::string_view method) {
    bool is_signed = true;
    if (auto mistake = gateway_mistake(params, is_signed); !mistake.empty()) {
        const auto bar = mistake.find('|');
        const auto sub_code = mistake.substr(0, bar);
        const auto text =
            bar == std::string::npos ? sub_code : "验签出错，待验签字符串: " + mistake.substr(bar + 1);
        const bool missing = sub_code.starts_with("isv.missing-");
        return gateway_error(missing ? "40001" : "40002",
                             missing ? "Missing Required Arguments" : "Invalid Arguments", sub_code, text,
                             is_signed);
    }
    const auto biz = parse_object(value(params, "biz_content").empty() ? "{}" : value(params, "biz_content"));
    if (!biz) {
        world_.refuse("alipay", method, "bad_parameter", "biz_content");
        return gateway_error("40002", "Invalid Arguments", "isv.illegal-json", "biz_content", true);
    }
    return route(params, *biz);
}

AlipayAnswer Alipay::route(const AlipayParams& params, const json& biz) {
    const auto method = value(params, "method");
    if (method == "alipay.trade.pay") return trade_pay(params, biz);
    if (method == "alipay.trade.precreate") return precreate(params, biz);
    if (method == "alipay.trade.query") return query(biz);
    if (method == "alipay.trade.close") return close(biz, false);
    if (method == "alipay.trade.cancel") return close(biz, true);
    if (method == "alipay.trade.refund") return refund(biz);
    if (method == "alipay.trade.fastpay.refund.query") return refund_query(biz);
    if (method == "alipay.user.agreement.query") return agreement_query(biz);
    if (method == "alipay.user.agreement.unsign") return agreement_unsign(params, biz);
    if (method == "alipay.user.agreement.executionplan.modify") return plan_modify(biz);
    world_.refuse("alipay", method, "bad_parameter", "no such method");
    return gateway_error("40002", "Invalid Arguments", "isv.invalid-method", "方法名不存在", true);
}

io::Response Alipay::render(std::string_view method, const AlipayAnswer& answer, AnswerStyle style) {
    auto name = std::string(method);
    for (char& c : name)
        if (c == '.') c = '_';
    const auto node = with_escaped_slashes(answer.node);
    std::string body = "{\"" + (name.empty() ? "error" : name) + "_response\":" + node;
    if (answer.is_signed && style != AnswerStyle::unsigned_answer) {
        const bool bad = style == AnswerStyle::bad_signature || style == AnswerStyle::probe;
        body +=
            ",\"sign\":\"" + io::base64_encode((bad ? foreign_key_ : alipay_key_).sign_sha256(node)) + "\"";
    }
    body += "}";
    return {.status = 200,
            .content_type = "text/html;charset=utf-8",
            .body = std::move(body),
            .headers = {{"trace_id", io::hex_lower(io::random_bytes(16))}}};
}

io::Response Alipay::handle(const io::Request& request, AnswerStyle style) {
    const auto params = params_of(request);
    const auto method = value(params, "method");
    if (is_page(method)) return page(request);
    return render(method, checked(params, method), style);
}

io::Response Alipay::page(const io::Request& request) {
    const auto params = params_of(request);
    bool is_signed = true;
    if (const auto mistake = gateway_mistake(params, is_signed); !mistake.empty())
        return html_error(html_escaped(mistake));
    const bool signing = value(params, "method") == "alipay.user.agreement.page.sign";
    std::string what;
    try {
        if (signing) {
            what = open_signing(params).our_number;
        } else {
            const auto biz = parse_object(value(params, "biz_content"));
            if (!biz) throw Refused("biz_content");
            what =
                open_trade(params, *biz, value(params, "method") == "alipay.trade.page.pay" ? "page" : "wap")
                    .out_trade_no;
        }
    } catch (const Refused& refused) {
        return html_error(html_escaped(refused.code()));
    }
    return {.status = 200,
            .content_type = "text/html;charset=utf-8",
            .body = "<html><body><h1>" + html_escaped(what) + "</h1><button>" + (signing ? "sign" : "pay") +
                    "</button><button>refuse</button></body></html>",
            .headers = {}};
}

io::Response Alipay::system_error(const io::Request& request) {
    return render(
        method_of(request),
        gateway_error("20000", "Service Currently Unavailable", "isp.unknow-error", "系统繁忙", true),
        AnswerStyle::normal);
}

}  // namespace wefee::sandbox
