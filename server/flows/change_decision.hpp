// What a change of a subscription does (A10): read, decided as a value, written. Quote and confirmation share
// it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "billing/change.hpp"
#include "io/async.hpp"
#include "server/flows/account_credit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;
struct Rules;
class PriceLists;

enum class ChangeTime {
    automatic,  // now; at the end of the period where the new terms are cheaper
    now,
    period_end
};

/// What is not named stays as it is. One-off items and a cancellation stand alone.
struct ChangeWish {
    TermsWish terms;
    std::vector<OneOffOrder> one_offs = {};
    std::optional<PriceListId> price_list;  // move to this version
    bool cancel = false;
    ChangeTime time = ChangeTime::automatic;
    std::optional<CivilDay> day = {};  // an operator's: on that day instead
};

/// Reads a wish as the API has it. Throws Error with a pointer for everything that is wrong.
ChangeWish read_change_wish(const nlohmann::json& body);

/// What a change is decided from.
struct ChangeGround {
    storage::PeriodView view;
    storage::BilledView billed;                 // of the period that the day lies in, and of those beside it
    std::vector<storage::UsageTotalRow> usage;  // of that period
    std::optional<storage::PriceListRow> move_to;
    Instant now{};
};
/// Throws Error{not_found} when the tenant has no such subscription, or there is no such price list.
io::awaitable<ChangeGround> load_change(App& app, TenantId tenant, SubscriptionId id, ChangeWish wish);

/// Which bill has what the change costs for the days to come; an order has one of its own.
enum class BilledWith { change, opening, period, one_off };

struct ChangeDecision {
    Subscription before, after;
    CivilDay day{};  // the first one on the new terms; after a cancellation the first one that is not billed
    bool at_period_end = false;
    DaySpan holding;         // the period that today lies in, as it was
    std::int64_t cycle = 0;  // its number
    BilledWith with = BilledWith::change;
    SettledChange settled;                         // nothing in its bill unless it is billed alone
    Fen credit_before, credit_used, credit_after;  // account credit
};
/// Pure. Throws Error{invalid_value} with pointers, or Error{wrong_state}.
ChangeDecision decide_change(PriceLists& lists, const ChangeGround& ground, const ChangeWish& wish);

/// Writes the decision: terms, seats, credit notes, the change's invoice, and the tasks that follow.
void write_change(App& app, Unit& unit, const ChangeGround& ground, const ChangeDecision& decision,
                  const ChangeWish& wish);

/// Task: the row of a subscription shows the terms that have begun, and no trial that is over.
io::awaitable<void> begin_terms(App& app, storage::TaskRow task);

}  // namespace wefee::server
