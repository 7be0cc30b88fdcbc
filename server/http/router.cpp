#include "server/http/router.hpp"

#include <algorithm>

#include "io/crypto.hpp"
#include "io/log.hpp"
#include "server/app.hpp"
#include "server/http/credentials.hpp"
#include "server/http/problem.hpp"
#include "storage/sql.hpp"

namespace wefee::server {
namespace {

/// Cuts the first segment ("/a/b" -> "a", rest "/b").
std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters) {
    if (pattern.find('{') == std::string_view::npos) return pattern == path;
    parameters.clear();
    while (!pattern.empty() && !path.empty()) {
        if (path.front() != '/') return false;
        const auto wanted = next_segment(pattern), given = next_segment(path);
        if (wanted.starts_with('{')) {
            if (given.empty() || given.size() > 80) return false;
            parameters.emplace_back(given);
        } else if (wanted != given) {
            return false;
        }
    }
    return pattern.empty() && path.empty();
}

bool mutates(std::string_view method) { return method != "GET" && method != "HEAD"; }

/// The key as sent; throws when it is not 8-128 visible characters.
std::string idempotency_key(const io::Request& request) {
    const auto key = request.header("idempotency-key");
    if (key.empty()) return {};
    const bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!visible || key.size() < 8 || key.size() > 128)
        throw Error(Errc::bad_request, "Idempotency-Key must have 8 to 128 visible ASCII characters");
    return std::string{key};
}

std::string idempotency_scope(const Credential& credential, const Route& route) {
    const auto who = credential.tenant_id.empty() ? credential.name : credential.tenant_id.text();
    return who + " " + std::string{route.method} + " " + std::string{route.pattern};
}

std::string input_hash(const io::Request& request) {
    return io::sha256_hex(std::string{request.target} + "\n" + std::string{request.body});
}

io::Response replay(const storage::IdempotencyRow& row) {
    io::Response response;
    response.status = static_cast<int>(row.status);
    response.content_type = "application/json";
    response.body = row.body;
    response.headers.emplace_back("Idempotency-Replayed", "true");
    return response;
}

/// A call that took its key and never ended (its process died) holds it for so long; no deadline of a call
/// that moves money is longer.
constexpr auto call_life = std::chrono::minutes{1};

io::Response answer_of_holder(const storage::IdempotencyRow& holder, const std::string& hash) {
    if (holder.input_hash != hash)
        throw Error(Errc::idempotency_conflict, "the key was used with another request");
    if (holder.status == 0)
        throw Error(Errc::idempotency_in_progress, "the first call with this key has not ended");
    return replay(holder);
}

/// One call at a time for a key, and its answer kept; the effect itself is made once by the operation id.
io::awaitable<io::Response> run_once(Call& call, const Route& route) {
    if (!mutates(route.method) || call.idempotency_key.empty() || route.access == Access::anyone)
        co_return co_await route.handler(call);
    auto& store = call.app.store;
    const auto now = call.app.clock.now();
    storage::IdempotencyRow row{idempotency_scope(call.credential, route),
                                call.idempotency_key,
                                input_hash(call.request),
                                0,
                                {},
                                now};
    if (const auto holder = co_await store.claim_idempotency(row, now - call_life))
        co_return answer_of_holder(*holder, row.input_hash);
    std::exception_ptr failure;
    io::Response response;
    try {
        response = co_await route.handler(call);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure && response.status >= 200 && response.status < 300) {
        row.status = response.status;
        row.body = response.body;
        co_await store.keep_idempotent_answer(row);
        co_return response;
    }
    co_await store.free_idempotency(row.scope, row.key);
    if (failure) std::rethrow_exception(failure);
    co_return response;
}

io::awaitable<io::Response> authenticated(App& app, const io::Request& request, const Route& route,
                                          std::vector<std::string> parameters) {
    auto credential = co_await authenticate(app, request, route.access);
    Call call{app, request, std::move(parameters), std::move(credential), {}, {}};
    call.idempotency_key = mutates(route.method) ? idempotency_key(request) : std::string{};
    call.actor = call.credential.name;
    co_return co_await run_once(call, route);
}

/// Errors become problems here and only here.
struct Failure {
    Errc errc;
    std::string detail;
    std::vector<FieldProblem> fields;
};

}  // namespace

Match match_route(std::string_view method, std::string_view path) {
    Match match;
    for (const auto& route : routes()) {
        std::vector<std::string> parameters;
        if (!fits(route.pattern, path, parameters)) continue;
        if (route.method == method) {
            match.route = &route;
            match.parameters = std::move(parameters);
            return match;
        }
        if (match.allow.find(route.method) ==
            std::string::npos)  // two patterns may fit: a word's, and a parameter's after it
            match.allow += (match.allow.empty() ? "" : ", ") + std::string{route.method};
    }
    return match;
}

io::awaitable<io::Response> dispatch(App& app, const io::Request& request) {
    auto match = match_route(request.method, request.path);
    if (!match.route)
        co_return match.allow.empty() ? problem(Errc::not_found) : method_not_allowed(match.allow);
    Failure failure{Errc::internal, {}, {}};
    try {
        if (match.route->access == Access::anyone && match.route->route_class != RouteClass::login) {
            Call call{app, request, std::move(match.parameters), {}, {}, {}};
            co_return co_await match.route->handler(call);
        }
        co_return co_await authenticated(app, request, *match.route, std::move(match.parameters));
    } catch (const Error& error) {
        failure = {error.errc(), error.what(), error.fields()};
    } catch (const storage::Unavailable& error) {
        failure = {Errc::unavailable, "the store is away; nothing was changed", {}};
        io::log(io::Level::error, "store_unavailable",
                {{"reason", error.what()}, {"request_id", request.request_id}});
    } catch (const std::exception& error) {
        io::log(io::Level::error, "request_failed",
                {{"reason", error.what()}, {"request_id", request.request_id}});
    }
    co_return problem(failure.errc, failure.detail, failure.fields);
}

}  // namespace wefee::server
