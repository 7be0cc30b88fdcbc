// What other processes cost, read from /proc: no agent runs inside them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace wefee::bench {

/// Microseconds of CPU that the processes have used so far, all threads, user and system; ticks of 10 ms.
/// Throws when one of them is gone.
std::int64_t cpu_used_us(const std::vector<pid_t>& processes);
std::int64_t own_cpu_used_us();
/// Microseconds of CPU that the whole machine has used so far, idle and waiting left out.
std::int64_t machine_cpu_used_us();

struct Memory {
    std::int64_t rss_kb = 0;       // now, summed
    std::int64_t rss_peak_kb = 0;  // highest of each, summed
};
Memory memory_of(const std::vector<pid_t>& processes);

}  // namespace wefee::bench
