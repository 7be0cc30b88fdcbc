// What MySQL's and MariaDB's error codes mean for the unit of work, as one table.
#pragma once

#include <span>

#include "storage/sql.hpp"

namespace wefee::storage::mysql {

struct ErrorRow {
    int code;
    sql::ErrorClass in_statement;
    sql::ErrorClass in_commit;
};

std::span<const ErrorRow> error_table();

/// Codes that the table does not name are `broken`, and `commit_unknown` during COMMIT.
sql::ErrorClass classify(int code, bool in_commit);

}  // namespace wefee::storage::mysql
