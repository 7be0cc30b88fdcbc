// What a scenario came to, as JSON: amounts by line code beside the lines, so that an expectation reads well.
#pragma once

#include <nlohmann/json.hpp>

#include "billing/tenant_account.hpp"

namespace wefee::server {

nlohmann::ordered_json print_bill(const RatedPeriod& bill);
nlohmann::ordered_json print_change(const ChangeBill& change, Fen balance_after);
nlohmann::ordered_json print_account(const TenantAccount& account);

}  // namespace wefee::server
