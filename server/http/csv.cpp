#include "server/http/csv.hpp"

namespace wefee::server {

std::string csv_text(std::string_view text) {
    std::string cell;
    if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos)
        cell += '\'';
    cell += text;
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (const char c : cell) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

io::Response csv_response(std::string_view name, const std::vector<std::vector<std::string>>& rows) {
    io::Response response;
    response.content_type = "text/csv; charset=utf-8";
    response.headers.emplace_back("Content-Disposition",
                                  "attachment; filename=\"" + std::string{name} + ".csv\"");
    response.body = "\xEF\xBB\xBF";
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) response.body += (i > 0 ? "," : "") + row[i];
        response.body += "\r\n";
    }
    return response;
}

}  // namespace wefee::server
