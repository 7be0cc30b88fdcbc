// Tables for spreadsheets: UTF-8 with BOM, CRLF, and no cell that a spreadsheet would take for a formula.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/http.hpp"

namespace wefee::server {

/// One cell. A text that starts with = + - @ (or a tab or return before them) gets a leading apostrophe;
/// quotes are doubled where quoting is needed.
std::string csv_text(std::string_view text);

/// A file of these rows of finished cells. `name`: ASCII, without the ending.
io::Response csv_response(std::string_view name, const std::vector<std::vector<std::string>>& rows);

}  // namespace wefee::server
