// APIv2 notifications: contract, deduction and refund, each on its own path or on a wrong one.
#include <gtest/gtest.h>

#include <cctype>

#include "payment/wechat/notify_v2.hpp"
#include "payment/wechat/papay.hpp"
#include "wechat_testing.hpp"

namespace wefee::payment::wechat {

using namespace testing;

namespace {

v2::Fields fields_of(const std::string& file) { return v2::read(read_data("bodies/" + file)).value(); }

std::string signed_xml(v2::Fields fields, v2::SignType type = v2::SignType::md5) {
    fields["sign"] = v2::sign(fields, vector_settings().api_v2_key, type);
    return v2::write(fields);
}

class WechatV2Door : public ::testing::Test {
protected:
    std::string reason(const std::string& xml) const {
        const Message message = v2_message(xml);
        const auto verdict = door.verify(message.view(), vector_now());
        const auto* refusal = std::get_if<Refusal>(&verdict);
        return refusal == nullptr ? "accepted" : refusal->reason;
    }
    Receipt receipt(const std::string& xml) const {
        const Message message = v2_message(xml);
        const auto verdict = door.verify(message.view(), vector_now());
        EXPECT_TRUE(std::holds_alternative<Receipt>(verdict));
        return std::holds_alternative<Receipt>(verdict) ? std::get<Receipt>(verdict) : Receipt{};
    }

    Settings settings = vector_settings();
    V2Door door{settings};
};

}  // namespace

TEST_F(WechatV2Door, EveryVectorIsAcceptedWithItsKey) {
    const auto accepted = [&](const std::string& file, const std::string& source, const std::string& key) {
        const Receipt got = receipt(read_data("bodies/" + file));
        EXPECT_EQ(got.source, source);
        EXPECT_EQ(got.dedup_key, key);
    };
    accepted("v2_notify_contract_add.xml", "wechatpay.v2.contract", "202511230000028648:ADD");
    accepted("v2_notify_contract_delete.xml", "wechatpay.v2.contract", "202511230000028648:DELETE");
    accepted("v2_notify_deduct_success.xml", "wechatpay.v2.deduction",
             "SCRMD202512010000000001:4200002500202512011234567891:SUCCESS");
    accepted("v2_notify_deduct_fail.xml", "wechatpay.v2.deduction", "SCRMD202512010000000001::FAIL");
    accepted("v2_notify_refund.xml", "wechatpay.v2.refund", "RF202512020000000001:SUCCESS");
    EXPECT_EQ(door.other_algorithm_count(), 0U);
}

TEST_F(WechatV2Door, NothingUnsignedIsEverTaken) {
    for (const std::string file : {"v2_notify_contract_add.xml", "v2_notify_deduct_success.xml"}) {
        auto fields = fields_of(file);
        fields.erase("sign");
        EXPECT_EQ(reason(v2::write(fields)), "signature") << file;
        fields["sign"] = "";
        EXPECT_EQ(reason(v2::write(fields)), "signature") << file;
        fields["sign_type"] = "NONE";
        fields["sign"] = v2::sign(fields, settings.api_v2_key, v2::SignType::md5);
        EXPECT_EQ(reason(v2::write(fields)), "signature") << file;
    }
}

TEST_F(WechatV2Door, AMissingOrFailedReturnCodeIsRefused) {
    auto fields = fields_of("v2_notify_deduct_success.xml");
    fields.erase("return_code");
    EXPECT_EQ(reason(signed_xml(fields)), "return_code");
    fields["return_code"] = "FAIL";
    EXPECT_EQ(reason(signed_xml(fields)), "return_code");
}

TEST_F(WechatV2Door, OneFlippedBitInAnyByteIsRefused) {
    const std::string good = read_data("bodies/v2_notify_deduct_success.xml");
    const auto fields = fields_of("v2_notify_deduct_success.xml");
    int refused = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
        auto seen = v2::read(bad);
        if (seen && seen->contains("sign"))  // the sign's case has no meaning
            for (char& c : seen->at("sign"))
                c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (seen == fields) continue;  // or a blank between elements became another blank
        ASSERT_NE(reason(bad), "accepted") << at << " " << bad.substr(at > 20 ? at - 20 : 0, 40);
        ++refused;
    }
    EXPECT_GT(refused, 850) << "of " << good.size();
}

