// SQLite: WAL, synchronous=FULL, one connection, statements prepared once.
#include <sqlite3.h>

#include <chrono>
#include <stdexcept>

#include "tests/bench/ceiling/committer.hpp"

namespace wefee::bench::ceiling {

namespace {

constexpr const char* schema = R"(
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS inbox (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  dedup_key TEXT NOT NULL,
  raw TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  UNIQUE (source, dedup_key)
) STRICT;
CREATE TABLE IF NOT EXISTS charge (
  out_trade_no TEXT NOT NULL PRIMARY KEY,
  amount_fen INTEGER NOT NULL,
  state TEXT NOT NULL,
  transaction_id TEXT,
  paid_at INTEGER
) STRICT, WITHOUT ROWID;
)";

class SqliteStore final : public PaymentStore {
public:
    explicit SqliteStore(const std::string& path) {
        check(sqlite3_open(path.c_str(), &db_));
        sqlite3_busy_timeout(db_, 3000);
        execute(schema);
        insert_ = prepare(
            "INSERT INTO inbox (source, dedup_key, raw, received_at) VALUES (?,?,?,?) ON CONFLICT DO "
            "NOTHING");
        update_ = prepare(
            "UPDATE charge SET state='PAID', transaction_id=?, paid_at=? "
            "WHERE out_trade_no=? AND state='DUE' AND amount_fen=?");
    }
    ~SqliteStore() override {
        sqlite3_finalize(insert_);
        sqlite3_finalize(update_);
        sqlite3_close(db_);
    }
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    void record(const std::vector<Payment>& batch) override {
        execute("BEGIN IMMEDIATE");
        try {
            for (const auto& payment : batch) record_one(payment);
            execute("COMMIT");
        } catch (...) {
            sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
            throw;
        }
    }

private:
    void check(int result) const {
        if (result != SQLITE_OK && result != SQLITE_DONE)
            throw std::runtime_error(db_ ? sqlite3_errmsg(db_) : "sqlite");
    }
    void execute(const char* sql) const { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
    sqlite3_stmt* prepare(const char* sql) const {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
        return statement;
    }
    static void bind(sqlite3_stmt* statement, int column, const std::string& text) {
        sqlite3_bind_text(statement, column, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    }
    void step(sqlite3_stmt* statement) const {
        const int result = sqlite3_step(statement);
        sqlite3_reset(statement);
        check(result);
    }

    void record_one(const Payment& payment) {
        const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
        bind(insert_, 1, payment.source);
        bind(insert_, 2, payment.dedup_key);
        bind(insert_, 3, payment.raw);
        sqlite3_bind_int64(insert_, 4, now);
        step(insert_);
        if (sqlite3_changes(db_) == 0) return;
        bind(update_, 1, payment.transaction_id);
        sqlite3_bind_int64(update_, 2, now);
        bind(update_, 3, payment.out_trade_no);
        sqlite3_bind_int64(update_, 4, payment.amount_fen);
        step(update_);
    }

    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* update_ = nullptr;
};

}  // namespace

std::unique_ptr<PaymentStore> open_sqlite(const std::string& path) {
    return std::make_unique<SqliteStore>(path);
}

}  // namespace wefee::bench::ceiling
