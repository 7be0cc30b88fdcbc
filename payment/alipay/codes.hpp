// What Alipay's result codes mean for us, as data. A row says how a *signed* answer counts; an unsigned one
// is always unknown. Source: Alipay Open Platform, "common error codes" (common/02km9f), API pages of
// alipay.trade.* and alipay.user.agreement.*, official OpenAPI models of 2025-12.
#pragma once

#include <array>
#include <string_view>

#include "payment/gateway.hpp"

namespace wefee::payment::alipay {

enum class Api { pay, order, query, close, refund, refund_query, plan };

struct CodeRow {
    std::string_view code;  // without "ACQ."
    ResultClass result{};
    FailureCause cause = FailureCause::unlisted;
    std::string_view hint = {};  // for the operator, where the code alone does not say what to do
};

/// sub_codes of alipay.trade.pay under an agreement (code 40004).
inline constexpr std::array pay_codes{
    // the user's money: retry inside the window
    CodeRow{"BUYER_BALANCE_NOT_ENOUGH", ResultClass::refused, FailureCause::balance_not_enough},
    CodeRow{"BUYER_BANKCARD_BALANCE_NOT_ENOUGH", ResultClass::refused, FailureCause::balance_not_enough},
    CodeRow{"ERROR_BALANCE_PAYMENT_DISABLE", ResultClass::refused, FailureCause::balance_not_enough},
    CodeRow{"NO_PAYMENT_INSTRUMENTS_AVAILABLE", ResultClass::refused, FailureCause::balance_not_enough},
    CodeRow{"BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", ResultClass::refused, FailureCause::payment_limit},
    CodeRow{"BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", ResultClass::refused, FailureCause::payment_limit},
    // retry later, few times
    CodeRow{"PAYMENT_FAIL", ResultClass::refused, FailureCause::channel_busy},
    CodeRow{"PAYMENT_REQUEST_HAS_RISK", ResultClass::refused, FailureCause::payment_limit},
    CodeRow{"ACCESS_FORBIDDEN", ResultClass::refused, FailureCause::channel_busy,
            "no right to call the API; when it stays, the contract has ended"},
    // may have succeeded
    CodeRow{"SYSTEM_ERROR", ResultClass::unknown}, CodeRow{"PAYMENT_UNKNOW", ResultClass::unknown},
    // this number was used before: the query decides, or a person
    CodeRow{"TRADE_HAS_SUCCESS", ResultClass::already},
    CodeRow{"TRADE_HAS_CLOSE", ResultClass::already, FailureCause::closed_unpaid},
    CodeRow{"CONTEXT_INCONSISTENT", ResultClass::differs}, CodeRow{"DUP_OUT_ORDER", ResultClass::differs},
    // wrong time: already charged this period, too early, or the window was missed
    CodeRow{"CYCLE_PAY_DATE_NOT_MATCH", ResultClass::refused, FailureCause::outside_window,
            "compare next_deduct_time; a missed window needs executionplan.modify"},
    // beyond what was agreed
    CodeRow{"CYCLE_PAY_SINGLE_FEE_EXCEED", ResultClass::refused, FailureCause::amount_above_mandate},
    CodeRow{"CYCLE_PAY_TOTAL_FEE_EXCEED", ResultClass::refused, FailureCause::amount_above_mandate},
    CodeRow{"CYCLE_PAY_TOTAL_TIMES_EXCEED", ResultClass::refused, FailureCause::amount_above_mandate},
    CodeRow{"PRODUCT_AMOUNT_LIMIT_ERROR", ResultClass::refused, FailureCause::amount_above_mandate},
    CodeRow{"TOTAL_FEE_EXCEED", ResultClass::refused, FailureCause::amount_above_mandate},
    // the agreement is gone
    CodeRow{"AGREEMENT_NOT_EXIST", ResultClass::refused, FailureCause::mandate_ended},
    CodeRow{"AGREEMENT_INVALID", ResultClass::refused, FailureCause::mandate_ended},
    CodeRow{"AGREEMENT_STATUS_NOT_NORMAL", ResultClass::refused, FailureCause::mandate_ended},
    CodeRow{"AGREEMENT_ERROR", ResultClass::refused, FailureCause::mandate_ended},
    // the user's account
    CodeRow{"BUYER_ENABLE_STATUS_FORBID", ResultClass::refused, FailureCause::account_abnormal},
    CodeRow{"BUYER_NOT_EXIST", ResultClass::refused, FailureCause::account_abnormal},
    CodeRow{"ERROR_BUYER_CERTIFY_LEVEL_LIMIT", ResultClass::refused, FailureCause::account_abnormal},
    CodeRow{"NOT_CERTIFIED_USER", ResultClass::refused, FailureCause::account_abnormal},
    CodeRow{"BUYER_SELLER_EQUAL", ResultClass::refused, FailureCause::account_abnormal},
    // our side: stop the batch
    CodeRow{"MERCHANT_AGREEMENT_NOT_EXIST", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"MERCHANT_AGREEMENT_INVALID", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"MERCHANT_STATUS_NOT_NORMAL", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"SELLER_BEEN_BLOCKED", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"SELLER_NOT_EXIST", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"PARTNER_ERROR", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"INVALID_RECEIVE_ACCOUNT", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"BEYOND_PAY_RESTRICTION", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"BEYOND_PER_RECEIPT_RESTRICTION", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"BEYOND_PER_RECEIPT_SINGLE_RESTRICTION", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"BEYOND_PER_RECEIPT_DAY_RESTRICTION", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"MERCHANT_PERM_RECEIPT_SINGLE_LIMIT", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"MERCHANT_PERM_RECEIPT_DAY_LIMIT", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"RISK_MERCHANT_IP_NOT_EXIST", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"UN_SUPPORT_TRADE_SCENE", ResultClass::refused, FailureCause::merchant_blocked},
    // our bug
    CodeRow{"INVALID_PARAMETER", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"EXIST_FORBIDDEN_WORD", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"NOW_TIME_AFTER_EXPIRE_TIME_ERROR", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"SUB_GOODS_SIZE_MAX_COUNT", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"CURRENCY_NOT_SUPPORT", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"AMOUNT_OR_CURRENCY_ERROR", ResultClass::refused, FailureCause::bad_request},
    // in the official model without a meaning. By their names; "under way" may mean this very order, so the
    // query
    // decides there
    CodeRow{"OVER_MAX_DEDUCT_COUNT", ResultClass::refused, FailureCause::outside_window,
            "too many deductions: not again today"},
    CodeRow{"OVER_MAX_UNDER_WAY_DEDUCT_COUNT", ResultClass::unknown, FailureCause::outside_window,
            "too many deductions in progress: not again today"},
    CodeRow{"OVER_DEDUCT_PERIOD", ResultClass::refused, FailureCause::outside_window,
            "outside the period: not again today"},
    CodeRow{"OVER_MERCHANT_DAILY_DEDUCT_AMOUNT", ResultClass::refused, FailureCause::merchant_blocked,
            "the merchant's day amount is used up: not again today"}};

/// Codes of manual orders (precreate, page, wap) beside those of pay_codes.
inline constexpr std::array order_codes{CodeRow{"APPLY_PC_MERCHANT_CODE_ERROR", ResultClass::differs,
                                                FailureCause::unlisted,
                                                "a QR code was asked for with the number of a web order"}};

/// A query proves things about orders only by its trade_status and by "no such order".
inline constexpr std::array query_codes{
    CodeRow{"TRADE_NOT_EXIST", ResultClass::not_found}, CodeRow{"SYSTEM_ERROR", ResultClass::unknown},
    CodeRow{"INVALID_PARAMETER", ResultClass::unknown, FailureCause::bad_request},
    CodeRow{"ENTERPRISE_PAY_BIZ_ERROR", ResultClass::unknown}};

/// Closing a paid or closed order is refused with a status error: the query tells which.
inline constexpr std::array close_codes{
    CodeRow{"TRADE_NOT_EXIST", ResultClass::not_found},
    CodeRow{"TRADE_STATUS_ERROR", ResultClass::already},
    CodeRow{"REASON_TRADE_STATUS_INVALID", ResultClass::already},
    CodeRow{"REASON_ILLEGAL_STATUS", ResultClass::already},
    CodeRow{"INVALID_PARAMETER", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"SYSTEM_ERROR", ResultClass::unknown}};

inline constexpr std::array refund_codes{
    CodeRow{"SYSTEM_ERROR", ResultClass::unknown},
    CodeRow{"SELLER_BALANCE_NOT_ENOUGH", ResultClass::refused, FailureCause::balance_not_enough,
            "top up the merchant account, then send the same refund number again"},
    CodeRow{"REFUND_AMT_NOT_EQUAL_TOTAL", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"REASON_TRADE_REFUND_FEE_ERR", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"REFUND_FEE_ERROR", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"DISCORDANT_REPEAT_REQUEST", ResultClass::differs, FailureCause::bad_request},
    CodeRow{"INVALID_PARAMETER", ResultClass::refused, FailureCause::bad_request},
    // the trade takes no refund
    CodeRow{"TRADE_NOT_EXIST", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"TRADE_HAS_FINISHED", ResultClass::refused, FailureCause::outside_window},
    CodeRow{"TRADE_HAS_CLOSE", ResultClass::already},  // perhaps by this very refund
    CodeRow{"TRADE_STATUS_ERROR", ResultClass::already},
    CodeRow{"REASON_TRADE_STATUS_INVALID", ResultClass::already},
    CodeRow{"TRADE_NOT_ALLOW_REFUND", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"NOT_ALLOW_PARTIAL_REFUND", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND", ResultClass::refused, FailureCause::merchant_blocked},
    // an operator
    CodeRow{"REASON_TRADE_BEEN_FREEZEN", ResultClass::refused, FailureCause::account_abnormal},
    CodeRow{"BUYER_ENABLE_STATUS_FORBID", ResultClass::refused, FailureCause::account_abnormal},
    CodeRow{"BUYER_NOT_EXIST", ResultClass::refused, FailureCause::account_abnormal},
    CodeRow{"BUYER_ERROR", ResultClass::refused, FailureCause::account_abnormal},
    CodeRow{"USER_NOT_MATCH_ERR", ResultClass::refused, FailureCause::account_abnormal},
    CodeRow{"CURRENCY_NOT_SUPPORT", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"ALLOC_AMOUNT_VALIDATE_ERROR", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"TRADE_SETTLE_ERROR", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"REFUND_CHARGE_ERROR", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"ENTERPRISE_PAY_BIZ_ERROR", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"OVERDRAFT_ASSIGN_ACCOUNT_INVALID", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"OVERDRAFT_AGREEMENT_NOT_MATCH", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"REFUND_ACCOUNT_NOT_EXIST", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"CUSTOMER_VALIDATE_ERROR", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"REFUNDALLOC_UNAUTH_LIMIT", ResultClass::refused, FailureCause::merchant_blocked}};

inline constexpr std::array refund_query_codes{
    CodeRow{"TRADE_NOT_EXIST", ResultClass::not_found}, CodeRow{"SYSTEM_ERROR", ResultClass::unknown},
    CodeRow{"INVALID_PARAMETER", ResultClass::unknown, FailureCause::bad_request}};

/// The gateway's own `code`. Those marked refused mean "not executed". 10000 and 40004 are not here: they are
/// decided by the fields and by the API's table.
inline constexpr std::array gateway_codes{
    CodeRow{"10003", ResultClass::unknown},
    CodeRow{"20000", ResultClass::unknown},
    CodeRow{"20001", ResultClass::refused, FailureCause::merchant_blocked,
            "authorisation of the application"},
    CodeRow{"40001", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"40002", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"40003", ResultClass::refused, FailureCause::merchant_blocked,
            "the application's console settings"},
    CodeRow{"40005", ResultClass::refused, FailureCause::channel_busy, "called too often: back off"},
    CodeRow{"40006", ResultClass::refused, FailureCause::merchant_blocked, "contract or product not opened"}};

/// sub_codes of the gateway (isv., isp., aop.) that say more than their `code`: whose fault, and what to do.
/// All others under 40001 and 40002 are our bug.
inline constexpr std::array gateway_sub_codes{
    CodeRow{"isp.unknow-error", ResultClass::unknown},
    CodeRow{"aop.unknow-error", ResultClass::unknown},
    CodeRow{"aop.invalid-auth-token", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"aop.auth-token-time-out", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"aop.invalid-app-auth-token", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"aop.invalid-app-auth-token-no-api", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"aop.app-auth-token-time-out", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"aop.no-product-reg-by-partner", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"isv.missing-method", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.missing-app-id", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.missing-signature", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.missing-signature-type", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.missing-signature-key", ResultClass::refused, FailureCause::merchant_blocked,
            "upload the application public key in the console"},
    CodeRow{"isv.missing-timestamp", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.missing-version", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.missing-app-cert-sn", ResultClass::refused, FailureCause::merchant_blocked,
            "the application is in certificate mode: configure the three certificate files"},
    CodeRow{"isv.missing-alipay-root-cert-sn", ResultClass::refused, FailureCause::merchant_blocked,
            "the application is in certificate mode: configure the three certificate files"},
    CodeRow{"isv.decryption-error-missing-encrypt-type", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.invalid-parameter", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.invalid-method", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.invalid-format", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.invalid-signature-type", ResultClass::refused, FailureCause::bad_request},
    CodeRow{
        "isv.invalid-signature", ResultClass::refused, FailureCause::merchant_blocked,
        "the uploaded application key and app_private_key_file do not belong together, or the text differs"},
    CodeRow{"isv.invalid-app-id", ResultClass::refused, FailureCause::merchant_blocked, "check app_id"},
    CodeRow{"isv.invalid-timestamp", ResultClass::refused, FailureCause::merchant_blocked, "check the clock"},
    CodeRow{"isv.illegal-timestamp", ResultClass::refused, FailureCause::merchant_blocked, "check the clock"},
    CodeRow{"isv.invalid-charset", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.invalid-encrypt-type", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.invalid-encrypt", ResultClass::refused, FailureCause::merchant_blocked, "check aes_key"},
    CodeRow{"isv.illegal-json", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.suspected-attack", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.forbidden-api", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"isv.app-cert-expired", ResultClass::refused, FailureCause::merchant_blocked,
            "renew the application certificate"},
    CodeRow{"isv.invalid-alipay-root-cert-sn", ResultClass::refused, FailureCause::merchant_blocked,
            "check alipay_root_cert_file"},
    CodeRow{"isv.not-online-app", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"isv.invalid-openid", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"isv.not-support-app-auth", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"isv.invalid-auth-relations", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"isv.missing-signature-config", ResultClass::refused, FailureCause::merchant_blocked,
            "no key uploaded in the console for RSA2"},
    CodeRow{"isv.app-call-limited", ResultClass::refused, FailureCause::channel_busy},
    CodeRow{"isv.method-call-limited", ResultClass::refused, FailureCause::channel_busy},
    CodeRow{"isv.insufficient-isv-permissions", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"isv.insufficient-user-permissions", ResultClass::refused, FailureCause::merchant_blocked},
    CodeRow{"isv.self-invoke-forbidden", ResultClass::refused, FailureCause::merchant_blocked}};

/// How a signed answer other than 10000 counts. Unlisted codes are unknown. Queries are never answered by
/// refused; a refund that was called too often is unknown.
CodeRow classify(Api api, std::string_view code, std::string_view sub_code);

/// What an error of an agreement call says about the agreement.
enum class AgreementWord { no_such_agreement, released, unclear };
struct AgreementRow {
    std::string_view code;
    AgreementWord word{};
};
inline constexpr std::array agreement_codes{
    AgreementRow{"USER_AGREEMENT_NOT_EXIST", AgreementWord::no_such_agreement},
    AgreementRow{"AGREEMENT_NOT_EXIST", AgreementWord::no_such_agreement},
    AgreementRow{"AGREEMENT_NOT_EXSIT", AgreementWord::no_such_agreement},  // sic
    AgreementRow{"AGREEMENT_HAS_UNSIGNED", AgreementWord::released},
    AgreementRow{"USER_AGREEMENT_STATUS_NOT_NORMAL", AgreementWord::unclear},
    AgreementRow{"USER_AGREEMENT_STATUS_IS_NOT_NORMAL", AgreementWord::unclear},
    AgreementRow{"MERCHANT_AGREEMENT_IS_NOT_EXIST", AgreementWord::unclear},
    AgreementRow{"USER_AGREEMENT_QUERY_FAIL", AgreementWord::unclear},
    AgreementRow{"USER_AGREEMENT_UNSIGN_FAIL", AgreementWord::unclear},
    AgreementRow{"ILLEGAL_PARAMS", AgreementWord::unclear},
    AgreementRow{"ASYNC_UNSIGN_CAN_NOT_REJECT", AgreementWord::unclear},
    AgreementRow{"USER_NOT_EXIST_ERROR", AgreementWord::unclear},
    AgreementRow{"USER_NOT_EXSIT_ERROR", AgreementWord::unclear},  // sic
    AgreementRow{"PRODUCT_CODE_NOT_SUPPORTED_ERROR", AgreementWord::unclear},
    AgreementRow{"INVALID_PARAMETER", AgreementWord::unclear},
    AgreementRow{"SYSTEM_ERROR", AgreementWord::unclear},
    AgreementRow{"AUTHOREE_IS_NOT_MATCH", AgreementWord::unclear},
    AgreementRow{"LOGONID_IS_REPEATED", AgreementWord::unclear},
    AgreementRow{"PARENT_MERCHANT_QUERY_FAIL", AgreementWord::unclear},
    AgreementRow{"MERCHANT_STATUS_IS_NOT_NORMAL", AgreementWord::unclear}};
/// sub_codes of alipay.user.agreement.executionplan.modify.
inline constexpr std::array plan_codes{
    CodeRow{"ILLEGAL_EXECUTION_TIME", ResultClass::refused, FailureCause::bad_request,
            "the day must be later than next_deduct_time"},
    CodeRow{"ILLEGAL_AGREEMENT", ResultClass::refused, FailureCause::mandate_ended},
    CodeRow{"INVALID_PARAMETER", ResultClass::refused, FailureCause::bad_request},
    CodeRow{"SYSTEM_ERROR", ResultClass::unknown}};

/// Unlisted codes are unclear.
AgreementWord agreement_word(std::string_view sub_code);

}  // namespace wefee::payment::alipay
