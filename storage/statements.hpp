// Statement texts made from the tables' columns, and rows bound to them.
#pragma once

#include <algorithm>
#include <bit>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/mapping.hpp"
#include "storage/tables.hpp"

namespace wefee::storage {

using RowValues = std::vector<sql::Value>;

/// What the texts need of a table, without its types.
struct TableText {
    std::string name;
    std::string guard;
    std::vector<std::string> all;                                   // as SELECT gives them
    std::vector<std::string> inserted;                              // as insert_values() gives them
    std::vector<std::pair<std::string, std::string>> initial = {};  // column and literal
    std::vector<std::string> bytes = {};                            // of inserted
    std::vector<std::string> saved;                                 // written by each save
    std::vector<std::string> keys;
    bool versioned = false;
};

/// "a, b, c" with an alias before each when given.
std::string column_list(const std::vector<std::string>& columns, std::string_view alias = {});
/// "(?, ?), (?, ?)"
std::string placeholders(std::size_t columns, std::size_t rows);
/// INSERT of `rows` rows; `tail` is what follows VALUES.
std::string insert_text(const TableText& table, sql::Dialect dialect, std::size_t rows,
                        std::string_view tail = {});
/// The guarded save of `rows` rows: matches key and version (and the table's guard), writes the rest, version
/// + 1. Parameters are those of insert_values(). SQLite takes one row and counts it once; MySQL counts a
/// saved row twice and fails with ErrorClass::guarded where a guard does not hold.
std::string save_text(const TableText& table, sql::Dialect dialect, std::size_t rows);
/// What lets a known key stay as it is, without hiding any other error. `keys`: "a, b".
std::string keep_known(sql::Dialect dialect, std::string_view keys, std::string_view first_key);

/// "(?, ?, ?)" for these keys, with few different lengths, so that few statements are prepared: the last key
/// is repeated.
template <class Key>
std::string in_list(const std::vector<Key>& keys, RowValues& parameters) {
    const auto size = std::bit_ceil(keys.size());
    for (std::size_t i = 0; i < size; ++i) parameters.push_back(to_value(keys[std::min(i, keys.size() - 1)]));
    return placeholders(size, 1);
}

template <class Row>
const TableText& table_text() {
    static const TableText text = [] {
        TableText t;
        t.name = Table<Row>::name;
        if constexpr (requires { Table<Row>::guard; }) t.guard = Table<Row>::guard;
        const auto add = [&](const auto& column) {
            const std::string name(column.name);
            t.all.push_back(name);
            if (column.role == Role::initial)
                t.initial.emplace_back(name, column.literal);
            else if (column.role != Role::serial)
                t.inserted.push_back(name);
            if (column.is_bytes) t.bytes.push_back(name);
            if (column.role == Role::saved) t.saved.push_back(name);
            if (column.role == Role::key) t.keys.push_back(name);
            if (column.role == Role::version) t.versioned = true;
        };
        std::apply([&](const auto&... column) { (add(column), ...); }, Table<Row>::columns);
        return t;
    }();
    return text;
}

template <class Row, class T>
sql::Value column_value(const Column<Row, T>& column, Row& row) {
    auto& value = row.*column.member;
    if constexpr (std::is_same_v<T, std::string>) {
        if (column.empty_is_null && value.empty()) return {};
        return std::move(value);
    } else {
        return to_value(value);
    }
}

/// Takes the row's texts with it.
template <class Row>
RowValues insert_values(Row row) {
    RowValues values;
    values.reserve(std::tuple_size_v<decltype(Table<Row>::columns)>);
    const auto add = [&](const auto& column) {
        if (column.role != Role::serial && column.role != Role::initial)
            values.push_back(column_value(column, row));
    };
    std::apply([&](const auto&... column) { (add(column), ...); }, Table<Row>::columns);
    return values;
}

/// "SELECT a, b FROM t x" with the alias before each column; add WHERE by hand.
template <class Row>
std::string select_text(std::string_view alias = "t") {
    const auto& table = table_text<Row>();
    return "SELECT " + column_list(table.all, alias) + " FROM " + table.name + " " + std::string(alias) + " ";
}

template <class Row>
constexpr std::size_t column_count = std::tuple_size_v<std::remove_cvref_t<decltype(Table<Row>::columns)>>;

/// Reads the columns that select_text lists, and takes their texts.
template <class Row>
Row read_row(std::span<sql::Value> values) {
    Row row;
    std::size_t index = 0;
    const auto read = [&](const auto& column) {
        auto& value = values[index++];
        if (column.empty_is_null && is_null(value)) return;
        from_value(std::move(value), row.*column.member);
    };
    std::apply([&](const auto&... column) { (read(column), ...); }, Table<Row>::columns);
    return row;
}

}  // namespace wefee::storage
