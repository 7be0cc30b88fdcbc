// The invoices of a tenant whose periods lie in some days, newest first.
#pragma once

#include <vector>

#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

/// Invoices that stand (not voided) and whose period ends after `from`, and the one before them, whose lines
/// in advance may reach into these days. `most`: no more than so many.
inline io::awaitable<std::vector<storage::InvoiceRow>> invoices_since(storage::Store& store, TenantId tenant,
                                                                      CivilDay from, std::size_t most) {
    std::vector<storage::InvoiceRow> found;
    constexpr std::size_t page = 100;
    std::string before;
    for (;;) {
        auto rows = co_await store.invoices(tenant, page, before);
        for (auto& row : rows) {
            before = row.id.text();
            if (row.state == "VOIDED" || row.state == "DRAFT") continue;
            const bool last = row.period_end <= from;
            found.push_back(std::move(row));
            if (last || found.size() == most) co_return found;
        }
        if (rows.size() < page) co_return found;
    }
}

}  // namespace wefee::server
