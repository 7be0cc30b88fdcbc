// /healthz: the process lives. /readyz: the store answers and nothing is draining.
#include <atomic>

#include <nlohmann/json.hpp>

#include "server/app.hpp"
#include "server/http/body.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {

Answer healthz(Call&) { co_return json_response(nlohmann::json{{"status", "ok"}}); }

Answer readyz(Call& call) {
    nlohmann::json reasons = nlohmann::json::array();
    if (call.app.draining) reasons.push_back("draining");
    if (!co_await call.app.store.ready()) reasons.push_back("store");
    const bool ready = reasons.empty();
    co_return json_response(nlohmann::json{{"ready", ready}, {"reasons", std::move(reasons)}},
                            ready ? 200 : 503);
}

}  // namespace wefee::server::handlers
