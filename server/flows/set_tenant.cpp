#include "server/flows/set_tenant.hpp"

#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/quote.hpp"

namespace wefee::server {
namespace {

io::awaitable<void> move_anchor(App& app, std::string op_id, std::string actor, TenantId id, int anchor_day) {
    for (const auto& row : co_await app.store.subscriptions(id)) {
        if (row.state == "PENDING" || row.state == "ENDED" || row.last_day) continue;
        ChangeWish wish;
        wish.terms.anchor_day = anchor_day;
        wish.time = ChangeTime::period_end;
        co_await make_change(app, op_id + ":" + row.id.text(), actor, row.id, wish);
    }
}

}  // namespace

io::awaitable<storage::TenantRow> set_tenant(App& app, std::string op_id, std::string actor, TenantId id,
                                             TenantWish wish) {
    const auto before = co_await app.store.find_tenant(id);
    if (!before) throw Error(Errc::not_found, "there is no such tenant");
    if (wish.anchor_day && *wish.anchor_day != before->anchor_day)
        co_await move_anchor(app, op_id, actor, id, static_cast<int>(*wish.anchor_day));
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await app.store.find_tenant(id);
        Unit unit{op_id, app.clock.now(), actor};
        if (wish.anchor_day) row->anchor_day = static_cast<int>(*wish.anchor_day);
        if (wish.deduction_day) row->deduction_day = static_cast<int>(*wish.deduction_day);
        if (wish.deductions_paused) row->deductions_paused = *wish.deductions_paused;
        unit.save(*row);
        co_return unit;
    });
    co_return (co_await app.store.find_tenant(id)).value();
}

}  // namespace wefee::server
