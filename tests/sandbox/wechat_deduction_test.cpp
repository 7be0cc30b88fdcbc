// WeChat Pay deduction contracts through sockets: sign, announce, wait, deduct, hear of it; and every
// refusal.
#include <gtest/gtest.h>

#include "rig.hpp"

namespace wefee::sandbox::test {
namespace {

using payment::ResultClass;

constexpr auto limit = 10s;

/// A contract that was signed yesterday, so that its free hours are over, at 10:00 on 2026-03-03.
struct Signed : Rig {
    Signed() : Signed(nullptr) {}
    explicit Signed(std::function<void(Options&)> change) : Rig("2026-03-02 10:00:00", std::move(change)) {
        new_user(1'000'000);
        contract = wechat_contract();
        go_to("2026-03-03 10:00:00");
    }
    payment::OrderResult announce(std::int64_t fen) {
        return run(wechat.announce(contract, Fen{fen}, limit));
    }
    payment::OrderResult take(const std::string& number, std::int64_t fen) {
        return deduct(wechat, number, fen, contract);
    }
    std::string contract;
};

TEST(WechatDeduction, RunsFromSignatureOverNoticeToNotification) {
    Signed rig;
    const auto signed_notices = rig.merchant.heard("/webhooks/wechatpay/v2/contract");
    ASSERT_EQ(signed_notices.size(), 1U);
    payment::wechat::V2Door door(rig.wechat_settings);
    ASSERT_TRUE(
        std::holds_alternative<payment::Receipt>(door.verify(signed_notices[0].request(), rig.clock.now())));
    const auto signed_fact = std::get<MandateSigned>(door.decode(signed_notices[0].body));
    EXPECT_EQ(signed_fact.contract_id, rig.contract);
    EXPECT_EQ(signed_fact.our_number, "C1");

    EXPECT_EQ(rig.announce(361'250).result, ResultClass::succeeded);
    rig.go_to("2026-03-05 09:00:00");
    EXPECT_EQ(rig.take("N0000001", 361'250).result, ResultClass::accepted);
    rig.settle();

    const auto result = rig.query(rig.wechat, "N0000001", 361'250);
    ASSERT_EQ(result.result, ResultClass::succeeded) << result.code << result.detail;
    const auto heard = rig.merchant.heard("/webhooks/wechatpay/v2/deduction");
    ASSERT_EQ(heard.size(), 1U);
    ASSERT_TRUE(std::holds_alternative<payment::Receipt>(door.verify(heard[0].request(), rig.clock.now())));
    const auto fact = std::get<PaymentSucceeded>(door.decode(heard[0].body));
    EXPECT_EQ(fact.amount, Fen{361'250});
    EXPECT_EQ(fact.transaction_id, result.payment->transaction_id);
    EXPECT_EQ(rig.order("N0000001")["taken_fen"], 361'250);
    EXPECT_EQ(rig.get("/sandbox/users")["users"][0]["wechat_balance_fen"], 1'000'000 - 361'250);
    EXPECT_EQ(rig.get("/sandbox/books")["refused"]["count"], 0);
}

TEST(WechatDeduction, IsFreeOfNoticesInTheFirstTwelveHours) {
    Rig rig("2026-03-02 23:30:00");
    rig.new_user(1'000);
    const auto contract = rig.wechat_contract();
    EXPECT_EQ(rig.deduct(rig.wechat, "N0000001", 500, contract).result, ResultClass::accepted);
    rig.settle();
    EXPECT_EQ(rig.order("N0000001")["state"], "SUCCESS");
    rig.go_to("2026-03-03 11:30:00");
    EXPECT_EQ(rig.deduct(rig.wechat, "N0000002", 500, contract).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("no_notice"), 1);
}

TEST(WechatDeduction, WithoutNoticeIsRefused) {
    Signed rig;
    const auto result = rig.take("N0000001", 100);
    EXPECT_EQ(result.result, ResultClass::refused);
    EXPECT_EQ(result.code, "INVALID_REQUEST");
    EXPECT_EQ(rig.refused("no_notice"), 1);
    EXPECT_TRUE(rig.order("N0000001").empty());
}

TEST(WechatDeduction, WaitsTheDayOfTheNoticeAndTheNext) {
    Signed rig;
    rig.announce(1'000);
    EXPECT_EQ(rig.take("N0000001", 1'000).result, ResultClass::refused);
    rig.go_to("2026-03-04 21:59:00");
    EXPECT_EQ(rig.take("N0000002", 1'000).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("waiting_day"), 2);
    rig.go_to("2026-03-05 07:00:00");
    EXPECT_EQ(rig.take("N0000003", 1'000).result, ResultClass::accepted);
}

TEST(WechatDeduction, EndsWithTheSeventhChargeableDay) {
    Signed rig;
    rig.announce(1'000);
    rig.go_to("2026-03-12 10:00:00");
    EXPECT_EQ(rig.take("N0000001", 1'000).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("window_closed"), 1);
}

TEST(WechatDeduction, IsOpenOnTheSeventhChargeableDay) {
    Signed rig;
    rig.announce(1'000);
    rig.go_to("2026-03-11 21:59:59");
    EXPECT_EQ(rig.take("N0000001", 1'000).result, ResultClass::accepted);
}

TEST(WechatDeduction, KeepsToTheHours) {
    Signed rig;
    rig.announce(1'000);
    rig.go_to("2026-03-05 06:59:59");
    EXPECT_EQ(rig.take("N0000001", 1'000).result, ResultClass::refused);
    rig.go_to("2026-03-05 22:00:00");
    EXPECT_EQ(rig.take("N0000002", 1'000).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("outside_hours"), 2);
}

TEST(WechatDeduction, NeverTakesMoreThanAnnounced) {
    Signed rig;
    rig.announce(1'000);
    rig.go_to("2026-03-05 10:00:00");
    EXPECT_EQ(rig.take("N0000001", 1'001).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("amount_above_notice"), 1);
    EXPECT_EQ(rig.take("N0000002", 999).result, ResultClass::accepted);
}

TEST(WechatDeduction, NeverTakesMoreThanTheTemplateAllows) {
    Signed rig([](Options& options) { options.wechat_plan_cap_fen = 500; });
    EXPECT_NE(rig.announce(501).result, ResultClass::succeeded);
    EXPECT_EQ(rig.take("N0000001", 501).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("amount_above_cap"), 2);
}

TEST(WechatDeduction, TakesOnceADayAndOnceAPeriod) {
    Signed rig;
    rig.announce(1'000);
    rig.go_to("2026-03-05 10:00:00");
    rig.take("N0000001", 1'000);
    rig.settle();
    EXPECT_EQ(rig.take("N0000002", 1'000).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("second_charge_in_day"), 1);
    rig.go_to("2026-03-06 10:00:00");
    EXPECT_EQ(rig.take("N0000003", 1'000).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("second_charge_in_period"), 1);
    EXPECT_EQ(rig.get("/sandbox/books")["totals"]["wechat"]["taken_fen"], 1'000);
}

TEST(WechatDeduction, TakesMoneyOnceForANumberHoweverOftenItIsSent) {
    Signed rig;
    rig.announce(1'000);
    rig.go_to("2026-03-05 10:00:00");
    rig.take("N0000001", 1'000);
    rig.settle();
    EXPECT_EQ(rig.take("N0000001", 1'000).result, ResultClass::already);
    EXPECT_EQ(rig.take("N0000001", 900).result, ResultClass::differs);
    EXPECT_EQ(rig.refused("number_reused"), 1);
    EXPECT_EQ(rig.order("N0000001")["taken_fen"], 1'000);
}

TEST(WechatNotice, IsAnsweredAsDoneWhenRepeatedAndRefusedWhenChanged) {
    Signed rig;
    EXPECT_EQ(rig.announce(1'000).result, ResultClass::succeeded);
    EXPECT_EQ(rig.announce(1'000).result, ResultClass::succeeded);
    EXPECT_EQ(rig.get("/sandbox/notices")["wechat_notices"].size(), 1U);
    EXPECT_NE(rig.announce(2'000).result, ResultClass::succeeded);
    EXPECT_EQ(rig.refused("notice_differs"), 1);
}

TEST(WechatNotice, KeepsToTheHours) {
    Signed rig;
    rig.go_to("2026-03-03 22:00:00");
    EXPECT_NE(rig.announce(1'000).result, ResultClass::succeeded);
    rig.go_to("2026-03-04 06:59:59");
    EXPECT_NE(rig.announce(1'000).result, ResultClass::succeeded);
    EXPECT_EQ(rig.refused("outside_hours"), 2);
    rig.go_to("2026-03-04 07:00:00");
    EXPECT_EQ(rig.announce(1'000).result, ResultClass::succeeded);
}

TEST(WechatDeduction, FailsWithoutBalanceTellsSoAndLetsANewNumberTry) {
    Signed rig;
    rig.post("/sandbox/users", {{"user", "boss"}, {"wechat_balance_fen", 999}});
    rig.announce(1'000);
    rig.go_to("2026-03-05 10:00:00");
    EXPECT_EQ(rig.take("N0000001", 1'000).result, ResultClass::accepted);
    rig.settle();
    const auto result = rig.query(rig.wechat, "N0000001", 1'000);
    EXPECT_EQ(result.result, ResultClass::failed) << result.code;
    payment::wechat::V2Door door(rig.wechat_settings);
    const auto heard = rig.merchant.heard("/webhooks/wechatpay/v2/deduction");
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(std::get<PaymentFailed>(door.decode(heard[0].body)).cause, FailureCause::balance_not_enough);

    rig.post("/sandbox/users", {{"user", "boss"}, {"wechat_balance_fen", 1'000}});
    rig.go_to("2026-03-06 10:00:00");
    EXPECT_EQ(rig.take("N0000002", 1'000).result, ResultClass::accepted);
    rig.settle();
    EXPECT_EQ(rig.query(rig.wechat, "N0000002", 1'000).result, ResultClass::succeeded);
    EXPECT_EQ(rig.get("/sandbox/books")["refused"]["count"], 0);
}

TEST(WechatDeduction, TellsTheSecondFailureInTheOtherPublishedShape) {
    Signed rig;
    rig.post("/sandbox/users", {{"user", "boss"}, {"wechat_balance_fen", 0}});
    rig.announce(1'000);
    rig.go_to("2026-03-05 10:00:00");
    rig.take("N0000001", 1'000);
    rig.settle();
    rig.take("N0000002", 1'000);
    rig.settle();
    const auto heard = rig.merchant.heard("/webhooks/wechatpay/v2/deduction");
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_NE(heard[0].body.find("<result_code><![CDATA[FAIL]]>"), std::string::npos);
    EXPECT_NE(heard[1].body.find("<result_code><![CDATA[SUCCESS]]>"), std::string::npos);
    payment::wechat::V2Door door(rig.wechat_settings);
    for (const auto& one : heard) EXPECT_TRUE(std::holds_alternative<PaymentFailed>(door.decode(one.body)));
}

TEST(WechatDeduction, ThatSucceededWhileTheAnswerGotLostIsFoundByTheQuery) {
    for (const char* kind : {"lose_reply", "executed_error"}) {
        Signed rig;
        rig.announce(1'000);
        rig.go_to("2026-03-05 10:00:00");
        const auto number = std::string("N-") + kind;
        rig.post("/sandbox/faults",
                 {{"on", "call"}, {"provider", "wechat"}, {"path", "/pay/pappayapply"}, {"kind", kind}});
        EXPECT_EQ(rig.take(number, 1'000).result, ResultClass::unknown) << kind;
        rig.settle();
        EXPECT_EQ(rig.query(rig.wechat, number, 1'000).result, ResultClass::succeeded) << kind;
    }
}

TEST(WechatDeduction, ThatNeverArrivedIsNotFound) {
    Signed rig;
    rig.announce(1'000);
    rig.go_to("2026-03-05 10:00:00");
    rig.post("/sandbox/faults", {{"on", "call"}, {"path", "/pay/pappayapply"}, {"kind", "lose_request"}});
    EXPECT_EQ(rig.take("N0000001", 1'000).result, ResultClass::unknown);
    EXPECT_EQ(rig.query(rig.wechat, "N0000001", 1'000).result, ResultClass::not_found);
    EXPECT_EQ(rig.take("N0000001", 1'000).result, ResultClass::accepted);
}

TEST(WechatDeduction, InModeOneRunsADayAfterItWasApplied) {
    Signed rig([](Options& options) { options.wechat_deduct_mode = 1; });
    EXPECT_EQ(rig.take("N0000001", 1'000).result, ResultClass::accepted);
    EXPECT_EQ(rig.query(rig.wechat, "N0000001", 1'000).result, ResultClass::in_progress);
    EXPECT_EQ(rig.take("N0000002", 1'000).result, ResultClass::already);
    EXPECT_EQ(rig.refused("order_in_progress"), 1);
    rig.advance(24h - 1s);
    EXPECT_EQ(rig.order("N0000001")["taken_fen"], 0);
    rig.advance(1s);
    EXPECT_EQ(rig.query(rig.wechat, "N0000001", 1'000).result, ResultClass::succeeded);
    EXPECT_EQ(rig.merchant.heard("/webhooks/wechatpay/v2/deduction").size(), 1U);
}

TEST(WechatMandate, EndsByThePayerAndByUs) {
    Signed rig;
    rig.merchant.forget();
    rig.post("/sandbox/mandates/end", {{"our_number", "C1"}});
    const auto heard = rig.merchant.heard("/webhooks/wechatpay/v2/contract");
    ASSERT_EQ(heard.size(), 1U);
    payment::wechat::V2Door door(rig.wechat_settings);
    EXPECT_EQ(std::get<MandateEnded>(door.decode(heard[0].body)).cause, MandateEnded::Cause::by_payer);
    EXPECT_EQ(rig.take("N0000001", 100).result, ResultClass::refused);
    EXPECT_EQ(rig.refused("mandate_ended"), 1);

    const auto second = rig.wechat_contract("C2");
    const auto ended = rig.run(rig.wechat.end_mandate("C2", second, "客户终止", limit));
    EXPECT_EQ(ended.state, payment::MandateState::ended);
}

TEST(WechatMandate, IsOneAPayerAndTemplate) {
    Signed rig;
    int status = 0;
    payment::MandateRequest request;
    request.our_number = "C2";
    request.serial = 99;
    request.account_name = "企微助手";
    request.notify_url = rig.notify_url("wechatpay/v2/contract");
    const auto page = rig.run(rig.wechat.sign_page(request, limit));
    const auto answer = rig.post("/sandbox/mandates/sign", {{"user", "boss"}, {"link", page.url}}, &status);
    EXPECT_EQ(status, 400);
    EXPECT_EQ(answer["code"], "CONTRACT_EXISTED");
}

TEST(WechatMandate, LinkWithAChangedFieldIsRefused) {
    Rig rig;
    payment::MandateRequest request;
    request.our_number = "C1";
    request.serial = 1;
    request.account_name = "企微助手";
    request.notify_url = rig.notify_url("wechatpay/v2/contract");
    auto page = rig.run(rig.wechat.sign_page(request, limit));
    auto extra = json::parse(page.mini_program);
    extra["extraData"]["contract_code"] = "C2";
    int status = 0;
    rig.post("/sandbox/mandates/sign", {{"user", "boss"}, {"link", extra.dump()}}, &status);
    EXPECT_EQ(status, 400);
    EXPECT_EQ(rig.refused("wrong_signature"), 1);
}

TEST(WechatNotification, OfADeductionIsRepeatedTenTimesOnItsSchedule) {
    Signed rig;
    rig.announce(1'000);
    rig.go_to("2026-03-05 10:00:00");
    rig.merchant.answer_next(std::vector<io::Response>(
        20, io::Response{.status = 200, .content_type = "", .body = "ok", .headers = {}}));
    rig.take("N0000001", 1'000);
    rig.settle();
    std::size_t tries = 1;
    EXPECT_EQ(rig.merchant.heard("/webhooks/wechatpay/v2/deduction").size(), tries);
    for (const auto gap : {15s, 15s, 30s, 180s, 1800s, 1800s, 1800s, 1800s, 3600s}) {
        rig.advance(gap - 1s);
        EXPECT_EQ(rig.merchant.heard("/webhooks/wechatpay/v2/deduction").size(), tries);
        rig.advance(1s);
        EXPECT_EQ(rig.merchant.heard("/webhooks/wechatpay/v2/deduction").size(), ++tries);
    }
    rig.advance(48h);
    EXPECT_EQ(rig.merchant.heard("/webhooks/wechatpay/v2/deduction").size(), 10U);
}

}  // namespace
}  // namespace wefee::sandbox::test
