// Threads that read: one connection each, a bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/sql.hpp"

namespace wefee::storage {

struct Read {
    std::function<void(sql::Connection&)> run;  // may run again on a fresh connection
    std::move_only_function<void(std::exception_ptr)> done;
    bool unhurried = false;  // without the short time-outs (whole-store checks), on a connection of its own
};

class Readers {
public:
    Readers(sql::Engine& engine, std::size_t threads, std::size_t queue_max);
    ~Readers();
    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;

    /// Calls read.done on a reader thread: with nothing, Unavailable, sql::Error or what `run` threw.
    void submit(Read read);
    void close();

private:
    void work();
    void serve(std::unique_ptr<sql::Connection>& db, Read& read);

    sql::Engine& engine_;
    std::size_t queue_max_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Read> queue_;
    bool closed_ = false;
    std::vector<std::jthread> threads_;
};

/// Runs `work` in one consistent snapshot.
template <class Work>
void in_snapshot(sql::Connection& db, Work&& work) {
    db.begin();
    try {
        work();
    } catch (...) {
        db.rollback();
        throw;
    }
    db.rollback();
}

}  // namespace wefee::storage
