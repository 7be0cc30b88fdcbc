// The outbound money protocol: guard and intent, claim and commit, call, record; the query ladder; the same
// number again. A number is never replaced while it is open.
#pragma once

#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// Step 1 for a planned deduction that is due: checks everything, reserves and writes the intent, or moves
/// the charge where it belongs (held, cancelled, rescheduled). Nothing is sent here.
io::awaitable<void> start_deduction(App& app, ChargeId charge);

/// Task: sends an intent, asks about an open number, sends the same number again when the provider does not
/// know it.
io::awaitable<void> attempt_step(App& app, storage::TaskRow task);

/// Asks the provider to close an open manual order and records what it says: before another channel is used.
io::awaitable<void> close_open_order(App& app, AttemptId attempt);

}  // namespace wefee::server
