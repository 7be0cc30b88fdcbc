// SQLite result codes to error classes. Source: sqlite.org "Result and Error Codes".
#include "storage/sqlite/errors.hpp"

#include <sqlite3.h>

#include <array>

namespace wefee::storage::sqlite {
namespace {

using enum sql::ErrorClass;

// A full disk leaves the transaction rolled back. After an I/O error in COMMIT the frames may be in the log:
// the op_id on a fresh connection tells.
constexpr std::array table{
    ErrorRow{SQLITE_BUSY, rolled_back, rolled_back},
    ErrorRow{SQLITE_LOCKED, rolled_back, rolled_back},
    ErrorRow{SQLITE_CONSTRAINT_UNIQUE, duplicate, duplicate},
    ErrorRow{SQLITE_CONSTRAINT_PRIMARYKEY, duplicate, duplicate},
    ErrorRow{SQLITE_CONSTRAINT_ROWID, duplicate, duplicate},
    ErrorRow{SQLITE_CONSTRAINT, broken, broken},
    ErrorRow{SQLITE_FULL, unavailable, unavailable},
    ErrorRow{SQLITE_IOERR, unavailable, commit_unknown},
    ErrorRow{SQLITE_CANTOPEN, unavailable, commit_unknown},
    ErrorRow{SQLITE_READONLY, unavailable, unavailable},
    ErrorRow{SQLITE_PERM, unavailable, unavailable},
    ErrorRow{SQLITE_NOTADB, unavailable, unavailable},
    ErrorRow{SQLITE_CORRUPT, unavailable, commit_unknown},
    ErrorRow{SQLITE_NOMEM, unavailable, commit_unknown},
    ErrorRow{SQLITE_INTERRUPT, rolled_back, commit_unknown},
    ErrorRow{SQLITE_PROTOCOL, rolled_back, rolled_back},
};

}  // namespace

std::span<const ErrorRow> error_table() { return table; }

sql::ErrorClass classify(int extended_code, bool in_commit) {
    for (const int code : {extended_code, extended_code & 0xff})
        for (const auto& row : table)
            if (row.code == code) return in_commit ? row.in_commit : row.in_statement;
    return in_commit ? commit_unknown : broken;
}

}  // namespace wefee::storage::sqlite
