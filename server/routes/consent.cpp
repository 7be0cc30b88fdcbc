// Consents and mandates: shown, confirmed, signed, ended.
#include "server/flows/consent.hpp"
#include "server/flows/mandate.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

constexpr std::int64_t fen_max = 10'000'000'000;

view::Json shown(const storage::Store::ConsentView& whole) {
    auto body = view::consent(whole.consent, whole.items);
    body["mandates"] = view::Json::array();
    for (const auto& mandate : whole.mandates) body["mandates"].push_back(view::mandate(mandate));
    return body;
}

ConsentWish read_wish(const nlohmann::json& body) {
    ObjectReader reader{body};
    ConsentWish wish;
    wish.subscription = SubscriptionId{reader.text("subscription_id", 80)};
    wish.provider = reader.text("provider", 16);
    if (!wish.provider.empty() && wish.provider != "wechat" && wish.provider != "alipay")
        reader.problem("provider", "must be wechat or alipay");
    wish.cap_charge = Fen{reader.integer("cap_charge_fen", 1, fen_max)};
    wish.cap_cycle =
        Fen{reader.optional_integer("cap_cycle_fen", 1, fen_max).value_or(wish.cap_charge.count())};
    wish.valid_until = reader.optional_day("valid_until");
    if (const auto* ceilings = reader.optional_object("ceilings"))
        for (const auto& [code, value] : ceilings->items()) {
            const bool fits = value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
                              value.get<std::int64_t>() <= fen_max;
            if (fits)
                wish.ceilings[code] = Fen{value.get<std::int64_t>()};
            else
                reader.problem_in("ceilings", code, "must be an integer of fen");
        }
    reader.finish();
    return wish;
}

std::string origin_of(const Call& call) {
    return nlohmann::json{{"address", call.request.peer},
                          {"client", std::string{call.request.header("user-agent").substr(0, 200)}},
                          {"request_id", call.request.request_id}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

view::Json with_page(const StartedMandate& started) {
    auto body = view::mandate(started.mandate);
    body["signing_url"] = started.page.url.empty() ? view::Json{} : view::Json(started.page.url);
    body["mini_program"] =
        started.page.mini_program.empty() ? view::Json{} : view::Json::parse(started.page.mini_program);
    return body;
}

}  // namespace

Answer present_consent(Call& call) {
    auto wish = read_wish(parse_object(call.request));
    const auto whole = co_await server::present_consent(call.app, operation_of(call, "consent"), call.actor,
                                                        call.credential.tenant_id, std::move(wish));
    co_return json_response(shown(whole), 201);
}

Answer show_consent(Call& call) {
    const auto whole =
        co_await call.app.store.find_consent(call.credential.tenant_id, ConsentId{call.parameters.at(0)});
    if (!whole) throw Error(Errc::not_found, "there is no such consent");
    co_return json_response(shown(*whole));
}

Answer grant_consent(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    const auto hash = reader.text("text_hash", 64);
    reader.finish();
    const auto whole = co_await server::grant_consent(
        call.app, operation_of(call, "grant"), call.actor, call.credential.tenant_id,
        ConsentId{call.parameters.at(0)}, hash, call.credential.member_id.text(), origin_of(call));
    co_return json_response(shown(whole));
}

Answer decline_consent(Call& call) {
    const auto whole =
        co_await server::decline_consent(call.app, operation_of(call, "decline"), call.actor,
                                         call.credential.tenant_id, ConsentId{call.parameters.at(0)});
    co_return json_response(shown(whole));
}

Answer start_mandate(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    const auto consent = reader.text("consent_id", 80);
    const auto return_url = reader.optional_text("return_url", 256).value_or("");
    reader.finish();
    const auto started =
        co_await server::start_mandate(call.app, operation_of(call, "mandate"), call.actor,
                                       call.credential.tenant_id, ConsentId{consent}, return_url);
    co_return json_response(with_page(started), 201);
}

Answer show_mandate(Call& call) {
    const auto row = co_await call.app.store.find_mandate(MandateId{call.parameters.at(0)});
    if (!row || row->tenant_id != call.credential.tenant_id)
        throw Error(Errc::not_found, "there is no such mandate");
    co_return json_response(view::mandate(*row));
}

Answer end_mandate(Call& call) {
    const auto row =
        co_await server::end_mandate(call.app, operation_of(call, "end_mandate"), call.actor,
                                     call.credential.tenant_id, MandateId{call.parameters.at(0)});
    co_return json_response(view::mandate(row));
}

}  // namespace wefee::server::handlers
