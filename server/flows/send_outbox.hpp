// What a transaction wanted to be told is told: through WeCom, to the members that must know (C3). Delivered
// means accepted for at least one billing administrator; no delivered notice, no deduction.
#pragma once

#include "io/async.hpp"
#include "storage/rows.hpp"

namespace wefee::server {

struct App;

/// One claimed outbox row: rendered now, sent, ended in one transaction with what the delivery opens. Never
/// throws.
io::awaitable<void> send_outbox(App& app, storage::OutboxRow row);

}  // namespace wefee::server
