// Reading answers: trust, then code, then number, then amount.
#include "payment/alipay/answers.hpp"

#include <utility>

namespace wefee::payment::alipay {

namespace {

// The code to keep: the business code, else the gateway's, else why there is none.
std::string code_of(const Answer& answer) {
    if (!answer.failure.empty()) return answer.failure;
    if (!answer.sub_code().empty()) return std::string(answer.sub_code());
    if (!answer.code().empty()) return std::string(answer.code());
    return std::string(trust_name(answer.trust));
}

// How an answer that is not a success counts.
OrderResult not_success(Api api, const Answer& answer) {
    if (!answer.trusted())
        return order_result(ResultClass::unknown, code_of(answer), std::string(trust_name(answer.trust)));
    const auto row = classify(api, answer.code(), answer.sub_code());
    return order_result(row.result, code_of(answer), std::string(row.hint), row.cause);
}

bool success(const Answer& answer) { return answer.trusted() && answer.code() == "10000"; }

OrderResult proves_nothing(const Answer& answer, std::string detail) {
    return order_result(ResultClass::unknown, code_of(answer), std::move(detail));
}

// A trusted answer about our number but with another amount is never applied: a person looks.
OrderResult paid_if_equal(const Answer& answer, const Asked& asked, std::string_view time_field) {
    const auto amount = parse_yuan(answer.field("total_amount"));
    if (!amount) return proves_nothing(answer, "no total_amount");
    if (*amount != asked.amount)
        return order_result(ResultClass::differs, code_of(answer), "total_amount is not ours");
    const auto paid_at = parse_local(answer.field(time_field));
    if (answer.field("trade_no").empty() || !paid_at)
        return proves_nothing(answer, "no trade_no or payment time");
    auto payer = std::string(answer.field("buyer_user_id"));
    if (payer.empty()) payer = answer.field("buyer_open_id");
    auto result = order_result(ResultClass::succeeded, code_of(answer));
    result.payment = PaymentSucceeded{.provider = Provider::alipay,
                                      .mchid = asked.seller_id,
                                      .app_id = asked.app_id,
                                      .out_trade_no = asked.out_trade_no,
                                      .transaction_id = std::string(answer.field("trade_no")),
                                      .amount = *amount,
                                      .payer = std::move(payer),
                                      .paid_at = *paid_at,
                                      .contract_id = asked.contract_id};
    return result;
}

RefundResult refund_not_success(Api api, const Answer& answer) {
    const auto order = not_success(api, answer);
    return {.result = order.result, .change = std::nullopt, .code = order.code};
}

RefundChanged refund_done(const RefundAsked& asked, Instant at) {
    return {.provider = Provider::alipay,
            .mchid = asked.seller_id,
            .out_trade_no = asked.out_trade_no,
            .out_refund_no = asked.out_refund_no,
            .refund_id = "",
            .status = RefundChanged::Status::succeeded,
            .amount = asked.amount,
            .cumulative = false,
            .at = at};
}

}  // namespace

OrderResult order_result(ResultClass result, std::string code, std::string detail, FailureCause cause) {
    return {.result = result,
            .payment = std::nullopt,
            .cause = cause,
            .code = std::move(code),
            .detail = std::move(detail)};
}

OrderResult read_payment(const Answer& answer, const Asked& asked) {
    if (!success(answer)) return not_success(Api::pay, answer);
    if (answer.field("out_trade_no") != asked.out_trade_no)
        return proves_nothing(answer, "another out_trade_no");
    // Asynchronous acceptance, which we never ask for: decided by notification or query.
    if (!answer.field("async_pay_apply_status").empty())
        return order_result(ResultClass::accepted, code_of(answer), "asynchronous");
    return paid_if_equal(answer, asked, "gmt_payment");
}

OrderResult read_query(const Answer& answer, const Asked& asked) {
    if (!success(answer)) return not_success(Api::query, answer);
    if (answer.field("out_trade_no") != asked.out_trade_no)
        return proves_nothing(answer, "another out_trade_no");
    const auto status = answer.field("trade_status");
    if (status == "TRADE_SUCCESS" || status == "TRADE_FINISHED")
        return paid_if_equal(answer, asked, "send_pay_date");
    if (status == "WAIT_BUYER_PAY") return order_result(ResultClass::in_progress, std::string(status));
    if (status != "TRADE_CLOSED") return proves_nothing(answer, "unknown trade_status");
    if (!answer.field("send_pay_date").empty())
        return order_result(ResultClass::differs, std::string(status), "closed after a payment");
    return order_result(ResultClass::failed, std::string(status), "", FailureCause::closed_unpaid);
}

OrderResult read_close(const Answer& answer, const Asked& asked) {
    if (!success(answer)) return not_success(Api::close, answer);
    if (answer.field("out_trade_no") != asked.out_trade_no)
        return proves_nothing(answer, "another out_trade_no");
    return order_result(ResultClass::accepted, code_of(answer));
}

OrderCreated read_precreate(const Answer& answer, const Asked& asked) {
    if (!success(answer)) return {.result = not_success(Api::order, answer), .instructions = {}};
    if (answer.field("out_trade_no") != asked.out_trade_no)
        return {.result = proves_nothing(answer, "another out_trade_no"), .instructions = {}};
    if (answer.field("qr_code").empty())
        return {.result = proves_nothing(answer, "no qr_code"), .instructions = {}};
    OrderCreated created{.result = order_result(ResultClass::accepted, code_of(answer)), .instructions = {}};
    created.instructions.qr_code = answer.field("qr_code");
    return created;
}

RefundResult read_refund(const Answer& answer, const RefundAsked& asked, Instant now) {
    if (!success(answer)) return refund_not_success(Api::refund, answer);
    RefundResult result{.result = ResultClass::unknown, .change = std::nullopt, .code = code_of(answer)};
    if (answer.field("out_trade_no") != asked.out_trade_no) return result;
    result.result = ResultClass::accepted;
    const auto total = parse_yuan(answer.field("refund_fee"));  // of all refunds on the trade so far
    if (answer.field("fund_change") != "Y" || !total || *total < asked.amount) return result;
    result.result = ResultClass::succeeded;
    result.change = refund_done(asked, now);
    return result;
}

RefundResult read_refund_query(const Answer& answer, const RefundAsked& asked, Instant now) {
    if (!success(answer)) return refund_not_success(Api::refund_query, answer);
    RefundResult result{.result = ResultClass::unknown, .change = std::nullopt, .code = code_of(answer)};
    const auto amount = parse_yuan(answer.field("refund_amount"));
    const bool done = answer.field("refund_status") == "REFUND_SUCCESS";
    if (answer.field("out_request_no").empty() && !amount && !done) {
        result.result = ResultClass::not_found;
        return result;
    }
    if (answer.field("out_trade_no") != asked.out_trade_no ||
        answer.field("out_request_no") != asked.out_refund_no)
        return result;
    // Older wording lets an amount alone mean "refunded": ask again, never start another refund.
    if (!done) {
        result.result = ResultClass::in_progress;
        return result;
    }
    if (amount != asked.amount) {
        result.result = amount ? ResultClass::differs : ResultClass::unknown;
        return result;
    }
    result.result = ResultClass::succeeded;
    result.change = refund_done(asked, parse_local(answer.field("gmt_refund_pay")).value_or(now));
    return result;
}

}  // namespace wefee::payment::alipay
