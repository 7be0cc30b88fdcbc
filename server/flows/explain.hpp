// The whole chain behind an amount (C2): events, quantity, price list, formula, invoice, consent, mandate,
// attempt, provider's number, books, audit.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "billing/ids.hpp"
#include "io/async.hpp"

namespace wefee::server {

struct App;

/// `id`: an invoice, or a charge, an attempt, a refund or a credit note of one. Empty `tenant`: an operator,
/// any tenant. Throws Error{not_found}.
io::awaitable<nlohmann::ordered_json> explain_id(App& app, TenantId tenant, std::string id);

/// What an operator asked for, who decided, and what came of it, with books and audit.
io::awaitable<nlohmann::ordered_json> explain_request(App& app, TenantId tenant, ApprovalId id);

}  // namespace wefee::server
