// From a gateway answer to what flows understand. Pure: number and amount are checked here, and nothing that
// is not signed proves anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "payment/alipay/codes.hpp"
#include "payment/alipay/response.hpp"
#include "payment/gateway.hpp"

namespace wefee::payment::alipay {

/// Whose order it is and what we asked for.
struct Asked {
    std::string app_id;
    std::string seller_id;
    std::string out_trade_no;
    Fen amount;
    std::string contract_id = "";
};

/// A result without a payment.
OrderResult order_result(ResultClass result, std::string code, std::string detail = "",
                         FailureCause cause = FailureCause::unlisted);

/// alipay.trade.pay: 10000 with our number, our amount and a payment time is the payment.
OrderResult read_payment(const Answer& answer, const Asked& asked);
/// alipay.trade.query: decided by trade_status. A trade that was closed after a payment is for a person.
OrderResult read_query(const Answer& answer, const Asked& asked);
/// alipay.trade.close: accepted when taken.
OrderResult read_close(const Answer& answer, const Asked& asked);
/// alipay.trade.precreate: accepted with the QR text.
OrderCreated read_precreate(const Answer& answer, const Asked& asked);

struct RefundAsked {
    std::string seller_id;
    std::string out_trade_no;
    std::string out_refund_no;
    Fen amount;
};
/// alipay.trade.refund: only fund_change=Y means that this call moved money; else accepted, and the refund
/// query decides. The answer has no refund time: `now` is used.
RefundResult read_refund(const Answer& answer, const RefundAsked& asked, Instant now);
/// alipay.trade.fastpay.refund.query. An empty 10000 is not_found (asked too early, or never received).
RefundResult read_refund_query(const Answer& answer, const RefundAsked& asked, Instant now);

struct AgreementAsked {
    std::string app_id;
    std::string our_number;
    std::string contract_id;  // empty: asked by our number
};
/// alipay.user.agreement.query. `now` is when we learned of an end.
MandateStatus read_agreement(const Answer& answer, const AgreementAsked& asked, Instant now);

/// alipay.user.agreement.executionplan.modify.
struct PlanChange {
    ResultClass result = ResultClass::unknown;  // succeeded, refused, unknown
    std::optional<CivilDay> deduct_day;         // with succeeded
    std::string code;
};
PlanChange read_plan_change(const Answer& answer, std::string_view contract_id, CivilDay deduct_day);

}  // namespace wefee::payment::alipay
