// One thread a loop: event loops, owned background tasks, limits on waiting, and pools for work that blocks.
// Templates here only carry a result; all that is Asio happens in loop.cpp.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "io/async.hpp"

namespace boost::asio {
class io_context;
}

namespace wefee::io {

using Executor = boost::asio::any_io_executor;
using Duration = std::chrono::steady_clock::duration;

/// A bounded queue is full: nothing was done, the caller sheds load (503).
class Overloaded : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An io_context that exactly one thread runs. What lives on it needs no lock.
class Loop {
public:
    Loop();
    ~Loop();  // stops and joins; tasks must have ended before (see TaskGroup)
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    Executor executor() const;
    boost::asio::io_context& context();
    /// Runs on a thread of its own until stop(). `name` (at most 15 bytes) shows in ps and gdb.
    void start(const std::string& name);
    /// Returns at once; the thread ends after the handler that it is in.
    void stop();
    void join();
    /// Runs `job` on the loop, soon. From any thread.
    void post(std::move_only_function<void()> job) const;
    /// Runs `task` to its end and throws what it threw. Without start(): on the calling thread; after
    /// start(): the calling thread, which must not be the loop's own, waits.
    void run(awaitable<void> task);
    template <class T>
    T run(awaitable<T> task);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Owner of background tasks on one loop. All calls on that loop's thread.
class TaskGroup {
public:
    explicit TaskGroup(Executor executor);
    ~TaskGroup();  // no task may be left: stop() first
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts `task`. A failure is logged as task_failed with `name`; being cancelled is an ordinary end.
    void start(std::string name, awaitable<void> task);
    std::size_t size() const;
    /// Asks all tasks to finish what they do (`total`), after `grace` interrupts them (`terminal`), returns
    /// when all have ended. A task started meanwhile is asked too.
    awaitable<void> stop(Duration grace);

private:
    struct State;
    std::shared_ptr<State> state_;
};

awaitable<void> sleep_for(Duration time);

/// The calling thread lets all others go first from now on: for work that nobody waits for.
void give_way();

/// The calling thread, woken, does not take a core from one that runs: a loop that is told of the first bytes
/// while a transaction is being written would make everybody who waits for the transaction wait longer.
void run_in_turn();

/// Waits for `operation`, at most `limit`; then cancels it, waits until it has unwound and throws
/// boost::system::system_error(asio::error::timed_out). An operation that ignores cancellation is waited for.
awaitable<void> within(Duration limit, awaitable<void> operation);
template <class T>
awaitable<T> within(Duration limit, awaitable<T> operation);

/// Runs `task` on another loop and resumes here with its result. Cancelling the caller does not reach it:
/// give the task a deadline of its own.
awaitable<void> run_on(Executor executor, awaitable<void> task);
template <class T>
awaitable<T> run_on(Executor executor, awaitable<T> task);

using Done = std::move_only_function<void(std::exception_ptr)>;

/// Calls `start` with a Done and waits until that was called, on whatever thread; resumes on the caller's
/// loop and throws what it was given. `start` must not throw. Cancelling the caller is not passed on: it
/// waits.
awaitable<void> wait_for_done(std::move_only_function<void(Done)> start);

/// Starts `task` on `executor` from any thread and calls `done` there with its failure or nullptr.
void spawn(const Executor& executor, awaitable<void> task, Done done);

/// A notice between tasks of one loop: wait() returns at the next notify_all() or notify_one(), or when
/// cancelled.
class Signal {
public:
    explicit Signal(const Executor& executor);
    ~Signal();
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    awaitable<void> wait();
    void notify_one();
    void notify_all();

private:
    struct State;
    std::unique_ptr<State> state_;
};

struct PoolOptions {
    std::string name;  // at most 12 bytes show in ps
    std::size_t threads = 1;
    std::size_t queue_max = 64;  // jobs that wait; one more is refused
    std::function<void()> on_thread_start = {};
    std::function<void()> on_thread_end = {};
};

/// Threads for calls that block or burn CPU. A running job cannot be cancelled: give its driver time-outs.
/// Destroy the pool before the loops whose tasks wait for it.
class BlockingPool {
public:
    explicit BlockingPool(PoolOptions options);
    ~BlockingPool();  // finishes all jobs that were taken
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    /// Runs `callable` on the pool and resumes on the caller's loop with its result or exception. Throws
    /// Overloaded when the queue is full or the pool is stopping.
    template <class Callable>
    auto run(Callable callable) -> awaitable<std::invoke_result_t<Callable&>>;
    std::size_t waiting() const;

private:
    struct State;
    awaitable<void> execute(std::move_only_function<void()> job);
    template <class T, class Callable>
    awaitable<T> run_shared(std::shared_ptr<Callable> callable);
    std::unique_ptr<State> state_;
};

// --- templates ---

namespace detail {

template <class T>
awaitable<void> keep_result(awaitable<T> operation, std::shared_ptr<std::optional<T>> result) {
    result->emplace(co_await std::move(operation));
}

}  // namespace detail

template <class T>
T Loop::run(awaitable<T> task) {
    const auto result = std::make_shared<std::optional<T>>();
    run(detail::keep_result(std::move(task), result));
    return std::move(**result);
}

template <class T>
awaitable<T> within(Duration limit, awaitable<T> operation) {
    const auto result = std::make_shared<std::optional<T>>();
    co_await within(limit, detail::keep_result(std::move(operation), result));
    co_return std::move(**result);
}

template <class T>
awaitable<T> run_on(Executor executor, awaitable<T> task) {
    const auto result = std::make_shared<std::optional<T>>();
    co_await run_on(std::move(executor), detail::keep_result(std::move(task), result));
    co_return std::move(**result);
}

template <class T, class Callable>
awaitable<T> BlockingPool::run_shared(std::shared_ptr<Callable> callable) {
    if constexpr (std::is_void_v<T>) {
        co_await execute([callable] { (*callable)(); });
    } else {
        const auto result = std::make_shared<std::optional<T>>();
        co_await execute([callable, result] { result->emplace((*callable)()); });
        co_return std::move(**result);
    }
}

/// Not a coroutine: the callable is moved to the heap before any coroutine starts, so no frame refers to a
/// temporary.
template <class Callable>
auto BlockingPool::run(Callable callable) -> awaitable<std::invoke_result_t<Callable&>> {
    return run_shared<std::invoke_result_t<Callable&>>(std::make_shared<Callable>(std::move(callable)));
}

}  // namespace wefee::io
