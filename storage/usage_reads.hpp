// What load_periods() adds of usage to one view. Inside storage only.
#pragma once

#include "storage/store.hpp"

namespace wefee::storage {

/// Levels and transactions.
void load_needs(sql::Connection& db, PeriodView& view, CivilDay period_start, const NeedsOf& needs);
/// A closed period with facts that no invoice has yet; nothing where it is another subscription's.
void load_late(sql::Connection& db, PeriodView& view, CivilDay period_start, const NeedsOf& needs);

}  // namespace wefee::storage
