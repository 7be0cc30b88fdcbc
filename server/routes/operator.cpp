// The vendor's side: tenants, seats, keys, work for people, stops, proofs.
#include "server/flows/explain.hpp"
#include "server/flows/ingest.hpp"
#include "server/flows/quote.hpp"
#include "server/flows/set_tenant.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/credentials.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {

using view::Json;

namespace {

/// What deductions look for before they start (Store::load_charge); a stop of any other scope would stop
/// nothing.
bool stops_something(std::string_view scope) {
    if (scope == "global" || scope == "provider:wechat" || scope == "provider:alipay") return true;
    return (scope.starts_with("tenant:") || scope.starts_with("consent:")) && !scope.ends_with(':');
}

}  // namespace

Answer list_tenants(Call& call) {
    Json body{{"tenants", Json::array()}};
    for (const auto& row : co_await call.app.store.tenants(page_limit(call), query_parameter(call, "next")))
        body["tenants"].push_back(view::tenant(row));
    co_return json_response(body);
}

Answer set_tenant(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    TenantWish wish;
    wish.anchor_day = reader.optional_integer("anchor_day", 1, 31);
    wish.deduction_day = reader.optional_integer("deduction_day", 1, 28);
    wish.deductions_paused = reader.optional_flag("deductions_paused");
    reader.finish();
    const auto row = co_await server::set_tenant(call.app, operation_of(call, "tenant"), call.actor,
                                                 TenantId{call.parameters.at(0)}, wish);
    co_return json_response(view::tenant(row));
}

Answer set_seats(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    ChangeWish wish;
    wish.terms.seats = reader.integer("seats", 0, 10'000'000);
    wish.day = reader.optional_day("day").value_or(civil_day(call.app.clock.now()));
    reader.finish();
    const auto row = co_await make_change(call.app, operation_of(call, "seats"), call.actor,
                                          SubscriptionId{call.parameters.at(0)}, wish);
    co_return json_response(view::subscription(row));
}

Answer create_api_key(Call& call) {
    // The answer holds the key once and is kept nowhere, so it cannot be given again.
    if (!call.idempotency_key.empty())
        throw Error(Errc::bad_request, "this call takes no Idempotency-Key: a key is shown once");
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    storage::ApiKeyRow row;
    row.name = reader.text("name", 64);
    row.scope = reader.text("scope", 16);
    row.role = reader.optional_text("role", 16).value_or("");
    row.tenant_id = reader.optional_text("tenant_id", 80).value_or("");
    if (row.scope != "ingest" && row.scope != "entitlements" && row.scope != "admin" && !row.scope.empty())
        reader.problem("scope", "must be ingest, entitlements or admin");
    const bool needs_role = row.scope == "admin";
    const bool known_role =
        row.role == "viewer" || row.role == "support" || row.role == "finance" || row.role == "admin";
    if (needs_role && !known_role) reader.problem("role", "must be viewer, support, finance or admin");
    reader.finish();
    const auto token = "wfk_" + io::random_alphanumeric(43);
    row.key_hash = token_hash(token);
    row.created_at = call.app.clock.now();
    co_await call.app.store.put_api_key(row);
    co_return json_response(Json{{"name", row.name}, {"scope", row.scope}, {"key", token}}, 201);
}

Answer list_person_tasks(Call& call) {
    Json body{{"tasks", Json::array()}};
    for (const auto& row : co_await call.app.store.open_person_tasks(page_limit(call)))
        body["tasks"].push_back(view::person_task(row));
    co_return json_response(body);
}

Answer set_kill_switch(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    const auto scope = reader.text("scope", 100);
    const auto reason = reader.text("reason", 256);
    if (!scope.empty() && !stops_something(scope))
        reader.problem("scope",
                       "must be global, provider:wechat, provider:alipay, tenant:<id> or consent:<id>");
    reader.finish();
    co_await call.app.store.set_kill_switch({scope, reason, call.actor, call.app.clock.now()});
    co_return json_response(Json{{"scope", scope}, {"reason", reason}}, 201);
}

Answer clear_kill_switch(Call& call) {
    co_await call.app.store.clear_kill_switch(call.parameters.at(0));
    io::Response response;
    response.status = 204;
    co_return response;
}

Answer verify_books(Call& call) {
    Json body{{"violations", Json::array()}};
    const Fen limit{call.app.rules.collection.approval_limit_fen};
    for (const auto& found : co_await call.app.store.check_invariants(call.app.clock.now(), limit))
        body["violations"].push_back(view::violation(found));
    for (const auto& found : co_await call.app.store.check_audit_chain())
        body["violations"].push_back(view::violation(found));
    for (const auto& found : co_await call.app.store.check_usage(usage_reader(*call.app.price_lists)))
        body["violations"].push_back(view::violation(found));
    body["takings"] = Json::array();
    for (const auto& row : co_await call.app.store.takings())
        body["takings"].push_back({{"provider", row.provider},
                                   {"payments", row.payments},
                                   {"paid_fen", row.paid.count()},
                                   {"refunded_fen", row.refunded.count()}});
    const auto counts = co_await call.app.store.counts();
    body["counts"] = {{"inbox", counts.inbox},
                      {"inbox_processed", counts.inbox_processed},
                      {"charges_collected", counts.charges_collected},
                      {"outbox_pending", counts.outbox_pending},
                      {"quarantine", counts.quarantine}};
    co_return json_response(body);
}

Answer operator_explain(Call& call) {
    co_return json_response(co_await explain_id(call.app, {}, call.parameters.at(0)));
}

}  // namespace wefee::server::handlers
