// Alipay's callbacks: what is accepted, what is answered, what fact each message is.
#include "payment/alipay/notify.hpp"

#include <gtest/gtest.h>

#include <set>

#include "alipay_testing.hpp"

namespace wefee::payment::alipay {
namespace {

using namespace testing;

const Instant now = parse_instant("2026-01-15T10:00:05+08:00").value();

Verdict deliver(const AlipayDoor& door, std::string_view body, std::string_view query = "") {
    io::Request request;
    request.method = "POST";
    request.target = request.path = "/webhooks/alipay";
    request.query = query;
    request.body = body;
    return door.verify(request, now);
}

ProviderFact fact(const std::string& vector) {
    return AlipayDoor::decode_notification(data("notify/" + vector + ".body"));
}

// A paid notification with some parameters changed ("" removes); decode does not look at signatures.
ProviderFact changed(const std::string& vector, const io::Fields& changes) {
    auto fields = *io::parse_form(data("notify/" + vector + ".body"));
    for (const auto& [name, value] : changes) {
        std::erase_if(fields, [&](const auto& field) { return field.first == name; });
        if (!value.empty()) fields.emplace_back(name, value);
    }
    return AlipayDoor::decode_notification(write_signed_form(fields, alipay_private_key()));
}

Instant at(std::string_view local) { return parse_local(local).value(); }

TEST(AlipayDoor, AcceptsEveryGenuineVectorOnceByItsNotifyId) {
    const AlipayDoor door(alipay_key());
    std::set<std::string> keys;
    int accepted = 0;
    int refused = 0;
    for (const auto& vector : vectors("notify")) {
        const auto id = vector["id"].get<std::string>();
        const auto verdict = deliver(door, data(vector["body"]));
        // A return_url query is no notification: it has no notify_id.
        if (vector["expect"] == "invalid" || id == "N21_return_url_cert_mode") {
            EXPECT_TRUE(std::holds_alternative<Refusal>(verdict)) << id;
            ++refused;
            continue;
        }
        ASSERT_TRUE(std::holds_alternative<Receipt>(verdict)) << id;
        const auto& receipt = std::get<Receipt>(verdict);
        EXPECT_EQ(receipt.source, "alipay");
        EXPECT_TRUE(keys.insert(receipt.dedup_key).second) << id;
        ++accepted;
    }
    EXPECT_EQ(accepted, 19);
    EXPECT_EQ(refused, 4);
    EXPECT_EQ(door.verified_by(SignRule::v1), 16u);
    EXPECT_EQ(door.verified_by(SignRule::drop_empty), 1u);
    EXPECT_EQ(door.verified_by(SignRule::keep_sign_type), 2u);
}

TEST(AlipayDoor, ReportsTheRuleThatMatched) {
    const AlipayDoor door(alipay_key());
    const auto evidence = [&](const std::string& vector) {
        return std::get<Receipt>(deliver(door, data("notify/" + vector + ".body"))).evidence;
    };
    EXPECT_EQ(evidence("N01_paid"), "rule=v1");
    EXPECT_EQ(evidence("N11_empty_dropped"), "rule=drop_empty");
    EXPECT_EQ(evidence("N23_message_service_v2rule"), "rule=keep_sign_type");
}

TEST(AlipayDoor, SaysWhyItRefuses) {
    const AlipayDoor door(alipay_key());
    const auto refusal = [&](const std::string& body) { return std::get<Refusal>(deliver(door, body)); };
    EXPECT_EQ(refusal(data("notify/N12_tampered_amount.body")).status, 401);
    EXPECT_EQ(refusal(data("notify/N12_tampered_amount.body")).reason, "signature");
    EXPECT_EQ(refusal("a=%zz").status, 400);
    EXPECT_EQ(refusal("").status, 400);
    EXPECT_EQ(refusal("{\"json\":1}").status, 401);
    EXPECT_EQ(refusal(data("notify/N21_return_url_cert_mode.body")).status, 400);
    EXPECT_EQ(refusal(data("notify/N21_return_url_cert_mode.body")).reason, "notify_id");
}

TEST(AlipayDoor, ReadsTheBodyOnly) {
    const AlipayDoor door(alipay_key());
    EXPECT_TRUE(
        std::holds_alternative<Receipt>(deliver(door, data("notify/N01_paid.body"), "_url=%2Fx&sign=1")));
    EXPECT_TRUE(std::holds_alternative<Refusal>(deliver(door, "", data("notify/N01_paid.body"))));
}

TEST(AlipayDoor, ARepeatIsTheSameMessage) {
    const AlipayDoor door(alipay_key());
    auto fields = *io::parse_form(data("notify/N01_paid.body"));
    const auto first = std::get<Receipt>(deliver(door, data("notify/N01_paid.body")));
    for (auto& [name, value] : fields)
        if (name == "notify_time") value = "2026-01-16 10:24:00";  // a repeat is signed afresh, a day later
    const auto repeat = std::get<Receipt>(deliver(door, write_signed_form(fields, alipay_private_key())));
    EXPECT_EQ(repeat.dedup_key, first.dedup_key);
}

TEST(AlipayDoor, AnswersExactlySevenBytes) {
    const AlipayDoor door(alipay_key());
    EXPECT_EQ(door.success().status, 200);
    EXPECT_EQ(door.success().body, "success");
    EXPECT_EQ(door.success().content_type, "text/plain");
    EXPECT_EQ(door.failure(401).body, "failure");
    EXPECT_EQ(door.failure(401).status, 401);
}

TEST(AlipayFacts, APaymentIsAPayment) {
    for (const auto* vector : {"N01_paid", "N07_refund_fee_zero", "N15_gbk", "N18_shuffled_order"}) {
        const auto payment = std::get<PaymentSucceeded>(fact(vector));
        EXPECT_EQ(payment.provider, Provider::alipay);
        EXPECT_EQ(payment.mchid, "2088000000000001");
        EXPECT_EQ(payment.app_id, "2021000000000001");
        EXPECT_EQ(payment.out_trade_no, "CHG_20260115_000001");
        EXPECT_EQ(payment.transaction_id, "2026011522001400000000000001");
        EXPECT_EQ(payment.amount, Fen{2990});
        EXPECT_EQ(payment.payer, "2088000000000009");
        EXPECT_EQ(payment.paid_at, at("2026-01-15 10:00:03"));
    }
}

TEST(AlipayFacts, ForeignAppsAndWrongAmountsKeepTheirOwnWordsForTheBusinessChecks) {
    EXPECT_EQ(std::get<PaymentSucceeded>(fact("N19_other_app")).app_id, "2021000000000777");
    EXPECT_EQ(std::get<PaymentSucceeded>(fact("N20_wrong_amount_signed")).amount, Fen{299});
}

TEST(AlipayFacts, ARefundTellsTheRunningTotal) {
    const auto partial = std::get<RefundChanged>(fact("N03_partial_refund"));
    EXPECT_EQ(partial.amount, Fen{1000});
    EXPECT_TRUE(partial.cumulative);
    EXPECT_EQ(partial.out_refund_no, "RFD_1");
    EXPECT_EQ(partial.mchid, "2088000000000001");
    EXPECT_EQ(partial.at, at("2026-01-16 09:00:04"));
    const auto full = std::get<RefundChanged>(fact("N04_full_refund"));
    EXPECT_EQ(full.amount, Fen{2990});
    EXPECT_EQ(full.out_trade_no, "CHG_20260115_000001");
    // a refund without a number of its own carries the trade's
    const auto unnumbered = changed("N03_partial_refund", {{"out_biz_no", "2026011522001400000000000001"}});
    EXPECT_EQ(std::get<RefundChanged>(unnumbered).out_refund_no, "");
}

TEST(AlipayFacts, AClosedUnpaidOrderTookNoMoney) {
    const auto failed = std::get<PaymentFailed>(fact("N05_timeout_closed"));
    EXPECT_EQ(failed.out_trade_no, "WEB_20260115_000009");
    EXPECT_EQ(failed.cause, FailureCause::closed_unpaid);
    EXPECT_EQ(failed.provider_code, "TRADE_CLOSED");
}

TEST(AlipayFacts, AFinishedTradeWasPaid) {
    EXPECT_EQ(std::get<PaymentSucceeded>(fact("N06_finished")).paid_at, at("2026-01-15 10:00:03"));
    // also with an earlier partial refund named
    EXPECT_TRUE(std::holds_alternative<PaymentSucceeded>(
        changed("N06_finished", {{"refund_fee", "10.00"}, {"gmt_refund", "2026-01-16 09:00:04.123"}})));
}

TEST(AlipayFacts, AWaitingTradeIsNothingToDo) {
    EXPECT_TRUE(std::holds_alternative<NoAction>(changed("N01_paid", {{"trade_status", "WAIT_BUYER_PAY"}})));
}

TEST(AlipayFacts, AnAgreementIsSigned) {
    for (const auto* vector : {"N08_user_sign", "N14_v2_rule"}) {
        const auto mandate = std::get<MandateSigned>(fact(vector));
        EXPECT_EQ(mandate.provider, Provider::alipay);
        EXPECT_EQ(mandate.app_id, "2021000000000001");
        EXPECT_EQ(mandate.our_number, "AGR20260115000001");
        EXPECT_EQ(mandate.contract_id, "20265115000000000001");
        EXPECT_EQ(mandate.payer, "2088000000000009");
        EXPECT_EQ(mandate.signed_at, at("2026-01-15 09:50:01"));
        EXPECT_FALSE(mandate.expires_at);  // 2115 is long-term
    }
    const auto limited = changed("N08_user_sign", {{"invalid_time", "2027-01-15 09:50:01"}});
    EXPECT_EQ(std::get<MandateSigned>(limited).expires_at, at("2027-01-15 09:50:01"));
    EXPECT_TRUE(std::holds_alternative<NoAction>(changed("N08_user_sign", {{"status", "TEMP"}})));
}

TEST(AlipayFacts, AnAgreementIsReleased) {
    const auto ended = std::get<MandateEnded>(fact("N09_user_unsign"));
    EXPECT_EQ(ended.our_number, "AGR20260115000001");
    EXPECT_EQ(ended.contract_id, "20265115000000000001");
    EXPECT_EQ(ended.cause, MandateEnded::Cause::unknown);
    EXPECT_EQ(ended.ended_at, at("2026-03-01 08:00:00"));
}

TEST(AlipayFacts, MessageServiceEventsAreKeptByTheirMethod) {
    for (const auto* vector : {"N22_message_service_v1rule", "N23_message_service_v2rule"})
        EXPECT_EQ(std::get<NoAction>(fact(vector)).kind, "alipay.trade.refund.depositback.completed");
    EXPECT_EQ(std::get<NoAction>(changed("N01_paid", {{"notify_type", "servicewindow"}})).kind,
              "servicewindow");
}

TEST(AlipayFacts, WhatIsNotDocumentedIsForAPerson) {
    const std::vector<io::Fields> undocumented{
        {{"notify_type", ""}},
        {{"trade_status", ""}},
        {{"trade_status", "PAID"}},
        {{"total_amount", ""}},
        {{"total_amount", "29.9x"}},
        {{"total_amount", "-1.00"}},
        {{"total_amount", "29.901"}},
        {{"out_trade_no", ""}},
        {{"trade_no", ""}},
        {{"app_id", ""}},
        {{"gmt_payment", "yesterday"}},
        {{"refund_fee", "1e3"}},
        {{"gmt_refund", "2026-01-16 09:00:04.123"}},  // a refund of nothing
        {{"trade_status", "TRADE_CLOSED"}}};          // closed after payment, no refund named
    for (const auto& changes : undocumented)
        EXPECT_THROW(changed("N01_paid", changes), std::runtime_error)
            << changes[0].first << changes[0].second;
    EXPECT_THROW(changed("N08_user_sign", {{"agreement_no", ""}}), std::runtime_error);
    EXPECT_THROW(changed("N09_user_unsign", {{"agreement_no", ""}}), std::runtime_error);
    EXPECT_THROW(AlipayDoor::decode_notification("%"), std::runtime_error);
}

}  // namespace
}  // namespace wefee::payment::alipay
