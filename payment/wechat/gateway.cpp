// Each operation: build the text, send it once, judge the answer.
#include "payment/wechat/gateway.hpp"

#include "io/crypto.hpp"
#include "payment/wechat/orders.hpp"
#include "payment/wechat/papay.hpp"
#include "payment/wechat/refunds.hpp"
#include "payment/wechat/results.hpp"

namespace wefee::payment::wechat {

namespace {

template <class Answer>
OrderResult error_result(Call call, const Answer& answer) {
    const Classified classified = classify(call, answer);
    return {
        .result = classified.result, .cause = classified.cause, .code = answer.code, .detail = answer.detail};
}

// Fields that were stored for another merchant number are not sent: the number would count anew there.
OrderResult other_merchant() {
    return {.result = ResultClass::refused,
            .cause = FailureCause::bad_request,
            .code = "FIELDS_OF_OTHER_MERCHANT"};
}

}  // namespace

WechatGateway::WechatGateway(const Settings& settings, const KeyRing& keys, KeyKeeper* keeper,
                             io::HttpClient& http, const io::Clock& clock)
    : settings_(settings), clock_(clock), client_(settings, keys, keeper, http, clock) {}

std::string WechatGateway::fields(const Deduction& deduction) const {
    return deduction_fields(settings_, deduction);
}
std::string WechatGateway::fields(const ManualOrder& order) const { return order_fields(settings_, order); }
std::string WechatGateway::fields(const RefundRequest& refund) const { return refund_fields(refund); }

io::awaitable<OrderResult> WechatGateway::deduct(std::string fields, std::chrono::milliseconds limit) {
    v2::Fields business = read_deduction_fields(fields);
    if (v2::value_of(business, "mch_id") != settings_.mchid) co_return other_merchant();
    const V2Answer answer = co_await client_.v2(std::string(apply_path), std::move(business), true, limit);
    if (answer.kind == V2Answer::Kind::success) co_return OrderResult{.result = ResultClass::accepted};
    co_return error_result(Call::apply, answer);
}

io::awaitable<OrderCreated> WechatGateway::create_order(std::string fields, std::chrono::milliseconds limit) {
    const OrderCall call = read_order_fields(fields);
    if (call.mchid != settings_.mchid) co_return OrderCreated{other_merchant(), {}};
    const V3Answer answer = co_await client_.v3("POST", call.path, call.body, limit);
    if (answer.kind != V3Answer::Kind::success)
        co_return OrderCreated{error_result(Call::create, answer), {}};
    auto instructions = read_created(answer.body);
    if (!instructions) co_return OrderCreated{OrderResult{.code = "UNREADABLE"}, {}};
    if (!instructions->prepay_id.empty())
        instructions->client_params = client_params(settings_, call.appid, instructions->prepay_id,
                                                    clock_.now(), io::random_alphanumeric(32));
    co_return OrderCreated{OrderResult{.result = ResultClass::accepted}, std::move(*instructions)};
}

io::awaitable<OrderResult> WechatGateway::query(std::string out_trade_no, Fen expected, bool deduction,
                                                std::chrono::milliseconds limit) {
    if (deduction) co_return co_await query_deduction(std::move(out_trade_no), expected, limit);
    const std::string target = order_query_target(settings_, out_trade_no);
    const V3Answer answer = co_await client_.v3("GET", target, {}, limit);
    if (answer.kind != V3Answer::Kind::success) co_return error_result(Call::query, answer);
    co_return judge_order(settings_, answer.body, out_trade_no, expected);
}

io::awaitable<OrderResult> WechatGateway::query_deduction(std::string out_trade_no, Fen expected,
                                                          std::chrono::milliseconds limit) {
    v2::Fields question = deduction_query(settings_, out_trade_no);
    const V2Answer answer =
        co_await client_.v2(std::string(order_query_path), std::move(question), true, limit);
    if (answer.kind != V2Answer::Kind::success) co_return error_result(Call::query, answer);
    co_return judge_order(settings_, read_v2_order(answer.fields), out_trade_no, expected);
}

io::awaitable<OrderResult> WechatGateway::close(std::string out_trade_no, bool deduction,
                                                std::chrono::milliseconds limit) {
    if (deduction) {
        v2::Fields question = deduction_query(settings_, out_trade_no);
        const V2Answer answer =
            co_await client_.v2(std::string(close_path), std::move(question), true, limit);
        if (answer.kind == V2Answer::Kind::success) co_return OrderResult{.result = ResultClass::accepted};
        co_return error_result(Call::close, answer);
    }
    const std::string target = order_close_target(out_trade_no);
    const V3Answer answer = co_await client_.v3("POST", target, order_close_body(settings_), limit);
    if (answer.kind == V3Answer::Kind::success) co_return OrderResult{.result = ResultClass::accepted};
    co_return error_result(Call::close, answer);
}

io::awaitable<OrderResult> WechatGateway::announce(std::string contract_id, Fen amount,
                                                   std::chrono::milliseconds limit) {
    if (!needs_announcement()) co_return OrderResult{.result = ResultClass::succeeded};
    const std::string target = notice_target(contract_id);
    const V3Answer answer = co_await client_.v3("POST", target, notice_body(settings_, amount), limit);
    if (answer.kind == V3Answer::Kind::success) co_return OrderResult{.result = ResultClass::succeeded};
    co_return error_result(Call::notice, answer);
}

io::awaitable<SigningPage> WechatGateway::sign_page(MandateRequest request, std::chrono::milliseconds) {
    co_return make_sign_page(settings_, request, clock_.now());
}

io::awaitable<MandateStatus> WechatGateway::query_mandate(std::string our_number, std::string contract_id,
                                                          std::chrono::milliseconds limit) {
    v2::Fields question = contract_query(settings_, our_number, contract_id);
    const V2Answer answer =
        co_await client_.v2(std::string(contract_query_path), std::move(question), false, limit);
    if (answer.kind == V2Answer::Kind::success)
        co_return judge_contract(settings_, answer.fields, our_number, contract_id);
    const bool none = classify(Call::contract, answer).result == ResultClass::not_found;
    co_return MandateStatus{.state = none ? MandateState::not_signed : MandateState::unknown,
                            .code = answer.code};
}

io::awaitable<MandateStatus> WechatGateway::end_mandate(std::string our_number, std::string contract_id,
                                                        std::string reason, std::chrono::milliseconds limit) {
    v2::Fields question = contract_query(settings_, our_number, contract_id);
    question.emplace("contract_termination_remark", std::move(reason));
    const V2Answer answer =
        co_await client_.v2(std::string(contract_end_path), std::move(question), false, limit);
    if (answer.kind != V2Answer::Kind::success) co_return MandateStatus{.code = answer.code};
    MandateStatus status{.state = MandateState::ended};
    status.ended_fact = MandateEnded{.provider = Provider::wechat,
                                     .mchid = settings_.mchid,
                                     .app_id = settings_.appid,
                                     .our_number = std::move(our_number),
                                     .contract_id = std::move(contract_id),
                                     .cause = MandateEnded::Cause::by_us,
                                     .ended_at = clock_.now()};
    co_return status;
}

io::awaitable<RefundResult> WechatGateway::refund(std::string fields, std::chrono::milliseconds limit) {
    const RefundCall call = read_refund_fields(fields);
    const V3Answer answer = co_await client_.v3("POST", std::string(refund_path), call.body, limit);
    if (answer.kind == V3Answer::Kind::success)
        co_return judge_refund(settings_, answer.body, call.out_refund_no, call.refund, false, clock_.now());
    co_return RefundResult{.result = classify(Call::refund, answer).result, .code = answer.code};
}

io::awaitable<RefundResult> WechatGateway::query_refund(std::string out_trade_no, std::string out_refund_no,
                                                        Fen expected, std::chrono::milliseconds limit) {
    const std::string target = refund_query_target(out_refund_no);
    const V3Answer answer = co_await client_.v3("GET", target, {}, limit);
    if (answer.kind != V3Answer::Kind::success)
        co_return RefundResult{.result = classify(Call::refund_query, answer).result, .code = answer.code};
    RefundResult result = judge_refund(settings_, answer.body, out_refund_no, expected, true, clock_.now());
    if (result.change && result.change->out_trade_no != out_trade_no)
        co_return RefundResult{.result = ResultClass::differs, .code = "OUT_TRADE_NO_MISMATCH"};
    co_return result;
}

}  // namespace wefee::payment::wechat
