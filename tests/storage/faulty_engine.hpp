// An engine that does what it is told to do wrong: errors at COMMIT that was or was not made, deadlocks, a
// database that is away; and a gate that holds the writer so that what is queued becomes one batch.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "storage/sql.hpp"

namespace wefee::tests {

enum class AtCommit {
    fine,
    deadlock,              // rolled back, and says so
    made_but_unknown,      // committed; the answer was lost
    not_made_and_unknown,  // not committed; the answer was lost
};

/// Shared by the test and all connections of its engine. Hooks are called on writer threads, under a lock.
struct Faults {
    std::function<AtCommit(int)> at_commit;                // with the number of this commit, from 1
    std::function<void(std::string_view sql)> at_execute;  // may throw
    std::atomic<bool> away{false};                         // connect() fails, statements too
    std::atomic<int> connects{0};
    std::atomic<int> commits{0};
    std::atomic<int> executes{0};

    /// Closes the gate: the next begin() of a writer waits until open().
    void close_gate();
    void open_gate();
    void wait_at_gate();
    /// Returns when a writer stands at the gate.
    void wait_until_held();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool closed_ = false;
    bool held_ = false;
};

std::unique_ptr<storage::sql::Engine> make_faulty(std::unique_ptr<storage::sql::Engine> engine,
                                                  std::shared_ptr<Faults> faults);

}  // namespace wefee::tests
