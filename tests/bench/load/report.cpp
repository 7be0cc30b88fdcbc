// The result of a replay as one JSON object on one line.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/bench/load/replay.hpp"

namespace wefee::bench {

namespace {

double percentile_us(const std::vector<std::int64_t>& sorted, std::size_t per_mille) {
    if (sorted.empty()) return 0;
    const auto index = std::min(sorted.size() - 1, sorted.size() * per_mille / 1000);
    return static_cast<double>(sorted[index] / 100) / 10;
}

double each(std::int64_t total, std::size_t count) {
    return count == 0 ? 0 : static_cast<double>(total * 10 / static_cast<std::int64_t>(count)) / 10;
}

nlohmann::json cost(std::int64_t cpu_us, std::size_t count, const Memory& memory) {
    return {{"cpu_us_per_request", each(cpu_us, count)},
            {"rss_kb", memory.rss_kb},
            {"rss_peak_kb", memory.rss_peak_kb}};
}

}  // namespace

std::string to_json(const ReplayResult& result) {
    nlohmann::json statuses = nlohmann::json::object();
    for (const auto& [status, count] : result.statuses) statuses[std::to_string(status)] = count;
    const auto seconds = static_cast<double>(result.elapsed_us) / 1e6;
    const nlohmann::json report{
        {"sent", result.sent},
        {"ok", result.ok},
        {"failed", result.failed},
        {"statuses", statuses},
        {"first_failure", result.first_failure},
        {"measured", result.measured},
        {"seconds", seconds},
        {"rps", seconds > 0 ? static_cast<double>(result.measured) / seconds : 0},
        {"p50_us", percentile_us(result.latencies_ns, 500)},
        {"p90_us", percentile_us(result.latencies_ns, 900)},
        {"p99_us", percentile_us(result.latencies_ns, 990)},
        {"max_us", percentile_us(result.latencies_ns, 1000)},
        {"server", cost(result.server_cpu_us, result.measured, result.server_memory)},
        {"database", cost(result.database_cpu_us, result.measured, result.database_memory)},
        {"generator_cpu_us_per_request", each(result.own_cpu_us, result.measured)},
        {"others_cores", result.elapsed_us > 0
                             ? static_cast<double>(result.others_cpu_us * 100 / result.elapsed_us) / 100
                             : 0}};
    return report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace wefee::bench
