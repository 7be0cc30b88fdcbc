// Sends a notification file to a server over kept connections and measures the answers. One thread, epoll.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/load/notification_file.hpp"
#include "tests/bench/load/process_cost.hpp"

namespace wefee::bench {

struct ReplayOptions {
    std::uint16_t port = 0;  // on 127.0.0.1
    std::size_t connections = 64;
    std::size_t count = 0;    // 0: the whole file
    std::size_t warm_up = 0;  // first ones, sent but not measured
    std::int64_t rate = 0;    // requests a second, open loop; 0: closed loop
    std::chrono::seconds time_limit{120};
    std::vector<pid_t> server;
    std::vector<pid_t> database;
};

struct ReplayResult {
    std::size_t sent = 0;  // answered or given up
    std::size_t ok = 0;
    std::size_t failed = 0;
    std::map<int, std::size_t> statuses;  // 0: no answer
    std::string first_failure;
    // Of the measured part, after the warm-up:
    std::size_t measured = 0;
    std::int64_t elapsed_us = 0;
    std::vector<std::int64_t> latencies_ns;  // sorted; open loop: from the moment due
    std::int64_t server_cpu_us = 0;
    std::int64_t database_cpu_us = 0;
    std::int64_t own_cpu_us = 0;
    std::int64_t others_cpu_us = 0;  // used by neither of these
    Memory server_memory;
    Memory database_memory;
};

ReplayResult replay(const NotificationFile& file, const ReplayOptions& options);
std::string to_json(const ReplayResult& result);

}  // namespace wefee::bench
