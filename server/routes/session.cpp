// POST /api/v1/session and what a member is.
#include "server/app.hpp"
#include "server/flows/login.hpp"
#include "server/http/body.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {

Answer log_in(Call& call) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    const auto code = reader.text("code", 512);
    const auto wechat_code = reader.optional_text("wechat_code", 512).value_or("");
    reader.finish();
    const auto login = co_await server::log_in(call.app, code, wechat_code);
    co_return json_response(nlohmann::ordered_json{{"token", login.token},
                                                   {"expires_at", format_instant(login.session.expires_at)},
                                                   {"tenant_id", login.tenant.id.text()},
                                                   {"tenant_name", login.tenant.name},
                                                   {"role", login.session.role},
                                                   {"can_pay_in_miniprogram", !login.session.openid.empty()}},
                            201);
}

Answer who_am_i(Call& call) {
    const auto tenant = co_await call.app.store.find_tenant(call.credential.tenant_id);
    co_return json_response(nlohmann::ordered_json{{"tenant_id", call.credential.tenant_id.text()},
                                                   {"tenant_name", tenant ? tenant->name : ""},
                                                   {"member_id", call.credential.member_id.text()},
                                                   {"role", call.credential.role}});
}

}  // namespace wefee::server::handlers
