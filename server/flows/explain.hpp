// The whole chain behind an amount (C2): events, quantity, price list, formula, invoice, consent, mandate, attempt,
// provider's number, books, audit.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "io/async.hpp"
#include "billing/ids.hpp"

namespace wefee::server {

struct App;

/// `id`: an invoice, a charge or an attempt. Empty `tenant`: an operator, any tenant. Throws Error{not_found}.
io::awaitable<nlohmann::ordered_json> explain_id(App& app, TenantId tenant, std::string id);

}  // namespace wefee::server
