// The gateway's calls: build or take the stored fields, sign, send once, read the answer.
#include "payment/alipay/gateway.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "payment/alipay/fields.hpp"

namespace wefee::payment::alipay {

namespace {

std::chrono::steady_clock::time_point deadline_after(std::chrono::milliseconds limit) {
    return std::chrono::steady_clock::now() + limit;
}

Fen stored_amount(const Call& call, std::string_view name) {
    const auto amount = parse_yuan(biz_text(call.biz_content, name));
    if (!amount) throw std::invalid_argument("alipay: stored fields without " + std::string(name));
    return *amount;
}

bool browser_method(const Call& call) {
    return call.method == "alipay.trade.page.pay" || call.method == "alipay.trade.wap.pay";
}

Call stored_call_of(std::string_view fields, std::string_view method) {
    auto call = stored_call(fields);
    if (call.method != method) throw std::invalid_argument("alipay: stored fields are of " + call.method);
    return call;
}

}  // namespace

AlipayGateway::AlipayGateway(Settings settings, io::HttpClient& http, const io::Clock& clock)
    : settings_(std::move(settings)), identity_(make_identity(settings_)), http_(http), clock_(clock) {}

std::string AlipayGateway::fields(const Deduction& deduction) const {
    return store_call(deduction_call(settings_, deduction));
}
std::string AlipayGateway::fields(const ManualOrder& order) const {
    return store_call(order_call(settings_, order));
}
std::string AlipayGateway::fields(const RefundRequest& refund) const {
    return store_call(refund_call(refund));
}

Asked AlipayGateway::asked(std::string out_trade_no, Fen amount, std::string contract_id) const {
    return {.app_id = settings_.app_id,
            .seller_id = settings_.seller_id,
            .out_trade_no = std::move(out_trade_no),
            .amount = amount,
            .contract_id = std::move(contract_id)};
}

AgreementAsked AlipayGateway::agreement_asked(std::string our_number, std::string contract_id) const {
    return {.app_id = settings_.app_id,
            .our_number = std::move(our_number),
            .contract_id = std::move(contract_id)};
}

io::awaitable<std::string> AlipayGateway::exchange(const Call& call, Deadline deadline,
                                                   std::string& failure) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= std::chrono::milliseconds{0}) {
        failure = "timed_out";
        co_return "";
    }
    auto request = post_request(settings_.gateway_url, sign_call(identity_, call, clock_.now()));
    try {
        auto response = co_await http_.send(std::move(request), left);
        // The v2 gateway answers 200 for errors of its own too: any other status is something in between.
        if (response.status == 200) co_return std::move(response.body);
        failure = "http_" + std::to_string(response.status);
    } catch (const boost::system::system_error& error) {
        failure = error.code() == boost::asio::error::timed_out ? "timed_out" : "transport";
    }
    co_return "";
}

io::awaitable<Answer> AlipayGateway::ask(Call call, Deadline deadline) {
    call.encrypted = identity_.aes_key.has_value();
    std::string failure;
    const auto raw = co_await exchange(call, deadline, failure);
    if (!failure.empty()) {
        Answer answer;
        answer.failure = std::move(failure);
        co_return answer;
    }
    auto answer = read_response(raw, call.method, identity_.alipay_key, identity_.aes_key);
    // Another certificate with the same key is a renewal and verifies; with another key a person has to
    // install it.
    const bool other_certificate = !answer.cert_sn.empty() && answer.cert_sn != identity_.alipay_cert_sn;
    if (answer.trust == Trust::bad_signature && other_certificate) answer.failure = "unknown_certificate";
    co_return answer;
}

io::awaitable<OrderResult> AlipayGateway::deduct(std::string fields, std::chrono::milliseconds limit) {
    const auto call = stored_call_of(fields, "alipay.trade.pay");
    const auto expected =
        asked(biz_text(call.biz_content, "out_trade_no"), stored_amount(call, "total_amount"),
              biz_text(call.biz_content, "agreement_params", "agreement_no"));
    const auto answer = co_await ask(call, deadline_after(limit));
    co_return read_payment(answer, expected);
}

io::awaitable<OrderCreated> AlipayGateway::create_order(std::string fields, std::chrono::milliseconds limit) {
    const auto call = stored_call(fields);
    if (browser_method(call)) {
        OrderCreated created;
        created.result = order_result(ResultClass::accepted, "signed_address");
        created.instructions.redirect_url =
            page_url(settings_.gateway_url, sign_call(identity_, call, clock_.now()));
        co_return created;
    }
    if (call.method != "alipay.trade.precreate")
        throw std::invalid_argument("alipay: stored fields are of " + call.method);
    const auto expected =
        asked(biz_text(call.biz_content, "out_trade_no"), stored_amount(call, "total_amount"));
    const auto answer = co_await ask(call, deadline_after(limit));
    co_return read_precreate(answer, expected);
}

