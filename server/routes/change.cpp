// Changes of a subscription (A10): quoted, confirmed, and what they gave back. Settings that cost nothing.
#include "server/flows/commit.hpp"
#include "server/flows/quote.hpp"
#include "server/flows/set_tenant.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/problem.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

using view::Json;

Json answer_of(const Confirmation& done) {
    auto body = view::subscription(*done.changed);
    return Json{{"subscription", std::move(body)}, {"quote", view::quote(done.quote)}};
}

}  // namespace

Answer quote_change(Call& call) {
    const auto row = co_await server::quote_change(
        call.app, operation_of(call, "quote"), call.actor, call.credential.tenant_id,
        SubscriptionId{call.parameters.at(0)}, parse_object(call.request).dump());
    co_return json_response(view::quote(row), 201);
}

Answer show_quote(Call& call) {
    const auto row =
        co_await call.app.store.find_quote(call.credential.tenant_id, QuoteId{call.parameters.at(0)});
    if (!row) throw Error(Errc::not_found, "there is no such quote");
    co_return json_response(view::quote(*row));
}

Answer confirm_change(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    const QuoteId id{reader.text("quote_id", 80)};
    reader.finish();
    const auto shown = co_await call.app.store.find_quote(call.credential.tenant_id, id);
    const auto done = co_await server::confirm_change(call.app, call.actor, call.credential.tenant_id,
                                                      SubscriptionId{call.parameters.at(0)}, id);
    if (done.changed) co_return json_response(answer_of(done));
    auto response = problem(Errc::quote_changed,
                            done.expired ? "the quote held for 15 minutes: here is a new one"
                                         : "something has changed since the quote: here is a new one");
    auto refused = Json::parse(response.body);
    refused["quote"] = view::quote(done.quote);
    refused["differences"] = quote_differences(*shown, done.quote);
    response.body = refused.dump();
    co_return response;
}

Answer list_credit_notes(Call& call) {
    const auto limit = page_limit(call);
    const auto& tenant = call.credential.tenant_id;
    auto rows = co_await call.app.store.credit_notes(tenant, limit + 1, query_parameter(call, "next"));
    const auto credit = co_await call.app.store.find_account_credit(tenant);
    const bool more = rows.size() > limit;
    if (more) rows.resize(limit);
    Json body{{"account_credit_fen", credit ? credit->amount_fen.count() : 0},
              {"credit_notes", Json::array()},
              {"next", more ? Json(rows.back().id.text()) : Json{}}};
    for (const auto& row : rows) body["credit_notes"].push_back(view::credit_note(row));
    co_return json_response(body);
}

Answer change_settings(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    TenantWish wish;
    wish.deduction_day = reader.optional_integer("deduction_day", 1, 28);
    wish.deductions_paused = reader.optional_flag("deductions_paused");
    reader.finish();
    const auto row = co_await server::set_tenant(call.app, operation_of(call, "settings"), call.actor,
                                                 call.credential.tenant_id, wish);
    co_return json_response(view::tenant(row));
}

}  // namespace wefee::server::handlers
