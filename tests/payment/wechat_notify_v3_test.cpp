// APIv3 notifications: who is let in, who is refused and why, and what each event means to billing.
#include <gtest/gtest.h>

#include "payment/wechat/envelope.hpp"
#include "payment/wechat/notify_v3.hpp"
#include "payment/wechat/sign.hpp"
#include "wechat_testing.hpp"

namespace wefee::payment::wechat {

using namespace testing;

namespace {

KeyRing::Map all_keys() {
    return {{public_key_id(), public_key("wechatpay_pub")},
            {platform_serial("old"), public_key("platform_old")},
            {platform_serial("new"), public_key("platform_new")}};
}

class WechatDoor : public ::testing::Test {
protected:
    Verdict verify(const Message& message) const { return door.verify(message.view(), vector_now()); }

    /// The reason of the refusal, "accepted" when there is none.
    std::string reason(const Message& message) const { return reason(message, vector_now()); }
    std::string reason(const Message& message, Instant now) const {
        const auto verdict = door.verify(message.view(), now);
        const auto* refusal = std::get_if<Refusal>(&verdict);
        return refusal == nullptr ? "accepted" : refusal->reason;
    }
    ProviderFact decode(const std::string& event, const std::string& plain) const {
        const Message message = make_notification(event, plain, vector_now());
        EXPECT_EQ(reason(message), "accepted");
        return door.decode(message.body);
    }

