// Callback routes: which door a path has. What happens behind it is flows/receive.
#include "billing/error.hpp"
#include "server/app.hpp"
#include "server/flows/receive.hpp"
#include "server/http/problem.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {

Answer payment_notification(Call& call) {
    const auto door = call.app.doors.find(call.request.path);
    if (door == call.app.doors.end()) co_return problem(Errc::not_found, "this provider is not configured");
    co_return co_await receive_notification(call.app, *door->second, call.request);
}

Answer wecom_callback(Call& call) {
    const auto door = call.app.wecom_doors.find(call.request.path);
    if (door == call.app.wecom_doors.end())
        co_return problem(Errc::not_found, "this callback is not configured");
    co_return co_await receive_wecom(call.app, *door->second, call.request);
}

Answer wecom_check(Call& call) {
    const auto door = call.app.wecom_doors.find(call.request.path);
    if (door == call.app.wecom_doors.end())
        co_return problem(Errc::not_found, "this callback is not configured");
    co_return answer_wecom_check(*door->second, call.request);
}

}  // namespace wefee::server::handlers
