// WeChat Pay orders paid by people, refunds, signatures and the notification's faults, through sockets.
#include <gtest/gtest.h>

#include "rig.hpp"

namespace wefee::sandbox::test {
namespace {

using payment::ManualOrder;
using payment::ResultClass;

constexpr auto limit = 10s;

struct Shop : Rig {
    Shop() { openid = new_user(100'000)["openid"]; }
    ManualOrder manual(const std::string& number, std::int64_t fen,
                       ManualOrder::Way way = ManualOrder::Way::native_qr) {
        return {.way = way,
                .out_trade_no = number,
                .amount = Fen{fen},
                .description = "企微助手 月费",
                .notify_url = notify_url("wechatpay"),
                .return_url = "",
                .payer = openid,
                .expires_at = clock.now() + 2h};
    }
    payment::OrderCreated create(const std::string& number, std::int64_t fen,
                                 ManualOrder::Way way = ManualOrder::Way::native_qr) {
        return run(wechat.create_order(wechat.fields(manual(number, fen, way)), limit));
    }
    json pay_qr(const payment::OrderCreated& created, int* status = nullptr) {
        return post("/sandbox/payments/pay", {{"user", "boss"}, {"qr_code", created.instructions.qr_code}},
                    status);
    }
    payment::Verdict judged(const Heard& heard) {
        payment::wechat::V3Door door(wechat_settings, wechat_keys, nullptr);
        return door.verify(heard.request(), clock.now());
    }
    PaymentSucceeded fact(const Heard& heard) {
        payment::wechat::V3Door door(wechat_settings, wechat_keys, nullptr);
        return std::get<PaymentSucceeded>(door.decode(heard.body));
    }
    std::string openid;
};

TEST(WechatOrder, IsPaidByQrCodeAndNotified) {
    Shop shop;
    const auto created = shop.create("QR000001", 5'000);
    ASSERT_EQ(created.result.result, ResultClass::accepted) << created.result.code << created.result.detail;
    EXPECT_EQ(shop.query(shop.wechat, "QR000001", 5'000, false).result, ResultClass::in_progress);
    EXPECT_EQ(shop.pay_qr(created)["state"], "SUCCESS");
    const auto heard = shop.merchant.heard("/webhooks/wechatpay");
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<payment::Receipt>(shop.judged(heard[0])));
    EXPECT_EQ(shop.fact(heard[0]).amount, Fen{5'000});
    EXPECT_EQ(shop.query(shop.wechat, "QR000001", 5'000, false).result, ResultClass::succeeded);
    int status = 0;
    EXPECT_EQ(shop.pay_qr(created, &status)["code"], "ORDERPAID");
    EXPECT_EQ(shop.get("/sandbox/books")["totals"]["wechat"]["taken_fen"], 5'000);
}

TEST(WechatOrder, IsPaidInTheMiniProgramWithTheRightPaySignOnly) {
    Shop shop;
    const auto created = shop.create("MP000001", 5'000, ManualOrder::Way::mini_program);
    ASSERT_EQ(created.result.result, ResultClass::accepted) << created.result.code << created.result.detail;
    auto params = json::parse(created.instructions.client_params);
    json call{{"user", "boss"}, {"prepay_id", created.instructions.prepay_id}, {"client_params", params}};
    auto wrong = call;
    wrong["client_params"]["timeStamp"] = "1";
    int status = 0;
    shop.post("/sandbox/payments/pay", wrong, &status);
    EXPECT_EQ(status, 400);
    EXPECT_EQ(shop.post("/sandbox/payments/pay", call)["state"], "SUCCESS");
}

TEST(WechatOrder, AnswersTheSameParametersWithAFreshCodeAndChangedOnesWithARefusal) {
    Shop shop;
    const auto first = shop.create("QR000001", 5'000);
    const auto second = shop.create("QR000001", 5'000);
    EXPECT_NE(first.instructions.qr_code, second.instructions.qr_code);
    int status = 0;
    shop.pay_qr(first, &status);
    EXPECT_EQ(status, 404);
    EXPECT_EQ(shop.create("QR000001", 5'001).result.result, ResultClass::differs);
    EXPECT_EQ(shop.refused("number_reused"), 1);
}

TEST(WechatOrder, ThatIsClosedTakesNoMoneyAndAPaidOneDoesNotClose) {
    Shop shop;
    const auto created = shop.create("QR000001", 5'000);
    EXPECT_EQ(shop.run(shop.wechat.close("QR000001", false, limit)).result, ResultClass::accepted);
    int status = 0;
    EXPECT_EQ(shop.pay_qr(created, &status)["code"], "ORDER_CLOSED");
    EXPECT_EQ(shop.query(shop.wechat, "QR000001", 5'000, false).result, ResultClass::failed);
    const auto other = shop.create("QR000002", 5'000);
    shop.pay_qr(other);
    EXPECT_EQ(shop.run(shop.wechat.close("QR000002", false, limit)).result, ResultClass::already);
}

TEST(WechatOrder, WithoutBalanceStaysUnpaid) {
    Shop shop;
    const auto created = shop.create("QR000001", 100'001);
    int status = 0;
    EXPECT_EQ(shop.pay_qr(created, &status)["code"], "NOTENOUGH");
    EXPECT_EQ(status, 409);
    EXPECT_EQ(shop.order("QR000001")["state"], "NOTPAY");
    EXPECT_TRUE(shop.merchant.heard("/webhooks/wechatpay").empty());
}

TEST(WechatOrder, IsPaidLateOnTheClock) {
    Shop shop;
    const auto created = shop.create("QR000001", 5'000);
    shop.post("/sandbox/payments/pay",
              {{"user", "boss"}, {"qr_code", created.instructions.qr_code}, {"after_seconds", 90}});
    EXPECT_EQ(shop.order("QR000001")["taken_fen"], 0);
    shop.advance(90s);
    EXPECT_EQ(shop.order("QR000001")["taken_fen"], 5'000);
    EXPECT_EQ(shop.merchant.heard("/webhooks/wechatpay").size(), 1U);
}

TEST(WechatOrder, OpensNoCodeAfterItsTime) {
    Shop shop;
    const auto created = shop.create("QR000001", 5'000);
    shop.advance(2h + 1s);
    int status = 0;
    shop.pay_qr(created, &status);
    EXPECT_EQ(status, 400);
    shop.advance(24h * 7);
    EXPECT_EQ(shop.order("QR000001")["state"], "CLOSED");
}

TEST(WechatSignature, WrongOrStaleOrForeignIsAnsweredWith401AndCounted) {
    Shop shop;
    auto settings = shop.wechat_settings;
    settings.merchant_key = io::PrivateKey::parse(test_keys().foreign_private_key);
    payment::wechat::WechatGateway forged(settings, shop.wechat_keys, nullptr, shop.http, shop.clock);
    const auto created = shop.run(forged.create_order(forged.fields(shop.manual("QR000001", 100)), limit));
    EXPECT_EQ(created.result.code, "SIGN_ERROR");
    EXPECT_EQ(shop.refused("wrong_signature"), 1);

    shop.clock.set(shop.clock.now() + 301s);
    // With a clock that far off we cannot verify the refusal either: the outcome stays unknown.
    EXPECT_EQ(shop.create("QR000001", 100).result.result, payment::ResultClass::unknown);
    EXPECT_EQ(shop.refused("stale_timestamp"), 1);
    EXPECT_TRUE(shop.order("QR000001").empty());

    const auto bare = shop.raw("GET", "/v3/certificates");
    EXPECT_EQ(bare.status, 401);
    EXPECT_EQ(json::parse(bare.body)["code"], "SIGN_ERROR");
    EXPECT_TRUE(json::parse(bare.body)["detail"].contains("sign_information"));
}

TEST(WechatSignature, OfV2IsCheckedToo) {
    Shop shop;
    auto settings = shop.wechat_settings;
    settings.api_v2_key = "0123456789abcdefghijklmnopqrstuv";
    payment::wechat::WechatGateway forged(settings, shop.wechat_keys, nullptr, shop.http, shop.clock);
    shop.deduct(forged, "N0000001", 100, "contract");
    EXPECT_EQ(shop.refused("wrong_signature"), 1);
}

TEST(WechatAnswer, ThatIsUnsignedOrForgedOrAProbeLeavesTheOutcomeUnknown) {
    Shop shop;
    for (const char* kind :
         {"unsigned", "bad_signature", "probe", "garbled", "status", "empty", "lose_reply"}) {
        shop.post("/sandbox/faults",
                  {{"on", "call"}, {"path", "/v3/pay/transactions/native"}, {"kind", kind}});
        EXPECT_EQ(shop.create("QR000001", 100).result.result, ResultClass::unknown) << kind;
    }
    EXPECT_EQ(shop.create("QR000001", 100).result.result, ResultClass::accepted);
}

TEST(WechatOrder, RefusesFieldsThatItDoesNotKnow) {
    Shop shop;
    auto fields = json::parse(shop.wechat.fields(shop.manual("QR000001", 100)));
    // The adapter never sends one; its stored fields are changed as an older version might have written them.
    auto* body = fields.contains("body") && fields["body"].is_object() ? &fields["body"] : &fields;
    (*body)["colour"] = "red";
    const auto created = shop.run(shop.wechat.create_order(fields.dump(), limit));
    EXPECT_NE(created.result.result, ResultClass::accepted);
    EXPECT_EQ(shop.refused("unknown_field"), 1);
}

TEST(WechatRefund, IsAcceptedThenDoneThenNotifiedAndNeverTwice) {
    Shop shop;
    shop.pay_qr(shop.create("QR000001", 5'000));
    shop.merchant.forget();
    const auto transaction = shop.order("QR000001")["transaction_id"].get<std::string>();
    const auto fields = [&](const std::string& number, std::int64_t fen) {
        return shop.wechat.fields(payment::RefundRequest{.out_trade_no = "QR000001",
                                                         .transaction_id = transaction,
                                                         .out_refund_no = number,
                                                         .refund = Fen{fen},
                                                         .total = Fen{5'000},
                                                         .reason = "退款",
                                                         .notify_url = shop.notify_url("wechatpay")});
    };
    EXPECT_EQ(shop.run(shop.wechat.refund(fields("R1", 3'000), limit)).result, ResultClass::accepted);
    EXPECT_EQ(shop.run(shop.wechat.refund(fields("R1", 3'000), limit)).result, ResultClass::accepted);
    EXPECT_NE(shop.run(shop.wechat.refund(fields("R1", 2'000), limit)).result, ResultClass::accepted);
    EXPECT_EQ(shop.refused("refund_differs"), 1);
    EXPECT_NE(shop.run(shop.wechat.refund(fields("R2", 1'000), limit)).result, ResultClass::accepted);
    EXPECT_EQ(shop.refused("too_frequent"), 1);
    shop.advance(60s);
    EXPECT_EQ(shop.run(shop.wechat.query_refund("QR000001", "R1", Fen{3'000}, limit)).result,
              ResultClass::succeeded);
    const auto heard = shop.merchant.heard("/webhooks/wechatpay");
    ASSERT_EQ(heard.size(), 1U);
    payment::wechat::V3Door door(shop.wechat_settings, shop.wechat_keys, nullptr);
    EXPECT_EQ(std::get<RefundChanged>(door.decode(heard[0].body)).amount, Fen{3'000});
    EXPECT_NE(shop.run(shop.wechat.refund(fields("R3", 2'001), limit)).result, ResultClass::accepted);
    EXPECT_EQ(shop.refused("refund_above_rest"), 1);
    EXPECT_EQ(shop.get("/sandbox/users")["users"][0]["wechat_balance_fen"], 98'000);
}

TEST(WechatNotification, OfVersionThreeIsRepeatedOverADayAndSignedAfresh) {
    Shop shop;
    shop.merchant.answer_next(std::vector<io::Response>(
        16, io::Response{.status = 500, .content_type = "", .body = "", .headers = {}}));
    shop.pay_qr(shop.create("QR000001", 100));
    std::size_t tries = 1;
    for (const auto gap : {15s, 15s, 30s, 180s, 600s, 1200s, 1800s, 1800s, 1800s, 3600s, 10800s, 10800s,
                           10800s, 21600s, 21600s}) {
        shop.advance(gap - 1s);
        ASSERT_EQ(shop.merchant.heard("/webhooks/wechatpay").size(), tries);
        shop.advance(1s);
        const auto heard = shop.merchant.heard("/webhooks/wechatpay");
        ASSERT_EQ(heard.size(), ++tries);
        EXPECT_TRUE(std::holds_alternative<payment::Receipt>(shop.judged(heard.back())));
    }
    shop.advance(100h);
    EXPECT_EQ(shop.merchant.heard("/webhooks/wechatpay").size(), 16U);
    EXPECT_EQ(shop.get("/sandbox/notifications")["notifications"][0]["state"], "given_up");
}

TEST(WechatNotification, SpoiltOnesAreRefusedByTheDoorAndAGenuineOneFollows) {
    Shop shop;
    int number = 0;
    for (const char* kind : {"probe", "wrong_key", "tamper"}) {
        shop.merchant.forget();
        shop.post("/sandbox/faults",
                  {{"on", "notification"}, {"event", "TRANSACTION.SUCCESS"}, {"kind", kind}});
        shop.merchant.answer_next(
            {io::Response{.status = 401, .content_type = "", .body = "", .headers = {}}});
        shop.pay_qr(shop.create("QR00000" + std::to_string(++number), 100));
        shop.advance(15s);
        const auto heard = shop.merchant.heard("/webhooks/wechatpay");
        ASSERT_EQ(heard.size(), 2U) << kind;
        EXPECT_TRUE(std::holds_alternative<payment::Refusal>(shop.judged(heard[0]))) << kind;
        EXPECT_TRUE(std::holds_alternative<payment::Receipt>(shop.judged(heard[1]))) << kind;
    }
    EXPECT_TRUE(shop.get("/sandbox/books")["failed_checks"].empty());
}

TEST(WechatNotification, ThatIsSpoiltAndAcceptedIsAFailedCheck) {
    Shop shop;
    shop.post("/sandbox/faults", {{"on", "notification"}, {"kind", "probe"}});
    shop.pay_qr(shop.create("QR000001", 100));
    EXPECT_EQ(shop.get("/sandbox/books")["failed_checks"].size(), 1U);
}

TEST(WechatNotification, CanBeLostDoubledDelayedReorderedOrWrong) {
    Shop shop;
    const auto with = [&](json fault, const std::string& number) {
        fault["on"] = "notification";
        shop.post("/sandbox/faults", fault);
        shop.merchant.forget();
        shop.pay_qr(shop.create(number, 100));
        return shop.merchant.heard("/webhooks/wechatpay");
    };
    EXPECT_TRUE(with({{"kind", "drop"}}, "QR000001").empty());
    EXPECT_EQ(with({{"kind", "duplicate"}, {"copies", 3}}, "QR000002").size(), 3U);
    EXPECT_TRUE(with({{"kind", "delay"}, {"seconds", 60}}, "QR000003").empty());
    shop.advance(60s);
    EXPECT_EQ(shop.merchant.heard("/webhooks/wechatpay").size(), 1U);
    EXPECT_TRUE(with({{"kind", "reorder"}}, "QR000004").empty());
    shop.pay_qr(shop.create("QR000005", 100));
    const auto both = shop.merchant.heard("/webhooks/wechatpay");
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(shop.fact(both[0]).out_trade_no, "QR000005");
    EXPECT_EQ(shop.fact(both[1]).out_trade_no, "QR000004");
    const auto wrong = with({{"kind", "wrong_amount"}}, "QR000006");
    ASSERT_EQ(wrong.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<payment::Receipt>(shop.judged(wrong[0])));
    EXPECT_EQ(shop.fact(wrong[0]).amount, Fen{101});
}

TEST(WechatKeys, InCertificateModeAreServedSealedAndSignAnswers) {
    Rig rig("2026-03-02 10:00:00", [](Options& options) { options.wechat_key_mode = "certificate"; });
    payment::wechat::KeyRing::Map map;
    for (const auto& pem : test_keys().platform_certificates) {
        const auto certificate = io::Certificate::parse(pem);
        map.emplace(certificate.serial_hex(), certificate.public_key());
    }
    rig.wechat_keys.replace(std::move(map));
    EXPECT_EQ(rig.query(rig.wechat, "NOTHING1", 1, false).result, ResultClass::not_found);
    rig.post("/sandbox/wechat/keys", {{"mode", "certificate"}, {"rotate_percent", 100}});
    rig.new_user(1'000);
    const auto created = rig.run(
        rig.wechat.create_order(rig.wechat.fields(ManualOrder{.way = ManualOrder::Way::native_qr,
                                                              .out_trade_no = "QR000001",
                                                              .amount = Fen{100},
                                                              .description = "月费",
                                                              .notify_url = rig.notify_url("wechatpay"),
                                                              .return_url = "",
                                                              .payer = "",
                                                              .expires_at = rig.clock.now() + 1h}),
                                limit));
    EXPECT_EQ(created.result.result, ResultClass::accepted) << created.result.code;
}

}  // namespace
}  // namespace wefee::sandbox::test
