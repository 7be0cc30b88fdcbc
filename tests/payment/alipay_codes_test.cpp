// The code tables walked whole, beside what must hold of all of them.
#include "payment/alipay/codes.hpp"

#include <gtest/gtest.h>

#include <set>
#include <span>
#include <string>

namespace wefee::payment::alipay {
namespace {

struct Table {
    Api api;
    std::span<const CodeRow> rows;
    std::size_t size;
};
const Table tables[] = {{Api::pay, pay_codes, 56},       {Api::order, order_codes, 1},
                        {Api::query, query_codes, 4},    {Api::close, close_codes, 6},
                        {Api::refund, refund_codes, 31}, {Api::refund_query, refund_query_codes, 3},
                        {Api::plan, plan_codes, 4}};

TEST(AlipayCodes, EveryRowIsFoundUnderItsNameWithAndWithoutPrefix) {
    for (const auto& table : tables) {
        std::set<std::string_view> seen;
        EXPECT_EQ(table.rows.size(), table.size) << static_cast<int>(table.api);
        for (const auto& row : table.rows) {
            EXPECT_TRUE(seen.insert(row.code).second) << row.code << " twice";
            EXPECT_FALSE(row.code.starts_with("ACQ."));
            for (const auto* prefix : {"", "ACQ.", "AQC."}) {
                const auto found = classify(table.api, "40004", prefix + std::string(row.code));
                EXPECT_EQ(found.result, row.result) << row.code;
                EXPECT_EQ(found.cause, row.cause) << row.code;
            }
        }
    }
}

// The reference's groups, written out once more: a changed row must be changed twice.
struct Group {
    ResultClass result;
    FailureCause cause;
    std::vector<std::string> codes;
};
const Group pay_groups[] = {
    {ResultClass::refused,
     FailureCause::balance_not_enough,
     {"BUYER_BALANCE_NOT_ENOUGH", "BUYER_BANKCARD_BALANCE_NOT_ENOUGH", "ERROR_BALANCE_PAYMENT_DISABLE",
      "NO_PAYMENT_INSTRUMENTS_AVAILABLE"}},
    {ResultClass::refused,
     FailureCause::payment_limit,
     {"BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
      "PAYMENT_REQUEST_HAS_RISK"}},
    {ResultClass::refused, FailureCause::channel_busy, {"PAYMENT_FAIL", "ACCESS_FORBIDDEN"}},
    {ResultClass::unknown, FailureCause::unlisted, {"SYSTEM_ERROR", "PAYMENT_UNKNOW", "NEVER_HEARD_OF", ""}},
    {ResultClass::unknown, FailureCause::outside_window, {"OVER_MAX_UNDER_WAY_DEDUCT_COUNT"}},
    {ResultClass::already, FailureCause::unlisted, {"TRADE_HAS_SUCCESS"}},
    {ResultClass::already, FailureCause::closed_unpaid, {"TRADE_HAS_CLOSE"}},
    {ResultClass::differs, FailureCause::unlisted, {"CONTEXT_INCONSISTENT", "DUP_OUT_ORDER"}},
    {ResultClass::refused,
     FailureCause::outside_window,
     {"CYCLE_PAY_DATE_NOT_MATCH", "OVER_MAX_DEDUCT_COUNT", "OVER_DEDUCT_PERIOD"}},
    {ResultClass::refused,
     FailureCause::amount_above_mandate,
     {"CYCLE_PAY_SINGLE_FEE_EXCEED", "CYCLE_PAY_TOTAL_FEE_EXCEED", "CYCLE_PAY_TOTAL_TIMES_EXCEED",
      "PRODUCT_AMOUNT_LIMIT_ERROR", "TOTAL_FEE_EXCEED"}},
    {ResultClass::refused,
     FailureCause::mandate_ended,
     {"AGREEMENT_NOT_EXIST", "AGREEMENT_INVALID", "AGREEMENT_STATUS_NOT_NORMAL", "AGREEMENT_ERROR"}},
    {ResultClass::refused,
     FailureCause::account_abnormal,
     {"BUYER_ENABLE_STATUS_FORBID", "BUYER_NOT_EXIST", "ERROR_BUYER_CERTIFY_LEVEL_LIMIT",
      "NOT_CERTIFIED_USER", "BUYER_SELLER_EQUAL"}},
    {ResultClass::refused,
     FailureCause::merchant_blocked,
     {"MERCHANT_AGREEMENT_NOT_EXIST", "MERCHANT_AGREEMENT_INVALID", "MERCHANT_STATUS_NOT_NORMAL",
      "SELLER_BEEN_BLOCKED", "SELLER_NOT_EXIST", "PARTNER_ERROR", "INVALID_RECEIVE_ACCOUNT",
      "BEYOND_PAY_RESTRICTION", "BEYOND_PER_RECEIPT_RESTRICTION", "BEYOND_PER_RECEIPT_SINGLE_RESTRICTION",
      "BEYOND_PER_RECEIPT_DAY_RESTRICTION", "MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT",
      "MERCHANT_PERM_RECEIPT_SINGLE_LIMIT", "MERCHANT_PERM_RECEIPT_DAY_LIMIT", "RISK_MERCHANT_IP_NOT_EXIST",
      "UN_SUPPORT_TRADE_SCENE", "OVER_MERCHANT_DAILY_DEDUCT_AMOUNT"}},
    {ResultClass::refused,
     FailureCause::bad_request,
     {"INVALID_PARAMETER", "EXIST_FORBIDDEN_WORD", "NOW_TIME_AFTER_EXPIRE_TIME_ERROR",
      "SUB_GOODS_SIZE_MAX_COUNT", "CURRENCY_NOT_SUPPORT", "AMOUNT_OR_CURRENCY_ERROR"}}};

TEST(AlipayCodes, ADeductionIsClassifiedAsItsGroupSays) {
    std::size_t listed = 0;
    for (const auto& group : pay_groups) {
        for (const auto& code : group.codes) {
            const auto row = classify(Api::pay, "40004", "ACQ." + code);
            EXPECT_EQ(row.result, group.result) << code;
            EXPECT_EQ(row.cause, group.cause) << code;
            ++listed;
        }
    }
    EXPECT_EQ(listed, pay_codes.size() + 2);  // and two that are in no table
}

TEST(AlipayCodes, OrdersKnowTheDeductionsCodesToo) {
    EXPECT_EQ(classify(Api::order, "40004", "ACQ.TRADE_HAS_SUCCESS").result, ResultClass::already);
    EXPECT_EQ(classify(Api::order, "40004", "ACQ.CONTEXT_INCONSISTENT").result, ResultClass::differs);
    EXPECT_EQ(classify(Api::order, "40004", "ACQ.APPLY_PC_MERCHANT_CODE_ERROR").result, ResultClass::differs);
}

TEST(AlipayCodes, RefundsAreClassifiedForTheirOwnApi) {
    EXPECT_EQ(classify(Api::refund, "40004", "ACQ.DISCORDANT_REPEAT_REQUEST").result, ResultClass::differs);
    EXPECT_EQ(classify(Api::refund, "40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH").result, ResultClass::refused);
    EXPECT_EQ(classify(Api::refund, "40004", "ACQ.TRADE_HAS_CLOSE").result, ResultClass::already);
    EXPECT_EQ(classify(Api::refund_query, "40004", "TRADE_NOT_EXIST").result, ResultClass::not_found);
    EXPECT_EQ(classify(Api::refund_query, "40004", "ACQ.TRADE_NOT_EXIST").result, ResultClass::not_found);
}

TEST(AlipayCodes, NoErrorEverMakesAQueryAnOutcome) {
    const auto allowed = [](ResultClass result) {
        return result == ResultClass::unknown || result == ResultClass::not_found;
    };
    for (const auto api : {Api::query, Api::refund_query}) {
        for (const auto& table : tables)
            for (const auto& row : table.rows) EXPECT_TRUE(allowed(classify(api, "40004", row.code).result));
        for (const auto& gateway : gateway_codes)
            for (const auto& sub : gateway_sub_codes)
                EXPECT_TRUE(allowed(classify(api, gateway.code, sub.code).result))
                    << gateway.code << sub.code;
    }
}

TEST(AlipayCodes, NoErrorIsEverASuccess) {
    for (const auto& table : tables)
        for (const auto& row : table.rows) {
            EXPECT_NE(row.result, ResultClass::succeeded);
            EXPECT_NE(row.result, ResultClass::accepted);
            EXPECT_NE(row.result, ResultClass::failed);
        }
}

TEST(AlipayCodes, TheGatewaysOwnCodesAreNotExecutedOrUnknown) {
    EXPECT_EQ(gateway_codes.size(), 8u);
    for (const auto& row : gateway_codes) {
        const auto found = classify(Api::pay, row.code, "");
        EXPECT_EQ(found.result, row.result) << row.code;
        EXPECT_EQ(found.cause, row.cause) << row.code;
    }
    for (const auto* code : {"10003", "20000", "", "99999", "200"})
        EXPECT_EQ(classify(Api::pay, code, "isv.invalid-parameter").result, ResultClass::unknown) << code;
    EXPECT_EQ(classify(Api::pay, "20000", "isp.unknow-error").result, ResultClass::unknown);
    EXPECT_EQ(classify(Api::pay, "40005", "isv.app-call-limited").cause, FailureCause::channel_busy);
    EXPECT_EQ(classify(Api::refund, "40005", "isv.app-call-limited").result, ResultClass::unknown);
}

TEST(AlipayCodes, GatewaySubCodesSayWhoseFaultItIs) {
    std::set<std::string_view> seen;
    for (const auto& row : gateway_sub_codes) {
        EXPECT_TRUE(seen.insert(row.code).second) << row.code;
        const auto found = classify(Api::pay, "40002", row.code);
        EXPECT_EQ(found.result, row.result) << row.code;
        EXPECT_EQ(found.cause, row.cause) << row.code;
    }
    EXPECT_FALSE(classify(Api::pay, "40003", "isv.missing-signature-config").hint.empty());
    EXPECT_EQ(classify(Api::pay, "40001", "isv.missing-something-new").cause, FailureCause::bad_request);
}

TEST(AlipayCodes, OnlyTwoKindsOfWordsEndAnAgreement) {
    for (const auto& row : agreement_codes) EXPECT_EQ(agreement_word(row.code), row.word) << row.code;
    for (const auto* code : {"USER_AGREEMENT_NOT_EXIST", "AGREEMENT_NOT_EXIST", "AGREEMENT_NOT_EXSIT"})
        EXPECT_EQ(agreement_word(code), AgreementWord::no_such_agreement);
    EXPECT_EQ(agreement_word("AGREEMENT_HAS_UNSIGNED"), AgreementWord::released);
    EXPECT_EQ(agreement_word("SYSTEM_ERROR"), AgreementWord::unclear);
    EXPECT_EQ(agreement_word("NEVER_HEARD_OF"), AgreementWord::unclear);
}

}  // namespace
}  // namespace wefee::payment::alipay
