// The one error table: what the program may answer, its stable code, its HTTP status and its public words.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wefee {

enum class Errc {
    bad_request,
    missing_field,
    unknown_field,
    invalid_value,
    bad_signature,
    unauthorised,
    forbidden,
    not_found,
    unknown_feature,  // of entitlements: the tenant is known
    method_not_allowed,
    request_timed_out,
    conflict,
    wrong_state,  // the machine has no such move from here
    quote_changed,
    idempotency_conflict,     // key used before with another request
    idempotency_in_progress,  // first request with this key has not ended
    consent_required,
    approval_required,
    invoice_closed,          // nothing left to pay, or another payment is under way
    refused_by_safety_rule,  // kill switch, cap, window
    too_large,
    uri_too_long,
    unsupported_media_type,
    headers_too_large,
    too_many_requests,
    internal,
    provider_failed,
    provider_timed_out,
    unavailable,
};

/// One row each: `code` is what clients may rely on; `public_text` carries no data of anybody.
struct Fault {
    Errc errc;
    std::string_view code;
    int http_status;
    std::string_view public_text;
};

std::span<const Fault> faults();
const Fault& fault(Errc errc);

/// One bad field. `pointer` is a JSON pointer (RFC 6901), "" for the whole document; `code` is stable: of the
/// error table, or of the rule that is broken (price_list.hpp names those of price lists).
struct FieldProblem {
    std::string pointer;
    std::string text;
    std::string code = "invalid_value";
};

/// What stops the work. `what()` is the detail for clients and logs: ids, never secrets.
class Error : public std::runtime_error {
public:
    explicit Error(Errc errc);
    Error(Errc errc, const std::string& detail, std::vector<FieldProblem> fields = {});
    Errc errc() const { return errc_; }
    const Fault& fault() const { return wefee::fault(errc_); }
    const std::vector<FieldProblem>& fields() const { return fields_; }

private:
    Errc errc_;
    std::vector<FieldProblem> fields_;
};

}  // namespace wefee
