#include "server/flows/button.hpp"

#include "billing/machines/charge.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"

namespace wefee::server {
namespace {

constexpr std::string_view hold_key = "hold:";

bool may_hold(const std::optional<storage::MemberRow>& member) {
    return member && member->active && (member->role == "billing_admin" || member->role == "finance");
}

}  // namespace

io::awaitable<void> card_clicked(App& app, std::int64_t inbox_id, wecom::CardClicked fact) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        Unit unit{"inbox:" + std::to_string(inbox_id), app.clock.now(), "system"};
        const auto tenant = co_await app.store.find_tenant_by_corp(fact.corp_id);
        const auto member = tenant ? co_await app.store.find_member(tenant->id, fact.user_id) : std::nullopt;
        std::string outcome = "no_action";
        if (may_hold(member) && fact.key.starts_with(hold_key)) {
            unit = Unit{"inbox:" + std::to_string(inbox_id), app.clock.now(), "member:" + member->id.text()};
            auto view = co_await app.store.load_charge(ChargeId{fact.key.substr(hold_key.size())});
            const bool theirs = view && view->charge.tenant_id == tenant->id;
            if (theirs && unit.try_move<ChargeState>(view->charge, ChargeEvent::held)) {
                unit.unschedule(task::charge_step, view->charge.id.text());
                unit.save(view->charge);
                outcome = "applied";
            } else {
                outcome = "stale";
            }
        }
        unit.end_inbox(inbox_id, outcome);
        co_return unit;
    });
}

}  // namespace wefee::server
