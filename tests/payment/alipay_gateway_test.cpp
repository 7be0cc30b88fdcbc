// The gateway against an in-process Alipay that checks our signature, keeps its own books and signs its answers.
#include "payment/alipay/gateway.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <map>
#include <vector>

#include "alipay_testing.hpp"
#include "payment/alipay/fields.hpp"
#include "payment/alipay/response.hpp"

namespace wefee::payment::alipay {
namespace {

using namespace testing;
using namespace std::chrono_literals;
namespace asio = boost::asio;

const Instant ten_oclock = parse_instant("2026-01-15T10:00:00+08:00").value();

class FixedClock final : public io::Clock {
public:
    Instant now() const override { return at; }
    Instant at = ten_oclock;
};

template <class T>
T run(io::awaitable<T> task) {
    asio::io_context loop(1);
    std::optional<T> result;
    std::exception_ptr failure;
    asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T value) {
        failure = error;
        if (!error) result = std::move(value);
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

/// One received call, its signature checked.
struct Received {
    std::string method;
    std::string biz;
    io::Fields params;
};

class FakeAlipay final : public io::HttpClient {
public:
    using Handler = std::function<io::ClientResponse(const Received&)>;

    /// Answers the next calls in turn; afterwards `otherwise`.
    std::vector<Handler> script;
    Handler otherwise;
    std::vector<Received> received;
    io::PrivateKey key = alipay_private_key();
    std::string cert_sn;

    io::awaitable<io::ClientResponse> send(io::ClientRequest request, std::chrono::milliseconds limit) override {
        EXPECT_GT(limit, 0ms);
        const auto call = read(request);
        received.push_back(call);
        const auto handler = received.size() <= script.size() ? script[received.size() - 1] : otherwise;
        co_return handler(call);
    }

    io::ClientResponse answer(const Received& call, const std::string& node) const {
        return {.status = 200,
                .headers = {{"Content-Type", "text/html;charset=utf-8"}},
                .body = write_response(call.method, node, key, cert_sn)};
    }
    Handler says(std::string node) {
        return [this, node = std::move(node)](const Received& call) { return answer(call, node); };
    }
    Handler refuses(std::string code, std::string sub_code) {
        return says(R"({"code":")" + code + R"(","msg":"","sub_code":")" + sub_code + R"(","sub_msg":""})");
    }
    static Handler raw(int status, std::string body) {
        return [=](const Received&) { return io::ClientResponse{.status = status, .headers = {}, .body = body}; };
    }
    static Handler breaks(boost::system::error_code error) {
        return [=](const Received&) -> io::ClientResponse { throw boost::system::system_error(error); };
    }

private:
    static Received read(const io::ClientRequest& request) {
        EXPECT_EQ(request.method, "POST");
        const auto mark = request.url.find('?');
        Received call;
        call.params = io::parse_form(request.url.substr(mark + 1)).value();
        const auto body = io::parse_form(request.body).value();
        call.params.insert(call.params.end(), body.begin(), body.end());
        EXPECT_TRUE(request_signature_holds(call.params, app_key().public_key()));
        call.method = *io::find_field(call.params, "method");
        call.biz = *io::find_field(call.params, "biz_content");
        return call;
    }
};

class AlipayGatewayTest : public ::testing::Test {
protected:
    FixedClock clock;
    FakeAlipay alipay;
    AlipayGateway gateway{key_mode(), alipay, clock};

    static constexpr std::string_view paid =
        R"({"code":"10000","msg":"Success","trade_no":"2026011522001400000000000001",)"
        R"("out_trade_no":"CHG_1","total_amount":"29.90","gmt_payment":"2026-01-15 10:00:03",)"
        R"("buyer_user_id":"2088000000000009"})";

    std::string deduction_fields() const {
        return gateway.fields(Deduction{.out_trade_no = "CHG_1",
                                        .amount = Fen{2990},
                                        .contract_id = "20265115000000000001",
                                        .description = "月费",
                                        .notify_url = "https://pay.example.test/alipay/notify"});
    }
    OrderResult deduct(FakeAlipay::Handler handler) {
        alipay.received.clear();
        alipay.script = {std::move(handler)};
        return run(gateway.deduct(deduction_fields(), 5s));
    }
    OrderResult query(std::string node) {
        alipay.received.clear();
        alipay.script = {alipay.says(std::move(node))};
        return run(gateway.query("CHG_1", Fen{2990}, true, 5s));
    }
    static std::string trade(const std::string& status, const std::string& more = "") {
        return R"({"code":"10000","msg":"Success","trade_no":"T1","out_trade_no":"CHG_1","total_amount":"29.90",)"
               R"("trade_status":")" + status + "\"" + more + "}";
    }
};

TEST_F(AlipayGatewayTest, ADeductionThatIsSignedWithOurNumberAndAmountSucceeded) {
    const auto result = deduct(alipay.says(std::string(paid)));
    ASSERT_EQ(result.result, ResultClass::succeeded);
    ASSERT_TRUE(result.payment);
    EXPECT_EQ(result.payment->mchid, "2088000000000001");
    EXPECT_EQ(result.payment->app_id, "2021000000000001");
    EXPECT_EQ(result.payment->out_trade_no, "CHG_1");
    EXPECT_EQ(result.payment->transaction_id, "2026011522001400000000000001");
    EXPECT_EQ(result.payment->amount, Fen{2990});
    EXPECT_EQ(result.payment->contract_id, "20265115000000000001");
    EXPECT_EQ(result.payment->payer, "2088000000000009");
    EXPECT_EQ(format_local(result.payment->paid_at), "2026-01-15 10:00:03");
    EXPECT_EQ(*io::find_field(alipay.received[0].params, "notify_url"), "https://pay.example.test/alipay/notify");
}

TEST_F(AlipayGatewayTest, ASuccessWithOtherFieldsIsNeverApplied) {
    const auto changed = [&](std::string_view from, std::string_view to) {
        std::string node(paid);
        node.replace(node.find(from), from.size(), to);
        const auto result = deduct(alipay.says(node));
        EXPECT_FALSE(result.payment) << to;
        return result.result;
    };
    EXPECT_EQ(changed("29.90", "29.91"), ResultClass::differs);
    EXPECT_EQ(changed("29.90", "x"), ResultClass::unknown);
    EXPECT_EQ(changed("CHG_1", "CHG_2"), ResultClass::unknown);
    EXPECT_EQ(changed("2026-01-15 10:00:03", ""), ResultClass::unknown);
    EXPECT_EQ(changed("2026011522001400000000000001", ""), ResultClass::unknown);
    EXPECT_EQ(changed("\"gmt_payment\"", "\"async_pay_apply_status\":\"S\",\"gmt_payment\""), ResultClass::accepted);
}

TEST_F(AlipayGatewayTest, EveryRefusalOfTheTableReachesTheFlow) {
    for (const auto& row : pay_codes) {
        const auto result = deduct(alipay.refuses("40004", "ACQ." + std::string(row.code)));
        EXPECT_EQ(result.result, row.result) << row.code;
        EXPECT_EQ(result.cause, row.cause) << row.code;
        EXPECT_EQ(result.code, "ACQ." + std::string(row.code));
        EXPECT_FALSE(result.payment);
    }
}

TEST_F(AlipayGatewayTest, WhatIsNotSignedOrNotAnAnswerIsUnknown) {
    const std::string unsigned_refusal =
        R"({"alipay_trade_pay_response":{"code":"40004","sub_code":"ACQ.AGREEMENT_NOT_EXIST"}})";
    auto forged = alipay;
    forged.key = wrong_private_key();
    const auto forged_success = [&](const Received& call) { return forged.answer(call, std::string(paid)); };
    const std::vector<FakeAlipay::Handler> handlers{
        FakeAlipay::raw(200, unsigned_refusal),
        FakeAlipay::raw(200, R"({"alipay_trade_pay_response":)" + std::string(paid) + "}"),
        FakeAlipay::raw(200, data("response/S11_unsigned_gateway_error.raw")),
        FakeAlipay::raw(200, data("response/S12_error_response.raw")),
        FakeAlipay::raw(200, data("response/S08_tampered.raw")),
        forged_success,
        FakeAlipay::raw(200, "<html>\xC4\xE3</html>"),
        FakeAlipay::raw(200, ""),
        FakeAlipay::raw(502, "{}"),
        FakeAlipay::raw(302, ""),
        alipay.refuses("20000", "isp.unknow-error"),
        alipay.refuses("10003", ""),
        alipay.refuses("40004", "ACQ.SYSTEM_ERROR"),
        alipay.refuses("40004", "ACQ.NEVER_HEARD_OF"),
        FakeAlipay::breaks(asio::error::timed_out),
        FakeAlipay::breaks(asio::error::connection_reset)};
    for (std::size_t i = 0; i < handlers.size(); ++i) {
        const auto result = deduct(handlers[i]);
        EXPECT_EQ(result.result, ResultClass::unknown) << i;
        EXPECT_FALSE(result.payment) << i;
        EXPECT_FALSE(result.code.empty()) << i;
        EXPECT_EQ(alipay.received.size(), 1u) << "nothing is sent twice by itself";
    }
}

TEST_F(AlipayGatewayTest, ASignedGatewayRefusalWasNotExecuted) {
    const auto result = deduct(alipay.refuses("40003", "isv.missing-signature-config"));
    EXPECT_EQ(result.result, ResultClass::refused);
    EXPECT_EQ(result.cause, FailureCause::merchant_blocked);
    EXPECT_FALSE(result.detail.empty());
}

TEST_F(AlipayGatewayTest, ALimitThatHasPassedSendsNothing) {
    const auto result = run(gateway.deduct(deduction_fields(), 0ms));
    EXPECT_EQ(result.result, ResultClass::unknown);
    EXPECT_EQ(result.code, "timed_out");
    EXPECT_TRUE(alipay.received.empty());
}

// The one that costs money when it is wrong: the answer is lost after Alipay took the money.
TEST_F(AlipayGatewayTest, AReplyLostAfterSuccessIsFoundByQueryAndTheSameNumberTakesNoMoneyAgain) {
    std::map<std::string, std::string> books;  // number -> biz_content of the paid trade
    alipay.otherwise = [&](const Received& call) {
        const auto number = biz_text(call.biz, "out_trade_no");
        if (call.method == "alipay.trade.query")
            return alipay.answer(call, books.contains(number)
                                           ? trade("TRADE_SUCCESS", R"(,"send_pay_date":"2026-01-15 10:00:03")")
                                           : R"({"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"})");
        if (books.contains(number))
            return alipay.answer(call, books[number] == call.biz
                                           ? R"({"code":"40004","sub_code":"ACQ.TRADE_HAS_SUCCESS"})"
                                           : R"({"code":"40004","sub_code":"ACQ.CONTEXT_INCONSISTENT"})");
        books[number] = call.biz;
        throw boost::system::system_error(asio::error::timed_out);  // executed, but nobody hears of it
    };
    const auto fields = deduction_fields();
    EXPECT_EQ(run(gateway.deduct(fields, 5s)).result, ResultClass::unknown);
    clock.at += 90s;
    EXPECT_EQ(run(gateway.deduct(fields, 5s)).result, ResultClass::already);  // the same number, the same fields
    const auto found = run(gateway.query("CHG_1", Fen{2990}, true, 5s));
    ASSERT_EQ(found.result, ResultClass::succeeded);
    EXPECT_EQ(found.payment->amount, Fen{2990});
    EXPECT_EQ(books.size(), 1u);
    EXPECT_EQ(alipay.received[0].biz, alipay.received[1].biz);
    EXPECT_NE(*io::find_field(alipay.received[0].params, "timestamp"),
              *io::find_field(alipay.received[1].params, "timestamp"));
    auto dearer = stored_call(fields);
    dearer.biz_content.replace(dearer.biz_content.find("29.90"), 5, "39.90");
    EXPECT_EQ(run(gateway.deduct(store_call(dearer), 5s)).result, ResultClass::differs);
}

TEST_F(AlipayGatewayTest, AQueryIsDecidedByTheTradesState) {
    EXPECT_EQ(query(trade("WAIT_BUYER_PAY")).result, ResultClass::in_progress);
    EXPECT_EQ(query(trade("TRADE_FINISHED", R"(,"send_pay_date":"2026-01-15 10:00:03")")).result,
              ResultClass::succeeded);
    const auto closed = query(trade("TRADE_CLOSED"));
    EXPECT_EQ(closed.result, ResultClass::failed);
    EXPECT_EQ(closed.cause, FailureCause::closed_unpaid);
    EXPECT_EQ(query(trade("TRADE_CLOSED", R"(,"send_pay_date":"2026-01-15 10:00:03")")).result, ResultClass::differs);
    EXPECT_EQ(query(trade("SOMETHING_NEW")).result, ResultClass::unknown);
    EXPECT_EQ(query(R"({"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"})").result, ResultClass::not_found);
    EXPECT_EQ(query(R"({"code":"40002","sub_code":"isv.invalid-parameter"})").result, ResultClass::unknown);
    EXPECT_EQ(query(R"({"code":"10000","out_trade_no":"CHG_2","trade_status":"TRADE_CLOSED"})").result,
              ResultClass::unknown);
}

TEST_F(AlipayGatewayTest, ClosingIsTakenOrQueried) {
    const auto close = [&](std::string node) {
        alipay.received.clear();
        alipay.script = {alipay.says(std::move(node))};
        return run(gateway.close("CHG_1", false, 5s)).result;
    };
    EXPECT_EQ(close(R"({"code":"10000","trade_no":"T1","out_trade_no":"CHG_1"})"), ResultClass::accepted);
    EXPECT_EQ(close(R"({"code":"40004","sub_code":"ACQ.TRADE_STATUS_ERROR"})"), ResultClass::already);
    EXPECT_EQ(close(R"({"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"})"), ResultClass::not_found);
}

ManualOrder manual(ManualOrder::Way way) {
    return {.way = way,
            .out_trade_no = "QR_1",
            .amount = Fen{2990},
            .description = "月费",
            .notify_url = "https://pay.example.test/alipay/notify",
            .return_url = "https://app.example.test/back",
            .payer = "",
            .expires_at = ten_oclock + 2h};
}

TEST_F(AlipayGatewayTest, AQrOrderGivesTheTextOfTheCode) {
    alipay.script = {alipay.says(R"({"code":"10000","out_trade_no":"QR_1","qr_code":"https:\/\/qr.alipay.com\/bax1"})"),
                     alipay.says(R"({"code":"10000","out_trade_no":"QR_1"})"),
                     alipay.refuses("40004", "ACQ.TRADE_HAS_SUCCESS")};
    const auto fields = gateway.fields(manual(ManualOrder::Way::native_qr));
    const auto created = run(gateway.create_order(fields, 5s));
    EXPECT_EQ(created.result.result, ResultClass::accepted);
    EXPECT_EQ(created.instructions.qr_code, "https://qr.alipay.com/bax1");
    EXPECT_EQ(run(gateway.create_order(fields, 5s)).result.result, ResultClass::unknown);
    EXPECT_EQ(run(gateway.create_order(fields, 5s)).result.result, ResultClass::already);
}

TEST_F(AlipayGatewayTest, APageOrderIsASignedAddressAndNoCall) {
    for (const auto way : {ManualOrder::Way::page, ManualOrder::Way::wap}) {
        const auto created = run(gateway.create_order(gateway.fields(manual(way)), 5s));
        EXPECT_EQ(created.result.result, ResultClass::accepted);
        const auto& url = created.instructions.redirect_url;
        const auto params = io::parse_form(url.substr(url.find('?') + 1)).value();
        EXPECT_TRUE(request_signature_holds(params, app_key().public_key()));
        EXPECT_EQ(*io::find_field(params, "return_url"), "https://app.example.test/back");
    }
    EXPECT_TRUE(alipay.received.empty());
    EXPECT_THROW(gateway.fields(manual(ManualOrder::Way::mini_program)), std::invalid_argument);
}

TEST_F(AlipayGatewayTest, FieldsOfAnotherCallAreRefused) {
    EXPECT_THROW(run(gateway.deduct(gateway.fields(manual(ManualOrder::Way::native_qr)), 5s)), std::invalid_argument);
    EXPECT_THROW(run(gateway.create_order(deduction_fields(), 5s)), std::invalid_argument);
    EXPECT_THROW(run(gateway.refund(deduction_fields(), 5s)), std::invalid_argument);
    EXPECT_TRUE(alipay.received.empty());
}

TEST_F(AlipayGatewayTest, AlipayNeedsNoAnnouncement) {
    EXPECT_FALSE(gateway.needs_announcement());
    EXPECT_EQ(run(gateway.announce("A1", Fen{2990}, 5s)).result, ResultClass::succeeded);
    EXPECT_TRUE(alipay.received.empty());
}

MandateRequest mandate() {
    return {.our_number = "AGR1",
            .serial = 1,
            .account_name = "tenant-42",
            .notify_url = "https://pay.example.test/alipay/notify",
            .return_url = "https://app.example.test/back",
            .single_limit = Fen{2990},
            .total_limit = std::nullopt,
            .period_months = 1,
            .first_execute_day = parse_day("2026-02-01").value()};
}

TEST_F(AlipayGatewayTest, ASigningPageOpensInABrowserOrInTheApp) {
    const auto page = run(gateway.sign_page(mandate(), 5s));
    EXPECT_TRUE(page.url.starts_with("https://openapi.alipay.com/gateway.do?method=alipay.user.agreement.page.sign&"));
    EXPECT_EQ(page.mini_program, "");
    auto settings = key_mode();
    settings.sign_channel = "ALIPAYAPP";
    AlipayGateway in_app(settings, alipay, clock);
    EXPECT_TRUE(run(in_app.sign_page(mandate(), 5s)).url.starts_with("alipays://platformapi/startapp?appId=60000157"));
    auto bad = mandate();
    bad.first_execute_day = parse_day("2026-01-31").value();
    EXPECT_THROW(run(gateway.sign_page(bad, 5s)), std::invalid_argument);
    EXPECT_TRUE(alipay.received.empty());
}

std::string agreement(const std::string& status) {
    return R"({"code":"10000","agreement_no":"A1","external_agreement_no":"AGR1","status":")" + status +
           R"(","sign_time":"2026-01-15 09:50:01","invalid_time":"2115-02-01 00:00:00",)"
           R"("principal_id":"2088000000000009","next_deduct_time":"2026-02-01"})";
}

