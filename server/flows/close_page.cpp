#include "server/flows/close_page.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/app.hpp"
#include "server/flows/close_period.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/rate_period.hpp"

namespace wefee::server {
namespace {

constexpr std::size_t at_once = 4;       // decided before others on the loop have their turn
constexpr std::int64_t tries_alone = 2;  // a close that fails again after these is told to a person

struct Closing {
    storage::TaskRow task;
    std::optional<storage::PeriodView> view = {};
    std::optional<TaskEnd> end = {};  // none: still to be decided, or again, because somebody else was faster

    void fail(std::string why) { end = TaskEnd{TaskEnd::How::failed, {}, std::move(why)}; }
};

/// All at once; where that fails, in halves, so that what cannot be loaded fails alone.
io::awaitable<void> load(App& app, std::span<Closing* const> open) {
    std::vector<SubscriptionId> ids;
    for (const auto* closing : open) ids.emplace_back(closing->task.ref_id);
    std::string failure;
    try {
        auto views = co_await load_rated_periods(app, std::move(ids));
        for (std::size_t i = 0; i < open.size(); ++i) open[i]->view = std::move(views[i]);
        co_return;
    } catch (const storage::Unavailable&) {
        throw;
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (open.size() == 1) {
        open[0]->fail(std::move(failure));
        co_return;
    }
    co_await load(app, open.first(open.size() / 2));
    co_await load(app, open.subspan(open.size() / 2));
}

/// The unit to commit; none when it is decided without one.
std::optional<Unit> decide(App& app, Closing& closing) {
    const auto view = std::exchange(closing.view, std::nullopt);
    try {
        if (!view || !still_served(view->subscription)) {
            closing.end = TaskEnd{};
        } else if (const auto at = closes_at(app, view->subscription); app.clock.now() < at) {
            closing.end = TaskEnd{TaskEnd::How::later, at, {}};
        } else {
            return close(app, *view);
        }
    } catch (const std::exception& error) {
        closing.fail(error.what());
    }
    return std::nullopt;
}

void take_result(App& app, Closing& closing, const storage::Store::Committed& committed, bool moves,
                 const std::vector<TenantId>& changed) {
    try {
        if (committed.failure) std::rethrow_exception(committed.failure);
        if (committed.result == storage::CommitResult::conflict) return;
        forget_service(app, changed);
        const bool moved = moves && committed.result == storage::CommitResult::applied;
        closing.end = TaskEnd{moved ? TaskEnd::How::moved : TaskEnd::How::done, {}, {}};
    } catch (const storage::Unavailable&) {
        throw;
    } catch (const std::exception& error) {
        closing.fail(error.what());
    }
}

/// Committed together: in the order of their ids, they are the end of every index.
io::awaitable<void> close_open(App& app, std::span<Closing* const> open) {
    co_await load(app, open);
    struct Decided {
        Closing* closing;
        bool moves;
        std::vector<TenantId> changed;
    };
    std::vector<Decided> decided;
    std::vector<storage::Changes> all;
    decided.reserve(open.size());
    all.reserve(open.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
        if (i % at_once == 0) co_await boost::asio::post(boost::asio::use_awaitable);
        auto* closing = open[i];
        if (closing->end) continue;
        auto unit = decide(app, *closing);
        if (!unit) continue;
        const auto& schedule = unit->changes().schedule;
        const bool moves =
            std::ranges::find(schedule, closing->task.kind, &storage::TaskRow::kind) != schedule.end();
        decided.push_back({closing, moves, service_changes(unit->changes())});
        all.push_back(unit->take());
    }
    const auto committed = co_await app.store.commit_all(std::move(all));
    for (std::size_t i = 0; i < decided.size(); ++i)
        take_result(app, *decided[i].closing, committed[i], decided[i].moves, decided[i].changed);
}

/// Nobody is skipped silently: what does not heal by itself is told to a person, once a day.
io::awaitable<void> tell_a_person(App& app, const Closing& closing) {
    const auto& task = closing.task;
    const auto day = format_day(civil_day(app.clock.now()));
    Unit unit{"close_fails:" + task.ref_id + ":" + day, app.clock.now(), "system"};
    unit.changes().person_tasks.push_back(
        {"close_fails:" + task.ref_id + ":" + day, "close_fails", task.ref_id, task.tenant_id,
         "The period cannot be closed: " + closing.end->failure, unit.at(), std::nullopt});
    co_await app.store.commit(unit.take());
}

}  // namespace

io::awaitable<std::vector<TaskEnd>> close_periods(App& app, std::vector<storage::TaskRow> tasks) {
    std::vector<Closing> page;
    for (auto& task : tasks) page.push_back({std::move(task)});
    for (int round = 0; round < decide_tries; ++round) {
        std::vector<Closing*> open;
        for (auto& closing : page)
            if (!closing.end) open.push_back(&closing);
        if (open.empty()) break;
        co_await close_open(app, open);
    }
    std::vector<TaskEnd> ends;
    for (auto& closing : page) {
        if (!closing.end) closing.fail("other changes were faster eight times");
        if (closing.end->how == TaskEnd::How::failed && closing.task.tries >= tries_alone)
            co_await tell_a_person(app, closing);
        ends.push_back(std::move(*closing.end));
    }
    co_return ends;
}

}  // namespace wefee::server
