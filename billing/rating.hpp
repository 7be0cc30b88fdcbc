// The one rating function: preview, running cost, invoice, correction and simulation all come from here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing/period.hpp"
#include "billing/price_list.hpp"

namespace wefee {

struct SeatLevel {
    CivilDay day;  // from this day on
    std::int64_t seats = 0;
};

struct UsageTotal {
    std::string meter;
    Quantity quantity;
    std::int64_t events = 0;
    std::vector<Fen> transactions = {};  // percentage prices only: the period's events in order
    std::string evidence = {};           // further words, shown with the line
    /// time_weighted: the sum of levels, a day each, and the days of the full period, whatever part of it is
    /// billed (R2); `quantity` is their quotient.
    Quantity unit_days = {};
    int days = 0;  // 0: not weighted
};
/// Gives a level's total both, and the quantity.
void set_unit_days(UsageTotal& total, Quantity unit_days, int days);

/// What a late line bills of one earlier period. `rest` is a credit that this period had no room for.
struct LateBilled {
    std::string item;  // by metered_item()
    DaySpan period;
    Fen amount;
    Fen rest;
};

struct AddOn {
    std::string code;  // of an add-on offer, or of a module that is sold alone
    DaySpan days;      // on which it is used; cut to the period. The same one may be used in several spans
};

struct AlreadyInvoiced {
    std::string item_code;
    Fen amount;
};

/// What of a period is billed: fixed prices (plan, add-ons, seats) may be billed in advance, usage
/// afterwards.
enum class Portion { all, fixed, usage };

struct RatingInput {
    std::string plan;
    std::vector<AddOn> add_ons = {};
    DaySpan period;                    // what is billed; a stub when shorter than `full`
    DaySpan full;                      // the anchor period that holds it
    std::vector<DaySpan> pauses = {};  // rising, inside `period`: days that cost nothing
    std::vector<SeatLevel> seats =
        {};  // rising days; the last at or before period.start is the opening level
    std::vector<UsageTotal> usage = {};
    /// A period billed in parts: what earlier parts invoiced, by item. Minimums are added on the last part
    /// only.
    std::vector<AlreadyInvoiced> already = {};
    bool last_part = true;
    Portion portion = Portion::all;
    std::vector<std::string> coupons = {};  // codes, in the order in which they were given
    /// A budget's hard cap: the most that the bill may come to, with tax, earlier parts included. Never makes
    /// a credit. Of several stretches the last one's holds for all.
    std::optional<Fen> budget_cap = {};
};

/// Whether the day is billed: it lies in the period and is not paused.
bool in_use(const RatingInput& input, CivilDay day);
/// Whether what a meter adds on a day is counted. A latest value stands until the next one: what it became in
/// a pause is what it is afterwards.
bool is_counted(const RatingInput& input, const Meter* meter, CivilDay day);

enum class LineKind { plan, module, seats, one_off, usage, late_usage, credit, minimum, cap, coupon, tax };
std::string_view line_kind_name(LineKind kind);
std::optional<LineKind> parse_line_kind(std::string_view name);

/// amount = unit_price × (quantity − included) × factor, rounded once, where the kind has such a form; else
/// `text` says how. With `already` the amount is what is left after earlier parts.
struct Formula {
    MicroYuan unit_price;
    std::string unit;
    Quantity quantity;
    Quantity included;
    std::int64_t factor_num = 1;
    std::int64_t factor_den = 1;
    Fen already;
    Fen amount;
    std::string text;  // ¥0.05 × (12,400 − 含 10,000) 条
};

struct RatedLine {
    std::string item_code;  // unique within the invoice; item_of() is what a consent names
    LineKind kind{};
    DaySpan period{};  // the days it is for
    std::string title;
    Formula formula;
    std::string evidence;
    Fen tax;  // this line's part of the tax line (R13)
    Fen amount() const { return formula.amount; }
};

struct RatedPeriod {
    int price_list_version = 0;
    std::vector<RatedLine> lines;  // the tax line, where there is one, last
    Fen net;                       // all lines but tax
    Fen tax;
    Fen total;       // net + tax: the sum of all lines
    Fen suppressed;  // what the budget's cap took off, with tax: total + suppressed would be owed without it
    std::vector<LateBilled> late = {};  // what the late lines are made of
};

/// A stretch of days on one plan and one version of the price list.
struct RatingPart {
    const PriceList* prices;
    RatingInput input;
};

/// Usage that came after its period was invoiced: billed as the difference to what was invoiced (R11). All of
/// the period is priced again, because minimums and caps look at the whole of it.
struct LateUsage {
    struct Late {
        std::string meter;
        std::string days = {};  // of what came late, in words: 11月30日
    };
    DaySpan period;                 // the earlier one
    std::vector<RatingPart> parts;  // as they were priced then, with all usage, what came late included
    std::vector<Late> meters;
    std::vector<AlreadyInvoiced> already =
        {};  // of the period, by metered_item(), what late lines took included
};

/// What late usage settles a line by that depends on usage: its meter, an included credit, or the plan's
/// minimum or cap. None for others.
std::optional<std::string> metered_item(LineKind kind, std::string_view line_code);
/// Adds to what late usage is measured against: a line that was invoiced, if it is of such an item; an item.
void add_invoiced(std::vector<AlreadyInvoiced>& already, LineKind kind, std::string_view line_code,
                  Fen amount);
void add_invoiced(std::vector<AlreadyInvoiced>& already, const std::string& item, Fen amount);

/// Pure. Throws Error{invalid_value} with field pointers when the input names a plan, add-on, coupon or meter
/// that is not on the list, or a period outside `full`.
RatedPeriod rate(const PriceList& prices, const RatingInput& input, std::span<const LateUsage> late = {});

/// One bill over several stretches: each is rated by itself, coupons (those of the last stretch) and tax look
/// at all of them. Lines of a stretch that begins later than the first carry "@" and its first day in their
/// code. Late usage of earlier periods stands with the last one that has usage.
RatedPeriod rate(std::span<const RatingPart> parts, std::span<const LateUsage> late = {});

/// So many of an item that is charged once.
struct OneOffOrder {
    std::string code;
    std::int64_t quantity = 1;
};
/// The bill of an order (B19): whole, whatever is left of a period, and without coupons, which are of
/// periods. Throws Error{invalid_value} with pointers below /one_offs when an item is not on the list or
/// named twice.
RatedPeriod one_off_bill(const PriceList& prices, std::span<const OneOffOrder> orders, CivilDay day);

// ---- item codes ----

/// Everything that a plan with these add-ons can ever put on a bill, known before any usage: what a consent
/// names.
struct ChargeableItem {
    std::string code;
    std::string title;
    MicroYuan unit_price;  // the highest that a line of this code can carry; 0 where there is none
    std::string unit;
    std::string how_counted;  // shown on the consent page
};
std::vector<ChargeableItem> chargeable_items(const PriceList& prices, std::string_view plan,
                                             const std::vector<std::string>& add_ons);

std::string plan_item(std::string_view plan);                     // plan.pro
std::string module_item(std::string_view module);                 // module.archive
std::string add_on_item(std::string_view add_on);                 // add_on.growth
std::string seats_item();                                         // seats
std::string usage_item(std::string_view meter);                   // api_calls
std::string tier_item(std::string_view meter, std::size_t tier);  // api_calls.tier1 (tier counts from 0)
std::string late_item(std::string_view metered_item);             // api_calls.late
std::string meter_minimum_item(std::string_view meter);           // api_calls.minimum
std::string meter_cap_item(std::string_view meter);               // api_calls.cap
std::string minimum_item();                                       // minimum
std::string cap_item();                                           // cap
std::string credit_item(std::string_view credit);                 // credit.starter
std::string one_off_item(std::string_view one_off);               // one_off.setup
std::string coupon_item(std::string_view coupon);                 // coupon.spring
std::string tax_item();                                           // tax
std::string budget_cap_item();                                    // budget_cap
std::string account_credit_item();  // account_credit: what no bill of its own is credited
/// The item that a line belongs to: its code without the stretch ("seats@2026-03-12" is of "seats").
std::string_view item_of(std::string_view line_code);

}  // namespace wefee
