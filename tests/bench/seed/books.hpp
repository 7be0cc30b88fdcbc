// Everything that the store holds before a payment notification comes: tenants whose invoices are being collected.
#pragma once

#include <span>
#include <string>

#include "storage/changes.hpp"
#include "tests/bench/seed/orders.hpp"

namespace wefee::bench {

/// One tenant (`tenant` names it and makes all its ids), a subscription and, for each order, a closed period: invoice,
/// charge, and the attempt with this order number, sent and unanswered. Alipay orders are deductions under a granted
/// consent and an active mandate, with their reminder delivered; WeChat Pay orders are QR codes shown to a person.
/// All orders must be of one provider. `next_query`: when the product may first ask about an order by itself.
storage::Changes tenant_books(const std::string& tenant, std::span<const SeedOrder> orders, Instant now,
                              Instant next_query);

}  // namespace wefee::bench
