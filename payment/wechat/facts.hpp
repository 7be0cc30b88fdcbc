// Verified notifications as billing facts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "billing/facts.hpp"
#include "payment/wechat/envelope.hpp"
#include "payment/wechat/v2.hpp"

namespace wefee::payment::wechat {

/// TRANSACTION.*, REFUND.*, ENTRUST.*, SECURITY_ECHO.*; anything else is NoAction with its event type. Throws
/// std::runtime_error when a known event does not hold the documented object.
ProviderFact fact_of(const OpenedEnvelope& envelope);

enum class V2Kind { contract, deduction, refund };
/// By the fields, not by the path: change_type, req_info, else an order number. nullopt when it is none of
/// them.
std::optional<V2Kind> v2_kind(const v2::Fields& fields);

/// A verified APIv2 notification. A deduction counts as paid only when result_code, trade_state and err_code
/// do not contradict it and amount, time and transaction_id are there; err_code 0 says nothing. Throws
/// std::runtime_error when required fields are missing.
ProviderFact fact_of(const v2::Fields& fields, std::string_view api_v2_key);

/// The decrypted refund notice; nullopt when it is not one.
std::optional<v2::Fields> open_v2_refund(const v2::Fields& fields, std::string_view api_v2_key);

}  // namespace wefee::payment::wechat
