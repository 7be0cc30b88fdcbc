// The budget of a tenant: settings and where the open period stands.
#include "server/flows/budget.hpp"

#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

using view::Json;

Json settings_json(const storage::BudgetRow& row) {
    return {{"amount_fen", row.amount_fen.count()},
            {"thresholds", Json::parse(row.thresholds)},
            {"receivers", Json::parse(row.receivers)},
            {"at_limit", row.at_limit},
            {"hard_cap", row.hard_cap},
            {"features", Json::parse(row.features)},
            {"changed_by", row.changed_by},
            {"changed_at", format_instant(row.changed_at)}};
}

Json event_json(const storage::BudgetEventRow& row) {
    return {{"percent", row.percent},
            {"cost_fen", row.cost_fen.count()},
            {"amount_fen", row.amount_fen.count()},
            {"at_limit", row.at_limit},
            {"at", format_instant(row.created_at)}};
}

/// What the period costs, whether or not a budget is set.
Json period_json(const BudgetState& state) {
    Json events = Json::array();
    for (const auto& event : state.events) events.push_back(event_json(event));
    Json body{{"period_start", format_day(state.period.start)},
              {"period_end", format_day(state.period.end)},
              {"cost_fen", state.cost.count()},
              {"charged_fen", (state.cost - state.suppressed).count()},
              {"suppressed_fen", state.suppressed.count()},
              {"percent", nullptr},
              {"limit_reached", false},
              {"consent_renewed", state.agreed},
              {"events", std::move(events)}};
    if (state.budget) {
        const auto budget = budget_of(*state.budget);
        body["percent"] = percent_of_budget(budget, state.cost);
        body["limit_reached"] = limit_reached(budget, state.cost);
    }
    return body;
}

Answer budget_answer(App& app, TenantId tenant) {
    const auto row = co_await app.store.find_budget(tenant);
    const auto state = co_await budget_state(app, tenant);
    co_return json_response(Json{{"tenant_id", tenant.text()},
                                 {"budget", row ? settings_json(*row) : Json{}},
                                 {"period", state ? period_json(*state) : Json{}}});
}

std::vector<std::string> texts(ObjectReader& reader, std::string_view name, std::size_t most) {
    std::vector<std::string> all;
    const auto* list = reader.optional_array(name, most);
    for (std::size_t i = 0; list && i < list->size(); ++i) {
        const auto& element = (*list)[i];
        if (element.is_string() && !element.get_ref<const std::string&>().empty() &&
            element.get_ref<const std::string&>().size() <= 128)
            all.push_back(element.get<std::string>());
        else
            reader.problem(name, "must be a list of texts of 1 to 128 bytes");
    }
    return all;
}

std::vector<int> percents(ObjectReader& reader) {
    const auto* list = reader.optional_array("thresholds", budget_thresholds_max);
    if (!list) return Budget{}.thresholds;
    std::vector<int> all;
    for (const auto& element : *list) {
        const bool fits = element.is_number_integer() && element >= 1 && element <= budget_percent_max;
        if (fits)
            all.push_back(element.get<int>());
        else
            reader.problem("thresholds", "must be a list of whole percents between 1 and 1000");
    }
    return all;
}

}  // namespace

Answer show_budget(Call& call) { co_return co_await budget_answer(call.app, call.credential.tenant_id); }

Answer operator_budget(Call& call) {
    const TenantId tenant{call.parameters.at(0)};
    if (!co_await call.app.store.find_tenant(tenant)) throw Error(Errc::not_found, "there is no such tenant");
    co_return co_await budget_answer(call.app, tenant);
}

Answer set_budget(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    Budget budget;
    budget.amount = Fen{reader.integer("amount_fen", 1, budget_fen_max)};
    budget.thresholds = percents(reader);
    budget.receivers = texts(reader, "receivers", budget_receivers_max);
    if (const auto name = reader.optional_text("at_limit", 16)) {
        const auto action = parse_limit_action(*name);
        if (!action) reader.problem("at_limit", "must be notify, stop or ask");
        budget.at_limit = action.value_or(LimitAction::notify);
    }
    budget.hard_cap = reader.optional_flag("hard_cap").value_or(false);
    budget.features = texts(reader, "features", budget_features_max);
    reader.finish();
    if (budget.receivers.empty()) budget.receivers = {"billing_admin"};
    const auto tenant = call.credential.tenant_id;
    co_await server::set_budget(call.app, operation_of(call, "budget"), call.actor, tenant,
                                std::move(budget));
    co_return co_await budget_answer(call.app, tenant);
}

}  // namespace wefee::server::handlers
