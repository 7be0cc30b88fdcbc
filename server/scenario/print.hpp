// What a scenario came to, as JSON: amounts by line code beside the lines, so that an expectation reads well.
#pragma once

#include <nlohmann/json.hpp>

#include "server/scenario/collection.hpp"

namespace wefee::server {

nlohmann::ordered_json print_bill(const RatedPeriod& bill);
nlohmann::ordered_json print_change(const ChangeBill& change, Fen balance_after);
nlohmann::ordered_json print_account(const TenantAccount& account);

/// Adds to each printed invoice what may be collected automatically, and how R15 plans it.
void print_collection(const Collection& collection, const TenantAccount& account,
                      nlohmann::ordered_json& invoices);

}  // namespace wefee::server
