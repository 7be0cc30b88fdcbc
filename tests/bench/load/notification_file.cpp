// Writing and mapping of notification files.
#include "tests/bench/load/notification_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <stdexcept>

namespace wefee::bench {

namespace {

constexpr std::string_view magic = "WEFEELD1";

template <class Number>
void put(std::ostream& out, Number number) {
    out.write(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class Number>
Number take(std::string_view& bytes) {
    Number number{};
    if (bytes.size() < sizeof number) throw std::runtime_error("the notification file ends too early");
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes.remove_prefix(sizeof number);
    return number;
}

std::string_view map_file(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw std::runtime_error("cannot open " + path.string());
    struct stat info{};
    void* data = MAP_FAILED;
    if (::fstat(file, &info) == 0 && info.st_size > 0)
        data = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE | MAP_POPULATE,
                      file, 0);
    ::close(file);
    if (data == MAP_FAILED) throw std::runtime_error("cannot map " + path.string());
    return {static_cast<const char*>(data), static_cast<std::size_t>(info.st_size)};
}

}  // namespace

void write_notifications(const std::filesystem::path& path, std::span<const Notification> notifications) {
    std::ofstream out(path, std::ios::binary);
    out << magic;
    put(out, static_cast<std::uint64_t>(notifications.size()));
    for (const auto& notification : notifications) {
        put(out, notification.expect);
        put(out, static_cast<std::uint32_t>(notification.request.size()));
        out << notification.request;
    }
    out.close();
    if (!out) throw std::runtime_error("cannot write " + path.string());
}

NotificationFile::NotificationFile(const std::filesystem::path& path) : bytes_(map_file(path)) {
    auto rest = bytes_;
    if (!rest.starts_with(magic)) throw std::runtime_error(path.string() + " is not a notification file");
    rest.remove_prefix(magic.size());
    const auto count = take<std::uint64_t>(rest);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto expect = take<Expect>(rest);
        const auto size = take<std::uint32_t>(rest);
        if (rest.size() < size) throw std::runtime_error(path.string() + " ends too early");
        entries_.push_back({rest.substr(0, size), expect});
        rest.remove_prefix(size);
    }
}

NotificationFile::~NotificationFile() { ::munmap(const_cast<char*>(bytes_.data()), bytes_.size()); }

}  // namespace wefee::bench
