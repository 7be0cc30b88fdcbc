// What load_period() adds of usage. Inside storage only.
#pragma once

#include "storage/store.hpp"

namespace wefee::storage {

/// Levels, transactions and, where the open period is asked for (no `period_start`), late usage.
void load_usage_needs(sql::Connection& db, PeriodView& view, std::optional<CivilDay> period_start,
                      const NeedsOf& needs);

}  // namespace wefee::storage
