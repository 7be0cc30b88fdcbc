// A file of ready requests: 8 bytes of magic, the count, then for each its rule, its length and its bytes.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/load/messages.hpp"

namespace wefee::bench {

void write_notifications(const std::filesystem::path& path, std::span<const Notification> notifications);

/// The file mapped into memory; the views live as long as it does.
class NotificationFile {
public:
    struct Entry {
        std::string_view request;
        Expect expect;
    };
    explicit NotificationFile(const std::filesystem::path& path);
    ~NotificationFile();
    NotificationFile(const NotificationFile&) = delete;
    NotificationFile& operator=(const NotificationFile&) = delete;
    const std::vector<Entry>& entries() const { return entries_; }

private:
    std::string_view bytes_;
    std::vector<Entry> entries_;
};

}  // namespace wefee::bench
