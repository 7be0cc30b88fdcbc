// The schema as numbered migrations in the binary: forward only, each with a checksum over its text. One text
// serves both engines; tokens stand for what their dialects spell differently:
//   $ID $KEY $WORD $HASH $CODE  texts that keys may hold (128, 255, 64, 64, 512 characters)
//   $TEXT $BYTES                long text, raw bytes
//   $INT $DAY $SERIAL           64-bit integer; civil day; primary key given by the database
//   $END $KEYED                 what closes a table; $KEYED for narrow ones that are found by their key only
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/sql.hpp"

namespace wefee::storage {

struct Statement {
    std::string_view text;
    std::optional<sql::Dialect> only = std::nullopt;  // none: both
    bool may_lack_right = false;                      // skipped when the account may not do this (triggers)
};

struct Migration {
    int number;
    std::string_view name;
    bool compatible;  // binaries that do not know it may go on working
    std::span<const Statement> statements;
};

/// In order of their numbers, 1, 2, ...
std::span<const Migration> migrations();

/// The statement in one dialect. `collation`: MySQL only.
std::string expand(std::string_view text, sql::Dialect dialect, std::string_view collation);

/// SHA-256 hex over name and statements as written, tokens unexpanded.
std::string checksum(const Migration& migration);

struct MigrateOptions {
    bool apply = true;  // false: pending ones throw
    std::string owner;  // who holds the migration lock
};

/// Brings the schema to this binary's state and loads the machines' legal moves. Idempotent; several
/// processes may call it at once. Throws sql::Error{broken} on a changed text, a pending migration with
/// apply=false, or a newer schema that is not marked compatible.
void migrate(sql::Connection& connection, std::span<const Migration> wanted, const MigrateOptions& options);

/// True when every migration of this binary is applied with this checksum.
bool schema_is_current(sql::Connection& connection, std::span<const Migration> wanted);

}  // namespace wefee::storage