TEST_F(AlipayGatewayTest, AnAgreementsStateIsRead) {
    const auto ask = [&](std::string node, std::string contract = "A1") {
        alipay.received.clear();
        alipay.script = {alipay.says(std::move(node))};
        return run(gateway.query_mandate("AGR1", contract, 5s));
    };
    const auto active = ask(agreement("NORMAL"));
    EXPECT_EQ(active.state, MandateState::active);
    ASSERT_TRUE(active.signed_fact);
    EXPECT_EQ(active.signed_fact->contract_id, "A1");
    EXPECT_EQ(active.signed_fact->our_number, "AGR1");
    EXPECT_EQ(active.next_deduct_day, parse_day("2026-02-01"));
    EXPECT_EQ(ask(agreement("STOP")).state, MandateState::suspended);
    EXPECT_EQ(ask(agreement("TEMP")).state, MandateState::signing);
    EXPECT_EQ(ask(agreement("NEW")).state, MandateState::unknown);
    EXPECT_EQ(ask(agreement("NORMAL"), "A2").state, MandateState::unknown);  // about another agreement
    const std::string none = R"({"code":"40004","sub_code":"USER_AGREEMENT_NOT_EXIST"})";
    EXPECT_EQ(ask(none, "").state, MandateState::not_signed);
    EXPECT_EQ(ask(none).state, MandateState::ended);
    ASSERT_TRUE(ask(none).ended_fact);
    EXPECT_EQ(ask(none).ended_fact->ended_at, ten_oclock);
    EXPECT_EQ(ask(R"({"code":"40004","sub_code":"SYSTEM_ERROR"})").state, MandateState::unknown);
    alipay.received.clear();
    alipay.script = {FakeAlipay::raw(200, R"({"alipay_user_agreement_query_response":)" + none + "}")};
    EXPECT_EQ(run(gateway.query_mandate("AGR1", "A1", 5s)).state, MandateState::unknown);
}

