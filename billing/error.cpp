// The error table's rows, in the order of the enumeration.
#include "billing/error.hpp"

#include <array>
#include <utility>

namespace wefee {
namespace {

constexpr std::array table{
    Fault{Errc::bad_request, "bad_request", 400, "the request is malformed"},
    Fault{Errc::missing_field, "missing_field", 400, "a required field is missing"},
    Fault{Errc::unknown_field, "unknown_field", 400, "a field is not known here"},
    Fault{Errc::invalid_value, "invalid_value", 400, "a field has a value that is not allowed"},
    Fault{Errc::bad_signature, "bad_signature", 401, "the signature is not valid"},
    Fault{Errc::unauthorised, "unauthorised", 401, "a valid credential is needed"},
    Fault{Errc::forbidden, "forbidden", 403, "this credential may not do that"},
    Fault{Errc::not_found, "not_found", 404, "there is no such thing"},
    Fault{Errc::unknown_feature, "unknown_feature", 404, "the price list has no such feature"},
    Fault{Errc::method_not_allowed, "method_not_allowed", 405, "this path does not take that method"},
    Fault{Errc::request_timed_out, "request_timed_out", 408, "the request did not arrive in time"},
    Fault{Errc::conflict, "conflict", 409, "the request contradicts the present state"},
    Fault{Errc::wrong_state, "wrong_state", 409, "that is not possible in the present state"},
    Fault{Errc::quote_changed, "quote_changed", 409, "the quote has changed; a new one is enclosed"},
    Fault{Errc::idempotency_conflict, "idempotency_conflict", 409,
          "this idempotency key was used for another request"},
    Fault{Errc::idempotency_in_progress, "idempotency_in_progress", 409,
          "the first request with this idempotency key has not ended"},
    Fault{Errc::consent_required, "consent_required", 409, "a member must consent first"},
    Fault{Errc::approval_required, "approval_required", 409, "a second person must approve first"},
    Fault{Errc::invoice_closed, "invoice_closed", 409, "nothing is left to pay, or a payment is under way"},
    Fault{Errc::refused_by_safety_rule, "refused_by_safety_rule", 409, "a safety rule forbids that now"},
    Fault{Errc::too_large, "too_large", 413, "the body is too large"},
    Fault{Errc::uri_too_long, "uri_too_long", 414, "the target is too long"},
    Fault{Errc::unsupported_media_type, "unsupported_media_type", 415, "that media type is not taken here"},
    Fault{Errc::headers_too_large, "headers_too_large", 431, "the header block is too large"},
    Fault{Errc::too_many_requests, "too_many_requests", 429, "too many requests; try again later"},
    Fault{Errc::internal, "internal", 500, "the program failed; the request id helps to find out why"},
    Fault{Errc::provider_failed, "provider_failed", 502, "the provider did not answer as agreed"},
    Fault{Errc::provider_timed_out, "provider_timed_out", 504, "the provider did not answer in time"},
    Fault{Errc::unavailable, "unavailable", 503, "not available at the moment; try again"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].errc) != i) return false;
    return table.size() == static_cast<std::size_t>(Errc::unavailable) + 1;
}
static_assert(in_order(), "one row per Errc, in its order");

}  // namespace

std::span<const Fault> faults() { return table; }
const Fault& fault(Errc errc) { return table.at(static_cast<std::size_t>(errc)); }

Error::Error(Errc errc) : Error(errc, std::string(wefee::fault(errc).public_text)) {}
Error::Error(Errc errc, const std::string& detail, std::vector<FieldProblem> fields)
    : std::runtime_error(detail), errc_(errc), fields_(std::move(fields)) {}

}  // namespace wefee
