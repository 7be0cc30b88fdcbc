// Where a store lives: sqlite:///path, mysql://user@host:3306/db, mysql://user@/db?socket=/path.
#pragma once

#include <string>
#include <string_view>

namespace wefee::storage {

struct StoreUrl {
    enum class Kind { sqlite, mysql };
    Kind kind{};
    std::string path;  // SQLite
    std::string user, host, socket, database;
    int port = 3306;
};

/// Throws std::invalid_argument that says what is wrong. A password in the URL is refused: it comes from a
/// file.
StoreUrl parse_store_url(std::string_view url);

}  // namespace wefee::storage
