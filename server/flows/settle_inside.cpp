#include "server/flows/settle_inside.hpp"

#include "billing/machines/attempt.hpp"
#include "billing/machines/charge.hpp"
#include "io/crypto.hpp"
#include "server/flows/books.hpp"

namespace wefee::server {
namespace {

storage::ChargeRow charge_of(const storage::InvoiceRow& invoice, const std::string& provider,
                             const std::string& mark, Fen amount, Instant now) {
    storage::ChargeRow charge;
    charge.id = ChargeId{"chg_" + mark};
    charge.tenant_id = invoice.tenant_id;
    charge.invoice_id = invoice.id;
    charge.cycle = invoice.cycle;
    charge.provider = provider;
    charge.way = provider;
    charge.amount_fen = amount;
    charge.created_at = now;
    return charge;
}

storage::AttemptRow attempt_of(const storage::ChargeRow& charge, const std::string& mark,
                               const std::string& cause_id, Instant now) {
    storage::AttemptRow attempt;
    attempt.id = AttemptId{"att_" + mark};
    attempt.tenant_id = charge.tenant_id;
    attempt.charge_id = charge.id;
    attempt.invoice_id = charge.invoice_id;
    attempt.provider = charge.provider;
    attempt.out_trade_no = (charge.provider == "balance" ? "B" : "N") + mark;
    attempt.amount_fen = charge.amount_fen;
    attempt.won_flag = 1;
    attempt.provider_txn = cause_id;
    attempt.request_fields = "{}";
    attempt.request_digest = io::sha256_hex(attempt.request_fields);
    attempt.instructions = "{}";
    attempt.intent_at = now;
    attempt.paid_at_bj = format_local(now);
    attempt.created_at = now;
    return attempt;
}

}  // namespace

AttemptId settle_inside(Unit& unit, storage::InvoiceRow& invoice, Provider provider,
                        const std::string& cause_id, Fen amount) {
    const std::string name{provider_name(provider)};
    const auto mark = io::sha256_hex(cause_id + "/" + name).substr(0, 20);
    auto charge = charge_of(invoice, name, mark, amount, unit.at());
    unit.create<ChargeState>(charge, ChargeEvent::settled);
    auto attempt = attempt_of(charge, mark, cause_id, unit.at());
    unit.create<AttemptState>(attempt, AttemptEvent::settled);
    post_all(unit, post_capture(attempt.id.text(), amount), attempt.tenant_id);
    invoice.paid_fen += amount;
    auto id = attempt.id;
    unit.insert(std::move(charge));
    unit.insert(std::move(attempt));
    return id;
}

}  // namespace wefee::server
