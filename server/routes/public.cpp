// The price list in force, without login: JSON for machines, a page for people (A2). Lists of single tenants
// are none of these; a member sees what is in force for its company.
#include "server/flows/price_lists.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"
#include "server/routes/price_page.hpp"

namespace wefee::server::handlers {
namespace {

io::Response page_of(Call& call, const storage::PriceListRow& row) {
    io::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Security-Policy", price_page_policy());
    response.body = price_page(*call.app.price_lists->parsed(row));
    return response;
}

}  // namespace

Answer current_price_list(Call& call) {
    co_return json_response(view::price_list(co_await price_list_in_force(call.app, {}), true));
}

Answer price_list_page(Call& call) { co_return page_of(call, co_await price_list_in_force(call.app, {})); }

Answer own_price_list(Call& call) {
    co_return json_response(
        view::price_list(co_await price_list_in_force(call.app, call.credential.tenant_id), true));
}

Answer own_price_list_page(Call& call) {
    co_return page_of(call, co_await price_list_in_force(call.app, call.credential.tenant_id));
}

Answer visible_price_list(Call& call) {
    const auto row =
        co_await price_list_of(call.app, call.credential.tenant_id, PriceListId{call.parameters.at(0)});
    co_return json_response(view::price_list(row, true));
}

}  // namespace wefee::server::handlers
