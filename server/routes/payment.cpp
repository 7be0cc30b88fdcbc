// Paying by hand, and holding or releasing a planned deduction.
#include "server/flows/charge.hpp"
#include "server/flows/pay.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

io::awaitable<storage::ChargeView> own_charge(Call& call) {
    auto whole = co_await call.app.store.load_charge(ChargeId{call.parameters.at(0)});
    if (!whole || whole->charge.tenant_id != call.credential.tenant_id)
        throw Error(Errc::not_found, "there is no such charge");
    co_return std::move(*whole);
}

}  // namespace

Answer start_payment(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    PaymentWish wish;
    wish.provider = reader.text("provider", 16);
    wish.way = reader.text("way", 16);
    wish.return_url = reader.optional_text("return_url", 256).value_or("");
    if (!wish.provider.empty() && wish.provider != "wechat" && wish.provider != "alipay")
        reader.problem("provider", "must be wechat or alipay");
    reader.finish();
    wish.openid = call.credential.openid;
    const auto started = co_await server::start_payment(call.app, operation_of(call, "payment"), call.actor,
                                                        call.credential.tenant_id,
                                                        InvoiceId{call.parameters.at(0)}, std::move(wish));
    auto answer = view::charge(started.charge);
    answer["attempt"] = view::attempt(started.attempt);
    answer["instructions"] =
        started.attempt.instructions.empty() ? view::Json{} : view::Json::parse(started.attempt.instructions);
    co_return json_response(answer, 201);
}

Answer show_charge(Call& call) {
    const auto whole = co_await own_charge(call);
    auto answer = view::charge(whole.charge);
    answer["attempts"] = view::Json::array();
    for (const auto& attempt : whole.attempts) answer["attempts"].push_back(view::attempt(attempt));
    co_return json_response(answer);
}

Answer hold_charge(Call& call) {
    const auto row = co_await server::hold_charge(call.app, operation_of(call, "hold"), call.actor,
                                                  call.credential.tenant_id, ChargeId{call.parameters.at(0)});
    co_return json_response(view::charge(row));
}

Answer release_charge(Call& call) {
    const auto row =
        co_await server::release_charge(call.app, operation_of(call, "release"), call.actor,
                                        call.credential.tenant_id, ChargeId{call.parameters.at(0)});
    co_return json_response(view::charge(row));
}

}  // namespace wefee::server::handlers
