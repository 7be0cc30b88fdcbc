// The seam between the store and its two engines: connections, statements, values. Blocking; used only on
// storage's own threads. Everything above speaks rows and needs (rows.hpp, store.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wefee::storage::sql {

using Value = std::variant<std::monostate, std::int64_t, std::string>;  // NULL, integer, text or bytes

/// What a database error means for the unit of work (one table per engine, walked by a test).
enum class ErrorClass {
    rolled_back,     // certainly not committed: run the whole unit again
    unavailable,     // node or file not usable: other connection, then again; callers see 503
    commit_unknown,  // error during COMMIT: look for op_id on a fresh connection
    duplicate,       // unique key
    guarded,         // the guard of a save does not hold
    broken           // anything else: stop this unit, alarm
};

class Error : public std::runtime_error {
public:
    Error(ErrorClass error_class, int code, const std::string& text)
        : std::runtime_error(text), class_(error_class), code_(code) {}
    ErrorClass error_class() const { return class_; }
    int code() const { return code_; }

private:
    ErrorClass class_;
    int code_;
};

enum class Dialect { sqlite, mysql };

/// Is given the columns of a row in order, and may take their texts with it.
using RowHandler = std::function<void(std::span<Value>)>;

/// One connection. After any Error other than `duplicate` and `guarded` outside COMMIT the owner drops it.
class Connection {
public:
    virtual ~Connection() = default;
    virtual Dialect dialect() const = 0;
    /// Runs a statement with '?' parameters; prepared once per connection and text. Returns matched rows of
    /// an UPDATE or DELETE (not changed rows), inserted rows of an INSERT.
    virtual std::int64_t execute(std::string_view sql, std::span<const Value> parameters = {}) = 0;
    /// The same with the parameters given as rows, bound one behind the other (multi-row statements).
    virtual std::int64_t execute_rows(std::string_view sql, std::span<const std::span<const Value>> rows) {
        std::vector<Value> parameters;
        for (const auto& row : rows) parameters.insert(parameters.end(), row.begin(), row.end());
        return execute(sql, parameters);
    }
    /// Rows of a query; `row` is called for each.
    virtual void query(std::string_view sql, std::span<const Value> parameters, const RowHandler& row) = 0;
    /// Runs one statement as it stands, unprepared (migrations, session settings).
    virtual void script(std::string_view sql) = 0;
    virtual void begin() = 0;
    /// Throws Error{commit_unknown} when the outcome is not known.
    virtual void commit() = 0;
    /// One statement as a transaction of its own, in as few round trips as the engine can; outside begin()
    /// and commit(). Throws as both of them.
    virtual void commit_rows(std::string_view sql, std::span<const std::span<const Value>> rows) {
        begin();
        execute_rows(sql, rows);
        commit();
    }
    virtual void rollback() noexcept = 0;
    virtual void savepoint() = 0;
    virtual void release_savepoint() = 0;
    virtual void rollback_to_savepoint() = 0;
    /// The database's clock, UTC milliseconds: leases are compared with it.
    virtual std::int64_t database_now() = 0;
};

class Engine {
public:
    virtual ~Engine() = default;
    virtual Dialect dialect() const = 0;
    /// For the writer. Throws Error{unavailable}.
    virtual std::unique_ptr<Connection> connect() = 0;
    /// For reads only: begin() opens a consistent snapshot, nothing can be written.
    virtual std::unique_ptr<Connection> connect_reader() { return connect(); }
    /// For migrations: without the short time-outs.
    virtual std::unique_ptr<Connection> connect_migrator() { return connect(); }
    /// For checks of the whole store: a reader without the short time-outs.
    virtual std::unique_ptr<Connection> connect_checker() { return connect_reader(); }
    /// Per-thread set-up and tear-down of the client library.
    virtual void thread_begin() {}
    virtual void thread_end() {}
};

}  // namespace wefee::storage::sql
