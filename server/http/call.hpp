// Small things that handlers share: the operation id of a call, its tenant, paging.
#pragma once

#include <charconv>

#include "billing/error.hpp"
#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "server/app.hpp"
#include "server/http/router.hpp"

namespace wefee::server {

/// The same Idempotency-Key of the same caller on the same route gives the same operation: its effect is made
/// once.
inline std::string operation_of(const Call& call, std::string_view what) {
    const auto seed = call.idempotency_key.empty() ? io::random_alphanumeric(24) : call.idempotency_key;
    return "api:" + std::string{what} + ":" +
           io::sha256_hex(call.credential.name + "\n" + seed).substr(0, 32);
}

/// A query parameter, decoded; empty when absent. Throws on a broken encoding.
inline std::string query_parameter(const Call& call, std::string_view name) {
    const auto fields = io::parse_form(call.request.query);
    if (!fields) throw Error(Errc::bad_request, "the query is not well encoded");
    const auto* value = io::find_field(*fields, name);
    return value ? *value : std::string{};
}

/// `limit` of a list: 1-100, 20 by default.
inline std::size_t page_limit(const Call& call) {
    const auto text = query_parameter(call, "limit");
    if (text.empty()) return 20;
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size() || limit < 1 || limit > 100)
        throw Error(Errc::invalid_value, "", {{"/limit", "must be between 1 and 100"}});
    return limit;
}

}  // namespace wefee::server
