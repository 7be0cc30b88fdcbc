#include "server/flows/current_period.hpp"

#include "server/app.hpp"
#include "server/flows/rate_period.hpp"

namespace wefee::server {

io::awaitable<std::optional<CurrentPeriod>> load_current_period(App& app,
                                                                storage::SubscriptionRow subscription) {
    std::optional<CivilDay> start;
    if (civil_day(app.clock.now()) >= subscription.period_end) start = subscription.period_end;
    auto rows = co_await load_rated_period(app, subscription.id, start);
    if (!rows) co_return std::nullopt;
    const auto period = period_from(*app.price_lists, *rows, start.value_or(rows->subscription.period_start));
    co_return CurrentPeriod{std::move(*rows), period};
}

io::awaitable<std::optional<CurrentPeriod>> load_current_period(App& app, TenantId tenant) {
    for (auto& subscription : co_await app.store.subscriptions(tenant))
        if (subscription.state != "PENDING" && subscription.state != "ENDED")
            co_return co_await load_current_period(app, std::move(subscription));
    co_return std::nullopt;
}

}  // namespace wefee::server
