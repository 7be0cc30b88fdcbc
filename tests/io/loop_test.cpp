// Loops, owned tasks, limits and pools: results and exceptions come home, nothing is left behind.
#include "io/loop.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <latch>
#include <semaphore>
#include <thread>

namespace wefee::io {
namespace {

using namespace std::chrono_literals;
using boost::system::system_error;

awaitable<int> answer(int value) { co_return value; }
awaitable<void> fail() {
    throw std::runtime_error("failed on purpose");
    co_return;
}

TEST(Loop, RunsATaskToItsResultOnEitherThread) {
    Loop loop;
    EXPECT_EQ(loop.run(answer(7)), 7);
    EXPECT_THROW(loop.run(fail()), std::runtime_error);
    Loop threaded;
    threaded.start("threaded");
    EXPECT_EQ(threaded.run(answer(8)), 8);
    EXPECT_THROW(threaded.run(fail()), std::runtime_error);
}

awaitable<int> scheduling_policy() { co_return sched_getscheduler(0); }

TEST(Loop, OnAThreadOfItsOwnTakesNoCoreFromOneThatRuns) {
    Loop threaded;
    threaded.start("threaded");
    EXPECT_EQ(threaded.run(scheduling_policy()), SCHED_BATCH);
    EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER) << "the caller's own thread is as it was";
}

TEST(Within, PassesResultAndFailureOn) {
    Loop loop;
    EXPECT_EQ(loop.run(within(1h, answer(7))), 7);
    EXPECT_THROW(loop.run(within(1h, fail())), std::runtime_error);
}

awaitable<void> note_unwinding(bool& unwound) {
    struct Note {
        bool& flag;
        ~Note() { flag = true; }
    } note{unwound};
    co_await sleep_for(1h);
}

TEST(Within, EndsTheOperationBeforeItThrows) {
    Loop loop;
    bool unwound = false;
    try {
        loop.run(within(1ms, note_unwinding(unwound)));
        ADD_FAILURE();
    } catch (const system_error& error) {
        EXPECT_EQ(error.code(), boost::asio::error::timed_out);
    }
    EXPECT_TRUE(unwound);
}

TEST(TaskGroup, FinishesWhatRunsAndInterruptsTheRestAfterTheGrace) {
    Loop loop;
    TaskGroup group(loop.executor());
    bool interrupted = false;
    int finished = 0;
    loop.run([](TaskGroup& tasks, bool& flag, int& count) -> awaitable<void> {
        tasks.start("endless", note_unwinding(flag));
        tasks.start("failing", fail());
        tasks.start("short", [](int& c) -> awaitable<void> {
            co_await sleep_for(1ms);
            ++c;
        }(count));
        co_await tasks.stop(20ms);
    }(group, interrupted, finished));
    EXPECT_TRUE(interrupted);
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(group.size(), 0U);
}

TEST(TaskGroup, ReturnsAtOnceWhenNothingRuns) {
    Loop loop;
    TaskGroup group(loop.executor());
    loop.run(group.stop(1h));
    EXPECT_EQ(group.size(), 0U);
}

TEST(RunOn, CrossesToAnotherLoopAndBack) {
    Loop here, there;
    there.start("there");
    const auto other = [](std::thread::id home) -> awaitable<int> {
        EXPECT_NE(std::this_thread::get_id(), home);
        co_return 5;
    };
    here.run([](Executor executor, auto make) -> awaitable<void> {
        const auto home = std::this_thread::get_id();
        EXPECT_EQ(co_await run_on(executor, make(home)), 5);
        EXPECT_EQ(std::this_thread::get_id(), home);
        bool thrown = false;
        try {
            co_await run_on(executor, fail());
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        EXPECT_EQ(std::this_thread::get_id(), home);
    }(there.executor(), other));
}

TEST(Signal, WakesOneOrAll) {
    Loop loop;
    Signal signal(loop.executor());
    TaskGroup group(loop.executor());
    int woken = 0;
    const auto waiter = [](Signal& s, int& count) -> awaitable<void> {
        co_await s.wait();
        ++count;
    };
    loop.run([](Signal& s, TaskGroup& tasks, auto make, int& count) -> awaitable<void> {
        for (int i = 0; i < 3; ++i) tasks.start("waiter", make(s, count));
        co_await sleep_for(1ms);
        s.notify_one();
        co_await sleep_for(1ms);
        EXPECT_EQ(count, 1);
        s.notify_all();
        co_await tasks.stop(1h);
        EXPECT_EQ(count, 3);
    }(signal, group, waiter, woken));
}

TEST(BlockingPool, BringsResultAndExceptionToTheCallersThread) {
    Loop loop;
    BlockingPool pool({.name = "test"});
    loop.run([](BlockingPool& p) -> awaitable<void> {
        const auto home = std::this_thread::get_id();
        const auto away = co_await p.run([] { return std::this_thread::get_id(); });
        EXPECT_NE(away, home);
        EXPECT_EQ(std::this_thread::get_id(), home);
        bool thrown = false;
        try {
            co_await p.run([] { throw std::invalid_argument("from the pool"); });
        } catch (const std::invalid_argument&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        EXPECT_EQ(std::this_thread::get_id(), home);
        const auto only_movable =
            co_await p.run([held = std::make_unique<int>(3)]() mutable { return std::move(held); });
        EXPECT_EQ(*only_movable, 3);
    }(pool));
}

TEST(BlockingPool, RefusesWhenItsQueueIsFullAndFinishesWhatItTook) {
    Loop loop;
    std::counting_semaphore<> gate(0);
    std::latch started(1);
    std::atomic<int> done = 0;
    bool refused = false;
    {
        BlockingPool pool({.name = "test", .threads = 1, .queue_max = 1});
        TaskGroup group(loop.executor());
        const auto job = [](BlockingPool& p, std::counting_semaphore<>& g, std::latch& s,
                            std::atomic<int>& count, bool first) -> awaitable<void> {
            co_await p.run([&g, &s, &count, first] {
                if (first) s.count_down();
                g.acquire();
                ++count;
            });
        };
        loop.run([](BlockingPool& p, TaskGroup& tasks, std::counting_semaphore<>& g, std::latch& s,
                    std::atomic<int>& count, bool& full, auto make) -> awaitable<void> {
            tasks.start("running", make(p, g, s, count, true));
            co_await sleep_for(0ms);
            s.wait();
            tasks.start("waiting", make(p, g, s, count, false));
            while (p.waiting() == 0) co_await sleep_for(0ms);
            try {
                co_await p.run([] {});
            } catch (const Overloaded&) {
                full = true;
            }
            g.release(2);
            co_await tasks.stop(1h);
        }(pool, group, gate, started, done, refused, job));
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ(done, 2);
}

TEST(BlockingPool, ThreadHooksRunOncePerThread) {
    std::atomic<int> starts = 0, ends = 0;
    {
        BlockingPool pool({.name = "test",
                           .threads = 3,
                           .queue_max = 1,
                           .on_thread_start = [&] { ++starts; },
                           .on_thread_end = [&] { ++ends; }});
    }
    EXPECT_EQ(starts, 3);
    EXPECT_EQ(ends, 3);
}

}  // namespace
}  // namespace wefee::io
