// The period that today lies in, loaded: the open one, or, while that waits for late usage, the one after it.
#pragma once

#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

struct CurrentPeriod {
    storage::PeriodView rows;
    DaySpan period{};
};

/// Of the tenant's running subscription; nullopt when none runs.
io::awaitable<std::optional<CurrentPeriod>> load_current_period(App& app, TenantId tenant);

/// The same of a subscription that was just read.
io::awaitable<std::optional<CurrentPeriod>> load_current_period(App& app,
                                                                storage::SubscriptionRow subscription);

}  // namespace wefee::server
