// The month ends (A7, A8): usage totals and price list to an invoice with lines, then its collection is planned.
#pragma once

#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// Task: the first period's fixed prices, where the plan is billed in advance. Once, by the invoice's key.
io::awaitable<void> bill_opening(App& app, storage::TaskRow task);

/// Task: closes the subscription's open period once its grace is over, and opens the next. Restartable: the
/// operation is named after subscription and cycle, so doing it twice changes nothing.
io::awaitable<void> close_period(App& app, storage::TaskRow task);

/// When the open period of a subscription is closed.
Instant closes_at(const App& app, const storage::SubscriptionRow& subscription);

}  // namespace wefee::server
