// Plain multi-row inserts.
#pragma once

#include <memory>
#include <span>

#include "storage/sql.hpp"
#include "storage/statements.hpp"

namespace wefee::bench {

/// In statements of the number of rows that the engine takes best.
void insert_raw(storage::sql::Connection& db, const storage::TableText& table,
                std::span<const storage::RowValues> rows);
/// A writing connection to an empty store with the product's tables.
std::unique_ptr<storage::sql::Connection> fresh(storage::sql::Engine& engine);

}  // namespace wefee::bench