TEST_F(AlipayGatewayTest, EndingAMandateIsBelievedWhenAlipaySaysSo) {
    alipay.script = {alipay.says(R"({"code":"10000","msg":"Success"})")};
    const auto ended = run(gateway.end_mandate("AGR1", "A1", "the tenant asked", 5s));
    EXPECT_EQ(ended.state, MandateState::ended);
    EXPECT_EQ(ended.ended_fact->cause, MandateEnded::Cause::by_us);

    alipay.received.clear();  // the answer is lost: the query tells
    alipay.script = {FakeAlipay::breaks(asio::error::timed_out), alipay.says(agreement("NORMAL"))};
    EXPECT_EQ(run(gateway.end_mandate("AGR1", "A1", "", 5s)).state, MandateState::active);

    alipay.received.clear();  // released before
    alipay.script = {alipay.refuses("40004", "AGREEMENT_NOT_EXSIT"),
                     alipay.refuses("40004", "AGREEMENT_HAS_UNSIGNED")};
    EXPECT_EQ(run(gateway.end_mandate("AGR1", "A1", "", 5s)).state, MandateState::ended);

    alipay.received.clear();  // only our number is known
    alipay.script = {alipay.says(agreement("NORMAL")), alipay.says(R"({"code":"10000"})")};
    EXPECT_EQ(run(gateway.end_mandate("AGR1", "", "", 5s)).state, MandateState::ended);
    EXPECT_EQ(biz_text(alipay.received[1].biz, "agreement_no"), "A1");
}

