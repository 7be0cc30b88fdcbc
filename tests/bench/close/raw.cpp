// The yardstick of the close: the very rows that it wrote, inserted as fast as the database takes them from
// one connection, in the order of their keys, durable at each commit.
#include <chrono>

#include "storage/migrations/migrations.hpp"
#include "storage/statements.hpp"
#include "tests/bench/close/measures.hpp"
#include "tests/bench/close/raw.hpp"
#include "tests/bench/close/timed_engine.hpp"

namespace wefee::bench {

namespace {

using namespace storage;

constexpr std::size_t invoices_a_transaction = 500;

std::vector<RowValues> some_rows(sql::Connection& db, const TableText& table, const std::string& tail,
                                 std::span<const sql::Value> parameters) {
    std::vector<RowValues> rows;
    db.query("SELECT " + column_list(table.inserted, "t") + " FROM " + table.name + " t " + tail, parameters,
             [&](std::span<const sql::Value> row) { rows.emplace_back(row.begin(), row.end()); });
    return rows;
}

}  // namespace

void insert_raw(sql::Connection& db, const TableText& table, std::span<const RowValues> rows) {
    const std::size_t most = db.dialect() == sql::Dialect::sqlite ? 1 : 256;
    std::string text;
    for (std::size_t of_text = 0; !rows.empty();) {
        const auto count = std::min(std::bit_floor(rows.size()), most);
        if (of_text != count) text = insert_text(table, db.dialect(), of_text = count);
        const std::vector<std::span<const sql::Value>> bound(
            rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count));
        db.execute_rows(text, bound);
        rows = rows.subspan(count);
    }
}

std::unique_ptr<sql::Connection> fresh(sql::Engine& engine) {
    migrate(*engine.connect_migrator(), migrations(), {.apply = true, .owner = "raw"});
    return engine.connect();
}

namespace {

/// A table that the close inserts into, and which of its rows are the close's.
struct Kept {
    const TableText* table = nullptr;
    std::string where = {};
    std::string order = {};
};

std::vector<Kept> bills() {
    return {{&table_text<InvoiceRow>(), "", "t.id"},
            {&table_text<InvoiceLineRow>(), "", "t.invoice_id, t.position"},
            {&table_text<ChargeRow>(), "", "t.id"}};
}

std::vector<Kept> all_rows() {
    static const TableText operations{.name = "op_log",
                                      .guard = {},
                                      .all = {"op_id", "at"},
                                      .inserted = {"op_id", "at"},
                                      .saved = {},
                                      .keys = {}};
    auto kept = bills();
    const std::string of_close = "WHERE t.op_id LIKE 'close:%'";
    kept.push_back({&operations, of_close, "t.op_id"});
    kept.push_back({&table_text<AuditRow>(), of_close, "t.id"});
    kept.push_back({&table_text<LedgerRow>(), "", "t.id"});
    kept.push_back({&table_text<OutboxRow>(), "", "t.id"});
    kept.push_back({&table_text<TaskRow>(), "", "t.kind, t.ref_id"});  // the next closes
    return kept;
}

std::size_t count_of(sql::Connection& db, const Kept& kept) {
    std::size_t count = 0;
    db.query("SELECT COUNT(*) FROM " + kept.table->name + " t " + kept.where, {},
             [&](std::span<const sql::Value> row) { count = static_cast<std::size_t>(as_int(row[0])); });
    return count;
}

}  // namespace

nlohmann::json insert_closed(const std::string& url, const std::string& from, bool bills_only) {
    const auto source = engine_of(from), target = engine_of(url);
    source->thread_begin();
    const auto tables = bills_only ? bills() : all_rows();
    nlohmann::json rows = nlohmann::json::object();
    double seconds = 0;
    std::size_t invoices = 0;
    {
        const auto reader = source->connect_reader();
        const auto db = fresh(*target);
        std::vector<std::size_t> counts;
        for (const auto& kept : tables) rows[kept.table->name] = counts.emplace_back(count_of(*reader, kept));
        invoices = counts.front();
        const auto pages = std::max<std::size_t>(1, invoices / invoices_a_transaction);
        for (std::size_t page = 0; page < pages; ++page) {
            std::vector<std::vector<RowValues>> some;
            for (std::size_t i = 0; i < tables.size(); ++i) {
                const auto first = counts[i] * page / pages, end = counts[i] * (page + 1) / pages;
                const RowValues place{static_cast<std::int64_t>(end - first),
                                      static_cast<std::int64_t>(first)};
                some.push_back(
                    some_rows(*reader, *tables[i].table,
                              tables[i].where + " ORDER BY " + tables[i].order + " LIMIT ? OFFSET ?", place));
            }
            const auto start = std::chrono::steady_clock::now();
            db->begin();
            for (std::size_t i = 0; i < tables.size(); ++i) insert_raw(*db, *tables[i].table, some[i]);
            db->commit();
            seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        }
    }
    source->thread_end();
    return {{"rows", std::move(rows)},
            {"seconds", seconds},
            {"invoices_per_second", static_cast<double>(invoices) / seconds}};
}

}  // namespace wefee::bench
