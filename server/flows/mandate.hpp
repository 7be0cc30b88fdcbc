// Mandates (B2): signing at the provider, what the provider says of them, and their end.
#pragma once

#include <chrono>

#include "billing/facts.hpp"
#include "io/async.hpp"
#include "payment/gateway.hpp"
#include "storage/rows.hpp"

namespace wefee::server {

struct App;

/// A page to sign that nobody signed by then is given up.
inline constexpr std::chrono::hours signing_life{24};

struct StartedMandate {
    storage::MandateRow mandate;
    payment::SigningPage page;
};

/// Starts signing under a granted consent. `op_id`: repeats give the same mandate. Throws
/// Error{consent_required} without a granted consent, Error{conflict} when a mandate of this consent is
/// active already.
io::awaitable<StartedMandate> start_mandate(App& app, std::string op_id, std::string actor, TenantId tenant,
                                            ConsentId consent, std::string return_url);
/// Ends it at the provider on the tenant's wish; deductions stop at once.
io::awaitable<storage::MandateRow> end_mandate(App& app, std::string op_id, std::string actor,
                                               TenantId tenant, MandateId mandate);

/// What the provider says, from a notification (ends that inbox row) or a query (inbox_id 0).
io::awaitable<void> mandate_signed(App& app, std::int64_t inbox_id, MandateSigned fact);
io::awaitable<void> mandate_ended(App& app, std::int64_t inbox_id, MandateEnded fact);

/// Task: asks the provider while the payer may still sign; gives the signing up after a day.
io::awaitable<void> mandate_step(App& app, storage::TaskRow task);

}  // namespace wefee::server