TEST_F(AlipayGatewayTest, APlanIsMovedToALaterDay) {
    const auto day = parse_day("2026-02-10").value();
    alipay.script = {alipay.says(R"({"code":"10000","agreement_no":"A1","deduct_time":"2026-02-10"})"),
                     alipay.refuses("40004", "ILLEGAL_EXECUTION_TIME"),
                     alipay.says(R"({"code":"10000","agreement_no":"A2","deduct_time":"2026-02-10"})")};
    EXPECT_EQ(run(gateway.modify_plan("A1", day, "", 5s)).deduct_day, day);
    EXPECT_EQ(run(gateway.modify_plan("A1", day, "", 5s)).result, ResultClass::refused);
    EXPECT_EQ(run(gateway.modify_plan("A1", day, "", 5s)).result, ResultClass::unknown);
}

TEST_F(AlipayGatewayTest, ARefundIsDoneOnlyWhenThisCallMovedMoney) {
    const auto fields = gateway.fields(RefundRequest{.out_trade_no = "CHG_1",
                                                     .transaction_id = "T1",
                                                     .out_refund_no = "RFD_1",
                                                     .refund = Fen{1000},
                                                     .total = Fen{2990},
                                                     .reason = "",
                                                     .notify_url = ""});
    const auto refund = [&](FakeAlipay::Handler handler) {
        alipay.received.clear();
        alipay.script = {std::move(handler)};
        return run(gateway.refund(fields, 5s));
    };
    const auto done = refund(alipay.says(R"({"code":"10000","out_trade_no":"CHG_1","fund_change":"Y","refund_fee":"10.00"})"));
    EXPECT_EQ(done.result, ResultClass::succeeded);
    ASSERT_TRUE(done.change);
    EXPECT_EQ(done.change->amount, Fen{1000});
    EXPECT_FALSE(done.change->cumulative);
    EXPECT_EQ(done.change->out_refund_no, "RFD_1");
    EXPECT_EQ(refund(alipay.says(R"({"code":"10000","out_trade_no":"CHG_1","fund_change":"N","refund_fee":"10.00"})")).result,
              ResultClass::accepted);
    EXPECT_EQ(refund(alipay.says(R"({"code":"10000","out_trade_no":"CHG_1"})")).result, ResultClass::accepted);
    EXPECT_EQ(refund(alipay.says(R"({"code":"10000","out_trade_no":"CHG_2","fund_change":"Y","refund_fee":"10.00"})")).result,
              ResultClass::unknown);
    EXPECT_EQ(refund(FakeAlipay::breaks(asio::error::eof)).result, ResultClass::unknown);
    for (const auto& row : refund_codes)
        EXPECT_EQ(refund(alipay.refuses("40004", "ACQ." + std::string(row.code))).result, row.result) << row.code;
}

