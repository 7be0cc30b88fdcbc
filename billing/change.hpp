// What a change costs now (A10): the unused days of what was billed in advance go back, the rest of the
// period is charged on the new terms. Usage and what is billed in arrears wait for the period's own bill.
#pragma once

#include <string>
#include <vector>

#include "billing/subscription.hpp"

namespace wefee {

/// What a member asks for; what is not named stays as it is.
struct TermsWish {
    std::optional<std::string> plan = {};
    std::optional<std::vector<std::string>> add_ons = {};
    std::optional<std::vector<std::string>> coupons = {};
    std::optional<std::int64_t> seats = {};
    std::optional<int> anchor_day = {};
    std::shared_ptr<const PriceList> prices = {};  // move to this version
    std::optional<bool> paused = {};
};

/// The subscription with the wish from `day` on. A change that was planned for later keeps what the wish does
/// not name. Throws Error{invalid_value} with pointers when the terms that result are not on their price
/// list.
Subscription changed(Subscription subscription, const TermsWish& wish, CivilDay day);

/// The subscription that ends with `last_day`, which is still billed (R5).
Subscription cancelled(Subscription subscription, CivilDay last_day);

/// An item that was billed in advance for the current period.
struct BilledItem {
    std::string item_code;
    Fen left;                // what of it has not been credited yet, before coupons (R7)
    Fraction discount = {};  // the part that coupons took off it: a credit gives back as much less
};

/// A credit for the unused days of one billed item.
struct ChangeCredit {
    std::string item_code;  // of the billed item
    std::string title;
    DaySpan unused;
    int whole_days = 0;  // of the full period
    Fen gross;           // before coupons
    Fen net;
    Fen tax;
    Fen total;
    std::string text;  // ¥10.00 × 20/31 天
};

/// Takes `gross` of a credit off it, as a credit of its own: net and tax in proportion, the last part has the
/// rest.
ChangeCredit take_part(ChangeCredit& credit, Fen gross);

struct ChangeBill {
    RatedPeriod charge;  // the new terms for the rest of the period; no lines when nothing is due
    std::vector<ChangeCredit> credits;  // each is a credit note of its own (R6)
    Fen credit_net;
    Fen credit_tax;
    Fen credit_total;
    /// Above zero: to pay. Below: what is left over as account credit.
    Fen balance() const { return charge.total - credit_total; }
};

/// `before` and `after` differ from `day` on and no earlier. Items that go on unchanged are neither credited
/// nor charged. `billed` limits each credit; an item that it lacks was never billed and gives nothing back.
ChangeBill change_bill(const Subscription& before, const Subscription& after, CivilDay day,
                       const std::vector<BilledItem>& billed);

/// A change as it is settled: what it costs now, and where the open period lies from then on.
struct SettledChange {
    ChangeBill bill;
    DaySpan period;              // the open one: shorter or longer where the change moves its end
    bool begins_period = false;  // the change's day begins the next period, which its bill has charged
};

/// `after` holds from `from` on; `open` is the open period of `before`.
SettledChange settle_change(const Subscription& before, const Subscription& after, CivilDay from,
                            DaySpan open, const std::vector<BilledItem>& billed);

/// The part of each line that the bill's coupons took off.
Fraction discount_of(const RatedPeriod& bill);

/// What a bill charged in advance for the period that begins on `period_start`, or for the part of it after a
/// trial.
std::vector<BilledItem> billed_in_advance(const RatedPeriod& bill, CivilDay period_start);

/// A change charged anew for the days to come: what was charged before has been used up or credited by then,
/// so a later credit is of the newest charge and carries its discount.
void add_billed(std::vector<BilledItem>& billed, const RatedPeriod& charge);
void take_credit(std::vector<BilledItem>& billed, std::string_view item_code, Fen gross);

}  // namespace wefee
