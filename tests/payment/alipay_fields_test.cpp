// Business fields: what is sent, and what is refused before anything is stored.
#include "payment/alipay/fields.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "alipay_testing.hpp"

namespace wefee::payment::alipay {
namespace {

using namespace testing;

const Deduction deduction{.out_trade_no = "CHG_20260115_000001",
                          .amount = Fen{2990},
                          .contract_id = "20265115000000000001",
                          .description = "企微助手标准版 2026年1月 月费",
                          .notify_url = "https://pay.example.test/alipay/notify"};
const ManualOrder order{.way = ManualOrder::Way::native_qr,
                        .out_trade_no = "QR_20260115_000001",
                        .amount = Fen{8888},
                        .description = "年付套餐",
                        .notify_url = "https://pay.example.test/alipay/notify",
                        .return_url = "https://app.example.test/back",
                        .payer = "",
                        .expires_at = parse_instant("2026-01-15T12:00:00+08:00").value()};
const RefundRequest refund{.out_trade_no = "CHG_20260115_000001",
                           .transaction_id = "2026011522001400000000000001",
                           .out_refund_no = "RFD_1",
                           .refund = Fen{1000},
                           .total = Fen{2990},
                           .reason = "双方协商",
                           .notify_url = "https://pay.example.test/alipay/notify"};
const MandateRequest mandate{.our_number = "AGR20260115000001",
                             .serial = 1,
                             .account_name = "tenant-42",
                             .notify_url = "https://pay.example.test/alipay/notify",
                             .return_url = "https://app.example.test/back?a=1&b=2",
                             .single_limit = Fen{2990},
                             .total_limit = Fen{35880},
                             .period_months = 1,
                             .first_execute_day = parse_day("2026-02-01").value()};

/// Copies `base`, changes it, and expects the refusal to name the field.
template <class Request>
void refused(const Request& base, std::string_view field, const std::function<void(Request&)>& change,
             const std::function<void(const Request&)>& build) {
    auto request = base;
    change(request);
    try {
        build(request);
        ADD_FAILURE() << field << " was taken";
    } catch (const std::invalid_argument& error) {
        EXPECT_TRUE(std::string_view(error.what()).starts_with(std::string(field) + ":")) << error.what();
    }
}

TEST(AlipayFields, ADeductionIsTheVectorsBusinessContent) {
    const auto call = deduction_call(key_mode(), deduction);
    EXPECT_EQ(call.method, "alipay.trade.pay");
    const auto vector = json_data("request/R01_trade_pay_cycle_keymode.json");
    EXPECT_EQ(call.biz_content, vector["params"]["biz_content"].get<std::string>());
    auto general = key_mode();
    general.product_code = "GENERAL_WITHHOLDING";
    EXPECT_EQ(biz_text(deduction_call(general, deduction).biz_content, "product_code"),
              "GENERAL_WITHHOLDING");
}

TEST(AlipayFields, ASigningPageAsksForTheAgreedPlan) {
    const auto call = sign_page_call(key_mode(), mandate);
    EXPECT_EQ(call.biz_content,
              R"({"product_code":"CYCLE_PAY_AUTH","personal_product_code":"CYCLE_PAY_AUTH_P",)"
              R"("sign_scene":"INDUSTRY|DEFAULT_SCENE","external_agreement_no":"AGR20260115000001",)"
              R"("external_logon_id":"tenant-42","access_params":{"channel":"QRCODEORSMS"},)"
              R"("period_rule_params":{"period_type":"MONTH","period":"1","execute_time":"2026-02-01",)"
              R"("single_amount":"29.90","total_amount":"358.80"}})");
    EXPECT_EQ(call.return_url, "https://app.example.test/back?a=1&b=2");
}

TEST(AlipayFields, ManualOrdersHaveTheirProductsAndExpireInBeijingTime) {
    auto request = order;
    EXPECT_EQ(order_call(key_mode(), request).biz_content,
              R"({"out_trade_no":"QR_20260115_000001","total_amount":"88.88","subject":"年付套餐",)"
              R"("product_code":"QR_CODE_OFFLINE","time_expire":"2026-01-15 12:00:00"})");
    EXPECT_EQ(order_call(key_mode(), request).return_url, "");
    request.way = ManualOrder::Way::page;
    EXPECT_EQ(order_call(key_mode(), request).method, "alipay.trade.page.pay");
    EXPECT_EQ(biz_text(order_call(key_mode(), request).biz_content, "product_code"),
              "FAST_INSTANT_TRADE_PAY");
    request.way = ManualOrder::Way::wap;
    EXPECT_EQ(order_call(key_mode(), request).method, "alipay.trade.wap.pay");
    EXPECT_EQ(biz_text(order_call(key_mode(), request).biz_content, "quit_url"),
              "https://app.example.test/back");
}

TEST(AlipayFields, ARefundSendsOnlyWhatTheRefundPageLists) {
    EXPECT_EQ(refund_call(refund).biz_content,
              R"({"out_trade_no":"CHG_20260115_000001","refund_amount":"10.00","out_request_no":"RFD_1",)"
              R"("refund_reason":"双方协商"})");
    EXPECT_EQ(refund_call(refund).notify_url, "");
}

TEST(AlipayFields, SmallCallsAreTheVectorsContent) {
    const auto content = [](const std::string& id) {
        return json_data("request/" + id + ".json")["params"]["biz_content"].get<std::string>();
    };
    EXPECT_EQ(unsign_call(key_mode(), "20265115000000000001").biz_content, content("R10_unsign"));
    EXPECT_EQ(agreement_query_call(key_mode(), "AGR1", "20265115000000000001").biz_content,
              content("R09_agreement_query_isv"));
    EXPECT_EQ(plan_modify_call("20265115000000000001", parse_day("2026-02-10").value(), "用户申请延期扣款")
                  .biz_content,
              content("R11_plan_modify"));
    EXPECT_EQ(agreement_query_call(key_mode(), "AGR1", "").biz_content,
              R"({"personal_product_code":"CYCLE_PAY_AUTH_P","sign_scene":"INDUSTRY|DEFAULT_SCENE",)"
              R"("external_agreement_no":"AGR1"})");
}

TEST(AlipayFields, StoredFieldsComeBackUnchanged) {
    const auto call = deduction_call(key_mode(), deduction);
    const auto stored = store_call(call);
    const auto again = stored_call(stored);
    EXPECT_EQ(again.biz_content, call.biz_content);
    EXPECT_EQ(again.notify_url, call.notify_url);
    EXPECT_EQ(again.method, call.method);
    EXPECT_EQ(store_call(again), stored);
    for (const auto* text :
         {"", "[]", "{}", R"({"method":1})", R"({"method":"m"})", R"({"biz_content":"{}"})"})
        EXPECT_THROW(stored_call(text), std::invalid_argument) << text;
}

TEST(AlipayFields, ABadDeductionNamesItsField) {
    const std::function<void(const Deduction&)> build = [](const Deduction& d) {
        deduction_call(key_mode(), d);
    };
    const auto bad = [&](std::string_view field, const std::function<void(Deduction&)>& change) {
        refused<Deduction>(deduction, field, change, build);
    };
    bad("out_trade_no", [](auto& d) { d.out_trade_no = ""; });
    bad("out_trade_no", [](auto& d) { d.out_trade_no = "CHG-1"; });
    bad("out_trade_no", [](auto& d) { d.out_trade_no = std::string(65, 'A'); });
    bad("amount", [](auto& d) { d.amount = Fen{0}; });
    bad("amount", [](auto& d) { d.amount = Fen{10'000'000'001}; });
    bad("description", [](auto& d) { d.description = "a/b"; });
    bad("description", [](auto& d) { d.description = "a=b"; });
    bad("description", [](auto& d) { d.description = "a&b"; });
    bad("description", [](auto& d) { d.description = ""; });
    bad("description", [](auto& d) { d.description = "\xC6\xF3"; });
    bad("description", [](auto& d) { d.description = "a\nb"; });
    bad("description", [](auto& d) { d.description = std::string(257, 'a'); });
    bad("contract_id", [](auto& d) { d.contract_id = ""; });
    bad("notify_url", [](auto& d) { d.notify_url = ""; });
    bad("notify_url", [](auto& d) { d.notify_url = "pay.example.test/n"; });
    bad("notify_url", [](auto& d) { d.notify_url = "https://" + std::string(256, 'a'); });
}

TEST(AlipayFields, ABadOrderNamesItsField) {
    const std::function<void(const ManualOrder&)> build = [](const ManualOrder& o) {
        order_call(key_mode(), o);
    };
    const auto bad = [&](std::string_view field, const std::function<void(ManualOrder&)>& change) {
        refused<ManualOrder>(order, field, change, build);
    };
    bad("way", [](auto& o) { o.way = ManualOrder::Way::mini_program; });
    bad("amount", [](auto& o) { o.amount = Fen{-1}; });
    bad("return_url", [](auto& o) {
        o.way = ManualOrder::Way::page;
        o.return_url = "";
    });
}

TEST(AlipayFields, ABadRefundOrMandateNamesItsField) {
    const std::function<void(const RefundRequest&)> give_back = [](const RefundRequest& r) {
        refund_call(r);
    };
    refused<RefundRequest>(refund, "refund", [](auto& r) { r.refund = Fen{2991}; }, give_back);
    refused<RefundRequest>(refund, "refund", [](auto& r) { r.refund = Fen{0}; }, give_back);
    refused<RefundRequest>(refund, "out_refund_no", [](auto& r) { r.out_refund_no = ""; }, give_back);
    refused<RefundRequest>(refund, "reason", [](auto& r) { r.reason = std::string(257, 'a'); }, give_back);
    const std::function<void(const MandateRequest&)> sign = [](const MandateRequest& m) {
        sign_page_call(key_mode(), m);
    };
    refused<MandateRequest>(
        mandate, "our_number", [](auto& m) { m.our_number = std::string(33, 'A'); }, sign);
    refused<MandateRequest>(mandate, "our_number", [](auto& m) { m.our_number = "AGR_1"; }, sign);
    refused<MandateRequest>(mandate, "single_limit", [](auto& m) { m.single_limit = Fen{0}; }, sign);
    refused<MandateRequest>(mandate, "total_limit", [](auto& m) { m.total_limit = Fen{0}; }, sign);
    refused<MandateRequest>(mandate, "period_months", [](auto& m) { m.period_months = 0; }, sign);
    refused<MandateRequest>(
        mandate, "first_execute_day", [](auto& m) { m.first_execute_day = parse_day("2026-01-29").value(); },
        sign);
}

}  // namespace
}  // namespace wefee::payment::alipay