TEST_F(WechatV2Door, BothAlgorithmsAreTakenAndTheOtherOneIsCounted) {
    const auto fields = fields_of("v2_notify_deduct_success.xml");
    EXPECT_EQ(reason(signed_xml(fields, v2::SignType::hmac_sha256)), "accepted");
    EXPECT_EQ(door.other_algorithm_count(), 1U);
    EXPECT_EQ(reason(signed_xml(fields, v2::SignType::md5)), "accepted");
    EXPECT_EQ(door.other_algorithm_count(), 1U);
}

TEST_F(WechatV2Door, AStrictMerchantTakesOnlyTheConfiguredAlgorithm) {
    settings.v2_sign_type = v2::SignType::hmac_sha256;
    settings.v2_accept_other_algorithm = false;
    auto fields = fields_of("v2_notify_deduct_success.xml");
    fields["sign_type"] = "MD5";
    EXPECT_EQ(reason(signed_xml(fields, v2::SignType::md5)), "signature") << "the message does not choose";
    EXPECT_EQ(reason(signed_xml(fields_of("v2_notify_deduct_success.xml"), v2::SignType::hmac_sha256)),
              "accepted");
    EXPECT_EQ(reason(read_data("bodies/v2_notify_contract_add.xml")), "accepted")
        << "signing links know only MD5";
    EXPECT_EQ(door.other_algorithm_count(), 0U);
}

TEST_F(WechatV2Door, AMessageOfNoKnownKindIsRefusedClearly) {
    EXPECT_EQ(reason(signed_xml({{"return_code", "SUCCESS"}, {"openid", "o"}})), "kind");
    EXPECT_EQ(reason("{\"id\":\"EV\"}"), "malformed");
    EXPECT_EQ(reason(""), "malformed");
    EXPECT_EQ(reason(signed_xml({{"return_code", "SUCCESS"}, {"change_type", "ADD"}})), "malformed")
        << "no key";
    EXPECT_EQ(reason(signed_xml({{"return_code", "SUCCESS"}, {"out_trade_no", std::string(200, 'x')}})),
              "malformed");
}

TEST_F(WechatV2Door, ARefundNoticeMustDecryptUnderOurKey) {
    auto fields = fields_of("v2_notify_refund.xml");
    const std::string whole = fields["req_info"];
    for (const std::string& bad :
         {std::string{}, std::string{"AAAA"}, whole.substr(0, whole.size() - 24),
          v2::seal_req_info("<root><x>1</x></root>", settings.api_v2_key),
          v2::seal_req_info("not xml", settings.api_v2_key),
          v2::seal_req_info("<root><out_refund_no>R</out_refund_no><refund_status>SUCCESS"
                            "</refund_status></root>",
                            "another key")}) {
        fields["req_info"] = bad;
        EXPECT_EQ(reason(v2::write(fields)), "decrypt");
    }
}

TEST_F(WechatV2Door, TheAcknowledgementIsLiteral) {
    EXPECT_EQ(door.success().status, 200);
    EXPECT_EQ(
        door.success().body,
        "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>");
    EXPECT_EQ(door.failure(503).status, 503);
    EXPECT_EQ(v2::read(door.failure(503).body).value().at("return_code"), "FAIL");
}

