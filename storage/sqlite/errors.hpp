// What SQLite's result codes mean for the unit of work, as one table.
#pragma once

#include <span>

#include "storage/sql.hpp"

namespace wefee::storage::sqlite {

struct ErrorRow {
    int code;  // primary or extended result code; the extended one wins
    sql::ErrorClass in_statement;
    sql::ErrorClass in_commit;
};

std::span<const ErrorRow> error_table();

/// Codes that the table does not name are `broken`, and `commit_unknown` during COMMIT.
sql::ErrorClass classify(int extended_code, bool in_commit);

}  // namespace wefee::storage::sqlite
