// The kinds of statement that a money transaction is made of, in the order in which a batch runs them. Rows
// of one shape, of one Changes or of many, go into one multi-row statement where the engine gains by that.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "storage/changes.hpp"
#include "storage/statements.hpp"

namespace wefee::storage {

/// What a statement must count for each row, else the Changes conflicts.
enum class Counts { any, once, saved };

struct Shape {
    std::string_view name;
    std::string (*text)(sql::Dialect, std::size_t rows);
    Counts counts;
    std::size_t sort_by;     // value by which rows of a batch are ordered: all writers lock in one order
    std::size_t shared = 0;  // so many leading values are given once for all rows of a statement
    bool any_size = false;   // a batch is one statement, whatever its size: somebody outside waits for it
};

using ChangedTables = decltype(Changes::rows);
inline constexpr std::size_t changed_tables = std::tuple_size_v<ChangedTables>;

namespace shape {
// Facts and closings first, then saves, then inserts: what a save frees (open_flag) an insert of the same
// operation may take.
inline constexpr std::size_t op_log = 0;
inline constexpr std::size_t inbox_outcome = 1;
inline constexpr std::size_t outbox_finish = 2;
inline constexpr std::size_t outbox_again = 3;
inline constexpr std::size_t unschedule = 4;
inline constexpr std::size_t usage_moves = 5;  // facts; totals and dimensions: added there, dropped here
inline constexpr std::size_t saves = usage_moves + 5;  // + place of the table in Changes::rows
inline constexpr std::size_t inserts = saves + changed_tables;
inline constexpr std::size_t audit = inserts + changed_tables;
inline constexpr std::size_t ledger = audit + 1;
inline constexpr std::size_t outbox = ledger + 1;
inline constexpr std::size_t schedule = outbox + 1;
inline constexpr std::size_t person_task = schedule + 1;
// Not part of a Changes, but batched alike.
inline constexpr std::size_t receipt = person_task + 1;
inline constexpr std::size_t quarantine = receipt + 1;
inline constexpr std::size_t usage_event = quarantine + 1;
inline constexpr std::size_t usage_total = usage_event + 1;
inline constexpr std::size_t usage_check = usage_total + 1;
inline constexpr std::size_t usage_dimension = usage_check + 1;
inline constexpr std::size_t marker = usage_dimension + 1;
inline constexpr std::size_t count = marker + 1;
}  // namespace shape

std::span<const Shape> shapes();

/// Statement texts of one writer, made once for each shape and number of rows (up to 8 each, then four sizes
/// for each doubling, up to 512): each is prepared on each connection, so they are few.
class ShapeTexts {
public:
    explicit ShapeTexts(sql::Dialect dialect);
    sql::Dialect dialect() const { return dialect_; }
    /// Most rows of one statement that is not above `rows`; SQLite 1.
    std::size_t chunk(std::size_t shape, std::size_t rows) const;
    const std::string& text(std::size_t shape, std::size_t chunk);

private:
    sql::Dialect dialect_;
    std::vector<std::vector<std::string>> texts_;  // by shape and rows
};

/// Runs rows of one shape, sorted, in as few statements as the engine likes. False when an exact shape did
/// not match each row. Throws sql::Error.
bool run_shape(sql::Connection& db, ShapeTexts& texts, std::size_t shape,
               std::vector<std::span<const sql::Value>>& rows);
/// The same as a transaction of its own, where one statement takes all rows; else false, and nothing was
/// done. For shapes that count nothing. Throws as Connection::commit_rows().
bool commit_shape(sql::Connection& db, ShapeTexts& texts, std::size_t shape,
                  std::vector<std::span<const sql::Value>>& rows);

}  // namespace wefee::storage
