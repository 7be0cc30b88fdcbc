// sql::Engine on one SQLite file: WAL, synchronous=FULL, one process that writes.
#pragma once

#include <memory>
#include <string>

#include "storage/sql.hpp"

namespace wefee::storage::sqlite {

/// `read_only`: opens beside an owner, takes no lock, cannot write. Otherwise takes the file lock and creates
/// the file. Throws sql::Error{unavailable}.
std::unique_ptr<sql::Engine> make_engine(const std::string& path, bool read_only);

}  // namespace wefee::storage::sqlite
