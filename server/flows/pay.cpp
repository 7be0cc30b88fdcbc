#include "server/flows/pay.hpp"

#include <algorithm>
#include <array>

#include "billing/machines/attempt.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/invoice.hpp"
#include "server/app.hpp"
#include "server/flows/attempt.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/plan.hpp"

namespace wefee::server {
namespace {

using Way = payment::ManualOrder::Way;
struct WayName {
    std::string_view name;
    Way way;
};
constexpr std::array ways{WayName{"mini_program", Way::mini_program}, WayName{"native_qr", Way::native_qr},
                          WayName{"page", Way::page}, WayName{"wap", Way::wap}};

Way way_of(const std::string& name) {
    const auto found = std::ranges::find(ways, name, &WayName::name);
    if (found == ways.end())
        throw Error(Errc::invalid_value, "", {{"/way", "must be one of native_qr, mini_program, page, wap"}});
    return found->way;
}

Fen owed(const storage::InvoiceRow& invoice) {
    return invoice.total_fen - invoice.paid_fen + invoice.refunded_fen;
}

std::string day_digits(Instant now) {
    auto day = format_day(civil_day(now));
    std::erase(day, '-');
    return day;
}

payment::ManualOrder order_of(const App& app, const PaymentWish& wish, const storage::InvoiceRow& invoice,
                              const storage::AttemptRow& attempt) {
    payment::ManualOrder order;
    order.way = way_of(wish.way);
    order.out_trade_no = attempt.out_trade_no;
    order.amount = attempt.amount_fen;
    order.description = "服务费 " + invoice.number;
    order.notify_url = notify_url(app, wish.provider, NotifyFor::order);
    order.return_url =
        wish.return_url.empty() ? app.rules.public_url + "/b/" + invoice.id.text() : wish.return_url;
    order.payer = wish.openid;
    order.expires_at = *attempt.intent_at + std::chrono::minutes{app.rules.collection.manual_order_minutes};
    return order;
}

/// Charge and attempt are made together; the number and its fields are fixed here.
Unit open_order(App& app, const PaymentWish& wish, storage::InvoiceRow invoice, const std::string& op_id,
                const std::string& actor, StartedPayment& started) {
    const auto now = app.clock.now();
    Unit unit{op_id, now, actor};
    auto& gateway = app.gateway(wish.provider);
    storage::ChargeRow charge;
    charge.id = new_id<ChargeId>("chg_");
    charge.tenant_id = invoice.tenant_id;
    charge.invoice_id = invoice.id;
    charge.cycle = invoice.cycle;
    charge.provider = wish.provider;
    charge.way = wish.way;
    charge.amount_fen = owed(invoice);
    charge.created_at = now;
    unit.create<ChargeState>(charge, ChargeEvent::manual_started);

    storage::AttemptRow attempt;
    attempt.id = new_id<AttemptId>("att_");
    attempt.tenant_id = invoice.tenant_id;
    attempt.charge_id = charge.id;
    attempt.invoice_id = invoice.id;
    attempt.provider = wish.provider;
    attempt.mchid = gateway.mchid();
    attempt.out_trade_no = "P" + day_digits(now) + io::random_alphanumeric(18);
    attempt.amount_fen = charge.amount_fen;
    attempt.open_flag = 1;
    attempt.intent_at = now;
    attempt.created_at = now;
    try {
        attempt.request_fields = gateway.fields(order_of(app, wish, invoice, attempt));
    } catch (const std::invalid_argument& wrong) {
        throw Error(Errc::invalid_value, wrong.what());
    }
    attempt.request_digest = io::sha256_hex(attempt.request_fields);
    unit.create<AttemptState>(attempt, AttemptEvent::intended);
    unit.move<InvoiceState>(invoice, InvoiceEvent::collection_started);
    invoice.reserved_fen += attempt.amount_fen;
    unit.schedule(task::attempt_step, attempt.id.text(), attempt.tenant_id, now);
    started = {charge, attempt};
    unit.insert(charge);
    unit.insert(attempt);
    unit.save(invoice);
    return unit;
}

const storage::AttemptRow* open_attempt(const storage::InvoiceView& view) {
    const auto found = std::ranges::find_if(
        view.attempts, [](const auto& attempt) { return attempt.open_flag.has_value(); });
    return found == view.attempts.end() ? nullptr : &*found;
}

const storage::ChargeRow& charge_of(const storage::InvoiceView& view, const storage::AttemptRow& attempt) {
    return *std::ranges::find(view.charges, attempt.charge_id, &storage::ChargeRow::id);
}

io::awaitable<storage::InvoiceView> load(App& app, TenantId tenant, InvoiceId id) {
    auto view = co_await app.store.find_invoice(tenant, id);
    if (!view) throw Error(Errc::not_found, "there is no such invoice");
    co_return std::move(*view);
}

/// An order that is open: the same one again, or closed to make way. True when the caller should look again.
io::awaitable<bool> make_way(App& app, storage::InvoiceView view, PaymentWish wish,
                             std::optional<StartedPayment>& same) {
    const auto* open = open_attempt(view);
    if (!open) co_return false;
    const auto& charge = charge_of(view, *open);
    if (charge.way == "deduction" || open->state == "REVIEW")
        throw Error(Errc::invoice_closed, "a deduction of this invoice is under way; its result comes first");
    if (charge.provider == wish.provider && charge.way == wish.way && !open->instructions.empty()) {
        same = StartedPayment{charge, *open};
        co_return false;
    }
    co_await close_open_order(app, open->id);
    co_return true;
}

}  // namespace

io::awaitable<StartedPayment> start_payment(App& app, std::string op_id, std::string actor, TenantId tenant,
                                            InvoiceId invoice_id, PaymentWish wish) {
    way_of(wish.way);
    if (wish.way == "mini_program" && wish.openid.empty())
        throw Error(Errc::invalid_value, "log in with the WeChat code too: the payer's openid is not known",
                    {{"/way", "mini_program needs a session with an openid"}});
    std::optional<StartedPayment> same;
    if (co_await make_way(app, co_await load(app, tenant, invoice_id), wish, same)) {
        const auto again = co_await load(app, tenant, invoice_id);
        if (open_attempt(again))
            throw Error(Errc::invoice_closed,
                        "the open order could not be closed yet: try again in a minute");
    }
    if (same) co_return std::move(*same);

    StartedPayment started;
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await load(app, tenant, invoice_id);
        if (owed(view.invoice) <= Fen{}) throw Error(Errc::invoice_closed, "nothing is owed on this invoice");
        if (open_attempt(view))
            throw Error(Errc::invoice_closed, "another payment of this invoice is under way");
        co_return open_order(app, wish, std::move(view.invoice), op_id, actor, started);
    });
    // A repeat of the same operation finds what the first one made.
    auto attempt = co_await app.store.find_attempt(started.attempt.id);
    if (!attempt) {
        const auto view = co_await load(app, tenant, invoice_id);
        const auto* open = open_attempt(view);
        if (!open) throw Error(Errc::conflict, "this payment was started and has ended");
        co_return StartedPayment{charge_of(view, *open), *open};
    }
    co_await attempt_step(
        app, {std::string{task::attempt_step}, attempt->id.text(), tenant, app.clock.now(), 0, 0});
    started.attempt = *co_await app.store.find_attempt(attempt->id);
    co_return started;
}

}  // namespace wefee::server
