// The parts of rating, each in its own file: lines of usage, of seats, and the words of formulas. Not for
// other rooms.
#pragma once

#include <map>
#include <optional>

#include "billing/rating.hpp"
#include "billing/tax.hpp"

namespace wefee::rating {

/// A quantity in a formula: "(12,400 − 含 10,000) 条", or "12,400 条" when nothing is included.
std::string counted(Quantity quantity, Quantity included, const std::string& unit);
/// "16/30 天"
std::string days_part(int days, int of);
/// "¥99.00 × ..."
std::string times(MicroYuan price, const std::string& what);

/// An add-on's terms, be it an offer or a module sold alone.
struct AddOnTerms {
    std::string item_code;
    std::string title;
    std::vector<std::string> modules;
    MicroYuan price;
};
std::optional<AddOnTerms> add_on_of(const PriceList& prices, std::string_view code);

/// Of a plan, and of add-ons (codes) beside it.
struct CreditTerms {
    const IncludedCredit* credit;
    std::string add_on;  // empty: the plan's
};
std::vector<CreditTerms> credits_of(const PriceList& prices, const Plan& plan,
                                    const std::vector<std::string>& add_ons);
/// "全部用量", "群发消息、接口调用": what a credit pays.
std::string paid_by_credit(const PriceList& prices, const IncludedCredit& credit);

/// "月", "季", "年", "周": what a price per period is for.
std::string period_unit(const Plan& plan);

/// The period as a part of its full period, counted as the plan counts days; the whole of it unless it is a
/// stub.
PeriodPart period_part(const Plan& plan, const RatingInput& input);
/// The same without its paused days.
PeriodPart part_in_use(const Plan& plan, const RatingInput& input);

/// One meter: its line or one line a tier, then its minimum and cap. `part` prorates the minimum.
std::vector<RatedLine> usage_lines(const UsageCharge& charge, const Meter& meter, const UsageTotal& total,
                                   const Fraction& part, bool last_part);

/// What earlier stretches of a bill took from credits that are not prorated, by code: those are there once a
/// period.
using CreditsUsed = std::map<std::string, Fen>;

/// Included credits pay `metered` lines (a meter's minimum and cap among them), in the order of the list: the
/// plan's first, then those of add-ons. One line each; never more than is left to pay.
std::vector<RatedLine> credit_lines(const PriceList& prices, const Plan& plan, const RatingInput& input,
                                    const std::vector<RatedLine>& metered, CreditsUsed& used);

/// Lines of this stretch as if nothing had been invoiced yet. Minimum and cap look at all of it, whichever
/// portion is billed now; they come with the usage, once that is known.
std::vector<RatedLine> stretch_lines(const PriceList& prices, const Plan& plan, const RatingInput& input,
                                     CreditsUsed& used);

/// What late usage adds: a line an item, and what they are made of.
struct LateLines {
    std::vector<RatedLine> lines;
    std::vector<LateBilled> billed;
};
/// Credits among them take at most `room` beyond what the others add; none: without limit.
LateLines late_lines(std::span<const LateUsage> late, std::optional<Fen> room);

/// Seats above the included ones. No line when the plan does not price seats.
std::vector<RatedLine> seat_lines(const Plan& plan, const RatingInput& input);

/// Plan, add-ons and seats: what is due whether anything was used or not.
std::vector<RatedLine> fixed_lines(const PriceList& prices, const Plan& plan, const RatingInput& input);

/// Percentages first, then fixed amounts, off `net` (R14); one line a coupon.
std::vector<RatedLine> coupon_lines(const PriceList& prices, std::span<const std::string> coupons, Fen net);

/// A line that is due, with the tax rate of its price list.
struct DueLine {
    RatedLine line;
    int tax_basis_points = 0;
};
/// The whole bill: the lines, then the coupons of `prices`, then tax by R6. No lines: nothing is due.
RatedPeriod bill_of(const std::vector<DueLine>& due, const PriceList& prices,
                    std::span<const std::string> coupons);
/// R6: on the exact sum of (rounded line − exact share of the discount) × rate, once.
Tax tax_of(const std::vector<DueLine>& due, Fen discount);

/// The very last step: lowers net, tax and total of the bill of `due` to the budget cap of the last stretch,
/// with a line that says so.
void apply_budget_cap(RatedPeriod& rated, const std::vector<DueLine>& due, std::span<const RatingPart> parts);

Fen sum_of(const std::vector<RatedLine>& lines);

/// Throws Error{invalid_value} with pointers.
void check_input(const PriceList& prices, const RatingInput& input);

/// Minimum and cap of any set of lines that came to `gross`: one line or none.
std::vector<RatedLine> limit_lines(std::optional<Fen> minimum, std::optional<Fen> cap, const Fraction& part,
                                   Fen gross, bool last_part, const std::string& minimum_code,
                                   const std::string& cap_code, const std::string& title);

}  // namespace wefee::rating
