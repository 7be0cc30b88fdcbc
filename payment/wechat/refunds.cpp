// Request texts and readers of refunds. The state's field is `status` in calls and `refund_status` in
// notices.
#include "payment/wechat/refunds.hpp"

#include <stdexcept>

#include "io/encoding.hpp"
#include "payment/text.hpp"
#include "payment/wechat/json_read.hpp"

namespace wefee::payment::wechat {

namespace {

using nlohmann::json;  // sorts its keys: the same refund always gives the same text

std::optional<Fen> refund_amount(const json& object) {
    const json* amount = object_at(object, "amount");
    const auto count = amount != nullptr ? integer_at(*amount, "refund") : std::nullopt;
    if (!count) return std::nullopt;
    return Fen{*count};
}

}  // namespace

std::optional<RefundChanged::Status> parse_refund_status(std::string_view status) {
    using Status = RefundChanged::Status;
    if (status == "SUCCESS") return Status::succeeded;
    if (status == "CLOSED" || status == "REFUNDCLOSE") return Status::closed;
    if (status == "ABNORMAL" || status == "CHANGE") return Status::abnormal;
    return std::nullopt;
}

std::string refund_fields(const RefundRequest& request) {
    require_token(request.out_refund_no, "out_refund_no", 1, 64, "_-*@|");
    if (request.refund < Fen{1}) throw std::invalid_argument("refund: must be at least 1 fen");
    if (request.total < request.refund) throw std::invalid_argument("refund: is more than the total");
    json body{{"out_refund_no", request.out_refund_no},
              {"amount",
               {{"refund", request.refund.count()}, {"total", request.total.count()}, {"currency", "CNY"}}}};
    if (request.transaction_id.empty()) {
        require_token(request.out_trade_no, "out_trade_no", 6, 32, "_-*|");
        body["out_trade_no"] = request.out_trade_no;
    } else {
        require_token(request.transaction_id, "transaction_id", 1, 64);
        body["transaction_id"] = request.transaction_id;
    }
    if (!request.reason.empty()) {
        require_plain_text(request.reason, "reason", 80);
        body["reason"] = request.reason;
    }
    if (!request.notify_url.empty()) {
        require_callback_url(request.notify_url, "notify_url");
        body["notify_url"] = request.notify_url;
    }
    return body.dump();
}

std::string refund_query_target(std::string_view out_refund_no) {
    return std::string(refund_path) + "/" + io::percent_encode(out_refund_no);
}

RefundCall read_refund_fields(std::string_view fields) {
    const json parsed = parse_object(fields).value_or(json::object());
    const auto refund = refund_amount(parsed);
    RefundCall call{parsed.dump(), text_at(parsed, "out_refund_no"), refund.value_or(Fen{})};
    if (!refund || call.out_refund_no.empty())
        throw std::invalid_argument("fields: not of a WeChat Pay refund");
    return call;
}

RefundResult judge_refund(const Settings& settings, std::string_view body, std::string_view out_refund_no,
                          Fen expected, bool query, Instant now) {
    const json parsed = parse_object(body).value_or(json::object());
    const std::string status = text_at(parsed, "status");
    if (status.empty()) return {.code = "UNREADABLE"};
    const auto refund = refund_amount(parsed);
    if (text_at(parsed, "out_refund_no") != out_refund_no)
        return {.result = ResultClass::differs, .code = "OUT_REFUND_NO_MISMATCH"};
    if (!refund || *refund != expected) return {.result = ResultClass::differs, .code = "AMOUNT_MISMATCH"};
    if (status == "PROCESSING")
        return {.result = query ? ResultClass::in_progress : ResultClass::accepted, .code = status};
    const auto known = parse_refund_status(status);
    if (!known) return {.code = status};

    RefundResult result{.result = ResultClass::in_progress, .code = status};
    if (*known == RefundChanged::Status::succeeded) result.result = ResultClass::succeeded;
    if (*known == RefundChanged::Status::closed) result.result = ResultClass::failed;
    result.change = RefundChanged{.provider = Provider::wechat,
                                  .mchid = settings.mchid,
                                  .out_trade_no = text_at(parsed, "out_trade_no"),
                                  .out_refund_no = std::string(out_refund_no),
                                  .refund_id = text_at(parsed, "refund_id"),
                                  .status = *known,
                                  .amount = *refund,
                                  .at = parse_instant(text_at(parsed, "success_time")).value_or(now)};
    return result;
}

std::optional<RefundChanged> read_refund_notice(std::string_view text, Instant created) {
    const json parsed = parse_object(text).value_or(json::object());
    const auto status = parse_refund_status(text_at(parsed, "refund_status"));
    const auto amount = refund_amount(parsed);
    RefundChanged change{.provider = Provider::wechat,
                         .mchid = text_at(parsed, "mchid"),
                         .out_trade_no = text_at(parsed, "out_trade_no"),
                         .out_refund_no = text_at(parsed, "out_refund_no"),
                         .refund_id = text_at(parsed, "refund_id"),
                         .amount = amount.value_or(Fen{}),
                         .at = parse_instant(text_at(parsed, "success_time")).value_or(created)};
    if (!status || !amount || change.mchid.empty() || change.out_trade_no.empty() ||
        change.out_refund_no.empty())
        return std::nullopt;
    change.status = *status;
    return change;
}

}  // namespace wefee::payment::wechat