io::awaitable<OrderResult> AlipayGateway::query(std::string out_trade_no, Fen expected, bool /*deduction*/,
                                                std::chrono::milliseconds limit) {
    const auto answer = co_await ask(query_call(out_trade_no), deadline_after(limit));
    co_return read_query(answer, asked(out_trade_no, expected));
}

io::awaitable<OrderResult> AlipayGateway::close(std::string out_trade_no, bool /*deduction*/,
                                                std::chrono::milliseconds limit) {
    const auto answer = co_await ask(close_call(out_trade_no), deadline_after(limit));
    co_return read_close(answer, asked(out_trade_no, Fen{}));
}

io::awaitable<OrderResult> AlipayGateway::announce(std::string /*contract_id*/, Fen /*amount*/,
                                                   std::chrono::milliseconds /*limit*/) {
    co_return order_result(ResultClass::succeeded, "not_needed");
}

io::awaitable<SigningPage> AlipayGateway::sign_page(MandateRequest request,
                                                    std::chrono::milliseconds /*limit*/) {
    const auto call = sign_page_call(settings_, request);
    auto url = page_url(settings_.gateway_url, sign_call(identity_, call, clock_.now()));
    // Only a page for the app itself may be opened by its scheme address.
    if (settings_.sign_channel == "ALIPAYAPP") url = signing_deep_link(url);
    co_return SigningPage{.url = std::move(url), .mini_program = ""};
}

io::awaitable<MandateStatus> AlipayGateway::query_mandate(std::string our_number, std::string contract_id,
                                                          std::chrono::milliseconds limit) {
    const auto call = agreement_query_call(settings_, our_number, contract_id);
    const auto answer = co_await ask(call, deadline_after(limit));
    co_return read_agreement(answer, agreement_asked(our_number, contract_id), clock_.now());
}

io::awaitable<MandateStatus> AlipayGateway::end_mandate(std::string our_number, std::string contract_id,
                                                        std::string /*reason*/,
                                                        std::chrono::milliseconds limit) {
    const auto deadline = deadline_after(limit);
    if (contract_id.empty()) {
        const auto found = co_await ask(agreement_query_call(settings_, our_number, ""), deadline);
        auto status = read_agreement(found, agreement_asked(our_number, ""), clock_.now());
        if (!status.signed_fact) co_return status;
        contract_id = status.signed_fact->contract_id;
    }
    const auto expected = agreement_asked(our_number, contract_id);
    const auto released = co_await ask(unsign_call(settings_, contract_id), deadline);
    if (released.trusted() && released.code() == "10000") {
        MandateStatus status;
        status.state = MandateState::ended;
        status.code = "10000";
        status.ended_fact = MandateEnded{.provider = Provider::alipay,
                                         .mchid = "",
                                         .app_id = settings_.app_id,
                                         .our_number = our_number,
                                         .contract_id = contract_id,
                                         .cause = MandateEnded::Cause::by_us,
                                         .ended_at = clock_.now()};
        co_return status;
    }
    // Unknown, "not exist" or "not normal": perhaps released already, so the query tells.
    const auto found = co_await ask(agreement_query_call(settings_, our_number, contract_id), deadline);
    co_return read_agreement(found, expected, clock_.now());
}

io::awaitable<OrderResult> AlipayGateway::move_next_date(std::string contract_id, CivilDay day,
                                                         std::chrono::milliseconds limit) {
    const auto change = co_await modify_plan(std::move(contract_id), day, "deduction day", limit);
    OrderResult result;
    result.result = change.result;
    result.code = change.code;
    co_return result;
}

io::awaitable<PlanChange> AlipayGateway::modify_plan(std::string contract_id, CivilDay deduct_day,
                                                     std::string memo, std::chrono::milliseconds limit) {
    const auto call = plan_modify_call(contract_id, deduct_day, memo);
    const auto answer = co_await ask(call, deadline_after(limit));
    co_return read_plan_change(answer, contract_id, deduct_day);
}

io::awaitable<RefundResult> AlipayGateway::refund(std::string fields, std::chrono::milliseconds limit) {
    const auto call = stored_call_of(fields, "alipay.trade.refund");
    const RefundAsked expected{.seller_id = settings_.seller_id,
                               .out_trade_no = biz_text(call.biz_content, "out_trade_no"),
                               .out_refund_no = biz_text(call.biz_content, "out_request_no"),
                               .amount = stored_amount(call, "refund_amount")};
    const auto answer = co_await ask(call, deadline_after(limit));
    co_return read_refund(answer, expected, clock_.now());
}

io::awaitable<RefundResult> AlipayGateway::query_refund(std::string out_trade_no, std::string out_refund_no,
                                                        Fen expected, std::chrono::milliseconds limit) {
    const auto answer = co_await ask(refund_query_call(out_trade_no, out_refund_no), deadline_after(limit));
    const RefundAsked wanted{.seller_id = settings_.seller_id,
                             .out_trade_no = out_trade_no,
                             .out_refund_no = out_refund_no,
                             .amount = expected};
    co_return read_refund_query(answer, wanted, clock_.now());
}

}  // namespace wefee::payment::alipay
