// Account credit given by an operator: a credit note of no invoice, which pays the next invoices first.
#include <nlohmann/json.hpp>

#include "billing/rating.hpp"
#include "io/crypto.hpp"
#include "server/app.hpp"
#include "server/flows/account_credit.hpp"
#include "server/flows/approvals.hpp"
#include "server/http/body.hpp"

namespace wefee::server {

io::awaitable<void> give_credit(App& app, Unit& unit, storage::ApprovalRequestRow& request) {
    const auto body = nlohmann::json::parse(request.wish);
    ObjectReader reader{body};
    const Fen amount{reader.integer("amount_fen", 1, money_max)};
    request.reason = reader.text("reason");
    reader.finish();
    const auto tenant = co_await app.store.find_tenant(TenantId{request.subject_id});
    if (!tenant) throw Error(Errc::not_found, "there is no such tenant");
    request.tenant_id = tenant->id;
    request.amount_fen = amount;

    storage::CreditNoteRow note;
    note.id = CreditNoteId{"cdn_" + io::sha256_hex(request.id.text()).substr(0, 20)};
    note.tenant_id = tenant->id;
    note.cause = "grant";
    note.item_code = account_credit_item();
    note.title = "账户余额";
    note.first_day = note.last_day = civil_day(unit.at());
    note.gross_fen = note.net_fen = note.total_fen = note.kept_fen = amount;
    note.text = "转入账户余额 " + format_yuan_for_people(amount);
    note.reason = request.reason;
    note.source_id = request.id.text();
    note.created_at = unit.at();
    AccountCredit account{co_await app.store.find_account_credit(tenant->id)};
    account.give(unit, std::move(note));
    account.save(unit, tenant->id);
}

}  // namespace wefee::server