TEST_F(AlipayGatewayTest, ARefundQueryNeverFreesTheNumber) {
    const auto ask = [&](std::string node) {
        alipay.received.clear();
        alipay.script = {alipay.says(std::move(node))};
        return run(gateway.query_refund("CHG_1", "RFD_1", Fen{1000}, 5s));
    };
    const auto done = ask(
        R"({"code":"10000","out_trade_no":"CHG_1","out_request_no":"RFD_1","refund_amount":"10.00",)"
        R"("refund_status":"REFUND_SUCCESS","gmt_refund_pay":"2026-01-16 09:00:04"})");
    EXPECT_EQ(done.result, ResultClass::succeeded);
    ASSERT_TRUE(done.change);
    EXPECT_EQ(format_local(done.change->at), "2026-01-16 09:00:04");
    EXPECT_EQ(ask(R"({"code":"10000","msg":"Success"})").result, ResultClass::not_found);
    EXPECT_EQ(ask(R"({"code":"10000","out_trade_no":"CHG_1","out_request_no":"RFD_1","refund_amount":"10.00"})").result,
              ResultClass::in_progress);
    EXPECT_EQ(ask(R"({"code":"10000","out_trade_no":"CHG_1","out_request_no":"RFD_1","refund_amount":"11.00",)"
                  R"("refund_status":"REFUND_SUCCESS"})")
                  .result,
              ResultClass::differs);
    EXPECT_EQ(ask(R"({"code":"10000","out_trade_no":"CHG_1","out_request_no":"RFD_2","refund_amount":"10.00",)"
                  R"("refund_status":"REFUND_SUCCESS"})")
                  .result,
              ResultClass::unknown);
}

