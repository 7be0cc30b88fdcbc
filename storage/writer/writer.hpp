// The group-commit writer: all that queued while the last commit ran is the next transaction. No timer: an
// idle writer commits at once, a busy one in batches. What came in from outside (receipts, refused requests)
// has a lane of its own, so that a provider's answer never waits behind the settling of what it sent before.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/sql.hpp"
#include "storage/writer/job.hpp"

namespace wefee::storage {

struct WriterOptions {
    std::size_t threads = 1;       // of the lane of work; SQLite has one for both lanes
    std::size_t queue_max = 1024;  // of each lane
    std::size_t batch_max = 128;
    bool group_commit = true;
};

class Writer {
public:
    Writer(sql::Engine& engine, WriterOptions options);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Calls each job's done on a writer thread once its fate is sure: after COMMIT, or with an error
    /// (Unavailable, sql::Error, what the job itself threw). A full or closed queue answers Unavailable at
    /// once.
    void submit(std::vector<Job> jobs);
    /// Finishes what waits, then refuses.
    void close();

private:
    struct Lane {
        std::deque<Job> queue;
        std::shared_ptr<std::condition_variable> arrived = std::make_shared<std::condition_variable>();
    };
    enum class Serves { received, work, both };

    Lane& lane_of(Job::Kind kind);
    const char* refusal_of(const Job& job);
    void run(Serves serves);
    std::vector<Job> take(Serves serves);
    void take_from(Lane& lane, std::size_t most, std::vector<Job>& jobs);
    void refuse_waiting(Serves serves);

    sql::Engine& engine_;
    WriterOptions options_;
    std::mutex mutex_;
    Lane received_, work_;
    std::size_t quarantined_ = 0;  // refused requests that wait: they never crowd out the rest
    bool closed_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace wefee::storage
