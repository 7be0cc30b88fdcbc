// Refunds of APIv3: request text, the refund object of calls, and its notice.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "payment/gateway.hpp"
#include "payment/wechat/settings.hpp"

namespace wefee::payment::wechat {

/// The request body as canonical JSON (keys sorted). Throws std::invalid_argument naming the field.
std::string refund_fields(const RefundRequest& request);

inline constexpr std::string_view refund_path = "/v3/refund/domestic/refunds";
std::string refund_query_target(std::string_view out_refund_no);

/// What we asked for, read back from stored fields.
struct RefundCall {
    std::string body = {};
    std::string out_refund_no = {};
    Fen refund = {};
};
/// Throws std::invalid_argument when the fields are something else.
RefundCall read_refund_fields(std::string_view fields);

/// Judges a verified answer of the create or query call. PROCESSING is accepted, or in_progress for a query;
/// ABNORMAL is in_progress with its change: a person may still lead it to success. `now` dates changes that
/// the provider does not date.
RefundResult judge_refund(const Settings& settings, std::string_view body, std::string_view out_refund_no,
                          Fen expected, bool query, Instant now);

/// "SUCCESS", "CLOSED", "ABNORMAL" and the v2 spellings "REFUNDCLOSE", "CHANGE".
std::optional<RefundChanged::Status> parse_refund_status(std::string_view status);

/// A decrypted REFUND.* notice; nullopt when it is not the documented object. `created`: the envelope's time,
/// for the states that have no time of their own.
std::optional<RefundChanged> read_refund_notice(std::string_view json, Instant created);

}  // namespace wefee::payment::wechat
