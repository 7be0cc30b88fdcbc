// Deduction contracts (委托代扣, periodic): signing, querying and ending them, the notice before a deduction,
// and the deduction itself. APIv2 but for the notice. Pure: texts in and out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "payment/gateway.hpp"
#include "payment/wechat/client.hpp"
#include "payment/wechat/orders.hpp"
#include "payment/wechat/settings.hpp"
#include "payment/wechat/v2.hpp"

namespace wefee::payment::wechat {

inline constexpr std::string_view apply_path = "/pay/pappayapply";
inline constexpr std::string_view order_query_path = "/pay/orderquery";
inline constexpr std::string_view close_path = "/pay/closeorder";
inline constexpr std::string_view contract_query_path = "/papay/querycontract";
inline constexpr std::string_view contract_end_path = "/papay/deletecontract";

/// Signing in the WeChat browser and in a mini-program; both are signed with MD5, the only algorithm there.
/// Throws std::invalid_argument naming the field, also when the whole link is over 1,024 bytes.
SigningPage make_sign_page(const Settings& settings, const MandateRequest& request, Instant now);

/// A deduction's business fields as canonical JSON (an object of strings, keys sorted).
std::string deduction_fields(const Settings& settings, const Deduction& deduction);
/// Reads what deduction_fields wrote. Throws std::invalid_argument when it is something else.
v2::Fields read_deduction_fields(std::string_view fields);

v2::Fields deduction_query(const Settings& settings, std::string_view out_trade_no);
/// By contract_id when there is one, else by plan_id and contract_code.
v2::Fields contract_query(const Settings& settings, std::string_view our_number,
                          std::string_view contract_id);

std::string notice_target(std::string_view contract_id);
std::string notice_body(const Settings& settings, Fen amount);

/// The order of an APIv2 query answer or deduction notification.
Order read_v2_order(const v2::Fields& fields);

/// Judges a verified contract answer; one about another merchant, plan or number is unknown.
MandateStatus judge_contract(const Settings& settings, const v2::Fields& fields, std::string_view our_number,
                             std::string_view contract_id);

/// contract_termination_mode, as a digit (v2) or as a word (v3).
MandateEnded::Cause ended_cause(std::string_view mode);

}  // namespace wefee::payment::wechat
