// The price list in force, without login: JSON for machines, a page for people (A2).
#include "server/flows/price_lists.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"
#include "server/routes/price_page.hpp"

namespace wefee::server::handlers {
namespace {

io::awaitable<storage::PriceListRow> in_force(Call& call) {
    auto row = co_await call.app.store.price_list_on(civil_day(call.app.clock.now()));
    if (!row) throw Error(Errc::not_found, "no price list is published yet");
    co_return std::move(*row);
}

}  // namespace

Answer current_price_list(Call& call) { co_return json_response(view::price_list(co_await in_force(call), true)); }

Answer price_list_page(Call& call) {
    const auto row = co_await in_force(call);
    io::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Security-Policy", price_page_policy());
    response.body = price_page(*call.app.price_lists->parsed(row));
    co_return response;
}

}  // namespace wefee::server::handlers
