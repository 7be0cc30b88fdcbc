#include "server/flows/login.hpp"

#include "billing/error.hpp"
#include "io/crypto.hpp"
#include "server/app.hpp"
#include "server/http/credentials.hpp"
#include "wecom/client.hpp"
#include "wecom/login.hpp"

namespace wefee::server {
namespace {

constexpr auto session_life = std::chrono::hours{12};
constexpr std::size_t token_characters = 43;  // 256 bits

[[noreturn]] void refuse(const wecom::Failure& failure) {
    if (failure.error_class == wecom::ErrorClass::user_again)
        throw Error(Errc::unauthorised, "the login code is wrong, expired or was used: log in again");
    throw Error(Errc::provider_failed, "the login could not be checked with WeCom: " + failure.code);
}

io::awaitable<std::string> openid_of(App& app, std::string wechat_code) {
    if (wechat_code.empty() || !app.mini_program) co_return std::string{};
    const auto session = co_await app.mini_program->exchange(std::move(wechat_code));
    if (!session) refuse(session.error());
    co_return session->openid;
}

}  // namespace

io::awaitable<Login> log_in(App& app, std::string code, std::string wechat_code) {
    if (!app.wecom) throw Error(Errc::unavailable, "WeCom is not configured");
    const auto identity = co_await app.wecom->login(std::move(code));
    if (!identity) refuse(identity.error());
    auto tenant = co_await app.store.find_tenant_by_corp(identity->corp_id);
    // One answer for an unknown company and an unknown person.
    if (!tenant) throw Error(Errc::unauthorised, "ask an administrator of your company for access");
    const auto authorisation =
        co_await app.store.find_authorisation_by_corp(app.rules.suite_id, tenant->corp_id);
    const auto member = co_await app.store.find_member(tenant->id, identity->user_id);
    if (!member || !member->active || !authorisation || authorisation->state == "CANCELLED")
        throw Error(Errc::unauthorised, "ask an administrator of your company for access");

    Login login;
    login.session.openid = co_await openid_of(app, std::move(wechat_code));
    login.token = io::random_alphanumeric(token_characters);
    const auto now = app.clock.now();
    login.session.token_hash = token_hash(login.token);
    login.session.tenant_id = tenant->id;
    login.session.member_id = member->id;
    login.session.role = member->role;
    login.session.created_at = login.session.last_seen_at = now;
    login.session.expires_at = now + session_life;
    co_await app.store.put_session(login.session);
    login.tenant = std::move(*tenant);
    co_return login;
}

}  // namespace wefee::server
