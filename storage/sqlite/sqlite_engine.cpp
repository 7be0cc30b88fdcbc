// SQLite connections: a statement cache, BEGIN IMMEDIATE for writes, result codes by errors.cpp.
#include "storage/sqlite/sqlite_engine.hpp"

#include <sqlite3.h>

#include <chrono>
#include <optional>
#include <unordered_map>

#include "storage/sqlite/checkpointer.hpp"
#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/file_lock.hpp"
#include "storage/sqlite/log_vfs.hpp"

namespace wefee::storage::sqlite {
namespace {

enum class Access { write, read };

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

/// Leaves a statement ready for its next use, also when a row handler throws.
class Use {
public:
    explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
    ~Use() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    sqlite3_stmt* get() const { return statement_; }

private:
    sqlite3_stmt* statement_;
};

sql::Value column(sqlite3_stmt* statement, int index) {
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_NULL:
            return {};
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement, index)};
        default: {
            const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, index));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
            return data == nullptr ? std::string() : std::string(data, size);
        }
    }
}

/// Nobody reads SQLite's count of its memory, and each of its allocations would take a lock for it. To be
/// called before anything else of SQLite.
void leave_memory_uncounted() {
    [[maybe_unused]] static const int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

Database open_database(const std::string& path, bool owner, bool commits) {
    // A reader beside another owner opens read-only; our own readers are held back by query_only.
    const int flags = owner ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    leave_memory_uncounted();
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, commits ? log_vfs() : nullptr);
    Database database(opened);
    if (code != SQLITE_OK)
        throw sql::Error(sql::ErrorClass::unavailable, code, path + ": " + sqlite3_errstr(code));
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_busy_timeout(opened, 3'000);
    return database;
}

class SqliteConnection final : public sql::Connection {
public:
    SqliteConnection(const std::string& path, Access access, bool owner, Checkpointer* checkpointer)
        : access_(access), database_(open_database(path, owner, access == Access::write)) {
        configure(owner);
        if (checkpointer != nullptr) checkpointer->watch(database_.get());
    }

    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }

    std::int64_t execute(std::string_view sql, std::span<const sql::Value> parameters) override {
        const std::span<const sql::Value> rows[] = {parameters};
        return execute_rows(sql, rows);
    }

    std::int64_t execute_rows(std::string_view sql,
                              std::span<const std::span<const sql::Value>> rows) override {
        const Use use(prepared(sql));
        int index = 0;
        for (const auto& row : rows)
            for (const auto& value : row) bind(use.get(), ++index, value);
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW) code = sqlite3_step(use.get());
        if (code != SQLITE_DONE) fail(code, false);
        return sqlite3_changes64(database_.get());
    }

    void query(std::string_view sql, std::span<const sql::Value> parameters,
               const sql::RowHandler& row) override {
        const Use use(prepared(sql));
        int index = 0;
        for (const auto& value : parameters) bind(use.get(), ++index, value);
        const auto columns = static_cast<std::size_t>(sqlite3_column_count(use.get()));
        std::vector<sql::Value> values(columns);
        for (;;) {
            const int code = sqlite3_step(use.get());
            if (code == SQLITE_DONE) return;
            if (code != SQLITE_ROW) fail(code, false);
            for (std::size_t i = 0; i < columns; ++i) values[i] = column(use.get(), static_cast<int>(i));
            row(values);
        }
    }

    void script(std::string_view sql) override {
        const std::string text(sql);
        const int code = sqlite3_exec(database_.get(), text.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) fail(code, false);
    }

    void begin() override { execute(access_ == Access::write ? "BEGIN IMMEDIATE" : "BEGIN", {}); }

    void commit() override {
        const Use use(prepared("COMMIT"));
        const int code = sqlite3_step(use.get());
        if (code != SQLITE_DONE) fail(code, true);
    }

    void rollback() noexcept override {
        if (sqlite3_get_autocommit(database_.get()) != 0) return;  // it rolled back by itself
        sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }

    void savepoint() override { execute("SAVEPOINT unit", {}); }
    void release_savepoint() override { execute("RELEASE unit", {}); }
    void rollback_to_savepoint() override {
        execute("ROLLBACK TO unit", {});
        execute("RELEASE unit", {});
    }

    std::int64_t database_now() override {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    }

private:
    void configure(bool owner) {
        if (owner && access_ == Access::write) {
            std::string mode;
            query("PRAGMA journal_mode=WAL", {},
                  [&](std::span<const sql::Value> row) { mode = text_of(row[0]); });
            if (mode != "wal")
                throw sql::Error(sql::ErrorClass::unavailable, 0, "SQLite did not take WAL but " + mode);
        }
        script("PRAGMA synchronous=FULL");
        script("PRAGMA foreign_keys=ON");
        // KiB. SQLite 3.40 looks at all of it after a transaction that split a page, a larger one costs more
        // than it saves.
        script("PRAGMA cache_size=-8192");
        script("PRAGMA temp_store=MEMORY");  // savepoints keep their pages there
        if (access_ == Access::read) script("PRAGMA query_only=ON");
    }

    static std::string text_of(const sql::Value& value) {
        const auto* text = std::get_if<std::string>(&value);
        return text == nullptr ? std::string() : *text;
    }

    sqlite3_stmt* prepared(std::string_view sql) {
        if (const auto found = statements_.find(sql); found != statements_.end()) return found->second.get();
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) fail(code, false);
        return statements_.emplace(std::string(sql), Statement(statement)).first->second.get();
    }

    void bind(sqlite3_stmt* statement, int index, const sql::Value& value) {
        int code = SQLITE_OK;
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            code = sqlite3_bind_int64(statement, index, *number);
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            // The caller's value outlives the step: no copy.
            code =
                sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
        } else {
            code = sqlite3_bind_null(statement, index);
        }
        if (code != SQLITE_OK) fail(code, false);
    }

    [[noreturn]] void fail(int code, bool in_commit) {
        const int extended = sqlite3_extended_errcode(database_.get());
        const int told = (extended & 0xff) == (code & 0xff) ? extended : code;
        throw sql::Error(classify(told, in_commit), told, sqlite3_errmsg(database_.get()));
    }

    Access access_;
    Database database_;
    std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
};

class SqliteEngine final : public sql::Engine {
public:
    SqliteEngine(std::string path, bool read_only) : path_(std::move(path)), owner_(!read_only) {
        if (!owner_) return;
        lock_.emplace(path_);
        checkpointer_.emplace(open_database(path_, owner_, false));
    }
    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    std::unique_ptr<sql::Connection> connect() override {
        return std::make_unique<SqliteConnection>(path_, owner_ ? Access::write : Access::read, owner_,
                                                  checkpointer_ ? &*checkpointer_ : nullptr);
    }
    std::unique_ptr<sql::Connection> connect_reader() override {
        return std::make_unique<SqliteConnection>(path_, Access::read, owner_, nullptr);
    }

private:
    std::string path_;
    bool owner_;
    std::optional<FileLock> lock_;
    std::optional<Checkpointer> checkpointer_;
};

}  // namespace

std::unique_ptr<sql::Engine> make_engine(const std::string& path, bool read_only) {
    return std::make_unique<SqliteEngine>(path, read_only);
}

}  // namespace wefee::storage::sqlite
