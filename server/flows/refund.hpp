// Money goes back: the same protocol as an attempt, with the refund's own number (B8). Refunds that were made
// elsewhere are booked as what they are.
#pragma once

#include "billing/facts.hpp"
#include "io/async.hpp"
#include "payment/gateway.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// Task: intent, send, query; the same number again when the provider does not know it.
io::awaitable<void> refund_step(App& app, storage::TaskRow task);
/// What a notification says of a refund; one that we did not make becomes EXTERNAL.
io::awaitable<void> refund_changed(App& app, std::int64_t inbox_id, RefundChanged fact);

}  // namespace wefee::server
