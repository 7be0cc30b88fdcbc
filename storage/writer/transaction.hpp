// One writer thread's connection and the rules of what follows an error: retry, fresh connection, look for
// the op_id.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "storage/sql.hpp"
#include "storage/writer/batch.hpp"

namespace wefee::storage {

class Transactions {
public:
    explicit Transactions(sql::Engine& engine);
    /// Commits the jobs together and calls done of each. Never throws; calls `when_away` first when the
    /// database is.
    void commit(std::vector<Job> jobs, const std::function<void()>& when_away);

private:
    enum class Fate { committed, not_committed, unknown };

    void run(std::vector<Job>& jobs);
    void attempt(std::vector<Job>& jobs, bool careful, bool first);
    Fate look_up(const std::vector<Job>& jobs);
    bool found(sql::Connection& db, const std::vector<Job>& jobs);
    void back_off(int attempt);

    sql::Engine& engine_;
    std::unique_ptr<sql::Connection> db_;
    ShapeTexts texts_;
    Marker own_;     // one row of op_log, counted up
    Marker marker_;  // of the last attempt
    std::minstd_rand random_;
};

}  // namespace wefee::storage
