// What a stored period costs: the one way from rows to billing's rating, for running cost, preview and invoice.
#pragma once

#include "billing/rating.hpp"
#include "storage/store.hpp"

namespace wefee::server {

class PriceLists;

/// Rates the period [start, end) that `view` was loaded for.
RatedPeriod rate_period(PriceLists& lists, const storage::PeriodView& view, DaySpan period);

/// A rated line as it is stored and shown.
storage::InvoiceLineRow line_row(const RatedLine& line, const InvoiceId& invoice, const TenantId& tenant,
                                 std::int64_t position, const storage::PriceListRow& prices);

}  // namespace wefee::server
