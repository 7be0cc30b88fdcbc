#include "sandbox/agenda.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "io/log.hpp"

namespace wefee::sandbox {

void Agenda::call_at(Instant when, std::function<void()> call) {
    at(when, [call = std::move(call)]() -> io::awaitable<void> {
        call();
        co_return;
    });
}

std::optional<Instant> Agenda::next_due() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
}

/// A due task that fails must not take the others with it; being stopped is passed on.
io::awaitable<void> Agenda::run(Task task) {
    try {
        co_await task();
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted) throw;
        io::log(io::Level::error, "sandbox_task_failed", {{"why", error.what()}});
    } catch (const std::exception& error) {
        io::log(io::Level::error, "sandbox_task_failed", {{"why", error.what()}});
    }
    --under_way_;
    changed_.notify_all();
}

void Agenda::start_due() {
    while (!due_.empty() && due_.begin()->first <= clock_.now()) {
        auto node = due_.extract(due_.begin());
        ++under_way_;
        tasks_.start("sandbox_due", run(std::move(node.mapped())));
    }
}

io::awaitable<void> Agenda::settle() {
    start_due();
    while (under_way_ > 0) {
        co_await changed_.wait();
        start_due();
    }
}

io::awaitable<void> Agenda::advance(Instant to) {
    while (advancing_) co_await changed_.wait();
    advancing_ = true;
    co_await settle();
    while (!due_.empty() && due_.begin()->first <= to) {
        clock_.set(due_.begin()->first);
        co_await settle();
    }
    clock_.set(to);
    advancing_ = false;
    changed_.notify_all();
}

}  // namespace wefee::sandbox
