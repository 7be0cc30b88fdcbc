// The group-commit writer: all that queued while the last commit ran is the next transaction. No timer: an idle
// writer commits at once, a busy one in batches.
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
    std::size_t threads = 1;
    std::size_t queue_max = 1024;
    std::size_t batch_max = 128;
    bool group_commit = true;
};

class Writer {
public:
    Writer(sql::Engine& engine, WriterOptions options);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Calls job.done on a writer thread once the job's fate is sure: after COMMIT, or with an error (Unavailable,
    /// sql::Error, what the job itself threw). A full or closed queue answers Unavailable at once.
    void submit(Job job);
    /// Finishes what waits, then refuses.
    void close();

private:
    void work();
    std::vector<Job> take();
    void refuse_waiting();

    sql::Engine& engine_;
    WriterOptions options_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Job> queue_;
    std::size_t quarantined_ = 0;  // refused requests that wait: they never crowd out the rest
    bool closed_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace wefee::storage
