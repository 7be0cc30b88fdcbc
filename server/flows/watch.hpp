// What runs by the clock alone: provider keys hourly, the audit's seal hourly, the invariants every ten
// minutes.
#pragma once

#include "io/async.hpp"
#include "storage/rows.hpp"

namespace wefee::server {

struct App;

io::awaitable<void> refresh_keys(App& app, storage::TaskRow task);
io::awaitable<void> seal_audit(App& app, storage::TaskRow task);
/// A broken invariant stops all deductions and calls for a person; I-18 and I-19 only tell of delay.
io::awaitable<void> check_invariants(App& app, storage::TaskRow task);

/// At start: makes sure that these are scheduled.
io::awaitable<void> schedule_watch(App& app);

}  // namespace wefee::server
