// Loops and pools over Asio. See loop.hpp for what each promises.
#include "io/loop.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "io/log.hpp"

namespace wefee::io {
namespace {

namespace asio = boost::asio;

bool is_cancelled(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

void report(const std::string& task, const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        log(Level::error, "task_failed", {{"task", task}, {"error", error.what()}});
    } catch (...) {
        log(Level::error, "task_failed", {{"task", task}, {"error", "not a std::exception"}});
    }
}

constexpr int nice_of_background = 10;

void name_thread(const std::string& name) { pthread_setname_np(pthread_self(), name.substr(0, 15).c_str()); }

}  // namespace

struct Loop::State {
    asio::io_context context{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard;
    std::thread thread;
};

Loop::Loop() : state_(std::make_unique<State>()) {}

Loop::~Loop() {
    stop();
    join();
}

Executor Loop::executor() const { return state_->context.get_executor(); }

asio::io_context& Loop::context() { return state_->context; }

void Loop::start(const std::string& name) {
    assert(!state_->thread.joinable());
    state_->guard.emplace(state_->context.get_executor());
    state_->thread = std::thread([this, name] {
        name_thread(name);
        run_in_turn();
        state_->context.run();
    });
}

void Loop::stop() {
    state_->guard.reset();
    state_->context.stop();
}

void Loop::join() {
    if (state_->thread.joinable()) state_->thread.join();
}

void Loop::post(std::move_only_function<void()> job) const { asio::post(state_->context, std::move(job)); }

namespace {

/// None where nothing is to be waited for. A thread that let go of the last guard of an earlier task may stop
/// the context late, when the next task is on it already: hence twice.
std::size_t run_one(asio::io_context& context) {
    if (const auto ran = context.run_one(); ran > 0) return ran;
    context.restart();
    return context.run_one();
}

}  // namespace

void Loop::run(awaitable<void> task) {
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false;
    std::exception_ptr failure;
    asio::co_spawn(state_->context, std::move(task), [&](std::exception_ptr result) {
        const std::lock_guard lock(mutex);
        failure = std::move(result);
        done = true;
        ended.notify_one();
    });
    if (state_->thread.joinable()) {
        std::unique_lock lock(mutex);
        ended.wait(lock, [&] { return done; });
    } else {
        state_->context.restart();
        while (!done && run_one(state_->context) > 0) {
        }
        if (!done) throw std::logic_error("a task waits for something that nothing on its loop can bring");
    }
    if (failure) std::rethrow_exception(failure);
}

struct TaskGroup::State {
    explicit State(Executor on) : executor(std::move(on)), idle(executor) {}
    Executor executor;
    std::list<asio::cancellation_signal> tasks;
    asio::steady_timer idle;
    asio::cancellation_type asked = asio::cancellation_type::none;

    void ask(asio::cancellation_type type) {
        asked = type;
        for (auto task = tasks.begin(); task != tasks.end();) (task++)->emit(type);
    }

    /// Until no task is left, or the time is up.
    awaitable<void> wait_until_idle(std::chrono::steady_clock::time_point until) {
        while (!tasks.empty() && std::chrono::steady_clock::now() < until) {
            idle.expires_at(until);
            boost::system::error_code woken;
            co_await idle.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
    }
};

TaskGroup::TaskGroup(Executor executor) : state_(std::make_shared<State>(std::move(executor))) {}
TaskGroup::~TaskGroup() { assert(state_->tasks.empty()); }

void TaskGroup::start(std::string name, awaitable<void> task) {
    const auto self = state_->tasks.emplace(state_->tasks.end());
    auto ended = [state = state_, self, name = std::move(name)](std::exception_ptr failure) {
        state->tasks.erase(self);
        if (failure && !is_cancelled(failure)) report(name, failure);
        if (state->tasks.empty()) state->idle.cancel();
    };
    asio::co_spawn(state_->executor, std::move(task),
                   asio::bind_cancellation_slot(self->slot(), std::move(ended)));
    if (state_->asked != asio::cancellation_type::none) {
        // Emitting at once would come before the task's first step and be lost.
        asio::post(state_->executor, [state = state_] { state->ask(state->asked); });
    }
}

std::size_t TaskGroup::size() const { return state_->tasks.size(); }

awaitable<void> TaskGroup::stop(Duration grace) {
    const auto state = state_;
    state->ask(asio::cancellation_type::total);
    co_await state->wait_until_idle(std::chrono::steady_clock::now() + grace);
    while (!state->tasks.empty()) {
        // Again and again: a task may catch one interruption on its way out and start to wait anew.
        state->ask(asio::cancellation_type::terminal);
        co_await state->wait_until_idle(std::chrono::steady_clock::now() + std::chrono::milliseconds(100));
    }
    state->asked = asio::cancellation_type::none;
}

void give_way() {
    // Linux: 0 is the calling thread alone. A refusal costs speed, nothing else.
    if (setpriority(PRIO_PROCESS, 0, nice_of_background) != 0) log(Level::warning, "priority_unchanged", {});
}

void run_in_turn() {
    const sched_param none{};
    if (sched_setscheduler(0, SCHED_BATCH, &none) != 0) log(Level::warning, "priority_unchanged", {});
}

awaitable<void> sleep_for(Duration time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

awaitable<void> within(Duration limit, awaitable<void> operation) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, limit);
    auto race = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, std::move(operation), asio::deferred), timer.async_wait(asio::deferred));
    const auto [order, failure, timer_error] =
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (order[0] == 1 && !timer_error) throw boost::system::system_error(asio::error::timed_out);
    if (failure) std::rethrow_exception(failure);
}