    Settings settings = vector_settings();
    KeyRing keys{all_keys()};
    V3Door door{settings, keys, nullptr};
};

constexpr std::string_view paid_json =
    R"({"mchid":"1900009191","appid":"wx1","out_trade_no":"T1","transaction_id":"42","trade_type":"JSAPI",)"
    R"("trade_state":"SUCCESS","success_time":"2025-11-23T21:09:50+08:00","payer":{"openid":"o1"},)"
    R"("amount":{"total":19900,"payer_total":19000,"currency":"CNY"}})";

std::string paid_with(const std::string& from, const std::string& to) {
    std::string text(paid_json);
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

struct Expected {
    std::string_view verdict;
    int status;
    std::string_view reason;
};
constexpr Expected expectations[]{{"reject_signature_probe", 401, "probe"},
                                  {"reject_signature", 401, "signature"},
                                  {"reject_timestamp", 401, "timestamp"},
                                  {"reject_unknown_serial", 401, "serial"},
                                  {"reject_decrypt", 500, "decrypt"}};

}  // namespace

TEST_F(WechatDoor, EveryVectorGetsItsVerdict) {
    for (const auto& one : vectors().at("notifications")) {
        const std::string name = one.at("name");
        SCOPED_TRACE(name);
        const Message message = vector_notification(name);
        const Verdict verdict = verify(message);
        if (one.at("expect") == "accept") {
            const auto* receipt = std::get_if<Receipt>(&verdict);
            ASSERT_NE(receipt, nullptr) << std::get<Refusal>(verdict).reason;
            EXPECT_EQ(receipt->source, "wechatpay");
            EXPECT_EQ(receipt->dedup_key, nlohmann::json::parse(message.body).at("id").get<std::string>());
            const auto opened = open_envelope(message.body, settings.api_v3_key);
            ASSERT_TRUE(opened);
            EXPECT_EQ(opened->plaintext, read_data(one.at("plaintext_file")));
            continue;
        }
        const auto* refusal = std::get_if<Refusal>(&verdict);
        ASSERT_NE(refusal, nullptr);
        bool found = false;
        for (const Expected& row : expectations)
            if (row.verdict == one.at("expect").get<std::string>()) {
                found = true;
                EXPECT_EQ(refusal->status, row.status);
                EXPECT_EQ(refusal->reason, row.reason);
            }
        EXPECT_TRUE(found);
        EXPECT_FALSE(refusal->try_newer_keys) << "there is no certificate mode here";
    }
}

TEST_F(WechatDoor, EachHeaderIsNeededExactlyOnceAndNotEmpty) {
    const Message good = vector_notification("transaction_success_public_key");
    for (const std::string name :
         {"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"}) {
        Message missing = good;
        missing.drop(name);
        EXPECT_EQ(reason(missing), "headers") << name;
        Message empty = good;
        empty.set(name, "");
        EXPECT_EQ(reason(empty), "headers") << name;
        Message doubled = good;
        doubled.twice(name);
        EXPECT_EQ(reason(doubled), "headers") << name;
    }
}

TEST_F(WechatDoor, HeaderNamesComeInAnyCase) {
    Message message = vector_notification("transaction_success_public_key");
    for (auto& [name, value] : message.headers)
        for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(reason(message), "accepted");
}

TEST_F(WechatDoor, TheSignatureTypeMayBeAbsentButNeverAnother) {
    Message message = vector_notification("transaction_success_public_key");
    message.drop("Wechatpay-Signature-Type");
    EXPECT_EQ(reason(message), "accepted");
    for (const std::string type : {"WECHATPAY2-SM2-WITH-SM3", "NONE", "", "WECHATPAY2-SHA256-RSA1024"}) {
        Message other = vector_notification("transaction_success_public_key");
        other.set("Wechatpay-Signature-Type", type);
        EXPECT_EQ(reason(other), "signature_type") << type;
    }
    Message doubled = vector_notification("transaction_success_public_key");
    doubled.twice("Wechatpay-Signature-Type");
    EXPECT_EQ(reason(doubled), "headers");
}

TEST_F(WechatDoor, OneFlippedBitInAnyByteOfTheBodyIsRefused) {
    const Message good = vector_notification("transaction_success_public_key");
    for (std::size_t at = 0; at < good.body.size(); ++at) {
        Message bad = good;
        bad.body[at] = static_cast<char>(bad.body[at] ^ (1 << (at % 8)));
        ASSERT_EQ(reason(bad), "signature") << at;
    }
}

TEST_F(WechatDoor, OneFlippedBitInAnyByteOfTheSignatureIsRefused) {
    const Message good = vector_notification("transaction_success_public_key");
    const std::string signature(good.view().header("Wechatpay-Signature"));
    for (std::size_t at = 0; at < signature.size(); ++at)
        for (const int bit : {0, 3, 6}) {
            std::string flipped = signature;
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
            Message bad = good;
            bad.set("Wechatpay-Signature", flipped);
            ASSERT_EQ(reason(bad), "signature") << at;
        }
}

TEST_F(WechatDoor, AChangedTimestampOrNonceIsRefused) {
    for (const std::string name : {"Wechatpay-Timestamp", "Wechatpay-Nonce"}) {
        Message bad = vector_notification("transaction_success_public_key");
        std::string value(bad.view().header(name));
        value.back() = value.back() == '0' ? '1' : '0';
        bad.set(name, value);
        EXPECT_EQ(reason(bad), "signature") << name;
    }
}

TEST_F(WechatDoor, TheWindowIsThreeHundredSecondsOnBothSides) {
    const Message message = vector_notification("transaction_success_public_key");
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    for (const seconds off : {seconds{-300}, seconds{0}, seconds{300}})
        EXPECT_EQ(reason(message, vector_now() + off), "accepted") << off.count();
    for (const milliseconds off :
         {milliseconds{-300'001}, milliseconds{300'001}, milliseconds{-301'000}, milliseconds{301'000},
          milliseconds{86'400'000}, milliseconds{31'536'000'000}})
        EXPECT_EQ(reason(message, vector_now() + off), "timestamp") << off.count();
}

TEST_F(WechatDoor, ATimestampIsPlainDigits) {
    for (const std::string text : {"1763903392x", "-1763903392", "+1763903392", " 1763903392", "1763903392.0",
                                   "x", "99999999999999999999", "9223372036854775807", "0", "999999999999"}) {
        Message bad = vector_notification("transaction_success_public_key");
        bad.set("Wechatpay-Timestamp", text);
        EXPECT_EQ(reason(bad), "timestamp") << text;
    }
}

TEST_F(WechatDoor, ASignatureThatIsNoBase64IsOnlyAWrongSignature) {
    const std::string good(
        vector_notification("transaction_success_public_key").view().header("Wechatpay-Signature"));
    for (const std::string& text : {std::string{"x"}, std::string{"===="}, std::string{"\xFF\xFE"},
                                    good + "A", good.substr(0, good.size() - 4), std::string(5'000, 'A')}) {
        Message bad = vector_notification("transaction_success_public_key");
        bad.set("Wechatpay-Signature", text);
        EXPECT_EQ(reason(bad), "signature") << text.substr(0, 20);
    }
}

TEST_F(WechatDoor, ASerialOfAnotherKeyOfOursIsRefused) {
    Message bad = vector_notification("transaction_success_public_key");
    bad.set("Wechatpay-Serial", platform_serial("old"));
    EXPECT_EQ(reason(bad), "signature");
    bad.set("Wechatpay-Serial", "PUB_KEY_ID_9");
    EXPECT_EQ(reason(bad), "serial");
}

TEST_F(WechatDoor, AForgedTagIsRefusedThoughTheSignatureHolds) {
    auto envelope = nlohmann::json::parse(
        make_notification("TRANSACTION.SUCCESS", std::string(paid_json), vector_now()).body);
    std::string cipher = envelope["resource"]["ciphertext"];
    cipher[cipher.size() - 6] = cipher[cipher.size() - 6] == 'A' ? 'B' : 'A';  // inside the tag
    envelope["resource"]["ciphertext"] = cipher;
    Message forged{.headers = {}, .body = envelope.dump()};
    forged.headers =
        signature_headers(private_key("wechatpay_pub"), public_key_id(), vector_now(), "n", forged.body);
    const auto verdict = verify(forged);
    ASSERT_TRUE(std::holds_alternative<Refusal>(verdict));
    EXPECT_EQ(std::get<Refusal>(verdict).status, 500);
    EXPECT_EQ(std::get<Refusal>(verdict).reason, "decrypt");
    EXPECT_THROW(door.decode(forged.body), std::runtime_error);
}

TEST_F(WechatDoor, ASignedBodyThatIsNoEnvelopeIsMalformed) {
    const std::string deep = std::string(40, '[') + std::string(40, ']');
    for (
        const std::string& body :
        {std::string{}, std::string{"null"}, std::string{"{}"}, std::string{"[]"}, std::string{"{\"id\":1}"},
         deep, std::string{R"({"id":"","event_type":"A","resource":{}})"},
         std::string{R"({"id":"E","event_type":"A","resource":[]})"},
         std::string{
             R"({"id":"E","event_type":"A","resource":{"algorithm":"AEAD_SM4_GCM","nonce":"abcdefghijkl","ciphertext":"AAAA"}})"},
         std::string{
             R"({"id":"E","event_type":"A","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"short","ciphertext":"AAAA"}})"},
         std::string{
             R"({"id":"E","event_type":"A","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"abcdefghijkl","ciphertext":"AAAA"}})"},
         std::string{
             R"({"id":"E","event_type":"A","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"abcdefghijkl","associated_data":7,"ciphertext":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}})"}}) {
        Message message{.headers = {}, .body = body};
        message.headers =
            signature_headers(private_key("wechatpay_pub"), public_key_id(), vector_now(), "n", body);
        const auto verdict = verify(message);
        ASSERT_TRUE(std::holds_alternative<Refusal>(verdict)) << body;
        EXPECT_EQ(std::get<Refusal>(verdict).reason, "malformed") << body;
        EXPECT_EQ(std::get<Refusal>(verdict).status, 400);
    }
}

TEST_F(WechatDoor, AnAbsentOrNullAssociatedDataIsTheEmptyOne) {
    auto envelope = nlohmann::json::parse(vector_notification("empty_associated_data").body);
    for (const bool absent : {true, false}) {
        if (absent)
            envelope["resource"].erase("associated_data");
        else
            envelope["resource"]["associated_data"] = nullptr;
        EXPECT_TRUE(open_envelope(envelope.dump(), settings.api_v3_key));
    }
}

TEST_F(WechatDoor, UnknownMembersAndEscapesAreTolerated) {
    auto envelope = nlohmann::json::parse(vector_notification("refund_success").body);
    envelope["new_member"] = {{"nested", {1, 2, 3}}};
    EXPECT_TRUE(open_envelope(envelope.dump(-1, ' ', true), settings.api_v3_key));
}

TEST_F(WechatDoor, EvidenceHoldsTheSignedHeaders) {
    const auto verdict = verify(vector_notification("transaction_success_public_key"));
    const std::string& evidence = std::get<Receipt>(verdict).evidence;
    EXPECT_NE(evidence.find("Wechatpay-Serial: " + public_key_id() + "\n"), std::string::npos);
    EXPECT_NE(evidence.find("Wechatpay-Timestamp: 1763903392\n"), std::string::npos);
}

TEST_F(WechatDoor, AnswersAreTheDocumentedOnes) {
    EXPECT_EQ(door.success().status, 200);
    EXPECT_EQ(door.success().body, R"({"code":"SUCCESS","message":"成功"})");
    EXPECT_EQ(door.failure(401).status, 401);
    EXPECT_EQ(nlohmann::json::parse(door.failure(401).body).at("code"), "FAIL");
}

TEST_F(WechatDoor, APaidTransactionIsAPaymentWithItsMerchantNumberAndTotal) {
    const auto fact = door.decode(vector_notification("transaction_success_public_key").body);
    const auto& paid = std::get<PaymentSucceeded>(fact);
    EXPECT_EQ(paid.provider, Provider::wechat);
    EXPECT_EQ(paid.mchid, "1900009191");
    EXPECT_EQ(paid.app_id, "wxd678efh567hg6787");
    EXPECT_EQ(paid.out_trade_no, "SCRM202511230000000001");
    EXPECT_EQ(paid.transaction_id, "4200002500202511231234567890");
    EXPECT_EQ(paid.amount, Fen{19900});
    EXPECT_EQ(paid.payer, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
    EXPECT_EQ(format_instant(paid.paid_at), "2025-11-23T21:09:50+08:00");
}

TEST_F(WechatDoor, TheOrdersTotalCountsNotWhatThePayerPaidAfterCoupons) {
    EXPECT_EQ(std::get<PaymentSucceeded>(decode("TRANSACTION.SUCCESS", std::string(paid_json))).amount,
              Fen{19900});
}

TEST_F(WechatDoor, AmountsAreWholeFenOrTheMessageGoesToAPerson) {
    for (const std::string& amount :
         {"19900.0", "199e2", "\"19900\"", "-19900", "0", "null", "18446744073709551615"})
        EXPECT_THROW(decode("TRANSACTION.SUCCESS", paid_with("19900", amount)), std::runtime_error) << amount;
    EXPECT_THROW(decode("TRANSACTION.SUCCESS", paid_with("CNY", "USD")), std::runtime_error);
    EXPECT_THROW(decode("TRANSACTION.SUCCESS", paid_with("transaction_id", "no_id")), std::runtime_error);
    EXPECT_THROW(decode("TRANSACTION.SUCCESS", paid_with("success_time", "no_time")), std::runtime_error);
    EXPECT_THROW(decode("TRANSACTION.SUCCESS", paid_with("mchid", "sp_mchid")), std::runtime_error);
    EXPECT_THROW(decode("TRANSACTION.SUCCESS", "not json"), std::runtime_error);
}

TEST_F(WechatDoor, AFailedTransactionIsAFailureWithItsCode) {
    const auto fact = decode("TRANSACTION.FAIL", paid_with("SUCCESS", "PAY_FAIL"));
    EXPECT_EQ(std::get<PaymentFailed>(fact).provider_code, "PAY_FAIL");
    EXPECT_EQ(std::get<PaymentFailed>(fact).out_trade_no, "T1");
    EXPECT_THROW(decode("TRANSACTION.FAIL", std::string(paid_json)), std::runtime_error)
        << "contradicts itself";
    EXPECT_TRUE(
        std::holds_alternative<NoAction>(decode("TRANSACTION.SUCCESS", paid_with("SUCCESS", "ACCEPT"))));
    EXPECT_TRUE(std::holds_alternative<PaymentSucceeded>(
        decode("TRANSACTION.SUCCESS", paid_with("SUCCESS", "REFUND"))));
}

TEST_F(WechatDoor, RefundsKeepNumberStateAndAmount) {
    const auto done = std::get<RefundChanged>(door.decode(vector_notification("refund_success").body));
    EXPECT_EQ(done.status, RefundChanged::Status::succeeded);
    EXPECT_EQ(done.out_refund_no, "RF202511230000000001");
    EXPECT_EQ(done.out_trade_no, "SCRM202511230000000001");
    EXPECT_EQ(done.refund_id, "50300000002025112300000000001");
    EXPECT_EQ(done.mchid, "1900009191");
    EXPECT_EQ(done.amount, Fen{9900});
    EXPECT_FALSE(done.cumulative);
    EXPECT_EQ(format_instant(done.at), "2025-11-23T21:09:51+08:00");

    const auto stuck = std::get<RefundChanged>(door.decode(vector_notification("refund_abnormal").body));
    EXPECT_EQ(stuck.status, RefundChanged::Status::abnormal);
    EXPECT_EQ(format_instant(stuck.at), "2025-11-23T21:09:52+08:00") << "the envelope's time";

    const std::string closed =
        R"({"mchid":"m","out_trade_no":"T","out_refund_no":"R","refund_status":"CLOSED","amount":{"refund":1}})";
    EXPECT_EQ(std::get<RefundChanged>(decode("REFUND.CLOSED", closed)).status, RefundChanged::Status::closed);
    EXPECT_THROW(decode("REFUND.SUCCESS", closed), std::runtime_error) << "event and object disagree";
    EXPECT_THROW(decode("REFUND.CLOSED", "{}"), std::runtime_error);
}

TEST_F(WechatDoor, ContractsOfScheduledDeductionsAreSignedAndEnded) {
    const auto began = std::get<MandateSigned>(door.decode(vector_notification("entrust_sign").body));
    EXPECT_EQ(began.contract_id, "202511230000028648");
    EXPECT_EQ(began.our_number, "wxwtdk20251123100000");
    EXPECT_EQ(began.plan_id, "12535");
    EXPECT_EQ(began.mchid, "1900009191");
    ASSERT_TRUE(began.expires_at);
    EXPECT_EQ(format_instant(*began.expires_at), "2026-11-23T21:05:00+08:00");

    const auto ended = std::get<MandateEnded>(door.decode(vector_notification("entrust_terminate").body));
    EXPECT_EQ(ended.cause, MandateEnded::Cause::by_payer);
    EXPECT_EQ(format_instant(ended.ended_at), "2025-11-24T08:00:00+08:00");
    EXPECT_THROW(decode("ENTRUST.SIGN", "{}"), std::runtime_error);
    EXPECT_THROW(decode("ENTRUST.TERMINATE", "[]"), std::runtime_error);
}

TEST_F(WechatDoor, UnknownEventsAreKeptWithTheirKind) {
    for (const std::string event :
         {"SECURITY_ECHO.SUCCESS", "ENTRUST.TERMINATE_INQUIRY", "PAPAY.SIGN", "NEW.THING"})
        EXPECT_EQ(std::get<NoAction>(decode(event, R"({"echo_message":"hello"})")).kind, event);
}

}  // namespace wefee::payment::wechat
