// What a provider told us, in billing's own words. payment/ turns signed bytes into these; flows apply them.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "billing/money.hpp"
#include "billing/time.hpp"

namespace wefee {

/// The internal providers settle without a call to anybody.
enum class Provider { wechat, alipay, transfer, balance, credit_note };

/// "wechat", "alipay", ...: as stored and shown.
std::string_view provider_name(Provider provider);
std::optional<Provider> parse_provider(std::string_view name);

/// Why an order did not take the money, in the classes that decide what happens next (B5).
enum class FailureCause {
    balance_not_enough,
    payment_limit,  // user's own limit, risk control
    account_abnormal,
    mandate_ended,
    amount_above_mandate,
    outside_window,  // hours, notice window, already charged this period
    channel_busy,
    merchant_blocked,  // our side: stop the batch, tell an operator
    bad_request,       // our bug: tell an operator
    closed_unpaid,     // the order was closed or expired without payment
    unlisted
};
std::string_view failure_cause_name(FailureCause cause);
std::optional<FailureCause> parse_failure_cause(std::string_view name);

/// Money came in. The amount is the order's total, not what the payer paid after coupons.
struct PaymentSucceeded {
    Provider provider{};
    std::string mchid;   // WeChat mchid, Alipay seller_id (our PID)
    std::string app_id;  // appid the message names; empty when it names none
    std::string out_trade_no;
    std::string transaction_id;  // transaction_id, trade_no
    Fen amount;
    std::string payer;        // openid / buyer id; may be empty
    Instant paid_at{};        // provider's success time
    std::string contract_id;  // deductions only, else empty
};

/// The provider says that this number did not take money. Only a query makes it final.
struct PaymentFailed {
    Provider provider{};
    std::string mchid;
    std::string out_trade_no;
    FailureCause cause{};
    std::string provider_code;  // NOTENOUGH, ACQ.BUYER_BALANCE_NOT_ENOUGH ... as spelled there
};

struct RefundChanged {
    enum class Status { succeeded, closed, abnormal };
    Provider provider{};
    std::string mchid;
    std::string out_trade_no;
    std::string out_refund_no;  // empty: the provider told only a running total
    std::string refund_id;
    Status status{};
    Fen amount;  // of this refund; of all refunds so far when `cumulative`
    bool cumulative = false;
    Instant at{};
};

struct MandateSigned {
    Provider provider{};
    std::string mchid;  // WeChat only
    std::string app_id;
    std::string our_number;   // contract_code / external_agreement_no
    std::string contract_id;  // contract_id / agreement_no
    std::string plan_id;      // WeChat only
    std::string payer;
    Instant signed_at{};
    std::optional<Instant> expires_at;
};

struct MandateEnded {
    enum class Cause { expired, by_payer, by_us, account_closed, by_provider, unknown };
    Provider provider{};
    std::string mchid;
    std::string app_id;
    std::string our_number;
    std::string contract_id;
    Cause cause{};
    Instant ended_at{};
};

/// Signed, understood, and nothing for us to do (echo test, trade finished, ...). Kept with its kind.
struct NoAction {
    std::string kind;
};

using ProviderFact =
    std::variant<PaymentSucceeded, PaymentFailed, RefundChanged, MandateSigned, MandateEnded, NoAction>;

}  // namespace wefee
