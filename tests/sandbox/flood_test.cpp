// The flood of notifications for crash tests, and the books beside it.
#include <gtest/gtest.h>

#include <set>

#include "rig.hpp"

namespace wefee::sandbox::test {
namespace {

TEST(Flood, SendsEachPaymentSeveralTimesAndBooksItOnce) {
    Rig rig;
    const auto done =
        rig.post("/sandbox/deliver",
                 {{"count", 50}, {"prefix", "FLOOD"}, {"amount_fen", 7}, {"repeats", 2}, {"concurrency", 8}});
    EXPECT_EQ(done["accepted"], 50);
    EXPECT_EQ(done["sends"], 150);
    EXPECT_EQ(done["given_up"], 0);
    std::set<std::string> ids;
    payment::wechat::V3Door door(rig.wechat_settings, rig.wechat_keys, nullptr);
    for (const auto& heard : rig.merchant.heard("/webhooks/wechatpay")) {
        const auto verdict = door.verify(heard.request(), rig.clock.now());
        ASSERT_TRUE(std::holds_alternative<payment::Receipt>(verdict));
        ids.insert(std::get<payment::Receipt>(verdict).dedup_key);
    }
    EXPECT_EQ(ids.size(), 50U);
    const auto books = rig.get("/sandbox/books");
    EXPECT_EQ(books["totals"]["wechat"]["taken_fen"], 350);
    EXPECT_TRUE(books["failed_checks"].empty());
    EXPECT_EQ(rig.get("/sandbox/notifications")["accepted"].size(), 50U);
}

TEST(Flood, TriesAgainUntilTheReceiverAccepts) {
    Rig rig;
    rig.merchant.answer_next(std::vector<io::Response>(
        10, io::Response{.status = 503, .content_type = "", .body = "", .headers = {}}));
    const auto done = rig.post("/sandbox/deliver",
                               {{"provider", "alipay"}, {"count", 5}, {"amount_fen", 7}, {"retry_ms", 1}});
    EXPECT_EQ(done["accepted"], 5);
    EXPECT_EQ(done["failed_sends"], 10);
    EXPECT_EQ(rig.get("/sandbox/books")["totals"]["alipay"]["taken_fen"], 35);
}

TEST(Flood, GivesUpWhenNobodyListens) {
    Rig rig;
    const auto done =
        rig.post("/sandbox/deliver",
                 {{"count", 1}, {"tries", 3}, {"retry_ms", 1}, {"url", "http://127.0.0.1:9/webhooks"}});
    EXPECT_EQ(done["given_up"], 1);
    EXPECT_EQ(done["accepted"], 0);
}

TEST(Flood, RefusesAnotherAmountUnderAKnownNumber) {
    Rig rig;
    rig.post("/sandbox/deliver", {{"payments", {{{"out_trade_no", "X0000001"}, {"amount_fen", 5}}}}});
    int status = 0;
    rig.post("/sandbox/deliver", {{"payments", {{{"out_trade_no", "X0000001"}, {"amount_fen", 6}}}}},
             &status);
    EXPECT_EQ(status, 400);
    EXPECT_EQ(rig.order("X0000001")["taken_fen"], 5);
}

TEST(Clock, NeverGoesBackwardsAndShowsWhatIsDue) {
    Rig rig;
    int status = 0;
    rig.post("/sandbox/clock", {{"to", "2026-03-01T00:00:00+08:00"}}, &status);
    EXPECT_EQ(status, 400);
    EXPECT_FALSE(rig.get("/sandbox/clock").contains("next_due"));
    rig.merchant.answer_next({io::Response{.status = 500, .content_type = "", .body = "", .headers = {}}});
    rig.post("/sandbox/wecom/ticket");
    EXPECT_EQ(rig.get("/sandbox/clock")["next_due"], "2026-03-02T10:00:05+08:00");
}

TEST(Control, NamesWhatIsWrong) {
    Rig rig;
    int status = 0;
    rig.post("/sandbox/nothing", json::object(), &status);
    EXPECT_EQ(status, 404);
    rig.post("/sandbox/faults", {{"on", "call"}, {"kind", "explode"}}, &status);
    EXPECT_EQ(status, 400);
    EXPECT_EQ(rig.raw("POST", "/sandbox/users", {}, "[]").status, 400);
    EXPECT_EQ(rig.raw("POST", "/sandbox/users", {}, R"({"user":"a","wechat_cause":7})").status, 400);
}

}  // namespace
}  // namespace wefee::sandbox::test
