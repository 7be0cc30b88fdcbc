// One process owns a SQLite file for writing: flock on a side file, gone with the process however it ends.
#pragma once

#include <string>

namespace wefee::storage::sqlite {

class FileLock {
public:
    /// Takes `<database>.lock`. Throws sql::Error{unavailable} when another owner holds it.
    explicit FileLock(const std::string& database_path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int file_ = -1;
};

}  // namespace wefee::storage::sqlite
