// Price lists for operators: drafts, publication; what one version changes against another (A2), for members
// too.
#include "server/flows/price_lists.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {

using view::Json;

Answer create_price_list(Call& call) {
    parse_object(call.request);  // type, depth and duplicate keys
    const auto row = co_await server::create_price_list(
        call.app, operation_of(call, "price_list"), call.actor, TenantId{query_parameter(call, "tenant_id")},
        std::string{call.request.body});
    co_return json_response(view::price_list(row, true), 201);
}

Answer publish_price_list(Call& call) {
    const auto row = co_await server::publish_price_list(call.app, operation_of(call, "publish"), call.actor,
                                                         PriceListId{call.parameters.at(0)});
    co_return json_response(view::price_list(row, false));
}

Answer list_price_lists(Call& call) {
    Json body{{"price_lists", Json::array()}};
    for (const auto& row : co_await call.app.store.price_lists())
        body["price_lists"].push_back(view::price_list(row, false));
    co_return json_response(body);
}

Answer show_price_list(Call& call) {
    const auto row = co_await stored_price_list(call.app, PriceListId{call.parameters.at(0)});
    co_return json_response(view::price_list(row, true));
}

namespace {

PriceListId against(const Call& call) {
    const auto id = query_parameter(call, "against");
    if (id.empty())
        throw Error(Errc::missing_field, "",
                    {{"/against", "is required: the older version's id", "missing_field"}});
    return PriceListId{id};
}

io::Response differences_response(Call& call, const storage::PriceListRow& older,
                                  const storage::PriceListRow& newer) {
    Json body{
        {"price_list_id", newer.id.text()}, {"against", older.id.text()}, {"differences", Json::array()}};
    for (const auto& one : price_list_differences(*call.app.price_lists, older, newer))
        body["differences"].push_back(view::price_difference(one));
    return json_response(body);
}

}  // namespace

Answer compare_price_lists(Call& call) {
    const auto older = co_await stored_price_list(call.app, against(call));
    co_return differences_response(call, older,
                                   co_await stored_price_list(call.app, PriceListId{call.parameters.at(0)}));
}

Answer compare_visible_price_lists(Call& call) {
    const auto& tenant = call.credential.tenant_id;
    const auto older = co_await price_list_of(call.app, tenant, against(call));
    co_return differences_response(
        call, older, co_await price_list_of(call.app, tenant, PriceListId{call.parameters.at(0)}));
}

}  // namespace wefee::server::handlers
