// Events of both protocols, turned into what billing understands.
#include "payment/wechat/facts.hpp"

#include <charconv>
#include <stdexcept>

#include "payment/wechat/json_read.hpp"
#include "payment/wechat/orders.hpp"
#include "payment/wechat/papay.hpp"
#include "payment/wechat/refunds.hpp"
#include "payment/wechat/results.hpp"

namespace wefee::payment::wechat {

namespace {

[[noreturn]] void not_documented(const std::string& what) {
    throw std::runtime_error(what + ": not the documented message");
}

PaymentFailed failure_of(const Order& order) {
    const bool says_nothing = order.err_code.empty() || order.err_code == "0";
    return {.provider = Provider::wechat,
            .mchid = order.mchid,
            .out_trade_no = order.out_trade_no,
            .cause = deduction_cause(order.err_code),
            .provider_code = !says_nothing               ? order.err_code
                             : order.trade_state.empty() ? std::string{"PAY_FAIL"}
                                                         : order.trade_state};
}

ProviderFact transaction_fact(const OpenedEnvelope& envelope) {
    const auto order = read_order(envelope.plaintext);
    if (!order) not_documented(envelope.event_type);
    const bool says_failed = envelope.event_type == "TRANSACTION.FAIL";
    switch (trade_state_result(order->trade_state)) {
        case ResultClass::succeeded:
            if (const auto payment = payment_of(*order); payment && !says_failed) return *payment;
            not_documented(envelope.event_type);
        case ResultClass::failed:
            return failure_of(*order);
        case ResultClass::in_progress:
            return NoAction{envelope.event_type + "/" + order->trade_state};
        default:
            not_documented(envelope.event_type);
    }
}

ProviderFact refund_fact(const OpenedEnvelope& envelope) {
    const auto change = read_refund_notice(envelope.plaintext, envelope.created.value_or(Instant{}));
    if (!change) not_documented(envelope.event_type);
    const auto named = parse_refund_status(std::string_view(envelope.event_type).substr(7));
    if (named && *named != change->status) not_documented(envelope.event_type);
    return *change;
}

// plan_id is a number in APIv3 and a text in APIv2.
std::string plan_id_of(const nlohmann::json& contract) {
    const auto number = integer_at(contract, "plan_id");
    return number ? std::to_string(*number) : text_at(contract, "plan_id");
}

ProviderFact contract_fact(const OpenedEnvelope& envelope, bool ended) {
    const auto contract = parse_object(envelope.plaintext);
    if (!contract) not_documented(envelope.event_type);
    const std::string contract_id = text_at(*contract, "contract_id");
    const std::string mchid = text_at(*contract, "mchid");
    if (contract_id.empty() || mchid.empty()) not_documented(envelope.event_type);
    const Instant created = envelope.created.value_or(Instant{});
    if (!ended)
        return MandateSigned{
            .provider = Provider::wechat,
            .mchid = mchid,
            .app_id = text_at(*contract, "appid"),
            .our_number = text_at(*contract, "out_contract_code"),
            .contract_id = contract_id,
            .plan_id = plan_id_of(*contract),
            .payer = text_at(*contract, "openid"),
            .signed_at = parse_instant(text_at(*contract, "contract_signed_time")).value_or(created),
            .expires_at = parse_instant(text_at(*contract, "contract_expired_time"))};
    MandateEnded fact{.provider = Provider::wechat,
                      .mchid = mchid,
                      .app_id = text_at(*contract, "appid"),
                      .our_number = text_at(*contract, "out_contract_code"),
                      .contract_id = contract_id,
                      .cause = MandateEnded::Cause::unknown,
                      .ended_at = created};
    if (const auto* how = object_at(*contract, "contract_terminate_info")) {
        fact.cause = ended_cause(text_at(*how, "contract_termination_mode"));
        fact.ended_at = parse_instant(text_at(*how, "contract_terminated_time")).value_or(created);
    }
    return fact;
}

std::string require(const v2::Fields& fields, std::string_view name) {
    const auto value = v2::value_of(fields, name);
    if (value.empty()) not_documented("v2 notice without " + std::string(name));
    return std::string(value);
}

ProviderFact v2_contract_fact(const v2::Fields& fields) {
    const std::string change = require(fields, "change_type");
    if (v2::value_of(fields, "result_code") != "SUCCESS") return NoAction{"v2.contract/result_code"};
    if (change != "ADD" && change != "DELETE") return NoAction{"v2.contract/" + change};
    const std::string contract_id = require(fields, "contract_id");
    const std::string our_number = require(fields, "contract_code");
    const std::string mchid = require(fields, "mch_id");
    const auto operated = parse_local(v2::value_of(fields, "operate_time"));
    const std::string app_id{v2::value_of(fields, "appid")};
    if (change == "ADD") {
        const auto at = parse_local(v2::value_of(fields, "contract_signed_time"));
        if (!at && !operated) not_documented("v2 contract notice without a time");
        return MandateSigned{.provider = Provider::wechat,
                             .mchid = mchid,
                             .app_id = app_id,
                             .our_number = our_number,
                             .contract_id = contract_id,
                             .plan_id = std::string(v2::value_of(fields, "plan_id")),
                             .payer = std::string(v2::value_of(fields, "openid")),
                             .signed_at = at ? *at : *operated,
                             .expires_at = parse_local(v2::value_of(fields, "contract_expired_time"))};
    }
    const auto at = parse_local(v2::value_of(fields, "contract_terminated_time"));
    if (!at && !operated) not_documented("v2 contract notice without a time");
    return MandateEnded{.provider = Provider::wechat,
                        .mchid = mchid,
                        .app_id = app_id,
                        .our_number = our_number,
                        .contract_id = contract_id,
                        .cause = ended_cause(v2::value_of(fields, "contract_termination_mode")),
                        .ended_at = at ? *at : *operated};
}

// Failures arrive in two published shapes, one of them with result_code SUCCESS: only a whole and
// uncontradicted payment counts as one. Everything else is a hint that a query decides.
bool is_paid(const v2::Fields& fields, const Order& order) {
    const bool state_fits =
        order.trade_state.empty() || trade_state_result(order.trade_state) == ResultClass::succeeded;
    const bool no_error = order.err_code.empty() || order.err_code == "0";
    return v2::value_of(fields, "result_code") == "SUCCESS" && state_fits && no_error &&
           !order.transaction_id.empty();
}

ProviderFact v2_deduction_fact(const v2::Fields& fields) {
    const Order order = read_v2_order(fields);
    if (order.mchid.empty() || order.out_trade_no.empty()) not_documented("v2 deduction notice");
    if (is_paid(fields, order)) {
        if (auto payment = payment_of(order)) return *payment;
        not_documented("v2 deduction notice");
    }
    if (trade_state_result(order.trade_state) == ResultClass::in_progress && order.err_code.empty())
        return NoAction{"v2.deduction/" + order.trade_state};
    return failure_of(order);
}

ProviderFact v2_refund_fact(const v2::Fields& fields, std::string_view api_v2_key) {
    const auto notice = open_v2_refund(fields, api_v2_key);
    if (!notice) not_documented("v2 refund notice");
    const auto status = parse_refund_status(v2::value_of(*notice, "refund_status"));
    const Order amounts = read_v2_order({{"total_fee", require(*notice, "refund_fee")}});
    if (!status) return NoAction{"v2.refund/" + std::string(v2::value_of(*notice, "refund_status"))};
    if (!amounts.total) not_documented("v2 refund notice");
    return RefundChanged{.provider = Provider::wechat,
                         .mchid = require(fields, "mch_id"),
                         .out_trade_no = require(*notice, "out_trade_no"),
                         .out_refund_no = require(*notice, "out_refund_no"),
                         .refund_id = std::string(v2::value_of(*notice, "refund_id")),
                         .status = *status,
                         .amount = *amounts.total,
                         .at = parse_local(v2::value_of(*notice, "success_time")).value_or(Instant{})};
}

}  // namespace

ProviderFact fact_of(const OpenedEnvelope& envelope) {
    const std::string& event = envelope.event_type;
    if (event == "TRANSACTION.SUCCESS" || event == "TRANSACTION.FAIL") return transaction_fact(envelope);
    if (event == "REFUND.SUCCESS" || event == "REFUND.ABNORMAL" || event == "REFUND.CLOSED")
        return refund_fact(envelope);
    if (event == "ENTRUST.SIGN") return contract_fact(envelope, false);
    if (event == "ENTRUST.TERMINATE") return contract_fact(envelope, true);
    return NoAction{event};
}

std::optional<V2Kind> v2_kind(const v2::Fields& fields) {
    if (fields.contains("change_type")) return V2Kind::contract;
    if (fields.contains("req_info")) return V2Kind::refund;
    if (fields.contains("out_trade_no")) return V2Kind::deduction;
    return std::nullopt;
}

std::optional<v2::Fields> open_v2_refund(const v2::Fields& fields, std::string_view api_v2_key) {
    const auto plain = v2::open_req_info(v2::value_of(fields, "req_info"), api_v2_key);
    if (!plain) return std::nullopt;
    auto notice = v2::read(*plain, "root");
    if (!notice || v2::value_of(*notice, "out_refund_no").empty() ||
        v2::value_of(*notice, "refund_status").empty())
        return std::nullopt;
    return notice;
}

ProviderFact fact_of(const v2::Fields& fields, std::string_view api_v2_key) {
    const auto kind = v2_kind(fields);
    if (!kind) not_documented("v2 notice");
    switch (*kind) {
        case V2Kind::contract:
            return v2_contract_fact(fields);
        case V2Kind::deduction:
            return v2_deduction_fact(fields);
        case V2Kind::refund:
            return v2_refund_fact(fields, api_v2_key);
    }
    not_documented("v2 notice");
}

}  // namespace wefee::payment::wechat
