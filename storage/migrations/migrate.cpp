// Applies migrations under one lock row. SQLite runs each in one transaction; MySQL commits each statement by
// itself, so all of them may be run again after a crash in the middle.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "billing/machines.hpp"
#include "storage/mapping.hpp"
#include "storage/migrations/migrations.hpp"

namespace wefee::storage {
namespace {

using sql::Dialect;
using sql::ErrorClass;

constexpr std::int64_t lock_ms = 60'000;
constexpr std::array already_there{1050, 1060, 1061, 1359,
                                   1091};  // table, column, index, trigger exists; index is gone
constexpr std::array right_is_lacking{1142, 1227, 1419};  // no TRIGGER right; SUPER needed while binlog is on

constexpr std::array bootstrap{
    "CREATE TABLE IF NOT EXISTS schema_migration (number $INT NOT NULL PRIMARY KEY, name $KEY NOT NULL, "
    "checksum $HASH NOT NULL, compatible $INT NOT NULL, applied_at $INT NOT NULL) $KEYED",
    "CREATE TABLE IF NOT EXISTS schema_lock (id $INT NOT NULL PRIMARY KEY, owner $ID NOT NULL, "
    "lease_until $INT NOT NULL) $KEYED",
};

struct Applied {
    std::string checksum;
    bool compatible = false;
};

[[noreturn]] void refuse(const std::string& why) { throw sql::Error(ErrorClass::broken, 0, why); }

std::string find_collation(sql::Connection& connection) {
    if (connection.dialect() == Dialect::sqlite) return {};
    std::string collation = "utf8mb4_bin";
    connection.query(
        "SELECT COLLATION_NAME FROM information_schema.COLLATIONS "
        "WHERE COLLATION_NAME IN ('utf8mb4_nopad_bin', 'utf8mb4_0900_bin')",
        {}, [&](std::span<const sql::Value> row) { collation = as_text(row[0]); });
    return collation;
}

bool table_exists(sql::Connection& connection, const std::string& name) {
    const bool sqlite = connection.dialect() == Dialect::sqlite;
    bool found = false;
    const std::array<sql::Value, 1> parameters{name};
    connection.query(sqlite ? "SELECT 1 FROM sqlite_master WHERE type='table' AND name=?"
                            : "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() "
                              "AND TABLE_NAME=?",
                     parameters, [&](auto) { found = true; });
    return found;
}

std::map<std::int64_t, Applied> applied_migrations(sql::Connection& connection) {
    std::map<std::int64_t, Applied> applied;
    if (!table_exists(connection, "schema_migration")) return applied;
    connection.query("SELECT number, checksum, compatible FROM schema_migration", {},
                     [&](std::span<const sql::Value> row) {
                         applied[as_int(row[0])] = {as_text(row[1]), as_int(row[2]) != 0};
                     });
    return applied;
}

/// Throws when what is applied and what this binary knows cannot live together; gives what is still to do.
std::vector<const Migration*> pending(std::span<const Migration> wanted,
                                      const std::map<std::int64_t, Applied>& applied) {
    std::vector<const Migration*> todo;
    for (const auto& migration : wanted) {
        const auto found = applied.find(migration.number);
        if (found == applied.end()) {
            todo.push_back(&migration);
        } else if (found->second.checksum != checksum(migration)) {
            refuse("migration " + std::to_string(migration.number) + " was changed after it was applied");
        }
    }
    for (const auto& [number, row] : applied) {
        const bool known = std::ranges::any_of(wanted, [&](const auto& m) { return m.number == number; });
        if (!known && !row.compatible)
            refuse("the schema has migration " + std::to_string(number) +
                   ", which this program does not know");
        if (!todo.empty() && number > todo.front()->number)
            refuse("migration " + std::to_string(todo.front()->number) + " was left out");
    }
    return todo;
}

/// The lock row, held by a lease: DDL ends transactions in MySQL, so a row lock would not last.
class MigrationLock {
public:
    MigrationLock(sql::Connection& connection, std::string owner)
        : db_(connection), owner_(std::move(owner)) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(2 * lock_ms);
        while (!take()) {
            if (std::chrono::steady_clock::now() > give_up)
                throw sql::Error(ErrorClass::unavailable, 0, "another process migrates this store");
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }
    ~MigrationLock() {
        try {
            const std::array<sql::Value, 1> mine{owner_};
            db_.begin();
            db_.execute("UPDATE schema_lock SET lease_until=0 WHERE id=1 AND owner=?", mine);
            db_.commit();
        } catch (const sql::Error&) {
            db_.rollback();  // the lease runs out by itself
        }
    }
    MigrationLock(const MigrationLock&) = delete;
    MigrationLock& operator=(const MigrationLock&) = delete;

private:
    bool take() {
        const auto now = db_.database_now();
        const std::array<sql::Value, 3> parameters{owner_, now + lock_ms, now};
        db_.begin();
        const auto rows = db_.execute(
            "UPDATE schema_lock SET owner=?, lease_until=? WHERE id=1 AND lease_until<?", parameters);
        db_.commit();
        return rows == 1;
    }
    sql::Connection& db_;
    std::string owner_;
};

void create_bookkeeping(sql::Connection& connection, const std::string& collation) {
    for (const auto* text : bootstrap) connection.script(expand(text, connection.dialect(), collation));
    connection.begin();
    try {
        connection.execute("INSERT INTO schema_lock (id, owner, lease_until) VALUES (1, '', 0)");
        connection.commit();
    } catch (const sql::Error& error) {
        connection.rollback();
        if (error.error_class() != ErrorClass::duplicate) throw;
    }
}

void run_statement(sql::Connection& connection, const Statement& statement, const std::string& collation) {
    if (statement.only && *statement.only != connection.dialect()) return;
    try {
        connection.script(expand(statement.text, connection.dialect(), collation));
    } catch (const sql::Error& error) {
        if (connection.dialect() == Dialect::sqlite) throw;
        if (std::ranges::find(already_there, error.code()) != already_there.end()) return;
        if (statement.may_lack_right &&
            std::ranges::find(right_is_lacking, error.code()) != right_is_lacking.end())
            return;
        throw;
    }
}

void apply(sql::Connection& connection, const Migration& migration, const std::string& collation) {
    connection.begin();
    try {
        for (const auto& statement : migration.statements) run_statement(connection, statement, collation);
        const std::array<sql::Value, 5> row{std::int64_t{migration.number}, std::string(migration.name),
                                            checksum(migration), std::int64_t{migration.compatible ? 1 : 0},
                                            connection.database_now()};
        connection.execute(
            "INSERT INTO schema_migration (number, name, checksum, compatible, applied_at) "
            "VALUES (?, ?, ?, ?, ?)",
            row);
        connection.commit();
    } catch (...) {
        connection.rollback();
        throw;
    }
}

/// Moves of the machines that the database does not know.
std::vector<std::array<sql::Value, 3>> new_transitions(sql::Connection& connection) {
    using Key = std::tuple<std::string, std::string, std::string>;
    std::set<Key> known;
    connection.query("SELECT entity, from_state, to_state FROM transition", {},
                     [&](std::span<const sql::Value> row) {
                         known.emplace(as_text(row[0]), as_text(row[1]), as_text(row[2]));
                     });
    std::vector<std::array<sql::Value, 3>> rows;
    for (const auto& move : all_transitions())
        if (!known.contains(Key{move.entity, move.from, move.to}))
            rows.push_back({std::string(move.entity), std::string(move.from), std::string(move.to)});
    return rows;
}

/// Adds what is new; older moves stay, since older audit rows made them.
void load_transitions(sql::Connection& connection) {
    connection.begin();
    try {
        for (const auto& row : new_transitions(connection))
            connection.execute("INSERT INTO transition (entity, from_state, to_state) VALUES (?, ?, ?)", row);
        connection.commit();
    } catch (...) {
        connection.rollback();
        throw;
    }
}

}  // namespace

void migrate(sql::Connection& connection, std::span<const Migration> wanted, const MigrateOptions& options) {
    if (!options.apply) {
        const auto todo = pending(wanted, applied_migrations(connection));
        if (!todo.empty())
            refuse("migration " + std::to_string(todo.front()->number) +
                   " is not applied: run `wefee migrate`");
        return;
    }
    // The usual start takes no lock: one that is killed on the way would keep the next one waiting for it.
    if (pending(wanted, applied_migrations(connection)).empty() && new_transitions(connection).empty())
        return;
    const auto collation = find_collation(connection);
    create_bookkeeping(connection, collation);
    const MigrationLock lock(connection, options.owner);
    for (const auto* migration : pending(wanted, applied_migrations(connection)))
        apply(connection, *migration, collation);
    load_transitions(connection);
}

bool schema_is_current(sql::Connection& connection, std::span<const Migration> wanted) {
    const auto applied = applied_migrations(connection);
    return std::ranges::all_of(wanted, [&](const Migration& migration) {
        const auto found = applied.find(migration.number);
        return found != applied.end() && found->second.checksum == checksum(migration);
    });
}

}  // namespace wefee::storage
