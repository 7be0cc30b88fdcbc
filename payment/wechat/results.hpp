// What WeChat Pay's codes mean, as data: call and code -> result class and cause ("error codes", "deduction
// troubleshooting"). Both spellings (v3 and v2) are listed. A code that is not listed is unknown: a query
// decides.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "payment/gateway.hpp"
#include "payment/wechat/client.hpp"

namespace wefee::payment::wechat {

enum class Call { create, close, apply, notice, query, refund, refund_query, contract };

struct CodeRow {
    std::string_view code;
    ResultClass result;
    FailureCause cause = FailureCause::unlisted;  // with refused
};

struct CodeTable {
    Call call;
    const CodeRow* rows;
    std::size_t count;
    const CodeRow* begin() const { return rows; }
    const CodeRow* end() const { return rows + count; }
};

namespace rows {

using enum ResultClass;
using Cause = FailureCause;

inline constexpr std::array create{CodeRow{"ORDERPAID", already},
                                   CodeRow{"ORDER_PAID", already},
                                   CodeRow{"OUT_TRADE_NO_USED", differs},
                                   CodeRow{"ORDER_CLOSED", refused, Cause::closed_unpaid},
                                   CodeRow{"ORDERCLOSED", refused, Cause::closed_unpaid},
                                   CodeRow{"PARAM_ERROR", refused, Cause::bad_request},
                                   CodeRow{"INVALID_REQUEST", refused, Cause::bad_request},
                                   CodeRow{"OPENID_MISMATCH", refused, Cause::bad_request},
                                   CodeRow{"APPID_MCHID_NOT_MATCH", refused, Cause::merchant_blocked},
                                   CodeRow{"MCH_NOT_EXISTS", refused, Cause::merchant_blocked},
                                   CodeRow{"NO_AUTH", refused, Cause::merchant_blocked},
                                   CodeRow{"SIGN_ERROR", refused, Cause::merchant_blocked},
                                   CodeRow{"RULE_LIMIT", refused, Cause::payment_limit},
                                   CodeRow{"RULELIMIT", refused, Cause::payment_limit},
                                   CodeRow{"ACCOUNT_ERROR", refused, Cause::account_abnormal},
                                   CodeRow{"ACCOUNTERROR", refused, Cause::account_abnormal},
                                   CodeRow{"TRADE_ERROR", refused, Cause::unlisted},
                                   CodeRow{"RATELIMIT_EXCEEDED", refused, Cause::channel_busy},
                                   CodeRow{"FREQUENCY_LIMITED", refused, Cause::channel_busy},
                                   CodeRow{"FREQUENCY_LIMIT_EXCEED", refused, Cause::channel_busy},
                                   CodeRow{"BANK_ERROR", unknown},
                                   CodeRow{"BANKERROR", unknown},
                                   CodeRow{"SYSTEM_ERROR", unknown},
                                   CodeRow{"SYSTEMERROR", unknown},
                                   CodeRow{"SERVICE_UNAVAILABLE", unknown}};

inline constexpr std::array close{CodeRow{"ORDERPAID", already},
                                  CodeRow{"ORDER_PAID", already},
                                  CodeRow{"ORDER_CLOSED", accepted},  // closing is re-entrant
                                  CodeRow{"ORDERCLOSED", accepted},
                                  CodeRow{"ORDER_NOT_EXIST", refused, Cause::bad_request},
                                  CodeRow{"ORDERNOTEXIST", refused, Cause::bad_request},
                                  CodeRow{"PARAM_ERROR", refused, Cause::bad_request},
                                  CodeRow{"INVALID_REQUEST", refused, Cause::bad_request},
                                  CodeRow{"TRADE_ERROR", refused, Cause::unlisted},
                                  CodeRow{"MCH_NOT_EXISTS", refused, Cause::merchant_blocked},
                                  CodeRow{"NO_AUTH", refused, Cause::merchant_blocked},
                                  CodeRow{"SIGN_ERROR", refused, Cause::merchant_blocked},
                                  CodeRow{"SIGNERROR", refused, Cause::merchant_blocked},
                                  CodeRow{"RATELIMIT_EXCEEDED", refused, Cause::channel_busy},
                                  CodeRow{"FREQUENCY_LIMITED", refused, Cause::channel_busy},
                                  CodeRow{"FREQUENCY_LIMIT_EXCEED", refused, Cause::channel_busy},
                                  CodeRow{"SYSTEM_ERROR", unknown},
                                  CodeRow{"SYSTEMERROR", unknown}};

/// The synchronous answer of pappayapply. Its success means accepted, never charged.
inline constexpr std::array apply{
    CodeRow{"ORDERPAID", already},
    CodeRow{"ORDER_PAID", already},
    CodeRow{"ORDER_ACCEPTED", already},
    CodeRow{"OUT_TRADE_NO_USED", differs},
    CodeRow{"INVALID_REQUEST", refused, Cause::outside_window},  // no notice, outside hours, cycle over
    CodeRow{"CONTRACT_NOT_EXIST", refused, Cause::mandate_ended},
    CodeRow{"CONTRACTERROR", refused, Cause::mandate_ended},
    CodeRow{"RULELIMIT", refused, Cause::payment_limit},
    CodeRow{"RULE_LIMIT", refused, Cause::payment_limit},
    CodeRow{"NOTENOUGH", refused, Cause::balance_not_enough},
    CodeRow{"NOT_ENOUGH", refused, Cause::balance_not_enough},
    CodeRow{"ACCOUNTERROR", refused, Cause::account_abnormal},
    CodeRow{"USER_ACCOUNT_ABNORMAL", refused, Cause::account_abnormal},
    CodeRow{"USER_NOT_EXIST", refused, Cause::account_abnormal},
    CodeRow{"FREQUENCY_LIMITED", refused, Cause::channel_busy},
    CodeRow{"PARAM_ERROR", refused, Cause::bad_request},
    CodeRow{"APPID_MCHID_NOT_MATCH", refused, Cause::merchant_blocked},
    CodeRow{"NO_AUTH", refused, Cause::merchant_blocked},
    CodeRow{"SIGN_ERROR", refused, Cause::merchant_blocked},
    CodeRow{"SIGNERROR", refused, Cause::merchant_blocked},
    CodeRow{"ORDERCLOSED", refused, Cause::closed_unpaid},
    CodeRow{"ORDER_CLOSED", refused, Cause::closed_unpaid},
    CodeRow{"BANKERROR", unknown},
    CodeRow{"BANK_ERROR", unknown},
    CodeRow{"SYSTEMERROR", unknown},
    CodeRow{"SYSTEM_ERROR", unknown}};

inline constexpr std::array notice{
    CodeRow{"RESOURCE_ALREADY_EXISTS", succeeded},  // the same notice was already sent
    CodeRow{"ALREADY_EXISTS", succeeded},
    CodeRow{"INVALID_REQUEST", refused, Cause::outside_window},  // another notice is open, or outside hours
    CodeRow{"CONTRACT_NOT_EXIST", refused, Cause::mandate_ended},
    CodeRow{"CONTRACTERROR", refused, Cause::mandate_ended},
    CodeRow{"RULELIMIT", refused, Cause::payment_limit},
    CodeRow{"RULE_LIMIT", refused, Cause::payment_limit},
    CodeRow{"PARAM_ERROR", refused, Cause::bad_request},
    CodeRow{"APPID_MCHID_NOT_MATCH", refused, Cause::merchant_blocked},
    CodeRow{"MCH_NOT_EXISTS", refused, Cause::merchant_blocked},
    CodeRow{"NO_AUTH", refused, Cause::merchant_blocked},
    CodeRow{"SIGN_ERROR", refused, Cause::merchant_blocked},
    CodeRow{"RATELIMIT_EXCEEDED", refused, Cause::channel_busy},
    CodeRow{"FREQUENCY_LIMITED", refused, Cause::channel_busy},
    CodeRow{"FREQUENCY_LIMIT_EXCEED", refused, Cause::channel_busy},
    CodeRow{"SYSTEM_ERROR", unknown},
    CodeRow{"SERVICE_UNAVAILABLE", unknown}};

/// A query that fails leaves everything as it was, whatever the reason.
inline constexpr std::array query{CodeRow{"ORDER_NOT_EXIST", not_found}, CodeRow{"ORDERNOTEXIST", not_found},
                                  CodeRow{"RESOURCE_NOT_EXISTS", not_found}};

/// 429 and every unsigned error are unknown here; "not found" refuses this send and keeps the number.
inline constexpr std::array refund{
    CodeRow{"REFUND_FEE_MISMATCH", differs},
    CodeRow{"NOT_ENOUGH", refused, Cause::balance_not_enough},  // our balance: top up, same number
    CodeRow{"NOTENOUGH", refused, Cause::balance_not_enough},
    CodeRow{"USER_ACCOUNT_ABNORMAL", refused, Cause::account_abnormal},
    CodeRow{"ACCOUNT_ERROR", refused, Cause::account_abnormal},
    CodeRow{"TRADE_ERROR", refused, Cause::unlisted},
    CodeRow{"TRADE_OVERDUE", refused, Cause::outside_window},
    CodeRow{"RULE_LIMIT", refused, Cause::payment_limit},
    CodeRow{"RULELIMIT", refused, Cause::payment_limit},
    CodeRow{"INVALID_REQUEST", refused, Cause::bad_request},
    CodeRow{"PARAM_ERROR", refused, Cause::bad_request},
    CodeRow{"INVALID_TRANSACTIONID", refused, Cause::bad_request},
    CodeRow{"ORDER_NOT_EXIST", refused, Cause::bad_request},
    CodeRow{"RESOURCE_NOT_EXISTS", refused, Cause::bad_request},
    CodeRow{"MCH_NOT_EXISTS", refused, Cause::merchant_blocked},
    CodeRow{"NO_AUTH", refused, Cause::merchant_blocked},
    CodeRow{"SIGN_ERROR", refused, Cause::merchant_blocked},
    CodeRow{"RATELIMIT_EXCEEDED", unknown},
    CodeRow{"FREQUENCY_LIMITED", unknown},
    CodeRow{"FREQUENCY_LIMIT_EXCEED", unknown},
    CodeRow{"INVALID_REQ_TOO_MUCH", unknown},
    CodeRow{"BIZERR_NEED_RETRY", unknown},
    CodeRow{"SYSTEM_ERROR", unknown}};

inline constexpr std::array refund_query{CodeRow{"RESOURCE_NOT_EXISTS", not_found},
                                         CodeRow{"REFUND_NOT_EXIST", not_found},
                                         CodeRow{"REFUNDNOTEXIST", not_found}};

/// Queries and terminations of contracts.
inline constexpr std::array contract{CodeRow{"CONTRACT_NOT_EXIST", not_found},
                                     CodeRow{"RESOURCE_NOT_EXISTS", not_found}};

}  // namespace rows

inline constexpr std::array code_tables{
    CodeTable{Call::create, rows::create.data(), rows::create.size()},
    CodeTable{Call::close, rows::close.data(), rows::close.size()},
    CodeTable{Call::apply, rows::apply.data(), rows::apply.size()},
    CodeTable{Call::notice, rows::notice.data(), rows::notice.size()},
    CodeTable{Call::query, rows::query.data(), rows::query.size()},
    CodeTable{Call::refund, rows::refund.data(), rows::refund.size()},
    CodeTable{Call::refund_query, rows::refund_query.data(), rows::refund_query.size()},
    CodeTable{Call::contract, rows::contract.data(), rows::contract.size()}};

/// Digits at the tail of Request-ID that say more than the code beside them (create only).
struct TailRow {
    std::string_view tail;
    ResultClass result;
};
inline constexpr std::array tail_table{TailRow{"268498688", ResultClass::differs},
                                       TailRow{"268449538", ResultClass::already},
                                       TailRow{"268498689", ResultClass::already}};

/// err_code of a deduction's notification or of its queried order. "0" is no cause and never a success.
struct CauseRow {
    std::string_view code;
    FailureCause cause;
};
inline constexpr std::array deduction_causes{
    CauseRow{"NOTENOUGH", FailureCause::balance_not_enough},
    CauseRow{"NOT_ENOUGH", FailureCause::balance_not_enough},
    CauseRow{"ACCOUNTERROR", FailureCause::account_abnormal},
    CauseRow{"ACCOUNT_ERROR", FailureCause::account_abnormal},
    CauseRow{"USER_ACCOUNT_ABNORMAL", FailureCause::account_abnormal},
    CauseRow{"USER_NOT_EXIST", FailureCause::account_abnormal},
    CauseRow{"CONTRACT_NOT_EXIST", FailureCause::mandate_ended},
    CauseRow{"CONTRACTERROR", FailureCause::mandate_ended},
    CauseRow{"RULELIMIT", FailureCause::payment_limit},
    CauseRow{"RULE_LIMIT", FailureCause::payment_limit},
    CauseRow{"BANKERROR", FailureCause::channel_busy},
    CauseRow{"BANK_ERROR", FailureCause::channel_busy},
    CauseRow{"SYSTEMERROR", FailureCause::channel_busy},
    CauseRow{"TRADE_ERROR", FailureCause::unlisted}};
FailureCause deduction_cause(std::string_view err_code);

/// trade_state of a queried order. An unlisted state is unknown.
struct StateRow {
    std::string_view state;
    ResultClass result;
};
inline constexpr std::array trade_states{StateRow{"SUCCESS", ResultClass::succeeded},
                                         StateRow{"REFUND", ResultClass::succeeded},  // paid, then refunded
                                         StateRow{"NOTPAY", ResultClass::in_progress},
                                         StateRow{"USERPAYING", ResultClass::in_progress},
                                         StateRow{"ACCEPT", ResultClass::in_progress},
                                         StateRow{"CLOSED", ResultClass::failed},
                                         StateRow{"REVOKED", ResultClass::failed},
                                         StateRow{"PAYERROR", ResultClass::failed},
                                         StateRow{"PAY_FAIL", ResultClass::failed}};
ResultClass trade_state_result(std::string_view state);

struct Classified {
    ResultClass result = ResultClass::unknown;
    FailureCause cause = FailureCause::unlisted;
};
Classified classify_code(Call call, std::string_view code);
/// An error answer of either protocol. 5xx is unknown whatever its code says, and so is an unsigned error of
/// a refund: only a verified refusal may move money's state.
Classified classify(Call call, const V3Answer& answer);
Classified classify(Call call, const V2Answer& answer);

}  // namespace wefee::payment::wechat
