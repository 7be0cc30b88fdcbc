// Business fields of the calls to Alipay, built once and sent again unchanged. Pure; a field that the gateway
// would refuse is named here, before anything is stored.
// Source: API pages of alipay.trade.pay, .precreate, .page.pay, .wap.pay, .refund, alipay.user.agreement.*.
#pragma once

#include <string>
#include <string_view>

#include "payment/alipay/settings.hpp"
#include "payment/alipay/sign.hpp"
#include "payment/gateway.hpp"

namespace wefee::payment::alipay {

/// Builders throw std::invalid_argument ("out_trade_no: ...") when a field is not what Alipay takes.
Call deduction_call(const Settings& settings, const Deduction& deduction);
/// native_qr, page, wap. mini_program is refused: a payment in a WeChat mini-program goes to WeChat Pay.
Call order_call(const Settings& settings, const ManualOrder& order);
Call refund_call(const RefundRequest& refund);
Call query_call(std::string_view out_trade_no);
Call close_call(std::string_view out_trade_no);
Call refund_query_call(std::string_view out_trade_no, std::string_view out_refund_no);
/// alipay.user.agreement.page.sign: monthly plan, first deduction on a day 1-28.
Call sign_page_call(const Settings& settings, const MandateRequest& request);
/// By agreement number when there is one, else by our own number.
Call agreement_query_call(const Settings& settings, std::string_view our_number,
                          std::string_view contract_id);
Call unsign_call(const Settings& settings, std::string_view contract_id);
Call plan_modify_call(std::string_view contract_id, CivilDay deduct_day, std::string_view memo);

/// Canonical JSON of a call's business fields: method, notify_url, return_url when there is one, and the
/// biz_content text whole, so that a repeat sends the same bytes.
std::string store_call(const Call& call);
/// The same back. Throws std::invalid_argument when the text is not one of store_call.
Call stored_call(std::string_view fields);

/// A text member of a biz_content; empty when absent. For expectations and for simulators.
std::string biz_text(std::string_view biz_content, std::string_view name);
/// The same inside an object member ("agreement_params", "agreement_no").
std::string biz_text(std::string_view biz_content, std::string_view object, std::string_view name);

}  // namespace wefee::payment::alipay