TEST_F(WechatV2Door, ContractNoticesBecomeMandateFacts) {
    const auto began = std::get<MandateSigned>(door.decode(read_data("bodies/v2_notify_contract_add.xml")));
    EXPECT_EQ(began.contract_id, "202511230000028648");
    EXPECT_EQ(began.our_number, "SCRMC20251123000001");
    EXPECT_EQ(began.plan_id, "12535");
    EXPECT_EQ(began.payer, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
    EXPECT_EQ(began.mchid, "1900009191");
    EXPECT_EQ(format_instant(began.signed_at), "2025-11-23T21:05:00+08:00");
    ASSERT_TRUE(began.expires_at);
    const auto ended = std::get<MandateEnded>(door.decode(read_data("bodies/v2_notify_contract_delete.xml")));
    EXPECT_EQ(ended.cause, MandateEnded::Cause::by_payer);
    EXPECT_EQ(format_instant(ended.ended_at), "2025-12-24T08:00:00+08:00");
}

TEST_F(WechatV2Door, EveryWayOfEndingHasItsCause) {
    using Cause = MandateEnded::Cause;
    const std::pair<std::string, Cause> ways[]{
        {"1", Cause::expired},        {"2", Cause::by_payer},    {"3", Cause::by_us},   {"4", Cause::by_us},
        {"5", Cause::account_closed}, {"7", Cause::by_provider}, {"6", Cause::unknown}, {"", Cause::unknown}};
    for (const auto& [mode, cause] : ways) {
        auto fields = fields_of("v2_notify_contract_delete.xml");
        fields["contract_termination_mode"] = mode;
        EXPECT_EQ(std::get<MandateEnded>(door.decode(v2::write(fields))).cause, cause) << mode;
    }
    for (const auto& [word, cause] : {std::pair<std::string, Cause>{"USER_TERMINATE", Cause::by_payer},
                                      {"MCH_API_TERMINATE", Cause::by_us},
                                      {"API", Cause::by_us},
                                      {"WEPAY_WEB_TERMINATE", Cause::by_us},
                                      {"CUSTOMER_SERVICE_TERMINATE", Cause::by_provider},
                                      {"SYSTEM_TERMINATE", Cause::by_provider}})
        EXPECT_EQ(ended_cause(word), cause);
}

TEST_F(WechatV2Door, UnknownContractChangesAreKept) {
    auto fields = fields_of("v2_notify_contract_add.xml");
    fields["change_type"] = "PAUSE";
    EXPECT_EQ(std::get<NoAction>(door.decode(v2::write(fields))).kind, "v2.contract/PAUSE");
    fields = fields_of("v2_notify_contract_add.xml");
    fields["result_code"] = "FAIL";
    EXPECT_TRUE(std::holds_alternative<NoAction>(door.decode(v2::write(fields))));
    for (const std::string needed : {"contract_id", "contract_code", "mch_id", "operate_time"}) {
        fields = fields_of("v2_notify_contract_add.xml");
        fields.erase(needed);
        EXPECT_THROW(door.decode(v2::write(fields)), std::runtime_error) << needed;
    }
}

TEST_F(WechatV2Door, ASuccessfulDeductionIsAPayment) {
    const auto paid =
        std::get<PaymentSucceeded>(door.decode(read_data("bodies/v2_notify_deduct_success.xml")));
    EXPECT_EQ(paid.mchid, "1900009191");
    EXPECT_EQ(paid.app_id, "wxd678efh567hg6787");
    EXPECT_EQ(paid.out_trade_no, "SCRMD202512010000000001");
    EXPECT_EQ(paid.transaction_id, "4200002500202512011234567891");
    EXPECT_EQ(paid.contract_id, "202511230000028648");
    EXPECT_EQ(paid.amount, Fen{19900});
    EXPECT_EQ(format_instant(paid.paid_at), "2025-12-01T09:05:01+08:00");
}

TEST_F(WechatV2Door, AFailureInEitherPublishedShapeIsAFailure) {
    const auto told = std::get<PaymentFailed>(door.decode(read_data("bodies/v2_notify_deduct_fail.xml")));
    EXPECT_EQ(told.cause, FailureCause::balance_not_enough);
    EXPECT_EQ(told.provider_code, "NOTENOUGH");

    auto odd = fields_of("v2_notify_deduct_fail.xml");  // the official sample: SUCCESS, but no transaction
    odd["result_code"] = "SUCCESS";
    odd.erase("trade_state");
    EXPECT_EQ(std::get<PaymentFailed>(door.decode(v2::write(odd))).provider_code, "NOTENOUGH");
    odd.erase("err_code");
    EXPECT_EQ(std::get<PaymentFailed>(door.decode(v2::write(odd))).provider_code, "PAY_FAIL");
}

TEST_F(WechatV2Door, AnErrCodeOfZeroIsNeverASuccess) {
    auto fields = fields_of("v2_notify_deduct_fail.xml");
    fields["err_code"] = "0";
    fields["err_code_des"] = "业务成功";
    EXPECT_EQ(std::get<PaymentFailed>(door.decode(v2::write(fields))).provider_code, "PAY_FAIL");
    fields.erase("trade_state");
    EXPECT_TRUE(std::holds_alternative<PaymentFailed>(door.decode(v2::write(fields))));
}

TEST_F(WechatV2Door, APaymentThatContradictsItselfIsNone) {
    const auto changed = [&](const std::string& name, const std::string& value) {
        auto fields = fields_of("v2_notify_deduct_success.xml");
        fields[name] = value;
        return v2::write(fields);
    };
    for (const auto& [name, value] : {std::pair{"result_code", "FAIL"},
                                      {"trade_state", "PAY_FAIL"},
                                      {"trade_state", "CLOSED"},
                                      {"err_code", "NOTENOUGH"},
                                      {"transaction_id", ""}})
        EXPECT_TRUE(std::holds_alternative<PaymentFailed>(door.decode(changed(name, value))))
            << name << value;
    for (const auto& [name, value] : {std::pair{"total_fee", "199.00"},
                                      {"total_fee", "-1"},
                                      {"total_fee", "0"},
                                      {"total_fee", ""},
                                      {"fee_type", "USD"},
                                      {"time_end", "yesterday"}})
        EXPECT_THROW(door.decode(changed(name, value)), std::runtime_error) << name << value;
    EXPECT_TRUE(std::holds_alternative<NoAction>(door.decode(changed("trade_state", "ACCEPT"))));
}

TEST_F(WechatV2Door, ARefundNoticeBecomesARefund) {
    const auto done = std::get<RefundChanged>(door.decode(read_data("bodies/v2_notify_refund.xml")));
    EXPECT_EQ(done.status, RefundChanged::Status::succeeded);
    EXPECT_EQ(done.mchid, "1900009191");
    EXPECT_EQ(done.out_refund_no, "RF202512020000000001");
    EXPECT_EQ(done.out_trade_no, "SCRMD202512010000000001");
    EXPECT_EQ(done.amount, Fen{19900});
    EXPECT_EQ(format_instant(done.at), "2025-12-02T10:00:00+08:00");
}

TEST_F(WechatV2Door, RefundStatesOfThisProtocolHaveTheirOwnSpelling) {
    using Status = RefundChanged::Status;
    const std::string plain = vectors().at("v2_refund_req_info").at("plaintext");
    for (const auto& [word, status] :
         {std::pair{"CHANGE", Status::abnormal}, {"REFUNDCLOSE", Status::closed}}) {
        auto notice = v2::read(plain, "root").value();
        notice["refund_status"] = word;
        auto fields = fields_of("v2_notify_refund.xml");
        fields["req_info"] = v2::seal_req_info(v2::write(notice, "root"), settings.api_v2_key);
        EXPECT_EQ(std::get<RefundChanged>(door.decode(v2::write(fields))).status, status);
    }
}

}  // namespace wefee::payment::wechat
