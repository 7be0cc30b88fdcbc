// Price lists for operators: drafts, publication, what one version changes against another (A2).
#include "server/flows/price_lists.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {

using view::Json;

Answer create_price_list(Call& call) {
    parse_object(call.request);  // type, depth and duplicate keys
    const auto row = co_await server::create_price_list(call.app, operation_of(call, "price_list"),
                                                        call.actor, std::string{call.request.body});
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

Answer compare_price_lists(Call& call) {
    const auto& id = call.parameters.at(0);
    const auto against = query_parameter(call, "against");
    if (against.empty())
        throw Error(Errc::missing_field, "",
                    {{"/against", "is required: the older version's id", "missing_field"}});
    Json body{{"price_list_id", id}, {"against", against}, {"differences", Json::array()}};
    for (const auto& one :
         co_await server::compare_price_lists(call.app, PriceListId{against}, PriceListId{id}))
        body["differences"].push_back(view::price_difference(one));
    co_return json_response(body);
}

}  // namespace wefee::server::handlers
