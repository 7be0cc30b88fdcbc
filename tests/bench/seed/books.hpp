// Everything that the store holds before a payment notification comes: tenants whose invoices are being
// collected.
#pragma once

#include <span>
#include <string>

#include "storage/changes.hpp"
#include "tests/bench/seed/orders.hpp"

namespace wefee::bench {

/// How far the collection of each order has come.
enum class Stage {
    sent,  // attempt sent and unanswered: Alipay as a deduction, WeChat Pay as a QR code shown to a person
    due,   // a deduction that may be made now; no attempt yet
    owed   // a final invoice that nobody collects
};

struct SeedPlan {
    Stage stage = Stage::sent;
    Instant now{};
    Instant next_query{};  // stage sent: when the product asks about the order by itself
    std::string
        suite_id;  // not empty: the tenant has installed this WeCom app, and "boss" is its billing admin
};

/// One tenant (`tenant` names it and makes all its ids) with a subscription and, for each order, a closed
/// period with its invoice. Deductions stand under a granted consent and an active mandate, with their
/// reminder delivered. All orders must be of one provider.
storage::Changes tenant_books(const SeedPlan& plan, const std::string& tenant,
                              std::span<const SeedOrder> orders);

}  // namespace wefee::bench
