// Fee look-up (C1, C2): overview, invoices with lines, usage, running cost, explanation. The tenant comes
// from the session, never from path or body.
#include "billing/period.hpp"
#include "server/flows/explain.hpp"
#include "server/flows/forecast.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

using view::Json;

std::optional<storage::SubscriptionRow> running(std::vector<storage::SubscriptionRow> all) {
    for (auto& row : all)
        if (row.state != "ENDED") return std::move(row);
    return std::nullopt;
}

/// The planned deduction that comes next, with its ceiling and day.
Json upcoming(const std::vector<storage::ChargeRow>& open) {
    for (const auto& charge : open)
        if (charge.way == "deduction")
            return {{"charge_id", charge.id.text()},
                    {"invoice_id", charge.invoice_id.text()},
                    {"amount_fen", charge.amount_fen.count()},
                    {"planned_day", view::day(charge.planned_day)},
                    {"provider", charge.provider},
                    {"state", charge.state}};
    return nullptr;
}

DaySpan so_far(const storage::SubscriptionRow& subscription, CivilDay today) {
    return {subscription.period_start, std::min(subscription.period_end, add_days(today, 1))};
}

Json rated_lines(const RatedPeriod& rated) {
    Json lines = Json::array();
    for (const auto& line : rated.lines)
        lines.push_back({{"item_code", line.item_code},
                         {"title", line.title},
                         {"formula_text", line.formula.text},
                         {"amount_fen", line.amount().count()}});
    return lines;
}

Json forecast_view(const CostForecast& forecast) {
    Json meters = Json::array();
    for (const auto& row : forecast.meters)
        meters.push_back({{"meter", row.meter},
                          {"method", forecast_method_name(row.method)},
                          {"method_text", row.words},
                          {"so_far", format_quantity(row.so_far)},
                          {"at_end", format_quantity(row.at_end)}});
    return {{"method", "the whole period's fixed fees and what each meter will probably have at its end"},
            {"meters", std::move(meters)},
            {"lines", rated_lines(forecast.at_end)},
            {"total_fen", forecast.at_end.total.count()},
            {"total_text", format_yuan_for_people(forecast.at_end.total)}};
}

}  // namespace

Answer overview(Call& call) {
    const auto tenant = co_await call.app.store.find_tenant(call.credential.tenant_id);
    if (!tenant) throw Error(Errc::not_found, "there is no such tenant");
    const auto invoices = co_await call.app.store.invoices(tenant->id, 24, "");
    const auto open = co_await call.app.store.open_charges_of_tenant(tenant->id);
    const auto credit = co_await call.app.store.find_account_credit(tenant->id);
    auto subscription = running(co_await call.app.store.subscriptions(tenant->id));
    Fen due;
    for (const auto& invoice : invoices)
        if (invoice.state != "VOIDED" && invoice.state != "WRITTEN_OFF")
            due += invoice.total_fen - invoice.paid_fen + invoice.refunded_fen;
    co_return json_response(
        Json{{"tenant", view::tenant(*tenant)},
             {"subscription", subscription ? view::subscription(*subscription) : Json{}},
             {"due_fen", due.count()},
             {"due_text", format_yuan_for_people(due)},
             {"account_credit_fen", credit ? credit->amount_fen.count() : 0},
             {"upcoming_deduction", upcoming(open)},
             {"latest_invoice", invoices.empty() ? Json{} : view::invoice(invoices.front())}});
}

Answer list_invoices(Call& call) {
    const auto limit = page_limit(call);
    auto rows =
        co_await call.app.store.invoices(call.credential.tenant_id, limit + 1, query_parameter(call, "next"));
    const bool more = rows.size() > limit;
    if (more) rows.resize(limit);
    Json body{{"invoices", Json::array()}, {"next", more ? Json(rows.back().id.text()) : Json{}}};
    for (const auto& row : rows) body["invoices"].push_back(view::invoice(row));
    co_return json_response(body);
}

Answer show_invoice(Call& call) {
    const auto whole =
        co_await call.app.store.find_invoice(call.credential.tenant_id, InvoiceId{call.parameters.at(0)});
    if (!whole) throw Error(Errc::not_found, "there is no such invoice");
    co_return json_response(view::invoice_whole(*whole));
}

Answer list_usage(Call& call) {
    const auto subscription = running(co_await call.app.store.subscriptions(call.credential.tenant_id));
    if (!subscription) throw Error(Errc::not_found, "there is no subscription");
    auto start = subscription->period_start;
    if (const auto text = query_parameter(call, "period_start"); !text.empty()) {
        const auto day = parse_day(text);
        if (!day) throw Error(Errc::invalid_value, "", {{"/period_start", "must be a date YYYY-MM-DD"}});
        start = *day;
    }
    Json body{{"period_start", format_day(start)}, {"totals", Json::array()}};
    for (const auto& row : co_await call.app.store.usage_totals(call.credential.tenant_id, start))
        body["totals"].push_back(view::usage_total(row));
    co_return json_response(body);
}

Answer running_cost(Call& call) {
    const auto subscription = running(co_await call.app.store.subscriptions(call.credential.tenant_id));
    if (!subscription || subscription->state == "PENDING")
        throw Error(Errc::not_found, "there is no running subscription");
    const auto period = co_await load_rated_period(call.app, subscription->id);
    const auto today = civil_day(call.app.clock.now());
    const DaySpan whole{period->subscription.period_start, period->subscription.period_end};
    const auto rated = rate_period(*call.app.price_lists, *period, whole);
    const auto forecast = forecast_cost(*call.app.price_lists, *period, whole, today);
    co_return json_response(Json{{"period_start", format_day(whole.start)},
                                 {"period_end", format_day(whole.end)},
                                 {"days_used", so_far(period->subscription, today).days()},
                                 {"method", "the whole period's fixed fees and the usage so far"},
                                 {"lines", rated_lines(rated)},
                                 {"total_fen", rated.total.count()},
                                 {"total_text", format_yuan_for_people(rated.total)},
                                 {"forecast", forecast_view(forecast)}});
}

Answer explain(Call& call) {
    co_return json_response(co_await explain_id(call.app, call.credential.tenant_id, call.parameters.at(0)));
}

}  // namespace wefee::server::handlers
