// Usage that came late: told as billed, and billed by itself once its subscription has ended.
#pragma once

#include "billing/rating.hpp"
#include "io/async.hpp"
#include "server/flows/unit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;
struct Rules;

/// The bill has the view's late usage: what goes on waiting is a credit that it had no room for.
void settle_late(Unit& unit, const storage::PeriodView& view, const RatedPeriod& bill);

/// Task: invoices what came after the end as a part of the last period, to be paid by a person.
io::awaitable<void> bill_late(App& app, storage::TaskRow task);

/// That task for what comes today.
storage::TaskRow late_billing_of(const Rules& rules, const storage::SubscriptionRow& subscription,
                                 Instant now);

}  // namespace wefee::server
