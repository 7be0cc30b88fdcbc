// POST /ingest/v1/events: a batch of usage events, one answer an event; a bad one never spoils the rest.
#include <fmt/format.h>

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

}  // namespace

Answer ingest_events(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    const auto* events = reader.array("events", events_max);
    reader.finish();
    std::vector<UsageReading> readings;
    for (std::size_t i = 0; i < events->size(); ++i)
        readings.push_back(read_usage((*events)[i], fmt::format("/events/{}", i)));
    const auto answers = co_await ingest_usage(call.app, call.credential.tenant_id, std::move(readings));
    nlohmann::ordered_json results = nlohmann::ordered_json::array();
    for (const auto& answer : answers) results.push_back(answer_of(answer));
    co_return json_response(nlohmann::ordered_json{{"results", std::move(results)}});
}

}  // namespace wefee::server::handlers
