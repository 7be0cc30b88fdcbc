// SQLite begins the log anew only when all of it was copied, which a thread beside a busy writer never sees:
// it copies until little is left, and the writer copies that little after its next commit.
#include "storage/sqlite/checkpointer.hpp"

#include <sqlite3.h>

#include <utility>

#include "io/loop.hpp"

namespace wefee::storage::sqlite {
namespace {

constexpr int long_log =
    8'000;  // pages: 32 MiB. Longer ones cost reads more, shorter ones copy pages more often
constexpr int short_rest = 256;  // pages: a millisecond
constexpr int passes_max =
    4;  // a reader of an old state, or a faster writer, keeps the rest from getting short

/// How many of the log's pages stand in the database after copying what nobody has to wait for.
int copy(sqlite3* database) {
    int pages = 0, copied = 0;
    sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
    return copied;
}

/// SQLite does so only when nothing is left in the log: the writer, which copies the last pages, would wait
/// for the disk to take all of the others.
void flush(sqlite3* database) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
        file->pMethods != nullptr)
        file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

}  // namespace

void CloseDatabase::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Checkpointer::Checkpointer(Database database)
    : database_(std::move(database)),
      ask_at_(long_log),
      thread_([this](std::stop_token stop) { run(stop); }) {}

Checkpointer::~Checkpointer() = default;  // joins the thread first

void Checkpointer::watch(sqlite3* writer) {
    sqlite3_wal_hook(
        writer,
        [](void* self, sqlite3* database, const char*, int pages) {
            static_cast<Checkpointer*>(self)->committed(database, pages);
            return SQLITE_OK;
        },
        this);
}

void Checkpointer::committed(sqlite3* writer, int pages) {
    bool finish = false;
    {
        const std::lock_guard lock(mutex_);
        if (pages < long_log) ask_at_ = long_log;  // the log began anew
        std::swap(finish, finish_);
        if (!finish && !asks_ && pages >= ask_at_) {
            asks_ = true;
            ask_at_ = pages + long_log / 4;
            asked_.notify_one();
        }
    }
    if (finish) copy(writer);
}

void Checkpointer::run(std::stop_token stop) {
    io::run_in_turn();
    std::unique_lock lock(mutex_);
    while (asked_.wait(lock, stop, [this] { return asks_; })) {
        lock.unlock();
        // A connection that has read nothing does not know that the file has a log.
        sqlite3_exec(database_.get(), "PRAGMA schema_version", nullptr, nullptr, nullptr);
        int copied = 0, before = -long_log;
        for (int pass = 0; pass < passes_max && copied - before > short_rest; ++pass) {
            before = std::exchange(copied, copy(database_.get()));
            flush(database_.get());
        }
        lock.lock();
        asks_ = false;
        finish_ = true;
    }
}

}  // namespace wefee::storage::sqlite
