// Thresholds of a subscription (E4): metered amounts at which its period is invoiced in part. What a member
// sets, and the check that follows usage.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "billing/limits.hpp"
#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;
class ObjectReader;

/// Reads once_fen and every_fen; none where neither is there. What is wrong is a problem of the reader.
std::optional<Thresholds> read_thresholds(ObjectReader& reader);
/// As the subscription's row has them.
Thresholds stored_thresholds(const std::string& text);

/// Sets them, or ends them. They hold from the open period on, what was metered in it already included.
/// Throws Error{not_found} when the tenant has no such subscription, Error{wrong_state} when that has ended.
io::awaitable<storage::SubscriptionRow> set_thresholds(App& app, std::string op_id, std::string actor,
                                                       TenantId tenant, SubscriptionId id,
                                                       std::optional<Thresholds> thresholds);

/// Task: invoices what is metered in the open period and not invoiced yet, once it has reached a threshold. A
/// period that is over waits for its own bill.
io::awaitable<void> check_thresholds(App& app, storage::TaskRow task);

/// The check that usage of a subscription asks for.
storage::TaskRow threshold_check_of(const storage::SubscriptionRow& subscription, Instant now);

}  // namespace wefee::server
