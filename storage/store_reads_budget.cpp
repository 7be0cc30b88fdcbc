// Reads of budgets, and of what entitlements and usage are checked against.
#include <bit>

#include "storage/parts.hpp"

namespace wefee::storage {
namespace {

constexpr std::size_t ids_per_read = 512;

/// Versions only rise and rows stay, so their sum changes with every change of any of them.
std::string versions_text(std::size_t ids) {
    const auto list = " WHERE tenant_id IN " + placeholders(ids, 1);
    return "SELECT x.tenant_id, SUM(x.version) FROM (SELECT id AS tenant_id, version FROM tenant WHERE id "
           "IN " +
           placeholders(ids, 1) + " UNION ALL SELECT tenant_id, version FROM subscription" + list +
           " UNION ALL SELECT tenant_id, version FROM consent" + list +
           " UNION ALL SELECT tenant_id, version FROM budget" + list + ") x GROUP BY x.tenant_id";
}

/// Lists of few different lengths, so that few statements are prepared; the last id is repeated.
void read_versions(sql::Connection& db, std::span<const TenantId> some,
                   std::map<TenantId, std::int64_t>& versions) {
    const auto size = std::bit_ceil(some.size());
    RowValues parameters;
    for (int table = 0; table < 4; ++table)
        for (std::size_t i = 0; i < size; ++i)
            parameters.emplace_back(some[std::min(i, some.size() - 1)].text());
    db.query(versions_text(size), parameters, [&](std::span<const sql::Value> row) {
        versions.insert_or_assign(TenantId{as_text(row[0])}, as_int(row[1]));
    });
}

}  // namespace

awaitable<std::optional<BudgetRow>> Store::find_budget(TenantId tenant) {
    return parts_->one<BudgetRow>("WHERE t.tenant_id=?", values(tenant));
}

awaitable<std::map<TenantId, std::int64_t>> Store::service_versions(std::vector<TenantId> tenants) {
    using Versions = std::map<TenantId, std::int64_t>;
    return parts_->read<Versions>([tenants = std::move(tenants)](sql::Connection& db, Versions& versions) {
        for (std::size_t from = 0; from < tenants.size(); from += ids_per_read)
            read_versions(db, std::span(tenants).subspan(from, std::min(ids_per_read, tenants.size() - from)),
                          versions);
    });
}

awaitable<UsageBook> Store::usage_book(std::string name, std::optional<CivilDay> ended_since) {
    return parts_->read<UsageBook>([name = std::move(name), ended_since](sql::Connection& db,
                                                                         UsageBook& book) {
        in_snapshot(db, [&] {
            book.tenant = row_of<TenantRow>(
                db, name.starts_with("ten_") ? "WHERE t.id=?" : "WHERE t.corp_id=?", values(name));
            if (!book.tenant) return;
            if (ended_since)
                for (auto& row : rows_of<SubscriptionRow>(
                         db,
                         "WHERE t.tenant_id=? AND t.state='ENDED' AND t.last_day>=? ORDER BY "
                         "t.last_day DESC",
                         values(book.tenant->id, *ended_since)))
                    book.ended.push_back(terms_of(db, std::move(row)));
            auto running =
                row_of<SubscriptionRow>(db,
                                        "WHERE t.tenant_id=? AND t.state NOT IN ('PENDING', 'ENDED') ORDER "
                                        "BY t.created_at DESC, t.id DESC LIMIT 1",
                                        values(book.tenant->id));
            if (!running) return;
            book.running = terms_of(db, std::move(*running));
            db.query("SELECT 1 FROM budget WHERE tenant_id=?", values(book.tenant->id),
                     [&](std::span<const sql::Value>) { book.has_budget = true; });
        });
    });
}

}  // namespace wefee::storage
