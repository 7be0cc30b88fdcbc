// Building and checking business fields.
#include "payment/alipay/fields.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "payment/text.hpp"

namespace wefee::payment::alipay {

namespace {

using Json = nlohmann::ordered_json;  // the order of writing is the order of sending

[[noreturn]] void refuse(std::string_view field, std::string_view why) {
    throw std::invalid_argument(std::string(field) + ": " + std::string(why));
}

bool alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void check_text(std::string_view field, const std::string& text, std::size_t longest) {
    const auto shape = inspect_utf8(text);
    if (!shape.well_formed) refuse(field, "not UTF-8");
    if (text.empty() || shape.characters > longest)
        refuse(field, "1 to " + std::to_string(longest) + " characters");
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        refuse(field, "no control characters");
}

void check_subject(std::string_view field, const std::string& text) {
    check_text(field, text, 256);
    if (text.find_first_of("/=&") != std::string::npos) refuse(field, "none of / = &");
}

void check_number(std::string_view field, std::string_view number, std::size_t longest = 64) {
    const bool fits =
        std::all_of(number.begin(), number.end(), [](char c) { return alphanumeric(c) || c == '_'; });
    if (number.empty() || number.size() > longest || !fits)
        refuse(field, "1 to " + std::to_string(longest) + " letters, digits and _");
}

void check_amount(std::string_view field, Fen amount) {
    constexpr Fen largest{100'000'000'00};
    if (amount < Fen{1} || amount > largest) refuse(field, "0.01 to 100000000.00 yuan");
}

void check_url(std::string_view field, const std::string& url) {
    if (!url.starts_with("https://") && !url.starts_with("http://")) refuse(field, "an http(s) address");
    if (url.size() > 256) refuse(field, "at most 256 characters");
}

void check_plan_day(std::string_view field, CivilDay day) {
    if (!day.ok() || static_cast<unsigned>(day.day()) > 28) refuse(field, "a day of the month from 1 to 28");
}

Json trade_fields(const std::string& number, Fen amount, const std::string& subject,
                  std::string_view product) {
    check_number("out_trade_no", number);
    check_amount("amount", amount);
    check_subject("description", subject);
    return {{"out_trade_no", number},
            {"total_amount", format_yuan(amount)},
            {"subject", subject},
            {"product_code", product}};
}

struct OrderKind {
    ManualOrder::Way way{};
    std::string_view method;
    std::string_view product_code;
};
constexpr std::array page_kinds{
    OrderKind{ManualOrder::Way::page, "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"},
    OrderKind{ManualOrder::Way::wap, "alipay.trade.wap.pay", "QUICK_WAP_WAY"}};

}  // namespace

Call deduction_call(const Settings& settings, const Deduction& deduction) {
    auto biz =
        trade_fields(deduction.out_trade_no, deduction.amount, deduction.description, settings.product_code);
    check_number("contract_id", deduction.contract_id);
    check_url("notify_url", deduction.notify_url);
    biz["agreement_params"] = {{"agreement_no", deduction.contract_id}};
    return {.method = "alipay.trade.pay", .biz_content = biz.dump(), .notify_url = deduction.notify_url};
}

Call order_call(const Settings& settings, const ManualOrder& order) {
    if (order.way == ManualOrder::Way::mini_program)
        refuse("way", "mini_program payments are made by WeChat Pay, not by Alipay");
    const auto kind = std::find_if(page_kinds.begin(), page_kinds.end(),
                                   [&](const OrderKind& k) { return k.way == order.way; });
    const bool page = kind != page_kinds.end();
    auto biz = trade_fields(order.out_trade_no, order.amount, order.description,
                            page ? kind->product_code : std::string_view(settings.qr_product_code));
    check_url("notify_url", order.notify_url);
    if (page) check_url("return_url", order.return_url);
    if (order.expires_at > Instant{}) biz["time_expire"] = format_local(order.expires_at);
    if (order.way == ManualOrder::Way::wap) biz["quit_url"] = order.return_url;
    return {.method = page ? std::string(kind->method) : "alipay.trade.precreate",
            .biz_content = biz.dump(),
            .notify_url = order.notify_url,
            .return_url = page ? order.return_url : ""};
}

Call refund_call(const RefundRequest& refund) {
    check_number("out_trade_no", refund.out_trade_no);
    check_number("out_refund_no", refund.out_refund_no);
    check_amount("refund", refund.refund);
    if (refund.refund > refund.total) refuse("refund", "at most the order's total");
    // Only what the refund page lists: other parameters are named there as a cause of double refunds. It has
    // no notify_url; the payment's own address hears of refunds.
    Json biz{{"out_trade_no", refund.out_trade_no},
             {"refund_amount", format_yuan(refund.refund)},
             {"out_request_no", refund.out_refund_no}};
    if (!refund.reason.empty()) {
        check_text("reason", refund.reason, 256);
        biz["refund_reason"] = refund.reason;
    }
    return {.method = "alipay.trade.refund", .biz_content = biz.dump()};
}

Call query_call(std::string_view out_trade_no) {
    return {.method = "alipay.trade.query", .biz_content = Json{{"out_trade_no", out_trade_no}}.dump()};
}

Call close_call(std::string_view out_trade_no) {
    return {.method = "alipay.trade.close", .biz_content = Json{{"out_trade_no", out_trade_no}}.dump()};
}

Call refund_query_call(std::string_view out_trade_no, std::string_view out_refund_no) {
    const Json biz{{"out_trade_no", out_trade_no},
                   {"out_request_no", out_refund_no},
                   {"query_options", Json::array({"gmt_refund_pay"})}};
    return {.method = "alipay.trade.fastpay.refund.query", .biz_content = biz.dump()};
}

Call sign_page_call(const Settings& settings, const MandateRequest& request) {
    check_number("our_number", request.our_number, 32);
    if (request.our_number.find('_') != std::string::npos) refuse("our_number", "letters and digits only");
    check_amount("single_limit", request.single_limit);
    if (request.period_months < 1) refuse("period_months", "at least 1");
    check_plan_day("first_execute_day", request.first_execute_day);
    check_url("notify_url", request.notify_url);
    if (!request.return_url.empty()) check_url("return_url", request.return_url);
    Json rule{{"period_type", "MONTH"},
              {"period", std::to_string(request.period_months)},
              {"execute_time", format_day(request.first_execute_day)},
              {"single_amount", format_yuan(request.single_limit)}};
    if (request.total_limit) {
        check_amount("total_limit", *request.total_limit);
        rule["total_amount"] = format_yuan(*request.total_limit);
    }
    Json biz{{"product_code", settings.product_code},
             {"personal_product_code", settings.personal_product_code},
             {"sign_scene", settings.sign_scene},
             {"external_agreement_no", request.our_number}};
    if (!request.account_name.empty()) {
        check_text("account_name", request.account_name, 100);
        biz["external_logon_id"] = request.account_name;
    }
    biz["access_params"] = {{"channel", settings.sign_channel}};
    biz["period_rule_params"] = std::move(rule);
    return {.method = "alipay.user.agreement.page.sign",
            .biz_content = biz.dump(),
            .notify_url = request.notify_url,
            .return_url = request.return_url};
}

Call agreement_query_call(const Settings& settings, std::string_view our_number,
                          std::string_view contract_id) {
    const Json biz = contract_id.empty() ? Json{{"personal_product_code", settings.personal_product_code},
                                                {"sign_scene", settings.sign_scene},
                                                {"external_agreement_no", our_number}}
                                         : Json{{"agreement_no", contract_id}};
    return {.method = "alipay.user.agreement.query", .biz_content = biz.dump()};
}

Call unsign_call(const Settings& settings, std::string_view contract_id) {
    return {.method = "alipay.user.agreement.unsign",
            .biz_content = Json{{"agreement_no", contract_id}}.dump(),
            .notify_url = settings.unsign_notify_url};
}

Call plan_modify_call(std::string_view contract_id, CivilDay deduct_day, std::string_view memo) {
    check_number("contract_id", contract_id);
    check_plan_day("deduct_day", deduct_day);
    Json biz{{"agreement_no", contract_id}, {"deduct_time", format_day(deduct_day)}};
    if (!memo.empty()) {
        check_text("memo", std::string(memo), 256);
        biz["memo"] = memo;
    }
    return {.method = "alipay.user.agreement.executionplan.modify", .biz_content = biz.dump()};
}

std::string store_call(const Call& call) {
    Json stored{{"method", call.method}, {"notify_url", call.notify_url}};
    if (!call.return_url.empty()) stored["return_url"] = call.return_url;
    stored["biz_content"] = call.biz_content;
    return stored.dump();
}

Call stored_call(std::string_view fields) {
    const auto stored = Json::parse(fields, nullptr, false);
    const auto text = [&](const char* name) -> std::string {
        if (!stored.contains(name)) return "";
        if (!stored[name].is_string())
            throw std::invalid_argument("alipay: stored fields: bad " + std::string(name));
        return stored[name].get<std::string>();
    };
    if (!stored.is_object()) throw std::invalid_argument("alipay: stored fields are not an object");
    Call call{.method = text("method"),
              .biz_content = text("biz_content"),
              .notify_url = text("notify_url"),
              .return_url = text("return_url")};
    if (call.method.empty() || call.biz_content.empty())
        throw std::invalid_argument("alipay: stored fields without method or biz_content");
    return call;
}

std::string biz_text(std::string_view biz_content, std::string_view name) {
    const auto biz = Json::parse(biz_content, nullptr, false);
    const std::string key(name);
    return biz.is_object() && biz.contains(key) && biz[key].is_string() ? biz[key].get<std::string>() : "";
}

std::string biz_text(std::string_view biz_content, std::string_view object, std::string_view name) {
    const auto biz = Json::parse(biz_content, nullptr, false);
    const std::string key(object);
    return biz.is_object() && biz.contains(key) ? biz_text(biz[key].dump(), name) : "";
}

}  // namespace wefee::payment::alipay
