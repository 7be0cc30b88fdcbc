// The test clock: everything due up to the new time has happened when the call answers.
#include "billing/time.hpp"
#include "server/app.hpp"
#include "server/http/body.hpp"
#include "server/manual_clock.hpp"
#include "server/routes/handlers.hpp"
#include "server/workers/workers.hpp"

namespace wefee::server::handlers {
namespace {

ManualClock& manual_clock(Call& call) {
    if (!call.app.manual_clock)
        throw Error(Errc::not_found, "there is no test clock: test.clock is not \"manual\"");
    return *call.app.manual_clock;
}

io::awaitable<io::Response> reading(App& app) {
    const auto due = co_await app.store.due(app.wecom != nullptr);
    const auto now = app.clock.now();
    nlohmann::json body{{"now", format_instant(now)}, {"now_ms", to_millis(now)}};
    if (due.next) body["next_due"] = format_instant(*due.next), body["next_due_ms"] = to_millis(*due.next);
    co_return json_response(body);
}

Instant target_of(const Call& call, Instant now) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    const auto to_ms = reader.optional_integer(
        "to_ms", 0,
        to_millis(day_start(CivilDay{std::chrono::year{2101}, std::chrono::January, std::chrono::day{1}})));
    const auto seconds = reader.optional_integer("advance_seconds", 0, 400LL * 86'400);
    std::optional<Instant> to;
    if (body.contains("to")) to = reader.instant("to");
    if (to_ms) to = from_millis(*to_ms);
    if (seconds) to = now + std::chrono::seconds{*seconds};
    if (!to && !body.contains("to")) reader.problem("to", "give one of to, to_ms, advance_seconds");
    if (to && *to < now) reader.problem("to", "the clock never goes back");
    reader.finish();
    return *to;
}

}  // namespace

Answer show_test_clock(Call& call) {
    manual_clock(call);
    co_return co_await reading(call.app);
}

Answer advance_test_clock(Call& call) {
    auto& clock = manual_clock(call);
    const auto target = target_of(call, clock.now());
    for (;;) {
        co_await call.app.workers->drain();
        const auto due = co_await call.app.store.due(call.app.wecom != nullptr);
        if (!due.next || *due.next > target) break;
        clock.advance_to(*due.next);
    }
    clock.advance_to(target);
    co_await call.app.workers->drain();
    co_return co_await reading(call.app);
}

}  // namespace wefee::server::handlers
