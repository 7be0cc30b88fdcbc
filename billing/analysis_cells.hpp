// One billed period as cells of (day, key): the parts of every line. Not for other rooms.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "billing/analysis.hpp"

namespace wefee::analysis {

struct Cell {
    CivilDay day;
    std::string key;
    friend auto operator<=>(const Cell&, const Cell&) = default;
};

using Cells = std::map<Cell, Fen>;

/// Adds the period's lines; what was added is the sum of the lines, to the fen.
void add_period(Cells& cells, const BilledPeriod& billed, AnalysisBy by);

/// What people call a key.
std::string title_of(std::span<const BilledPeriod> periods, const std::string& key, AnalysisBy by);

inline constexpr std::string_view seats_key = "seats";
inline constexpr std::string_view fixed_key = "fixed";

}  // namespace wefee::analysis
