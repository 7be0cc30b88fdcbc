#include "server/http/credentials.hpp"

#include <algorithm>
#include <array>

#include "billing/error.hpp"
#include "io/crypto.hpp"
#include "server/app.hpp"
#include "server/flows/entitlements.hpp"

namespace wefee::server {
namespace {

constexpr std::array<std::string_view, 3> member_roles{"viewer", "finance", "billing_admin"};
constexpr std::array<std::string_view, 4> operator_roles{"viewer", "support", "finance", "admin"};

constexpr auto session_life = std::chrono::hours{12};
constexpr auto session_idle = std::chrono::minutes{30};

enum class Kind { nobody, member, ingest, entitlements, operators };

struct Needed {
    Access access;
    Kind kind;
    std::string_view role;
};
constexpr Needed needs[] = {
    {Access::anyone, Kind::nobody, ""},
    {Access::member_viewer, Kind::member, "viewer"},
    {Access::member_finance, Kind::member, "finance"},
    {Access::member_admin, Kind::member, "billing_admin"},
    {Access::ingest_key, Kind::ingest, ""},
    {Access::entitlements_key, Kind::entitlements, ""},
    {Access::operator_viewer, Kind::operators, "viewer"},
    {Access::operator_support, Kind::operators, "support"},
    {Access::operator_finance, Kind::operators, "finance"},
    {Access::operator_admin, Kind::operators, "admin"},
};

/// Support sees everything but has no money rights: finance does not include it, admin includes all.
bool role_reaches(std::span<const std::string_view> order, std::string_view has, std::string_view needed) {
    const auto have = std::ranges::find(order, has), want = std::ranges::find(order, needed);
    return have != order.end() && want != order.end() && have >= want;
}

std::string_view bearer_token(const io::Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    const auto header = request.header("authorization");
    if (!header.starts_with(scheme) || request.header_count("authorization") != 1) return {};
    return header.substr(scheme.size());
}

io::awaitable<Credential> member_credential(App& app, std::string hash, std::string_view role) {
    const auto session = co_await app.store.find_session(hash);
    const auto now = app.clock.now();
    if (!session || now >= session->expires_at || now - session->created_at >= session_life ||
        now - session->last_seen_at >= session_idle)
        throw Error(Errc::unauthorised, "the session is unknown or has ended: log in again");
    if (!role_reaches(member_roles, session->role, role))
        throw Error(Errc::forbidden, "this needs the role " + std::string{role});
    if (now - session->last_seen_at >= std::chrono::minutes{1}) co_await app.store.touch_session(hash, now);
    co_return Credential{
        session->tenant_id, session->member_id, session->role, "member:" + session->member_id.text(), hash,
        session->openid};
}

std::string_view scope_of(Kind kind) {
    return kind == Kind::ingest ? "ingest" : kind == Kind::entitlements ? "entitlements" : "admin";
}

io::awaitable<Credential> key_credential(App& app, std::string hash, const Needed& needed) {
    if (needed.kind == Kind::operators && !app.rules.admin_key_hash.empty() &&
        io::equal_constant_time(hash, app.rules.admin_key_hash))
        co_return Credential{{}, {}, "admin", "operator:installer", hash, {}};
    const bool from_memory = needed.kind == Kind::entitlements;
    const auto key =
        from_memory ? co_await app.entitlements->key(hash) : co_await app.store.find_api_key(hash);
    const auto scope = scope_of(needed.kind);
    if (!key || key->revoked_at || key->scope != scope)
        throw Error(Errc::unauthorised, "the API key is unknown, revoked or of another scope");
    if (needed.kind == Kind::operators && !role_reaches(operator_roles, key->role, needed.role))
        throw Error(Errc::forbidden, "this needs the role " + std::string{needed.role});
    co_return Credential{TenantId{key->tenant_id},
                         {},
                         key->role,
                         (needed.kind == Kind::operators ? "operator:" : "key:") + key->name,
                         hash,
                         {}};
}

void count(App& app, const std::string& who, const io::Rate& rate) {
    if (app.rates.take(who, rate, std::chrono::steady_clock::now()))
        throw Error(Errc::too_many_requests, "more requests of " + who + " than its limit allows");
}

/// Every member for itself, and all that a tenant's members and keys send together.
void count_call(App& app, const Credential& credential) {
    if (!credential.member_id.empty())
        count(app, "member " + credential.member_id.text(), app.rules.member_rate);
    if (!credential.tenant_id.empty())
        count(app, "tenant " + credential.tenant_id.text(), app.rules.tenant_rate);
}

}  // namespace

std::string token_hash(std::string_view token) { return io::sha256_hex(token); }

io::awaitable<Credential> authenticate(App& app, const io::Request& request, Access access) {
    const auto& needed = *std::ranges::find(needs, access, &Needed::access);
    if (needed.kind == Kind::nobody) co_return Credential{};
    const auto token = bearer_token(request);
    if (token.empty()) throw Error(Errc::unauthorised, "send Authorization: Bearer <token>");
    auto hash = token_hash(token);
    auto credential = needed.kind == Kind::member
                          ? co_await member_credential(app, std::move(hash), needed.role)
                          : co_await key_credential(app, std::move(hash), needed);
    // Questions from memory have a limit of their own by address; a tenant's is for what reaches the store.
    if (needed.kind != Kind::entitlements) count_call(app, credential);
    co_return credential;
}

}  // namespace wefee::server
