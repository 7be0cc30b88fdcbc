// The month's close as the program does it: Workers::round() until nothing is due, on one loop.
#include <sys/resource.h>
#include <time.h>

#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "io/loop.hpp"
#include "server/workers/workers.hpp"
#include "tests/bench/close/measures.hpp"
#include "tests/bench/close/timed_engine.hpp"
#include "tests/support/standing_app.hpp"

namespace wefee::bench {

namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

double seconds_between(Steady::time_point from, Steady::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

double thread_cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double rss_peak_mib() {
    std::ifstream in("/proc/self/status");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return 0;
}

/// How late the loop comes to what is due meanwhile: what a callback would wait.
struct Lag {
    bool running = true;
    std::vector<double> ms = {};
};

io::awaitable<void> watch(Lag& lag) {
    asio::steady_timer timer{co_await asio::this_coro::executor};
    while (lag.running) {
        const auto due = Steady::now() + std::chrono::milliseconds{5};
        timer.expires_at(due);
        co_await timer.async_wait(asio::use_awaitable);
        lag.ms.push_back(seconds_between(due, Steady::now()) * 1000);
    }
}

io::awaitable<void> close_all(server::Workers& workers, std::size_t& closed, Lag& lag) {
    for (std::size_t done = 1; done > 0;) {
        done = co_await workers.round();
        closed += done;
    }
    lag.running = false;
}

double quantile(std::vector<double>& sorted, double part) {
    return sorted.empty() ? 0
                          : sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

nlohmann::json close_month(const std::string& url, std::size_t writers) {
    DatabaseTime time;
    storage::StoreOptions options;
    options.url = url;
    options.owner = "bench";
    options.writers = writers;
    const auto store = storage::Store::open_on(make_timed(engine_of(url), time), options, false);
    tests::StandingApp bench{*store, close_time};
    server::Workers workers{bench.app};
    asio::io_context loop{1};
    std::size_t closed = 0;
    Lag lag;
    std::exception_ptr failure;
    asio::co_spawn(loop, watch(lag), asio::detached);
    asio::co_spawn(loop, close_all(workers, closed, lag), [&](std::exception_ptr error) {
        failure = error;
        lag.running = false;
    });
    const auto from = Steady::now();
    const auto cpu = thread_cpu_seconds();
    loop.run();
    const auto seconds = seconds_between(from, Steady::now());
    const auto loop_seconds = thread_cpu_seconds() - cpu;
    store->close();
    if (failure) std::rethrow_exception(failure);
    std::ranges::sort(lag.ms);
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return {{"closed", closed},
            {"seconds", seconds},
            {"invoices_per_second", static_cast<double>(closed) / seconds},
            {"read_seconds", static_cast<double>(time.read_ns) * 1e-9},
            {"loop_seconds", loop_seconds},
            {"write_seconds", static_cast<double>(time.write_ns) * 1e-9},
            {"commit_seconds", static_cast<double>(time.commit_ns) * 1e-9},
            {"commits", time.commits.load()},
            {"rss_peak_mib", rss_peak_mib()},
            {"loop_lag_p99_ms", quantile(lag.ms, 0.99)},
            {"loop_lag_max_ms", quantile(lag.ms, 1)}};
}

}  // namespace wefee::bench
