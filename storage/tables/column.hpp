// What each row looks like in the database: one table of columns each, from which INSERT, SELECT and the
// guarded save are made (statements.hpp).
#pragma once

#include <string_view>
#include <tuple>

#include "storage/rows.hpp"

namespace wefee::storage {

/// key: names the row; fixed: written once, at insert; initial: every row begins with the same value, which
/// the text of an INSERT holds; saved: written by each save; version: guards each save; serial: given by the
/// database.
enum class Role { key, fixed, initial, saved, version, serial };

template <class Row, class T>
struct Column {
    std::string_view name;
    T Row::* member;
    Role role;
    bool empty_is_null = false;  // "" is stored as NULL, which a unique key lets repeat
    bool is_bytes = false;  // SQLite's STRICT tables take them only as BLOB, while values are bound as text
    std::string_view literal = {};  // initial: in SQL
};

template <class Row, class T>
constexpr Column<Row, T> key(std::string_view name, T Row::* member) {
    return {name, member, Role::key};
}
template <class Row, class T>
constexpr Column<Row, T> fixed(std::string_view name, T Row::* member) {
    return {name, member, Role::fixed};
}
template <class Row, class T>
constexpr Column<Row, T> initial(std::string_view name, T Row::* member, std::string_view literal) {
    return {.name = name, .member = member, .role = Role::initial, .literal = literal};
}
template <class Row, class T>
constexpr Column<Row, T> saved(std::string_view name, T Row::* member) {
    return {name, member, Role::saved};
}
template <class Row, class T>
constexpr Column<Row, T> version(std::string_view name, T Row::* member) {
    return {name, member, Role::version};
}
template <class Row, class T>
constexpr Column<Row, T> serial(std::string_view name, T Row::* member) {
    return {name, member, Role::serial};
}
template <class Row, class T>
constexpr Column<Row, T> bytes(Column<Row, T> column) {
    column.is_bytes = true;
    return column;
}
template <class Row, class T>
constexpr Column<Row, T> or_null(Column<Row, T> column) {
    column.empty_is_null = true;
    return column;
}

/// One specialisation a table. `entity`: what the audit calls it, where it has a machine. `guard`: a further
/// condition of each save; `t.` is the stored row, `n.` the new one (only columns that are saved).
template <class Row>
struct Table;

}  // namespace wefee::storage
