#include "server/workers/workers.hpp"

#include <algorithm>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "io/log.hpp"
#include "server/app.hpp"
#include "server/flows/apply_inbox.hpp"
#include "server/flows/send_outbox.hpp"
#include "server/workers/gather.hpp"
#include "server/workers/tasks.hpp"

namespace wefee::server {
namespace asio = boost::asio;
namespace {

constexpr std::size_t inbox_batch =
    64;  // one database transaction: below 1,000 rows, in whole multi-row statements
constexpr int inbox_lanes = 2;
constexpr int inbox_turns = 16;          // full batches in a row before notices and tasks have their turn
constexpr std::size_t outbox_batch = 8;  // with the rounds' spacing: notices are in no hurry, facts are
constexpr std::size_t task_batch = 32;
constexpr std::size_t page_size = 256;
constexpr int page_lanes = 2;
constexpr int page_turns = 4;            // pages of a lane before notices and other tasks have their turn
constexpr int page_turns_in_peace = 32;  // while nothing has come in
constexpr auto idle_wait = std::chrono::milliseconds{500};
// From the start of a round to the start of the next while there is no backlog: what came meanwhile shares
// their transactions, and receipts find the disk free.
constexpr auto round_spacing = std::chrono::milliseconds{50};
constexpr auto drain_pause = std::chrono::milliseconds{2};

/// Tries 1, 2, 3 ...: 5 s, 10 s, 20 s ... at most an hour.
Instant retry_at(Instant now, std::int64_t tries) {
    const auto doublings = std::min<std::int64_t>(tries, 10);
    return now +
           std::min<std::chrono::seconds>(std::chrono::seconds{5} * (1 << doublings), std::chrono::hours{1});
}

io::awaitable<void> end_task(App& app, storage::TaskRow task, TaskEnd end) {
    switch (end.how) {
        case TaskEnd::How::moved:
            co_return;
        case TaskEnd::How::done:
            co_return co_await app.store.finish_task(std::move(task));
        case TaskEnd::How::later:
            co_return co_await app.store.postpone_task(std::move(task), end.at);
        case TaskEnd::How::failed:
            break;
    }
    io::log(io::Level::error, "task_failed",
            {{"kind", task.kind}, {"ref", task.ref_id}, {"tries", task.tries}, {"reason", end.failure}});
    const auto at = retry_at(app.clock.now(), task.tries);
    co_await app.store.postpone_task(std::move(task), at);
}

TaskEnd failed(const std::exception& error) { return {TaskEnd::How::failed, {}, error.what()}; }

/// One of those that are done task by task.
io::awaitable<void> run_task(App& app, storage::TaskRow task) {
    TaskEnd end;
    try {
        const auto kinds = task_kinds();
        co_await std::ranges::find(kinds, task.kind, &TaskKind::name)->run(app, task);
    } catch (const std::exception& error) {
        end = failed(error);
    }
    co_await end_task(app, std::move(task), std::move(end));
}

io::awaitable<void> run_page(App& app, const TaskKind& kind, std::vector<storage::TaskRow> tasks) {
    std::vector<TaskEnd> ends;
    try {
        ends = co_await kind.run_page(app, tasks);
    } catch (const storage::Unavailable&) {
        throw;
    } catch (const std::exception& error) {
        ends.assign(tasks.size(), failed(error));
    }
    std::vector<io::awaitable<void>> rest;
    for (std::size_t i = 0; i < tasks.size(); ++i)
        if (ends[i].how != TaskEnd::How::moved)
            rest.push_back(end_task(app, std::move(tasks[i]), std::move(ends[i])));
    co_await gather(std::move(rest));
}

}  // namespace

struct Workers::Parts {
    explicit Parts(App& a) : app(a) {}
    App& app;
    std::atomic<bool> stopping{false};
    std::atomic<bool> idle{false};
    std::atomic<bool> woken{false};
    std::optional<asio::any_io_executor> executor;
    std::weak_ptr<asio::steady_timer> timer;  // run()'s: it must not outlive the loop
};

Workers::Workers(App& app) : parts_(std::make_unique<Parts>(app)) {}
Workers::~Workers() = default;

void Workers::wake() {
    parts_->woken.store(true);
    // Only an idle worker needs a nudge across threads; a busy one looks again by itself.
    if (!parts_->idle.exchange(false) || !parts_->executor) return;
    asio::post(*parts_->executor, [weak = parts_->timer] {
        if (const auto timer = weak.lock()) timer->cancel();
    });
}

void Workers::stop() {
    parts_->stopping.store(true);
    wake();
}

namespace {

/// Batches one after the other, while they are full; `claimed` is the first.
io::awaitable<void> apply_some(App& app, std::vector<storage::InboxRow> claimed, std::size_t& count) {
    for (int turn = 1;; ++turn) {
        const auto size = claimed.size();
        count += size;
        if (size > 0) co_await apply_inbox(app, std::move(claimed));
        if (size < inbox_batch || turn == inbox_turns) co_return;
        claimed = co_await app.store.claim_inbox(inbox_batch);
    }
}

/// Facts go first: money that has come is booked before anybody is told of it. Where there is more than a
/// batch, two at a time: one is decided while the other commits. Less is done by one alone, which leaves a
/// core to receipts.
io::awaitable<std::size_t> apply_received(App& app) {
    std::size_t count = 0;
    std::vector<io::awaitable<void>> lanes;
    for (int lane = 0; lane < inbox_lanes; ++lane) {
        auto claimed = co_await app.store.claim_inbox(inbox_batch);
        const bool full = claimed.size() == inbox_batch;
        if (!claimed.empty()) lanes.push_back(apply_some(app, std::move(claimed), count));
        if (!full) break;
    }
    co_await gather(std::move(lanes));
    co_return count;
}

}  // namespace

namespace {

std::vector<std::string> single_kinds() {
    std::vector<std::string> names;
    for (const auto& kind : task_kinds())
        if (kind.run) names.emplace_back(kind.name);
    return names;
}

io::awaitable<std::size_t> run_singles(App& app) {
    static const auto names = single_kinds();
    auto tasks = co_await app.store.claim_tasks(app.clock.now(), task_batch, names);
    const auto count = tasks.size();
    std::vector<io::awaitable<void>> runs;
    for (auto& task : tasks) runs.push_back(run_task(app, std::move(task)));
    co_await gather(std::move(runs));
    co_return count;
}

io::awaitable<void> claim_page(App& app, const TaskKind& kind, std::vector<storage::TaskRow>& claimed) {
    claimed = co_await app.store.claim_tasks(app.clock.now(), page_size, {std::string{kind.name}});
}

/// Pages one after the other, while they are full; `claimed` is the first. The next is claimed while one is
/// decided: a claim is a commit too, and would wait for the other lane's.
io::awaitable<void> run_some_pages(App& app, const TaskKind& kind, std::vector<storage::TaskRow> claimed,
                                   const std::atomic<bool>& woken, std::size_t& count) {
    for (int turn = 1; !claimed.empty(); ++turn) {
        const bool more = claimed.size() == page_size && turn < (woken ? page_turns : page_turns_in_peace);
        count += claimed.size();
        std::vector<storage::TaskRow> next;
        std::vector<io::awaitable<void>> both;
        both.push_back(run_page(app, kind, std::move(claimed)));
        if (more) both.push_back(claim_page(app, kind, next));
        co_await gather(std::move(both));
        claimed = std::move(next);
    }
}

io::awaitable<void> claim_and_run_pages(App& app, const TaskKind& kind, const std::atomic<bool>& woken,
                                        std::size_t& count) {
    std::vector<storage::TaskRow> claimed;
    co_await claim_page(app, kind, claimed);
    co_await run_some_pages(app, kind, std::move(claimed), woken, count);
}

/// Where there is more than a page, two at a time: one is read and decided while the other commits.
io::awaitable<std::size_t> run_pages(App& app, const TaskKind& kind, const std::atomic<bool>& woken) {
    std::size_t count = 0;
    std::vector<storage::TaskRow> claimed;
    co_await claim_page(app, kind, claimed);
    const bool full = claimed.size() == page_size;
    std::vector<io::awaitable<void>> lanes;
    lanes.push_back(run_some_pages(app, kind, std::move(claimed), woken, count));
    for (int lane = 1; full && lane < page_lanes; ++lane)
        lanes.push_back(claim_and_run_pages(app, kind, woken, count));
    co_await gather(std::move(lanes));
    co_return count;
}

}  // namespace

io::awaitable<std::size_t> Workers::round() {
    auto& app = parts_->app;
    auto count = co_await apply_received(app);
    if (app.wecom) {
        auto outbox = co_await app.store.claim_outbox(app.clock.now(), outbox_batch);
        count += outbox.size();
        std::vector<io::awaitable<void>> sends;
        for (auto& row : outbox) sends.push_back(send_outbox(app, std::move(row)));
        co_await gather(std::move(sends));
    }
    count += co_await run_singles(app);
    for (const auto& kind : task_kinds())
        if (kind.run_page) count += co_await run_pages(app, kind, parts_->woken);
    co_return count;
}

io::awaitable<void> Workers::run() {
    auto& parts = *parts_;
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = std::make_shared<asio::steady_timer>(executor);
    parts.timer = timer;
    parts.executor = executor;
    while (!parts.stopping) {
        parts.woken = false;
        const auto next_round = std::chrono::steady_clock::now() + round_spacing;
        std::size_t done = 0;
        try {
            done = co_await round();
        } catch (const std::exception& error) {
            io::log(io::Level::error, "worker_round_failed", {{"reason", error.what()}});
        }
        if (done >= inbox_batch || parts.stopping) continue;
        if (done > 0) {
            timer->expires_at(next_round);
            co_await timer->async_wait(asio::use_awaitable);
            continue;
        }
        timer->expires_after(idle_wait);
        parts.idle = true;
        if (!parts.woken) {
            boost::system::error_code ignored;
            co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        parts.idle = false;
    }
}

io::awaitable<void> Workers::drain() {
    auto& app = parts_->app;
    asio::steady_timer pause{co_await asio::this_coro::executor};
    for (;;) {
        const auto done = co_await round();
        const auto due = co_await app.store.due(app.wecom != nullptr);
        const bool nothing_due = !due.next || *due.next > app.clock.now();
        if (nothing_due && !due.inbox_waiting && due.leased == 0) co_return;
        if (done > 0) continue;
        pause.expires_after(drain_pause);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

}  // namespace wefee::server
