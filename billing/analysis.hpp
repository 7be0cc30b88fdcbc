// Analysis (C5): where the money of some days went. Every fen of every line is given to a day and to what it
// was spent on, so that each way of looking adds up to the same total.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "billing/subscription.hpp"

namespace wefee {

enum class AnalysisBy { module, meter, seat, department, day };
std::string_view analysis_by_name(AnalysisBy by);
std::optional<AnalysisBy> parse_analysis_by(std::string_view name);

/// A line as billed. `kind` is a line kind's name, `days` what it is for: a line in advance is for the next
/// period.
struct CostLine {
    std::string item_code;
    std::string kind;
    std::string title;
    Fen amount;
    std::optional<DaySpan> days = {};  // none: the billed period
};

/// Usage of one day by a property of its events. Only the proportions within a day count.
struct ValueUsage {
    std::string meter;
    CivilDay day;
    std::string value;  // "": events without it
    Quantity quantity;
};

/// One invoice, or the running period rated so far.
struct BilledPeriod {
    DaySpan period;
    const PriceList* prices = nullptr;  // the list that it was billed from; must outlive the call
    std::vector<CostLine> lines;        // their sum is the total
    std::vector<SeatLevel> seats;       // rising days
    std::vector<UsageDay> usage;
    std::vector<ValueUsage> values = {};  // by department or seat: read only then
};

struct AnalysisRow {
    std::string key;  // code of the module or meter, value of the property, day; "" is what nothing claims
    std::string title;
    Fen amount;
    Fen before;  // of the days before
    Fen difference() const { return amount - before; }
};

struct Analysis {
    std::vector<AnalysisRow> rows;  // the largest first; days in order
    Fen total;                      // of the rows
    Fen before;
    std::vector<AnalysisRow> drivers;  // what changed most against the days before, five at most
};

/// (after - before) / before in basis points, half away from zero; none where there was nothing before.
std::optional<std::int64_t> growth_basis_points(Fen before, Fen after);

/// The days that `range` is compared with: as many whole months before where it is whole months, else as many
/// days.
DaySpan days_before(DaySpan range);

/// Pure. Days outside both ranges count nothing. Plans, modules and add-ons are spread evenly over
/// their days and, by module, in proportion to the list prices of their modules; seats by the day's seats;
/// usage by the day's usage; what concerns the whole bill (tax, minimum, cap, discounts) in proportion to all
/// of that.
Analysis analyse(std::span<const BilledPeriod> periods, DaySpan range, DaySpan before, AnalysisBy by);

}  // namespace wefee
