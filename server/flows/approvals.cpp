#include "server/flows/approvals.hpp"

#include <algorithm>
#include <array>

#include "billing/machines/approval.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/refund_request.hpp"

namespace wefee::server {
namespace {

/// The refund is there already and waits.
io::awaitable<void> return_surplus(App& app, Unit& unit, storage::ApprovalRequestRow& request) {
    auto refund = co_await app.store.find_refund(RefundId{request.subject_id});
    if (!refund) throw Error(Errc::not_found, "there is no such refund");
    approve_refund(unit, *refund);
    unit.save(std::move(*refund));
}

struct MoneyKind {
    std::string_view name;
    io::awaitable<void> (*make)(App&, Unit&, storage::ApprovalRequestRow&);
    bool may_be_refused = true;
};
constexpr std::array kinds{
    MoneyKind{"credit", give_credit},
    MoneyKind{"credit_note", credit_line},
    MoneyKind{"refund", refund_invoice},
    MoneyKind{"correction", correct_terms},
    MoneyKind{"surplus_refund", return_surplus, false},
};

const MoneyKind& kind_of(std::string_view name) { return *std::ranges::find(kinds, name, &MoneyKind::name); }

io::awaitable<storage::ApprovalView> load(App& app, ApprovalId id, TenantId only) {
    auto view = co_await app.store.find_approval(id);
    if (!view || (!only.empty() && view->request.tenant_id != only))
        throw Error(Errc::not_found, "there is no such request");
    co_return std::move(*view);
}

storage::ApprovalRow decision_of(const Unit& unit, std::string_view type, const std::string& ref_id,
                                 std::string_view decision) {
    return {new_id_text("apv_"), std::string{type}, ref_id, unit.actor(), std::string{decision}, unit.at()};
}

/// Each refund that it let go has this second person too (I-24).
void sign_refunds(Unit& unit) {
    auto& refunds = std::get<storage::RowChanges<storage::RefundRow>>(unit.changes().rows);
    for (const auto* rows : {&refunds.inserts, &refunds.saves})
        for (const auto& refund : *rows) unit.insert(decision_of(unit, "refund", refund.id.text(), "YES"));
}

void decide(Unit& unit, storage::ApprovalRequestRow& request, ApprovalEvent event,
            const std::string& answer) {
    unit.move<ApprovalState>(request, event);
    request.decided_by = unit.actor();
    request.decided_at = unit.at();
    request.answer = answer;
    unit.insert(decision_of(unit, "approval_request", request.id.text(),
                            event == ApprovalEvent::approved ? "YES" : "NO"));
}

/// Whether it stands so already by the same person: a repeat changes nothing.
bool stands(const storage::ApprovalRequestRow& request, const Decider& decider, std::string_view state) {
    if (request.state == "PENDING") return false;
    if (request.state == state && request.decided_by == decider.actor) return true;
    throw Error(Errc::wrong_state, "the request is decided: it is " + request.state);
}

}  // namespace

bool needs_second_person(const Rules& rules, Fen amount) {
    return amount.count() >= rules.collection.approval_limit_fen;
}

io::awaitable<storage::ApprovalView> ask_for_money(App& app, MoneyWish wish) {
    const ApprovalId id{"apr_" + io::sha256_hex(wish.op_id).substr(0, 20)};
    if (auto known = co_await app.store.find_approval(id)) co_return std::move(*known);
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        storage::ApprovalRequestRow request;
        request.id = id;
        request.kind = wish.kind;
        request.subject_id = wish.subject_id;
        request.wish = wish.body;
        request.requested_by = wish.actor;
        request.created_at = app.clock.now();
        Unit unit{wish.op_id, request.created_at, wish.actor};
        co_await kind_of(wish.kind).make(app, unit, request);
        if (!wish.only.empty() && request.tenant_id != wish.only)
            throw Error(Errc::not_found, "there is no such thing");
        const bool waits = needs_second_person(app.rules, request.amount_fen);
        if (waits)
            unit = Unit{wish.op_id, request.created_at,
                        wish.actor};  // what it would do is only known to be possible
        unit.create<ApprovalState>(request, waits ? ApprovalEvent::requested : ApprovalEvent::within_limit);
        unit.insert(std::move(request));
        co_return unit;
    });
    co_return co_await load(app, id, {});
}

io::awaitable<storage::ApprovalView> approve_money(App& app, Decider decider) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto request = (co_await load(app, decider.id, decider.only)).request;
        if (stands(request, decider, "APPROVED")) co_return std::nullopt;
        if (request.requested_by == decider.actor)
            throw Error(Errc::forbidden, "another operator than the one who asked must approve");
        Unit unit{"approve:" + decider.id.text(), app.clock.now(), decider.actor};
        const auto asked = request.amount_fen;
        co_await kind_of(request.kind).make(app, unit, request);
        if (request.amount_fen != asked)
            throw Error(Errc::conflict, "it would move " + format_yuan_for_people(request.amount_fen) +
                                            " by now, not " + format_yuan_for_people(asked) +
                                            ": refuse it and ask again");
        sign_refunds(unit);
        decide(unit, request, ApprovalEvent::approved, decider.answer);
        unit.save(std::move(request));
        co_return unit;
    });
    co_return co_await load(app, decider.id, {});
}

io::awaitable<storage::ApprovalView> refuse_money(App& app, Decider decider) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto request = (co_await load(app, decider.id, decider.only)).request;
        if (stands(request, decider, "REFUSED")) co_return std::nullopt;
        if (!kind_of(request.kind).may_be_refused)
            throw Error(Errc::wrong_state, "nobody owes this money: it can only go back");
        Unit unit{"refuse:" + decider.id.text(), app.clock.now(), decider.actor};
        decide(unit, request, ApprovalEvent::refused, decider.answer);
        unit.save(std::move(request));
        co_return unit;
    });
    co_return co_await load(app, decider.id, {});
}

void ask_to_return_surplus(Unit& unit, const storage::RefundRow& refund) {
    storage::ApprovalRequestRow request;
    request.id = new_id<ApprovalId>("apr_");
    request.tenant_id = refund.tenant_id;
    request.kind = "surplus_refund";
    request.subject_id = refund.id.text();
    request.amount_fen = refund.amount_fen;
    request.wish = "{}";
    request.reason = refund.reason;
    request.requested_by = refund.created_by;
    request.created_at = unit.at();
    unit.create<ApprovalState>(request, ApprovalEvent::requested);
    unit.insert(std::move(request));
}

}  // namespace wefee::server
