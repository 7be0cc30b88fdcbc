// GET /entitlements/v1/{tenant}/{feature}: may this tenant use it now, why, and what it costs.
#include "server/flows/entitlements.hpp"

#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

using Json = nlohmann::ordered_json;

Json source_json(const EntitlementSource& source) {
    return {{"kind", source.kind},     {"code", source.code},
            {"title", source.title},   {"price_micro_yuan", source.price.count()},
            {"months", source.months}, {"weeks", source.weeks}};
}

Json meter_json(const MeterStanding& meter) {
    return {{"code", meter.meter},
            {"title", meter.title},
            {"unit", meter.unit},
            {"model", charge_model_name(meter.model)},
            {"used", format_quantity(meter.used)},
            {"included", format_quantity(meter.included)},
            {"quota_left", meter.quota_left ? Json(format_quantity(*meter.quota_left)) : Json{}},
            {"unit_price_micro_yuan", meter.unit_price.count()},
            {"next_unit_micro_yuan", meter.next_price ? Json(meter.next_price->count()) : Json{}}};
}

}  // namespace

Answer show_entitlement(Call& call) {
    const auto& feature = call.parameters.at(1);
    const auto standing = co_await call.app.entitlements->standing(call.parameters.at(0));
    const auto& bound = call.credential.tenant_id;
    if (!bound.empty() && bound != standing->tenant) throw Error(Errc::not_found, "there is no such tenant");
    const auto answer = entitlement(standing->facts, feature);
    if (!answer) throw Error(Errc::unknown_feature, "the price list has no feature " + feature);
    Json offers = Json::array();
    for (const auto& offer : answer->offers) offers.push_back(source_json(offer));
    co_return json_response(Json{{"tenant_id", standing->tenant.text()},
                                 {"feature", feature},
                                 {"title", answer->title},
                                 {"allowed", answer->allowed},
                                 {"reason", entitlement_reason_name(answer->reason)},
                                 {"text", entitlement_reason_text(answer->reason)},
                                 {"source", answer->source ? source_json(*answer->source) : Json{}},
                                 {"meter", answer->meter ? meter_json(*answer->meter) : Json{}},
                                 {"offers", std::move(offers)}});
}

}  // namespace wefee::server::handlers
