// Routes as data: what paths exist, who may call them, which limits they have. The table is walked by tests
// (role x route, foreign ids).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/ids.hpp"
#include "io/async.hpp"
#include "io/http.hpp"

namespace wefee::server {

struct App;

/// Which limits of [limits] a route has.
enum class RouteClass {
    callback,
    wecom_callback,
    api,
    ingest,
    upload,
    entitlements,
    login,
    health,
    maintenance
};

/// Who may call. Members: viewer < finance < billing_admin. Operators: viewer, support, finance, admin.
enum class Access {
    anyone,  // callbacks (their signature decides), health, public
    member_viewer,
    member_finance,
    member_admin,
    ingest_key,
    entitlements_key,
    operator_viewer,
    operator_support,
    operator_finance,
    operator_admin
};

struct Credential {
    TenantId tenant_id;  // of a member's session; empty for keys of all tenants
    MemberId member_id;
    std::string role;
    std::string name;        // key's name; "member:mem_.." for sessions
    std::string token_hash;  // session
    std::string openid;
};

/// One request on its way through a handler.
struct Call {
    App& app;
    const io::Request& request;
    std::vector<std::string> parameters;  // of the pattern, in order
    Credential credential;
    std::string idempotency_key;  // header, checked for form; empty when absent
    std::string actor;            // for the audit
};

struct Route {
    std::string_view method;
    std::string_view pattern;  // "/api/v1/invoices/{id}"
    RouteClass route_class;
    Access access;
    io::awaitable<io::Response> (*handler)(Call&);
};

/// All routes; callbacks, which are many, first.
std::span<const Route> routes();

struct Match {
    const Route* route = nullptr;  // nullptr: `allow` tells why
    std::string allow;             // methods of that path; empty: no such path
    std::vector<std::string> parameters;
};
Match match_route(std::string_view method, std::string_view path);

/// Authenticates, checks the role and the tenant's rate, runs the handler and turns errors into problems.
io::awaitable<io::Response> dispatch(App& app, const io::Request& request);

}  // namespace wefee::server
