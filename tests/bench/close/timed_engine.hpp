// An engine that adds up where a store's time goes.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "storage/sql.hpp"

namespace wefee::bench {

/// Wall time inside the database's calls, summed over connections.
struct DatabaseTime {
    std::atomic<std::int64_t> read_ns{0};    // readers' queries
    std::atomic<std::int64_t> write_ns{0};   // writers' statements
    std::atomic<std::int64_t> commit_ns{0};  // made durable
    std::atomic<std::int64_t> commits{0};
};

std::unique_ptr<storage::sql::Engine> make_timed(std::unique_ptr<storage::sql::Engine> engine,
                                                 DatabaseTime& time);

/// The engine that a store's URL names.
std::unique_ptr<storage::sql::Engine> engine_of(const std::string& url);

}  // namespace wefee::bench
