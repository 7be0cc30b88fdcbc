// The yardstick of the close: the very rows that it wrote as bills, inserted as fast as the database takes them from one
// connection, durable at each commit.
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
        if (of_text != count) text = insert_text(table, of_text = count);
        const std::vector<std::span<const sql::Value>> bound(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count));
        db.execute_rows(text, bound);
        rows = rows.subspan(count);
    }
}

std::unique_ptr<sql::Connection> fresh(sql::Engine& engine) {
    migrate(*engine.connect_migrator(), migrations(), {.apply = true, .owner = "raw"});
    return engine.connect();
}

nlohmann::json insert_invoices(const std::string& url, const std::string& from) {
    const auto source = engine_of(from), target = engine_of(url);
    source->thread_begin();
    const auto& invoices = table_text<InvoiceRow>();
    const auto& lines = table_text<InvoiceLineRow>();
    std::size_t inserted = 0, line_count = 0;
    double seconds = 0;
    {
        const auto reader = source->connect_reader();
        const auto db = fresh(*target);
        std::string after;
        for (;;) {
            const RowValues place{after, static_cast<std::int64_t>(invoices_a_transaction)};
            const auto page = some_rows(*reader, invoices, "WHERE t.id>? ORDER BY t.id LIMIT ?", place);
            if (page.empty()) break;
            const RowValues range{as_text(page.front()[0]), as_text(page.back()[0])};
            const auto page_lines =
                some_rows(*reader, lines, "WHERE t.invoice_id BETWEEN ? AND ? ORDER BY t.invoice_id, t.position", range);
            const auto start = std::chrono::steady_clock::now();
            db->begin();
            insert_raw(*db, invoices, page);
            insert_raw(*db, lines, page_lines);
            db->commit();
            seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            inserted += page.size();
            line_count += page_lines.size();
            after = as_text(page.back()[0]);
        }
    }
    source->thread_end();
    return {{"invoices", inserted},
            {"lines", line_count},
            {"seconds", seconds},
            {"invoices_per_second", static_cast<double>(inserted) / seconds}};
}

}  // namespace wefee::bench
