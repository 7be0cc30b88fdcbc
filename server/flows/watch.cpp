#include "server/flows/watch.hpp"

#include "io/log.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"

namespace wefee::server {
namespace {

constexpr auto hourly = std::chrono::hours{1};
constexpr auto ten_minutes = std::chrono::minutes{10};

bool only_delay(const std::string& number) { return number == "I-18" || number == "I-19"; }

/// A stepped clock passes a month in seconds: once a day is as often there as ten minutes are live.
std::chrono::minutes pace(const App& app, std::chrono::minutes wait) {
    return app.manual_clock ? std::chrono::hours{24} : wait;
}

io::awaitable<void> again(App& app, storage::TaskRow task_row, std::chrono::minutes wait) {
    task_row.due_at = app.clock.now() + pace(app, wait);
    co_await app.store.schedule_task(std::move(task_row));
}

}  // namespace

io::awaitable<void> refresh_keys(App& app, storage::TaskRow task_row) {
    for (const auto& [path, door] : app.doors) co_await door->refresh_keys();
    co_await again(app, std::move(task_row), hourly);
}

io::awaitable<void> seal_audit(App& app, storage::TaskRow task_row) {
    const auto seal = co_await app.store.seal_audit(app.clock.now());
    io::log(io::Level::info, "audit_sealed", {{"seal", seal}});
    co_await again(app, std::move(task_row), hourly);
}

io::awaitable<void> check_invariants(App& app, storage::TaskRow task_row) {
    const auto violations =
        co_await app.store.check_invariants(app.clock.now(), Fen{app.rules.collection.approval_limit_fen});
    for (const auto& violation : violations) {
        io::log(io::Level::error, "invariant_broken",
                {{"number", violation.number}, {"says", violation.says}, {"rows", violation.rows.size()}});
        if (only_delay(violation.number)) continue;
        co_await app.store.set_kill_switch(
            {"global", "invariant " + violation.number + " is broken", "system", app.clock.now()});
    }
    co_await again(app, std::move(task_row), ten_minutes);
}

io::awaitable<void> schedule_watch(App& app) {
    const auto now = app.clock.now();
    const std::pair<std::string_view, std::chrono::minutes> kinds[] = {
        {task::refresh_keys, hourly}, {task::seal_audit, hourly}, {task::check_invariants, ten_minutes}};
    for (const auto& [kind, wait] : kinds)
        co_await app.store.schedule_task({std::string{kind}, "all", {}, now + pace(app, wait), 0, 0});
}

}  // namespace wefee::server
