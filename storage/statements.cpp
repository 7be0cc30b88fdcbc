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

/// The guard with "t.total_fen", the stored value, and "n.total_fen", the new one, written as the dialect
/// says them.
template <class New>
std::string guard_text(const TableText& table, New new_value) {
    std::string text;
    for (std::size_t i = 0; i < table.guard.size();) {
        const bool starts_word =
            i == 0 || (std::isalnum(static_cast<unsigned char>(table.guard[i - 1])) == 0);
        const auto prefix = table.guard.substr(i, 2);
        if (!starts_word || (prefix != "n." && prefix != "t.")) {
            text += table.guard[i++];
            continue;
        }
        const auto end =
            std::min(table.guard.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", i + 2), table.guard.size());
        const auto column = table.guard.substr(i + 2, end - i - 2);
        text += prefix == "t." ? column : new_value(column);
        i = end;
    }
    return text.empty() ? text : " AND (" + text + ")";
}

/// SQLite: one row; each column is the number of its parameter.
std::string save_numbered(const TableText& table) {
    const auto parameter = [&](const std::string& column) {
        const auto found = std::ranges::find(table.inserted, column);
        if (found == table.inserted.end()) throw std::logic_error("a guard names no column: " + column);
        return "?" + std::to_string(found - table.inserted.begin() + 1);
    };
    std::string text = "UPDATE " + table.name + " SET ";
    for (const auto& column : table.saved) text += column + "=" + parameter(column) + ", ";
    text += "version=version+1 WHERE ";
    for (const auto& key : table.keys) text += key + "=" + parameter(key) + " AND ";
    return text + "version=" + parameter("version") + guard_text(table, parameter);
}

/// MySQL has no multi-row UPDATE; a join with the new rows makes two temporary tables and costs three times
/// this. The version comes first, so that the guard sees the stored values; where it does not hold, the
/// version leaves its range and the statement fails, whatever the session's mode. A row that is not there is
/// inserted, and the count tells (1 instead of 2).
std::string save_upserted(const TableText& table, std::size_t rows) {
    std::string text = insert_text(table, sql::Dialect::mysql, rows, " ON DUPLICATE KEY UPDATE version=IF(");
    for (const auto& key : table.keys) text += key + "=VALUES(" + key + ") AND ";
    text += "version=VALUES(version)" +
            guard_text(table, [](const std::string& column) { return "VALUES(" + column + ")"; }) +
            ", version+1, 9223372036854775807+version+1)";
    for (const auto& column : table.saved) text += ", " + column + "=VALUES(" + column + ")";
    return text;
}

}  // namespace

std::string column_list(const std::vector<std::string>& columns, std::string_view alias) {
    if (alias.empty()) return joined(columns, ", ");
    const std::string dot = std::string(alias) + ".";
    return dot + joined(columns, ", " + dot);
}

std::string placeholders(std::size_t columns, std::size_t rows) {
    const std::vector<std::string> row(columns, "?");
    return joined(std::vector<std::string>(rows, "(" + joined(row, ", ") + ")"), ", ");
}

std::string insert_text(const TableText& table, sql::Dialect dialect, std::size_t rows,
                        std::string_view tail) {
    std::vector<std::string> columns, values;
    for (const auto& column : table.inserted) {
        const bool cast =
            dialect == sql::Dialect::sqlite && std::ranges::find(table.bytes, column) != table.bytes.end();
        columns.push_back(column);
        values.emplace_back(cast ? "CAST(? AS BLOB)" : "?");
    }
    for (const auto& [column, literal] : table.initial) {
        columns.push_back(column);
        values.push_back(literal);
    }
    return "INSERT INTO " + table.name + " (" + joined(columns, ", ") + ") VALUES " +
           joined(std::vector<std::string>(rows, "(" + joined(values, ", ") + ")"), ", ") + std::string(tail);
}

std::string save_text(const TableText& table, sql::Dialect dialect, std::size_t rows) {
    return dialect == sql::Dialect::sqlite ? save_numbered(table) : save_upserted(table, rows);
}

std::string keep_known(sql::Dialect dialect, std::string_view keys, std::string_view first_key) {
    if (dialect == sql::Dialect::sqlite) return " ON CONFLICT (" + std::string(keys) + ") DO NOTHING";
    return " ON DUPLICATE KEY UPDATE " + std::string(first_key) + "=" + std::string(first_key);
}

}  // namespace wefee::storage
