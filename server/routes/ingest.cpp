// POST /ingest/v1/events: a batch of usage events, one answer an event; a bad one never spoils the rest.
#include <fmt/format.h>

#include "billing/period.hpp"
#include "io/crypto.hpp"
#include "server/app.hpp"
#include "server/flows/ingest.hpp"
#include "server/http/body.hpp"
#include "server/http/problem.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

constexpr std::size_t events_max = 1'000;

nlohmann::ordered_json answer_of(const UsageAnswer& answer) {
    nlohmann::ordered_json row{{"id", answer.id}, {"result", answer.result}};
    if (!answer.code.empty()) row["code"] = answer.code;
    if (!answer.problems.empty()) row["errors"] = field_problems(answer.problems);
    return row;
}

/// Reads one event; what is wrong with it stays with it.
UsageReading read_event(const nlohmann::json& object, std::size_t index) {
    UsageReading reading;
    ObjectReader reader{object, fmt::format("/events/{}", index)};
    if (object.is_object()) {
        reading.id = reader.text("id", 128);
        reading.tenant = reader.text("tenant", 80);
        reading.meter = reader.text("meter", 64);
        reading.quantity_micro = reader.quantity_micro("quantity");
        reading.occurred_at = reader.instant("occurred_at");
        if (const auto* properties = reader.optional_object("properties")) reading.properties = properties->dump();
    }
    reading.problems = reader.take_problems();
    return reading;
}

}  // namespace

Answer ingest_events(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    const auto* events = reader.array("events", events_max);
    reader.finish();
    std::vector<UsageReading> readings;
    for (std::size_t i = 0; i < events->size(); ++i) readings.push_back(read_event((*events)[i], i));
    const auto answers = co_await ingest_usage(call.app, call.credential.tenant_id, std::move(readings));
    nlohmann::ordered_json results = nlohmann::ordered_json::array();
    for (const auto& answer : answers) results.push_back(answer_of(answer));
    co_return json_response(nlohmann::ordered_json{{"results", std::move(results)}});
}

}  // namespace wefee::server::handlers
