// A read that meets a stale or lost connection runs once more on a fresh one.
#include "storage/readers.hpp"

#include <algorithm>

#include "storage/store.hpp"

namespace wefee::storage {
namespace {

constexpr int attempts_max = 3;

}  // namespace

Readers::Readers(sql::Engine& engine, std::size_t threads, std::size_t queue_max)
    : engine_(engine), queue_max_(queue_max) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
        threads_.emplace_back([this] { work(); });
}

Readers::~Readers() { close(); }

void Readers::submit(Read read) {
    const char* refusal = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) refusal = "the store is closed";
        if (!closed_ && queue_.size() >= queue_max_) refusal = "too many reads are waiting";
        if (refusal == nullptr) {
            queue_.push_back(std::move(read));
            arrived_.notify_one();
            return;
        }
    }
    read.done(std::make_exception_ptr(Unavailable(refusal)));
}

void Readers::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    arrived_.notify_all();
    threads_.clear();  // joins
}

void Readers::work() {
    engine_.thread_begin();
    {
        std::unique_ptr<sql::Connection> db;
        for (;;) {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [this] { return closed_ || !queue_.empty(); });
            if (queue_.empty()) break;
            Read read = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            std::exception_ptr failure;
            try {
                serve(db, read);
            } catch (...) {
                failure = std::current_exception();
            }
            read.done(failure);
        }
    }
    engine_.thread_end();
}

void Readers::serve(std::unique_ptr<sql::Connection>& db, Read& read) {
    for (int tried = 1;; ++tried) {
        try {
            if (read.unhurried) {
                const auto own = engine_.connect_checker();
                read.run(*own);
            } else {
                if (!db) db = engine_.connect_reader();
                read.run(*db);
            }
            return;
        } catch (const sql::Error& error) {
            db.reset();
            const bool transient = error.error_class() == sql::ErrorClass::unavailable ||
                                   error.error_class() == sql::ErrorClass::rolled_back ||
                                   error.error_class() == sql::ErrorClass::commit_unknown;
            if (!transient) throw;
            if (tried >= attempts_max) throw Unavailable(error.what());
        }
    }
}

}  // namespace wefee::storage
