// Refunds through the port: accepted is not done, and nothing unsigned closes one.
#include <gtest/gtest.h>

#include "payment/wechat/gateway.hpp"
#include "payment/wechat/results.hpp"
#include "wechat_testing.hpp"

namespace wefee::payment::wechat {

using namespace testing;
using Signing = FakeProvider::Signing;
using enum ResultClass;

namespace {

class WechatRefunds : public ::testing::Test {
protected:
    std::string fields() const {
        return gateway.fields(RefundRequest{.out_trade_no = "SCRM202511230000000001",
                                            .transaction_id = "4200002500202511231234567890",
                                            .out_refund_no = "RF1",
                                            .refund = Fen{9900},
                                            .total = Fen{19900}});
    }
    RefundResult refund() { return run(gateway.refund(fields(), testing::limit)); }
    RefundResult query() {
        return run(gateway.query_refund("SCRM202511230000000001", "RF1", Fen{9900}, testing::limit));
    }
    nlohmann::json object(const std::string& status) const {
        nlohmann::json refund{{"refund_id", "503"},
                              {"out_refund_no", "RF1"},
                              {"out_trade_no", "SCRM202511230000000001"},
                              {"status", status},
                              {"amount", {{"refund", 9900}, {"total", 19900}, {"currency", "CNY"}}}};
        if (status == "SUCCESS") refund["success_time"] = "2025-11-23T21:09:51+08:00";
        return refund;
    }

    Settings settings = vector_settings();
    FakeClock clock{vector_now()};
    FakeProvider provider{clock};
    KeyRing keys{{{public_key_id(), public_key("wechatpay_pub")}}};
    WechatGateway gateway{settings, keys, nullptr, provider, clock};
};

}  // namespace

TEST_F(WechatRefunds, EveryStatusOfTheCallAndTheQuery) {
    const auto both = [&](const std::string& status, ResultClass of_call, ResultClass of_query) {
        provider.answer_v3(200, object(status).dump());
        const auto called = refund();
        EXPECT_EQ(called.result, of_call) << status;
        provider.answer_v3(200, object(status).dump());
        const auto queried = query();
        EXPECT_EQ(queried.result, of_query) << status;
        EXPECT_EQ(called.change.has_value(), queried.change.has_value());
        return queried.change;
    };
    EXPECT_FALSE(both("PROCESSING", accepted, in_progress));
    EXPECT_FALSE(both("A_NEW_STATUS", unknown, unknown));
    const auto done = both("SUCCESS", succeeded, succeeded);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->status, RefundChanged::Status::succeeded);
    EXPECT_EQ(done->amount, Fen{9900});
    EXPECT_EQ(done->mchid, settings.mchid);
    EXPECT_EQ(format_instant(done->at), "2025-11-23T21:09:51+08:00");
    const auto closed = both("CLOSED", failed, failed);
    ASSERT_TRUE(closed);
    EXPECT_EQ(closed->status, RefundChanged::Status::closed);
    const auto stuck = both("ABNORMAL", in_progress, in_progress);
    ASSERT_TRUE(stuck);
    EXPECT_EQ(stuck->status, RefundChanged::Status::abnormal);
}

TEST_F(WechatRefunds, ARepeatSendsTheSameBytes) {
    const std::string text = fields();
    for (int i = 0; i < 2; ++i) {
        provider.answer_v3(200, object("PROCESSING").dump());
        run(gateway.refund(text, testing::limit));
        EXPECT_EQ(provider.last().body, text);
        EXPECT_EQ(provider.last().url, settings.base_url + "/v3/refund/domestic/refunds");
    }
}

TEST_F(WechatRefunds, EveryCodeComesThroughAsItsRowSays) {
    for (const CodeRow& row : rows::refund) {
        provider.answer_v3(403, nlohmann::json{{"code", row.code}}.dump());
        EXPECT_EQ(refund().result, row.result) << row.code;
        provider.answer_v3(403, nlohmann::json{{"code", row.code}}.dump(), Signing::none);
        EXPECT_EQ(refund().result, unknown) << row.code << " unsigned";
    }
}

TEST_F(WechatRefunds, TooManyRequestsIsUnknown) {
    provider.answer_v3(429, R"({"code":"NOT_ENOUGH"})");
    EXPECT_EQ(refund().result, unknown);
}

TEST_F(WechatRefunds, AnotherAmountOrNumberIsNeverOurs) {
    const auto with = [&](auto change) {
        auto body = object("SUCCESS");
        change(body);
        provider.answer_v3(200, body.dump());
        const auto result = query();
        EXPECT_FALSE(result.change);
        return result.result;
    };
    EXPECT_EQ(with([](auto& r) { r["amount"]["refund"] = 9901; }), differs);
    EXPECT_EQ(with([](auto& r) { r["out_refund_no"] = "RF2"; }), differs);
    EXPECT_EQ(with([](auto& r) { r["out_trade_no"] = "SCRM202511230000000009"; }), differs);
    EXPECT_EQ(with([](auto& r) { r.erase("status"); }), unknown);
}

TEST_F(WechatRefunds, NotFoundKeepsTheNumberAndAForgedSuccessIsUnknown) {
    provider.answer_v3(404, R"({"code":"RESOURCE_NOT_EXISTS"})");
    EXPECT_EQ(query().result, not_found);
    for (const Signing signing : {Signing::none, Signing::tampered, Signing::probe}) {
        provider.answer_v3(200, object("SUCCESS").dump(), signing);
        EXPECT_EQ(query().result, unknown);
        provider.answer_v3(200, object("SUCCESS").dump(), signing);
        EXPECT_EQ(refund().result, unknown);
    }
}

}  // namespace wefee::payment::wechat
