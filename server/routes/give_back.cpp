// What an operator gives, takes back and corrects, and the second person above the approval limit. Every
// request has a reason that is kept.
#include <algorithm>
#include <array>

#include "server/flows/approvals.hpp"
#include "server/flows/correction.hpp"
#include "server/flows/explain.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

using view::Json;

/// Made, or waiting for a second person.
Answer ask(Call& call, std::string_view kind, std::string body) {
    MoneyWish wish{operation_of(call, kind), call.actor,     call.credential.tenant_id, kind,
                   call.parameters.at(0),    std::move(body)};
    const auto done = co_await ask_for_money(call.app, std::move(wish));
    co_return json_response(view::approval_whole(done), done.request.state == "PENDING" ? 202 : 201);
}

/// Who decides, with the words that `required` asks for.
Decider decider_of(const Call& call, bool required) {
    const auto body = parse_object(call.request);
    ObjectReader reader{body};
    Decider decider{call.actor, call.credential.tenant_id, ApprovalId{call.parameters.at(0)},
                    required ? reader.text("reason") : reader.optional_text("reason").value_or("")};
    reader.finish();
    return decider;
}

}  // namespace

Answer give_credit(Call& call) { return ask(call, "credit", parse_object(call.request).dump()); }
Answer credit_invoice(Call& call) { return ask(call, "credit_note", parse_object(call.request).dump()); }
Answer refund_invoice(Call& call) { return ask(call, "refund", parse_object(call.request).dump()); }

Answer correct_subscription(Call& call) {
    const auto body = parse_object(call.request);
    auto wish = read_correction_wish(body);
    if (!wish.preview) co_return co_await ask(call, "correction", body.dump());
    co_return json_response(
        co_await preview_correction(call.app, SubscriptionId{call.parameters.at(0)}, std::move(wish)));
}

Answer list_approvals(Call& call) {
    constexpr std::array<std::string_view, 4> states{"", "PENDING", "APPROVED", "REFUSED"};
    const auto limit = page_limit(call);
    const auto state = query_parameter(call, "state");
    if (std::ranges::count(states, state) == 0)
        throw Error(Errc::invalid_value, "", {{"/state", "must be PENDING, APPROVED or REFUSED"}});
    auto rows = co_await call.app.store.approvals(state, call.credential.tenant_id, limit + 1,
                                                  query_parameter(call, "next"));
    const bool more = rows.size() > limit;
    if (more) rows.resize(limit);
    Json body{{"approvals", Json::array()}, {"next", more ? Json(rows.back().id.text()) : Json{}}};
    for (const auto& row : rows) body["approvals"].push_back(view::approval(row));
    co_return json_response(body);
}

Answer show_approval(Call& call) {
    co_return json_response(
        co_await explain_request(call.app, call.credential.tenant_id, ApprovalId{call.parameters.at(0)}));
}

Answer approve_request(Call& call) {
    co_return json_response(view::approval_whole(co_await approve_money(call.app, decider_of(call, false))));
}

Answer refuse_request(Call& call) {
    co_return json_response(view::approval_whole(co_await refuse_money(call.app, decider_of(call, true))));
}

}  // namespace wefee::server::handlers
