// A planned deduction on its way: our notice, the provider's notice, the window, the attempt (B3, B6).
#pragma once

#include "io/async.hpp"
#include "server/flows/unit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// Task: whatever the charge waits for next.
io::awaitable<void> charge_step(App& app, storage::TaskRow task);

/// Our notice of this charge was delivered: adds its move to the unit that ends the outbox row.
void notice_delivered(Unit& unit, storage::ChargeRow charge, Instant delivered_at);
/// It could not be delivered to anybody who may decide: the deduction is held.
void notice_undeliverable(Unit& unit, storage::ChargeRow charge);

/// By a member, an operator or a card's button: stops a deduction that has not been sent. Idempotent.
io::awaitable<storage::ChargeRow> hold_charge(App& app, std::string op_id, std::string actor, TenantId tenant,
                                              ChargeId charge);
/// Plans it anew: a new notice must be delivered before anything is taken.
io::awaitable<storage::ChargeRow> release_charge(App& app, std::string op_id, std::string actor,
                                                 TenantId tenant, ChargeId charge);

/// Task: an invoice was paid by a person or late: planned deductions are dropped, the service recovers.
io::awaitable<void> invoice_paid(App& app, storage::TaskRow task);
/// Task: the due day passed or collection was given up: overdue, the grace of the service begins.
io::awaitable<void> invoice_due(App& app, storage::TaskRow task);
/// Task: the grace is over and something is still overdue: the service is restricted.
io::awaitable<void> service_grace_over(App& app, storage::TaskRow task);

}  // namespace wefee::server
