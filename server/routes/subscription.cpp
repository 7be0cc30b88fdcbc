// Opening and listing subscriptions.
#include "server/flows/subscribe.hpp"
#include "server/flows/thresholds.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {

Answer open_subscription(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    SubscriptionWish wish;
    wish.price_list_id = reader.text("price_list_id", 80);
    wish.terms_version = reader.text("terms_version", 64);
    wish.plan = reader.text("plan", 64);
    wish.seats = reader.integer("seats", 0, 10'000'000);
    wish.payment_way = reader.text("payment_way", 16);
    if (!wish.payment_way.empty() && wish.payment_way != "automatic" && wish.payment_way != "manual")
        reader.problem("payment_way", "must be automatic or manual");
    wish.add_ons = reader.optional_codes("add_ons").value_or(std::vector<std::string>{});
    wish.coupons = reader.optional_codes("coupons").value_or(std::vector<std::string>{});
    wish.trial = reader.optional_flag("trial").value_or(true);
    reader.finish();
    const auto row = co_await server::open_subscription(call.app, operation_of(call, "subscribe"), call.actor,
                                                        call.credential.tenant_id, std::move(wish));
    co_return json_response(view::subscription(row), 201);
}

Answer set_thresholds(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    auto thresholds = read_thresholds(reader);
    reader.finish();
    const auto row = co_await server::set_thresholds(
        call.app, operation_of(call, "thresholds"), call.actor, call.credential.tenant_id,
        SubscriptionId{call.parameters.at(0)}, std::move(thresholds));
    co_return json_response(view::subscription(row));
}

Answer list_subscriptions(Call& call) {
    view::Json body{{"subscriptions", view::Json::array()}};
    for (const auto& row : co_await call.app.store.subscriptions(call.credential.tenant_id))
        body["subscriptions"].push_back(view::subscription(row));
    co_return json_response(body);
}

}  // namespace wefee::server::handlers
