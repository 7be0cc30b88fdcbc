// Two persons for money (C10): what an operator asks for is kept with its reason. Below the approval limit it
// is made at once, from there on when another operator has approved it; made once, from the rows as they are
// then.
#pragma once

#include "io/async.hpp"
#include "server/flows/unit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;
struct Rules;

bool needs_second_person(const Rules& rules, Fen amount);

/// Who asks for what. `kind` is one of the table in approvals.cpp, `body` the request's JSON.
struct MoneyWish {
    std::string op_id;
    std::string actor;
    TenantId only;  // the operator's key is for this tenant alone; empty: for all
    std::string_view kind;
    std::string subject_id;
    std::string body;
};
/// Throws what the kind's own flow throws. The same operation gives the same request.
io::awaitable<storage::ApprovalView> ask_for_money(App& app, MoneyWish wish);

/// Whose decision, about which request.
struct Decider {
    std::string actor;
    TenantId only;
    ApprovalId id;
    std::string answer;  // in words
};
/// Throws Error{forbidden} for the operator who asked, Error{wrong_state} when it is decided already,
/// Error{conflict} when it would move another amount by now.
io::awaitable<storage::ApprovalView> approve_money(App& app, Decider decider);
io::awaitable<storage::ApprovalView> refuse_money(App& app, Decider decider);

/// Money that nobody owes goes back once a person has approved it: adds the request.
void ask_to_return_surplus(Unit& unit, const storage::RefundRow& refund);

// ---- the kinds: each reads, decides and adds what it does to the unit; gives the request its tenant, amount
// and reason ----

io::awaitable<void> give_credit(App& app, Unit& unit, storage::ApprovalRequestRow& request);
io::awaitable<void> credit_line(App& app, Unit& unit, storage::ApprovalRequestRow& request);
io::awaitable<void> refund_invoice(App& app, Unit& unit, storage::ApprovalRequestRow& request);
io::awaitable<void> correct_terms(App& app, Unit& unit, storage::ApprovalRequestRow& request);

/// The largest amount that a request may name.
inline constexpr std::int64_t money_max = 100'000'000'000;

}  // namespace wefee::server
