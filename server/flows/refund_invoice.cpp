// Cash back without an adjustment: what was billed stands, so the invoice is owed again when the money is
// back (R7).
#include <nlohmann/json.hpp>

#include "server/app.hpp"
#include "server/flows/approvals.hpp"
#include "server/flows/refund_request.hpp"
#include "server/http/body.hpp"

namespace wefee::server {

io::awaitable<void> refund_invoice(App& app, Unit& unit, storage::ApprovalRequestRow& request) {
    const auto body = nlohmann::json::parse(request.wish);
    ObjectReader reader{body};
    const Fen amount{reader.integer("amount_fen", 1, money_max)};
    request.reason = reader.text("reason");
    reader.finish();
    const InvoiceId id{request.subject_id};
    const auto tenant = co_await app.store.tenant_of_invoice(id);
    if (!tenant) throw Error(Errc::not_found, "there is no such invoice");
    const auto view = co_await app.store.find_invoice(*tenant, id);
    if (amount > refundable_cash(*view))
        throw Error(Errc::invalid_value, "", {{"/amount_fen", "is more than was received for it"}});
    request.tenant_id = *tenant;
    request.amount_fen = amount;
    request_refunds(unit, *view, amount, request.id.text(), request.requested_by);
    unit.save(view->invoice);  // another refund that was decided without this one is decided again
}

}  // namespace wefee::server