awaitable<void> wait_for_done(std::move_only_function<void(Done)> start) {
    auto executor = co_await asio::this_coro::executor;
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr)>(
        [&start, &executor](auto handler) {
            // The guard keeps the caller's loop running while nothing else is due on it.
            start([handler = std::move(handler),
                   guard = asio::make_work_guard(executor)](std::exception_ptr failure) mutable {
                const auto& resume_on = guard.get_executor();
                asio::post(resume_on, [handler = std::move(handler), failure = std::move(failure)]() mutable {
                    handler(std::move(failure));
                });
            });
        },
        asio::use_awaitable);
}

awaitable<void> run_on(Executor executor, awaitable<void> task) {
    co_await wait_for_done([&](Done done) { spawn(executor, std::move(task), std::move(done)); });
}

void spawn(const Executor& executor, awaitable<void> task, Done done) {
    asio::co_spawn(executor, std::move(task), [done = std::move(done)](std::exception_ptr failure) mutable {
        done(std::move(failure));
    });
}

struct Signal::State {
    explicit State(const Executor& executor) : timer(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer timer;  // never expires: its cancellation is the notice
};

Signal::Signal(const Executor& executor) : state_(std::make_unique<State>(executor)) {}
Signal::~Signal() = default;

awaitable<void> Signal::wait() {
    boost::system::error_code woken;
    co_await state_->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
}

void Signal::notify_one() { state_->timer.cancel_one(); }
void Signal::notify_all() { state_->timer.cancel(); }

struct BlockingPool::State {
    struct Job {
        std::move_only_function<void()> call;
        Done done;
    };
    PoolOptions options;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> jobs;
    std::size_t reserved = 0;
    bool stopping = false;
    std::vector<std::thread> threads;

    /// Before any waiting begins: Asio destroys a coroutine whose initiation throws.
    void reserve() {
        const std::lock_guard lock(mutex);
        if (stopping || jobs.size() + reserved >= options.queue_max)
            throw Overloaded("pool " + options.name + (stopping ? " is stopping" : " is full"));
        ++reserved;
    }

    void submit(Job job) {
        {
            const std::lock_guard lock(mutex);
            --reserved;
            jobs.push_back(std::move(job));
        }
        changed.notify_one();
    }

    bool take(Job& job) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return (stopping && reserved == 0) || !jobs.empty(); });
        if (jobs.empty()) return false;
        job = std::move(jobs.front());
        jobs.pop_front();
        return true;
    }

    void work() {
        name_thread(options.name);
        if (options.on_thread_start) options.on_thread_start();
        for (Job job; take(job); job = {}) {
            std::exception_ptr failure;
            try {
                job.call();
            } catch (...) {
                failure = std::current_exception();
            }
            job.call = nullptr;  // what the job holds is released before its caller goes on
            job.done(std::move(failure));
        }
        if (options.on_thread_end) options.on_thread_end();
    }
};

BlockingPool::BlockingPool(PoolOptions options) : state_(std::make_unique<State>()) {
    state_->options = std::move(options);
    for (std::size_t i = 0; i < state_->options.threads; ++i)
        state_->threads.emplace_back([state = state_.get()] { state->work(); });
}

BlockingPool::~BlockingPool() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->changed.notify_all();
    for (auto& thread : state_->threads) thread.join();
}

std::size_t BlockingPool::waiting() const {
    const std::lock_guard lock(state_->mutex);
    return state_->jobs.size();
}

awaitable<void> BlockingPool::execute(std::move_only_function<void()> job) {
    state_->reserve();
    co_await wait_for_done([&](Done done) { state_->submit({std::move(job), std::move(done)}); });
}

}  // namespace wefee::io
