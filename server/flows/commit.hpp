// Load, decide, commit; when somebody was faster, load and decide again.
#pragma once

#include <optional>

#include "billing/error.hpp"
#include "server/app.hpp"
#include "server/flows/unit.hpp"
#include "server/flows/written.hpp"

namespace wefee::server {

inline constexpr int decide_tries = 8;

/// `decide` loads what it needs and gives the unit to commit, or nullopt when there is nothing to do. Returns
/// false then. Throws Error{conflict} when eight rounds met eight faster writers.
template <class Decide>
io::awaitable<bool> decide_and_commit(App& app, Decide decide) {
    for (int round = 0; round < decide_tries; ++round) {
        std::optional<Unit> unit = co_await decide();
        if (!unit) co_return false;
        const auto changed = service_changes(unit->changes());
        const auto result = co_await app.store.commit(unit->take());
        if (result == storage::CommitResult::conflict) continue;
        forget_service(app, changed);
        co_return true;
    }
    throw Error(Errc::conflict, "other changes were faster eight times");
}

}  // namespace wefee::server
