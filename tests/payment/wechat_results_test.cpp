// The tables of codes, walked whole against lists of their own: a changed row must be changed twice.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "payment/wechat/results.hpp"

namespace wefee::payment::wechat {

namespace {

using Cause = FailureCause;
using enum ResultClass;

using Codes = std::map<std::string, std::pair<ResultClass, Cause>>;

void add(Codes& codes, ResultClass result, Cause cause, std::initializer_list<std::string> names) {
    for (const auto& name : names) codes[name] = {result, cause};
}

Codes expected(Call call) {
    Codes codes;
    const auto none = Cause::unlisted;
    switch (call) {
        case Call::create:
            add(codes, already, none, {"ORDERPAID", "ORDER_PAID"});
            add(codes, differs, none, {"OUT_TRADE_NO_USED"});
            add(codes, refused, Cause::closed_unpaid, {"ORDER_CLOSED", "ORDERCLOSED"});
            add(codes, refused, Cause::bad_request, {"PARAM_ERROR", "INVALID_REQUEST", "OPENID_MISMATCH"});
            add(codes, refused, Cause::merchant_blocked,
                {"APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "NO_AUTH", "SIGN_ERROR"});
            add(codes, refused, Cause::payment_limit, {"RULE_LIMIT", "RULELIMIT"});
            add(codes, refused, Cause::account_abnormal, {"ACCOUNT_ERROR", "ACCOUNTERROR"});
            add(codes, refused, none, {"TRADE_ERROR"});
            add(codes, refused, Cause::channel_busy,
                {"RATELIMIT_EXCEEDED", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED"});
            add(codes, unknown, none,
                {"BANK_ERROR", "BANKERROR", "SYSTEM_ERROR", "SYSTEMERROR", "SERVICE_UNAVAILABLE"});
            break;
        case Call::close:
            add(codes, already, none, {"ORDERPAID", "ORDER_PAID"});
            add(codes, accepted, none, {"ORDER_CLOSED", "ORDERCLOSED"});
            add(codes, refused, Cause::bad_request,
                {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "PARAM_ERROR", "INVALID_REQUEST"});
            add(codes, refused, none, {"TRADE_ERROR"});
            add(codes, refused, Cause::merchant_blocked,
                {"MCH_NOT_EXISTS", "NO_AUTH", "SIGN_ERROR", "SIGNERROR"});
            add(codes, refused, Cause::channel_busy,
                {"RATELIMIT_EXCEEDED", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED"});
            add(codes, unknown, none, {"SYSTEM_ERROR", "SYSTEMERROR"});
            break;
        case Call::apply:
            add(codes, already, none, {"ORDERPAID", "ORDER_PAID", "ORDER_ACCEPTED"});
            add(codes, differs, none, {"OUT_TRADE_NO_USED"});
            add(codes, refused, Cause::outside_window, {"INVALID_REQUEST"});
            add(codes, refused, Cause::mandate_ended, {"CONTRACT_NOT_EXIST", "CONTRACTERROR"});
            add(codes, refused, Cause::payment_limit, {"RULELIMIT", "RULE_LIMIT"});
            add(codes, refused, Cause::balance_not_enough, {"NOTENOUGH", "NOT_ENOUGH"});
            add(codes, refused, Cause::account_abnormal,
                {"ACCOUNTERROR", "USER_ACCOUNT_ABNORMAL", "USER_NOT_EXIST"});
            add(codes, refused, Cause::channel_busy, {"FREQUENCY_LIMITED"});
            add(codes, refused, Cause::bad_request, {"PARAM_ERROR"});
            add(codes, refused, Cause::merchant_blocked,
                {"APPID_MCHID_NOT_MATCH", "NO_AUTH", "SIGN_ERROR", "SIGNERROR"});
            add(codes, refused, Cause::closed_unpaid, {"ORDERCLOSED", "ORDER_CLOSED"});
            add(codes, unknown, none, {"BANKERROR", "BANK_ERROR", "SYSTEMERROR", "SYSTEM_ERROR"});
            break;
        case Call::notice:
            add(codes, succeeded, none, {"RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS"});
            add(codes, refused, Cause::outside_window, {"INVALID_REQUEST"});
            add(codes, refused, Cause::mandate_ended, {"CONTRACT_NOT_EXIST", "CONTRACTERROR"});
            add(codes, refused, Cause::payment_limit, {"RULELIMIT", "RULE_LIMIT"});
            add(codes, refused, Cause::bad_request, {"PARAM_ERROR"});
            add(codes, refused, Cause::merchant_blocked,
                {"APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "NO_AUTH", "SIGN_ERROR"});
            add(codes, refused, Cause::channel_busy,
                {"RATELIMIT_EXCEEDED", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED"});
            add(codes, unknown, none, {"SYSTEM_ERROR", "SERVICE_UNAVAILABLE"});
            break;
        case Call::query:
            add(codes, not_found, none, {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"});
            break;
        case Call::refund:
            add(codes, differs, none, {"REFUND_FEE_MISMATCH"});
            add(codes, refused, Cause::balance_not_enough, {"NOT_ENOUGH", "NOTENOUGH"});
            add(codes, refused, Cause::account_abnormal, {"USER_ACCOUNT_ABNORMAL", "ACCOUNT_ERROR"});
            add(codes, refused, none, {"TRADE_ERROR"});
            add(codes, refused, Cause::outside_window, {"TRADE_OVERDUE"});
            add(codes, refused, Cause::payment_limit, {"RULE_LIMIT", "RULELIMIT"});
            add(codes, refused, Cause::bad_request,
                {"INVALID_REQUEST", "PARAM_ERROR", "INVALID_TRANSACTIONID", "ORDER_NOT_EXIST",
                 "RESOURCE_NOT_EXISTS"});
            add(codes, refused, Cause::merchant_blocked, {"MCH_NOT_EXISTS", "NO_AUTH", "SIGN_ERROR"});
            add(codes, unknown, none,
                {"RATELIMIT_EXCEEDED", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "INVALID_REQ_TOO_MUCH",
                 "BIZERR_NEED_RETRY", "SYSTEM_ERROR"});
            break;
        case Call::refund_query:
            add(codes, not_found, none, {"RESOURCE_NOT_EXISTS", "REFUND_NOT_EXIST", "REFUNDNOTEXIST"});
            break;
        case Call::contract:
            add(codes, not_found, none, {"CONTRACT_NOT_EXIST", "RESOURCE_NOT_EXISTS"});
            break;
    }
    return codes;
}

V3Answer error(int status, std::string code, bool verified = true) {
    return {.kind = V3Answer::Kind::error, .status = status, .verified = verified, .code = std::move(code)};
}

}  // namespace

TEST(WechatResults, EveryRowOfEveryTableIsWhatTheListSays) {
    EXPECT_EQ(code_tables.size(), 8U);
    for (const CodeTable& table : code_tables) {
        const Codes codes = expected(table.call);
        EXPECT_EQ(table.count, codes.size()) << static_cast<int>(table.call);
        std::set<std::string_view> seen;
        for (const CodeRow& row : table) {
            EXPECT_TRUE(seen.insert(row.code).second) << row.code << " twice";
            ASSERT_TRUE(codes.contains(std::string(row.code))) << row.code;
            EXPECT_EQ(row.result, codes.at(std::string(row.code)).first) << row.code;
            EXPECT_EQ(row.cause, codes.at(std::string(row.code)).second) << row.code;
            EXPECT_EQ(classify_code(table.call, row.code).result, row.result);
        }
        EXPECT_EQ(classify_code(table.call, "A_NEW_CODE").result, unknown);
        EXPECT_EQ(classify_code(table.call, "").result, unknown);
    }
}

TEST(WechatResults, NoCodeOfACallThatTakesMoneyIsSuccess) {
    for (const CodeTable& table : code_tables)
        for (const CodeRow& row : table) {
            if (table.call != Call::notice) EXPECT_NE(row.result, succeeded) << row.code;
            EXPECT_NE(row.result, failed) << "only a queried state is final";
        }
}

TEST(WechatResults, AServerErrorIsUnknownWhateverItsCode) {
    for (const CodeTable& table : code_tables)
        for (const CodeRow& row : table)
            for (const int status : {500, 502, 503})
                EXPECT_EQ(classify(table.call, error(status, std::string(row.code))).result, unknown)
                    << row.code;
}

TEST(WechatResults, ARefundBelievesNoUnsignedErrorAndNo429) {
    for (const CodeRow& row : rows::refund) {
        EXPECT_EQ(classify(Call::refund, error(403, std::string(row.code), false)).result, unknown)
            << row.code;
        EXPECT_EQ(classify(Call::refund, error(429, std::string(row.code))).result, unknown) << row.code;
        EXPECT_EQ(classify(Call::refund, error(403, std::string(row.code))).result, row.result) << row.code;
    }
}

TEST(WechatResults, TheTailOfTheRequestIdSaysMoreThanTheCodeBesideIt) {
    for (const TailRow& row : tail_table) {
        V3Answer answer = error(400, "INVALID_REQUEST");
        answer.tail = row.tail;
        EXPECT_EQ(classify(Call::create, answer).result, row.result);
        EXPECT_EQ(classify(Call::close, answer).result, refused) << "orders only";
    }
    EXPECT_EQ(tail_table[0].result, differs);
}

TEST(WechatResults, AnUnknownAnswerStaysUnknown) {
    EXPECT_EQ(classify(Call::create, V3Answer{.code = "ORDERPAID"}).result, unknown);
    EXPECT_EQ(classify(Call::apply, V2Answer{.code = "ORDERPAID"}).result, unknown);
}

TEST(WechatResults, TradeStates) {
    const std::map<std::string_view, ResultClass> states{
        {"SUCCESS", succeeded},      {"REFUND", succeeded},   {"NOTPAY", in_progress},
        {"USERPAYING", in_progress}, {"ACCEPT", in_progress}, {"CLOSED", failed},
        {"REVOKED", failed},         {"PAYERROR", failed},    {"PAY_FAIL", failed}};
    EXPECT_EQ(trade_states.size(), states.size());
    for (const StateRow& row : trade_states) EXPECT_EQ(row.result, states.at(row.state)) << row.state;
    for (const std::string_view state : {"", "success", "NEW"}) EXPECT_EQ(trade_state_result(state), unknown);
}

TEST(WechatResults, CausesOfFailedDeductions) {
    const std::map<std::string_view, Cause> causes{{"NOTENOUGH", Cause::balance_not_enough},
                                                   {"NOT_ENOUGH", Cause::balance_not_enough},
                                                   {"ACCOUNTERROR", Cause::account_abnormal},
                                                   {"ACCOUNT_ERROR", Cause::account_abnormal},
                                                   {"USER_ACCOUNT_ABNORMAL", Cause::account_abnormal},
                                                   {"USER_NOT_EXIST", Cause::account_abnormal},
                                                   {"CONTRACT_NOT_EXIST", Cause::mandate_ended},
                                                   {"CONTRACTERROR", Cause::mandate_ended},
                                                   {"RULELIMIT", Cause::payment_limit},
                                                   {"RULE_LIMIT", Cause::payment_limit},
                                                   {"BANKERROR", Cause::channel_busy},
                                                   {"BANK_ERROR", Cause::channel_busy},
                                                   {"SYSTEMERROR", Cause::channel_busy},
                                                   {"TRADE_ERROR", Cause::unlisted}};
    EXPECT_EQ(deduction_causes.size(), causes.size());
    for (const CauseRow& row : deduction_causes) EXPECT_EQ(row.cause, causes.at(row.code)) << row.code;
    for (const std::string_view code : {"0", "", "NEW"}) EXPECT_EQ(deduction_cause(code), Cause::unlisted);
}

TEST(ResultClass, EveryClassHasItsOwnName) {
    std::set<std::string_view> names;
    for (const ResultClass one :
         {succeeded, accepted, in_progress, refused, failed, already, not_found, differs, unknown})
        EXPECT_TRUE(names.insert(result_class_name(one)).second);
    EXPECT_TRUE(names.contains("not_found"));
}

}  // namespace wefee::payment::wechat
