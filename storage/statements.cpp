// Texts of INSERT and of the guarded save, in both dialects.
#include "storage/statements.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace wefee::storage {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (const auto& part : parts) {
        if (!text.empty()) text += separator;
        text += part;
    }
    return text;
}

std::vector<std::string> save_columns(const TableText& table) {
    auto columns = table.saved;
    columns.insert(columns.end(), table.keys.begin(), table.keys.end());
    columns.emplace_back("version");
    return columns;
}

/// SQLite: "n.total_fen" becomes the number of its parameter, "t.total_fen" the bare column.
std::string numbered_guard(const TableText& table) {
    const auto columns = save_columns(table);
    std::string text;
    for (std::size_t i = 0; i < table.guard.size();) {
        const bool starts_word = i == 0 || (std::isalnum(static_cast<unsigned char>(table.guard[i - 1])) == 0);
        const auto prefix = table.guard.substr(i, 2);
        if (!starts_word || (prefix != "n." && prefix != "t.")) {
            text += table.guard[i++];
            continue;
        }
        const auto end = std::min(table.guard.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", i + 2),
                                  table.guard.size());
        const auto column = table.guard.substr(i + 2, end - i - 2);
        i = end;
        if (prefix == "t.") {
            text += column;
            continue;
        }
        const auto found = std::ranges::find(columns, column);
        if (found == columns.end()) throw std::logic_error("guard names a column that is not saved: " + column);
        text += "?" + std::to_string(found - columns.begin() + 1);
    }
    return text;
}

std::string save_one(const TableText& table, bool numbered) {
    std::size_t number = 0;
    const auto parameter = [&] { return numbered ? "?" + std::to_string(++number) : std::string("?"); };
    std::string text = "UPDATE " + table.name + " SET ";
    for (const auto& column : table.saved) text += column + "=" + parameter() + ", ";
    text += "version=version+1 WHERE ";
    for (const auto& key : table.keys) text += key + "=" + parameter() + " AND ";
    text += "version=" + parameter();
    if (!table.guard.empty()) text += " AND (" + numbered_guard(table) + ")";
    return text;
}

std::string save_joined(const TableText& table, std::size_t rows) {
    const auto columns = save_columns(table);
    std::string first = "SELECT ";
    std::string next = " UNION ALL SELECT ";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        first += (i == 0 ? "? AS " : ", ? AS ") + columns[i];
        next += i == 0 ? "?" : ", ?";
    }
    std::string text = "UPDATE " + table.name + " t JOIN (" + first;
    for (std::size_t i = 1; i < rows; ++i) text += next;
    text += ") n ON ";
    for (const auto& key : table.keys) text += "t." + key + "=n." + key + " AND ";
    text += "t.version=n.version";
    if (!table.guard.empty()) text += " AND (" + table.guard + ")";
    text += " SET ";
    for (const auto& column : table.saved) text += "t." + column + "=n." + column + ", ";
    return text + "t.version=t.version+1";
}

}  // namespace

std::string column_list(const std::vector<std::string>& columns, std::string_view alias) {
    if (alias.empty()) return joined(columns, ", ");
    const std::string dot = std::string(alias) + ".";
    return dot + joined(columns, ", " + dot);
}

std::string placeholders(std::size_t columns, std::size_t rows) {
    std::string row = "(";
    for (std::size_t i = 0; i < columns; ++i) row += i == 0 ? "?" : ", ?";
    row += ")";
    std::string text = row;
    for (std::size_t i = 1; i < rows; ++i) text += ", " + row;
    return text;
}

std::string insert_text(const TableText& table, std::size_t rows, std::string_view tail) {
    return "INSERT INTO " + table.name + " (" + column_list(table.inserted) + ") VALUES " +
           placeholders(table.inserted.size(), rows) + std::string(tail);
}

std::string save_text(const TableText& table, sql::Dialect dialect, std::size_t rows) {
    if (dialect == sql::Dialect::sqlite) return save_one(table, true);
    return rows == 1 && table.guard.empty() ? save_one(table, false) : save_joined(table, rows);
}

std::string keep_known(sql::Dialect dialect, std::string_view keys, std::string_view first_key) {
    if (dialect == sql::Dialect::sqlite) return " ON CONFLICT (" + std::string(keys) + ") DO NOTHING";
    return " ON DUPLICATE KEY UPDATE " + std::string(first_key) + "=" + std::string(first_key);
}

}  // namespace wefee::storage
