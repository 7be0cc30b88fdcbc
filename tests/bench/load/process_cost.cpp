// Parsing of /proc/PID/stat, /proc/PID/status and /proc/stat.
#include "tests/bench/load/process_cost.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace wefee::bench {

namespace {

std::int64_t us_of_ticks(std::int64_t ticks) { return ticks * 1'000'000 / ::sysconf(_SC_CLK_TCK); }

std::ifstream open_proc(pid_t process, const char* file) {
    std::ifstream in("/proc/" + std::to_string(process) + "/" + file);
    if (!in) throw std::runtime_error("process " + std::to_string(process) + " is gone");
    return in;
}

std::int64_t cpu_ticks(pid_t process) {
    auto in = open_proc(process, "stat");
    std::string line;
    std::getline(in, line);
    // The second field is the command in brackets and may hold blanks: count from the last ')'.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    std::int64_t user = 0;
    std::int64_t system = 0;
    fields >> user >> system;
    return user + system;
}

}  // namespace

std::int64_t cpu_used_us(const std::vector<pid_t>& processes) {
    std::int64_t ticks = 0;
    for (const auto process : processes) ticks += cpu_ticks(process);
    return us_of_ticks(ticks);
}

std::int64_t own_cpu_used_us() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto us = [](const timeval& t) {
        return static_cast<std::int64_t>(t.tv_sec) * 1'000'000 + t.tv_usec;
    };
    return us(used.ru_utime) + us(used.ru_stime);
}

std::int64_t machine_cpu_used_us() {
    std::ifstream in("/proc/stat");
    std::string name;
    std::int64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft_irq = 0;
    in >> name >> user >> nice >> system >> idle >> waiting >> irq >> soft_irq;
    return us_of_ticks(user + nice + system + irq + soft_irq);
}

Memory memory_of(const std::vector<pid_t>& processes) {
    Memory memory;
    for (const auto process : processes) {
        auto in = open_proc(process, "status");
        for (std::string line; std::getline(in, line);) {
            if (line.starts_with("VmRSS:")) memory.rss_kb += std::stoll(line.substr(6));
            if (line.starts_with("VmHWM:")) memory.rss_peak_kb += std::stoll(line.substr(6));
        }
    }
    return memory;
}

}  // namespace wefee::bench
