// An in-process Alipay for the gateway's tests: it checks our signature, plays a script and signs its
// answers.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "alipay_testing.hpp"
#include "payment/alipay/fields.hpp"
#include "payment/alipay/gateway.hpp"
#include "payment/alipay/response.hpp"

namespace wefee::payment::alipay::testing {

using namespace std::chrono_literals;
namespace asio = boost::asio;

inline const Instant ten_oclock = parse_instant("2026-01-15T10:00:00+08:00").value();

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

    io::awaitable<io::ClientResponse> send(io::ClientRequest request,
                                           std::chrono::milliseconds limit) override {
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
        return [=](const Received&) {
            return io::ClientResponse{.status = status, .headers = {}, .body = body};
        };
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
               R"("trade_status":")" +
               status + "\"" + more + "}";
    }
};

}  // namespace wefee::payment::alipay::testing