TEST_F(AlipayGatewayTest, CertificateModeSendsBothSerialNumbers) {
    AlipayGateway with_certificates(certificate_mode(), alipay, clock);
    alipay.cert_sn = "7f94d09f9c650a5849416e1b3a1b4583";
    alipay.script = {alipay.says(std::string(paid))};
    EXPECT_EQ(run(with_certificates.deduct(deduction_fields(), 5s)).result, ResultClass::succeeded);
    EXPECT_EQ(*io::find_field(alipay.received[0].params, "app_cert_sn"), "11563727d470aa1279ee9883667157b1");
    EXPECT_NE(io::find_field(alipay.received[0].params, "alipay_root_cert_sn"), nullptr);
}

TEST_F(AlipayGatewayTest, ARenewedCertificateKeepsItsKeyAndAnotherKeyProvesNothing) {
    AlipayGateway with_certificates(certificate_mode(), alipay, clock);
    alipay.cert_sn = "a01a398d60559e99762f60afcaf40113";
    alipay.otherwise = alipay.says(std::string(paid));
    EXPECT_EQ(run(with_certificates.deduct(deduction_fields(), 5s)).result, ResultClass::succeeded);
    alipay.key = wrong_private_key();
    const auto foreign = run(with_certificates.deduct(deduction_fields(), 5s));
    EXPECT_EQ(foreign.result, ResultClass::unknown);
    EXPECT_EQ(foreign.code, "unknown_certificate");
}

TEST_F(AlipayGatewayTest, WithAContentKeyNothingTravelsInTheClear) {
    AlipayGateway encrypting(encrypted_mode(), alipay, clock);
    const auto aes = io::base64_decode(data("keys/aes_key.base64.txt"));
    alipay.script = {[&](const Received& call) {
        EXPECT_EQ(*io::find_field(call.params, "encrypt_type"), "AES");
        EXPECT_EQ(biz_text(open_content(*aes, call.biz).value(), "out_trade_no"), "CHG_1");
        return io::ClientResponse{.status = 200,
                                  .headers = {},
                                  .body = write_response(call.method, paid, alipay_private_key(), {}, aes)};
    }};
    EXPECT_EQ(run(encrypting.deduct(deduction_fields(), 5s)).result, ResultClass::succeeded);
}

}  // namespace
}  // namespace wefee::payment::alipay
