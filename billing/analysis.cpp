#include "billing/analysis.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "billing/analysis_cells.hpp"
#include "billing/order.hpp"
#include "billing/period.hpp"

namespace wefee {
namespace {

constexpr std::array<std::string_view, 5> by_names{"module", "meter", "seat", "department", "day"};
constexpr std::size_t drivers_max = 5;

bool holds(DaySpan span, CivilDay day) { return span.start <= day && day < span.end; }

std::vector<AnalysisRow> largest_changes(std::vector<AnalysisRow> rows) {
    const auto size = [](const AnalysisRow& row) { return std::max(row.difference(), -row.difference()); };
    std::erase_if(rows, [](const AnalysisRow& row) { return row.difference() == Fen{}; });
    sort_steadily(rows, size, std::ranges::greater{});
    if (rows.size() > drivers_max) rows.erase(rows.begin() + drivers_max, rows.end());
    return rows;
}

}  // namespace

std::string_view analysis_by_name(AnalysisBy by) { return by_names.at(static_cast<std::size_t>(by)); }

std::optional<AnalysisBy> parse_analysis_by(std::string_view name) {
    const auto* found = std::ranges::find(by_names, name);
    if (found == by_names.end()) return std::nullopt;
    return static_cast<AnalysisBy>(found - by_names.begin());
}

std::optional<std::int64_t> growth_basis_points(Fen before, Fen after) {
    if (before <= Fen{}) return std::nullopt;
    return rounded(Fraction{after - before} * Fraction{10'000} / Fraction{before}).count();
}

DaySpan days_before(DaySpan range) {
    for (int months = 1; months <= 24; ++months)
        if (add_months(range.start, months) == range.end)
            return {add_months(range.start, -months), range.start};
    return {add_days(range.start, -range.days()), range.start};
}

Analysis analyse(std::span<const BilledPeriod> periods, DaySpan range, DaySpan before, AnalysisBy by) {
    analysis::Cells cells;
    for (const auto& billed : periods) analysis::add_period(cells, billed, by);

    Analysis result;
    std::map<std::string, AnalysisRow> rows;
    for (const auto& [cell, amount] : cells) {
        const bool now = holds(range, cell.day);
        if (!now && !holds(before, cell.day)) continue;
        // A day is compared with the one that lies as far into the days before.
        const auto key = by == AnalysisBy::day && !now
                             ? format_day(add_days(range.start, days_between(before.start, cell.day)))
                             : cell.key;
        auto& row = rows[key];
        row.key = key;
        (now ? row.amount : row.before) += amount;
        (now ? result.total : result.before) += amount;
    }
    for (auto& [key, row] : rows) {
        row.title = analysis::title_of(periods, key, by);
        result.rows.push_back(std::move(row));
    }
    if (by != AnalysisBy::day)
        sort_steadily(result.rows, [](const AnalysisRow& row) { return row.amount; }, std::ranges::greater{});
    result.drivers = largest_changes(result.rows);
    return result;
}

}  // namespace wefee
