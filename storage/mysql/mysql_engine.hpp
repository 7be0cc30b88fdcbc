// sql::Engine on MySQL or MariaDB through MySQL Connector/C++ (classic API).
#pragma once

#include <memory>
#include <string>

#include "storage/sql.hpp"
#include "storage/url.hpp"

namespace wefee::storage::mysql {

/// Connects lazily: connect() throws sql::Error{unavailable} when the server is away.
std::unique_ptr<sql::Engine> make_engine(const StoreUrl& url, const std::string& password);

}  // namespace wefee::storage::mysql
