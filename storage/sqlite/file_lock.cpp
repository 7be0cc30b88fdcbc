// The lock file stays behind on purpose: removing it would let two owners lock two different files.
#include "storage/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "storage/sql.hpp"

namespace wefee::storage::sqlite {

FileLock::FileLock(const std::string& database_path) {
    const std::string path = database_path + ".lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (file_ < 0)
        throw sql::Error(sql::ErrorClass::unavailable, errno,
                         path + ": " + std::generic_category().message(errno));
    if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
    const int code = errno;
    ::close(file_);
    throw sql::Error(sql::ErrorClass::unavailable, code, "another process writes to " + database_path);
}

FileLock::~FileLock() { ::close(file_); }

}  // namespace wefee::storage::sqlite
