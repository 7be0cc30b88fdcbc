// Each connection carries one request at a time. Closed loop: the next one leaves when its answer came. Open
// loop: requests become due at a fixed rate; one that finds no free connection waits, and its waiting counts.
#include "tests/bench/load/replay.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <stdexcept>

#include "tests/bench/load/response_reader.hpp"

namespace wefee::bench {

namespace {

using Clock = std::chrono::steady_clock;

class Replay {
public:
    Replay(const NotificationFile& file, const ReplayOptions& options)
        : entries_(file.entries()),
          options_(options),
          count_(options.count == 0 ? entries_.size() : std::min(options.count, entries_.size())),
          connections_(std::min(options.connections, std::max<std::size_t>(count_, 1))) {
        if (options_.warm_up >= count_) throw std::runtime_error("the warm-up leaves nothing to measure");
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        if (epoll_ < 0) throw std::runtime_error("epoll_create1 failed");
    }
    ~Replay() {
        for (auto& connection : connections_) disconnect(connection);
        ::close(epoll_);
    }
    Replay(const Replay&) = delete;
    Replay& operator=(const Replay&) = delete;

    ReplayResult run() {
        for (auto& connection : connections_) connect(connection);
        start_ = Clock::now();
        const auto deadline = start_ + options_.time_limit;
        if (options_.warm_up == 0) begin_measuring();
        for (auto& connection : connections_) idle_.push_back(&connection);
        while (result_.sent < count_) {
            send_due();
            if (Clock::now() > deadline) break;
            wait();
        }
        end_measuring();
        give_up_rest();
        std::ranges::sort(result_.latencies_ns);
        return std::move(result_);
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct Connection {
        int socket = -1;
        std::size_t entry = none;  // under way
        std::size_t written = 0;
        Clock::time_point began;  // due moment in the open loop
        ResponseReader reader;
    };

    struct Costs {
        std::int64_t server = 0, database = 0, own = 0, machine = 0;
        Clock::time_point at;
    };

    void connect(Connection& connection) {
        connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(options_.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connection.socket < 0 ||
            ::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect to 127.0.0.1:" + std::to_string(options_.port) + ": " +
                                     std::strerror(errno));
        const int on = 1;
        ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
        connection.reader = {};
    }

    void disconnect(Connection& connection) {
        if (connection.socket >= 0) ::close(connection.socket);
        connection.socket = -1;
    }

    Costs costs() const {
        return {cpu_used_us(options_.server), cpu_used_us(options_.database), own_cpu_used_us(),
                machine_cpu_used_us(), Clock::now()};
    }

    void begin_measuring() {
        before_ = costs();
        measuring_ = true;
        result_.latencies_ns.reserve(count_);
    }

    void end_measuring() {
        if (!measuring_) return;
        const auto after = costs();
        const auto us = [](Clock::duration d) {
            return std::chrono::duration_cast<std::chrono::microseconds>(d);
        };
        result_.elapsed_us = us(after.at - before_.at).count();
        result_.server_cpu_us = after.server - before_.server;
        result_.database_cpu_us = after.database - before_.database;
        result_.own_cpu_us = after.own - before_.own;
        result_.others_cpu_us =
            std::max<std::int64_t>(0, after.machine - before_.machine - result_.server_cpu_us -
                                          result_.database_cpu_us - result_.own_cpu_us);
        result_.server_memory = memory_of(options_.server);
        result_.database_memory = memory_of(options_.database);
    }

    Clock::time_point due(std::size_t entry) const {
        return start_ +
               std::chrono::nanoseconds(static_cast<std::int64_t>(entry) * 1'000'000'000 / options_.rate);
    }

    void send_due() {
        while (next_ < count_ && !idle_.empty()) {
            const auto now = Clock::now();
            if (options_.rate > 0 && due(next_) > now) return;
            Connection& connection = *idle_.front();  // in turn, so that all stay in use at a low rate
            idle_.pop_front();
            connection.entry = next_++;
            connection.written = 0;
            connection.began = options_.rate > 0 ? due(connection.entry) : now;
            if (connection.socket < 0) connect(connection);
            write(connection);
        }
    }

    void write(Connection& connection) {
        const auto request = entries_[connection.entry].request;
        while (connection.written < request.size()) {
            const auto sent = ::send(connection.socket, request.data() + connection.written,
                                     request.size() - connection.written, MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent < 0) return lose(connection, std::strerror(errno));
            connection.written += static_cast<std::size_t>(sent);
        }
    }

    void wait() {
        timespec limit{0, 200'000'000};
        if (options_.rate > 0 && next_ < count_ && !idle_.empty()) {
            const auto left =
                std::chrono::duration_cast<std::chrono::nanoseconds>(due(next_) - Clock::now()).count();
            limit.tv_nsec = std::clamp<std::int64_t>(left, 0, limit.tv_nsec);
        }
        epoll_event events[256];
        const int ready = ::epoll_pwait2(epoll_, events, std::size(events), &limit, nullptr);
        for (int i = 0; i < ready; ++i) read(*static_cast<Connection*>(events[i].data.ptr));
    }

    void read(Connection& connection) {
        if (connection.socket < 0) return;
        char buffer[16'384];
        const auto got = ::recv(connection.socket, buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) {
            if (connection.entry != none)
                return lose(connection, got == 0 ? "closed unanswered" : std::strerror(errno));
            return disconnect(connection);  // closed while idle: opened again when needed
        }
        connection.reader.add({buffer, static_cast<std::size_t>(got)});
        if (connection.reader.broken()) return lose(connection, "not an HTTP answer");
        if (connection.reader.complete()) finish(connection);
    }

    void lose(Connection& connection, const std::string& why) {
        disconnect(connection);
        count(connection, 0, false, why);
    }

    void finish(Connection& connection) {
        const auto& answer = connection.reader;
        const bool good = entries_[connection.entry].expect == Expect::success
                              ? answer.status() == 200 && answer.body() == "success"
                              : answer.status() >= 200 && answer.status() < 300;
        const auto status = answer.status();
        std::string why;
        if (!good) why = std::to_string(status) + " " + std::string(answer.body().substr(0, 200));
        if (answer.closes()) disconnect(connection);
        connection.reader.clear();
        count(connection, status, good, why);
    }

    void count(Connection& connection, int status, bool good, const std::string& why) {
        if (measuring_) {
            ++result_.measured;
            if (good) result_.latencies_ns.push_back((Clock::now() - connection.began).count());
        }
        connection.entry = none;
        idle_.push_back(&connection);
        ++result_.sent;
        ++(good ? result_.ok : result_.failed);
        ++result_.statuses[status];
        if (!good && result_.first_failure.empty()) result_.first_failure = why;
        if (!measuring_ && result_.sent == options_.warm_up) begin_measuring();
    }

    void give_up_rest() {
        if (result_.sent == count_) return;
        const auto rest = count_ - result_.sent;
        result_.failed += rest;
        result_.statuses[0] += rest;
        result_.sent = count_;
        if (result_.first_failure.empty()) result_.first_failure = "the time limit was reached";
    }

    const std::vector<NotificationFile::Entry>& entries_;
    const ReplayOptions& options_;
    std::size_t count_;
    std::vector<Connection> connections_;
    std::deque<Connection*> idle_;
    std::size_t next_ = 0;
    int epoll_ = -1;
    Clock::time_point start_;
    bool measuring_ = false;
    Costs before_;
    ReplayResult result_;
};

}  // namespace

ReplayResult replay(const NotificationFile& file, const ReplayOptions& options) {
    return Replay(file, options).run();
}

}  // namespace wefee::bench
