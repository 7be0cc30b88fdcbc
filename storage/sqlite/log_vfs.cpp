// SQLite writes each page of a transaction with two calls, 24 bytes and the page, one behind the other.
#include "storage/sqlite/log_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string>

namespace wefee::storage::sqlite {
namespace {

constexpr std::size_t gathered_max = 1 << 20;
constexpr std::size_t call_max = 1 << 16;  // SQLite's own files take less than 128 KiB at once

/// The file beneath and what it has not been given yet.
struct Log {
    std::unique_ptr<std::byte[]> memory;
    std::string bytes;
    sqlite3_int64 at = 0;  // of bytes

    explicit Log(int size) : memory(std::make_unique<std::byte[]>(static_cast<std::size_t>(size))) {}
    sqlite3_file* file() const { return reinterpret_cast<sqlite3_file*>(memory.get()); }
    const sqlite3_io_methods& methods() const { return *file()->pMethods; }
    sqlite3_int64 end() const { return at + static_cast<sqlite3_int64>(bytes.size()); }

    /// What could not be written is forgotten, as SQLite forgets the transaction it was of.
    int write_out() {
        int code = SQLITE_OK;
        for (std::size_t done = 0; done < bytes.size() && code == SQLITE_OK; done += call_max)
            code = methods().xWrite(file(), bytes.data() + done,
                                    static_cast<int>(std::min(bytes.size() - done, call_max)),
                                    at + static_cast<sqlite3_int64>(done));
        bytes.clear();
        return code;
    }
};

/// As SQLite sees it: it allocates szOsFile bytes and knows the first member only.
struct LogFile {
    sqlite3_file seen;
    Log* log;
};

Log& log_of(sqlite3_file* file) { return *reinterpret_cast<LogFile*>(file)->log; }

/// `call` on the file beneath, after it was given everything.
template <class Call>
int written_out(sqlite3_file* file, Call&& call) {
    auto& log = log_of(file);
    if (const int code = log.write_out(); code != SQLITE_OK) return code;
    return call(log.methods(), log.file());
}

int close(sqlite3_file* file) {
    const std::unique_ptr<Log> log(&log_of(file));
    const int written = log->write_out();
    const int closed = log->methods().xClose(log->file());
    return written == SQLITE_OK ? closed : written;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
    return written_out(
        file, [&](const auto& methods, auto* beneath) { return methods.xRead(beneath, to, size, at); });
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
    auto& log = log_of(file);
    const auto more = static_cast<std::size_t>(size);
    if (at != log.end() || log.bytes.size() + more > gathered_max)
        if (const int code = log.write_out(); code != SQLITE_OK) return code;
    if (log.bytes.empty()) log.at = at;
    try {
        log.bytes.append(static_cast<const char*>(from), more);
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    }
    return SQLITE_OK;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return written_out(file,
                       [&](const auto& methods, auto* beneath) { return methods.xTruncate(beneath, size); });
}

int sync(sqlite3_file* file, int flags) {
    return written_out(file,
                       [&](const auto& methods, auto* beneath) { return methods.xSync(beneath, flags); });
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return written_out(file,
                       [&](const auto& methods, auto* beneath) { return methods.xFileSize(beneath, size); });
}

int lock(sqlite3_file* file, int level) { return log_of(file).methods().xLock(log_of(file).file(), level); }
int unlock(sqlite3_file* file, int level) {
    return log_of(file).methods().xUnlock(log_of(file).file(), level);
}
int check_reserved_lock(sqlite3_file* file, int* held) {
    return log_of(file).methods().xCheckReservedLock(log_of(file).file(), held);
}
int file_control(sqlite3_file* file, int what, void* argument) {
    return log_of(file).methods().xFileControl(log_of(file).file(), what, argument);
}
int sector_size(sqlite3_file* file) { return log_of(file).methods().xSectorSize(log_of(file).file()); }
int device_characteristics(sqlite3_file* file) {
    return log_of(file).methods().xDeviceCharacteristics(log_of(file).file());
}

constexpr sqlite3_io_methods log_methods{
    .iVersion = 1,  // no shared memory, no mapping: those are the database file's
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

sqlite3_vfs* beneath() { return sqlite3_vfs_find(nullptr); }

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* opened) {
    if ((flags & SQLITE_OPEN_WAL) == 0) return beneath()->xOpen(beneath(), path, file, flags, opened);
    file->pMethods = nullptr;  // nothing to close, should it fail
    try {
        auto log = std::make_unique<Log>(beneath()->szOsFile);
        const int code = beneath()->xOpen(beneath(), path, log->file(), flags, opened);
        if (code != SQLITE_OK) return code;
        reinterpret_cast<LogFile*>(file)->log = log.release();
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    }
    file->pMethods = &log_methods;
    return SQLITE_OK;
}

}  // namespace

const char* log_vfs() {
    static sqlite3_vfs vfs = [] {
        sqlite3_vfs made = *beneath();
        made.zName = "wefee-log";
        made.szOsFile = std::max(made.szOsFile, static_cast<int>(sizeof(LogFile)));
        made.xOpen = open;
        made.pNext = nullptr;
        return made;
    }();
    [[maybe_unused]] static const int registered = sqlite3_vfs_register(&vfs, 0);
    return vfs.zName;
}

}  // namespace wefee::storage::sqlite
