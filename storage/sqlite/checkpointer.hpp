// Moves the pages of the write-ahead log into the database file while commits go on, so that no commit waits
// for more than the last few of them.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

struct sqlite3;

namespace wefee::storage::sqlite {

struct CloseDatabase {
    void operator()(sqlite3* database) const;
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// One a file that is written to; outlives the connections it watches. A checkpoint that fails loses nothing:
/// the pages stay in the log, and the next ones are tried together with them.
class Checkpointer {
public:
    /// `database`: the thread's own connection to the same file.
    explicit Checkpointer(Database database);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    /// Takes the place of SQLite's own checkpoints, which a commit does on its way.
    void watch(sqlite3* writer);

private:
    void committed(sqlite3* writer, int pages);
    void run(std::stop_token stop);

    Database database_;
    std::mutex mutex_;
    std::condition_variable_any asked_;
    int ask_at_;           // pages in the log
    bool asks_ = false;    // the log is long: the thread copies it
    bool finish_ = false;  // what is left is short: the next commit copies it, and the log begins anew
    std::jthread thread_;
};

}  // namespace wefee::storage::sqlite
