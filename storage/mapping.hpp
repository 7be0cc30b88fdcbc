// Row members to SQL values and back. Instants are UTC milliseconds, civil days text, amounts integers.
#pragma once

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>

#include "billing/ids.hpp"
#include "billing/money.hpp"
#include "billing/time.hpp"
#include "storage/sql.hpp"

namespace wefee::storage {

inline std::int64_t as_int(const sql::Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    if (const auto* text = std::get_if<std::string>(&value)) {  // MySQL sums integers to DECIMAL
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
        if (error == std::errc{} && end == text->data() + text->size()) return number;
    }
    throw std::logic_error("a database column is not the integer it should be");
}

inline const std::string& as_text(const sql::Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    throw std::logic_error("a database column is not the text it should be");
}

inline bool is_null(const sql::Value& value) { return std::holds_alternative<std::monostate>(value); }

inline std::string to_value_text(CivilDay day) { return day.ok() ? format_day(day) : std::string(); }

inline sql::Value to_value(const std::string& text) { return text; }
inline sql::Value to_value(std::int64_t number) { return number; }
inline sql::Value to_value(int number) { return std::int64_t{number}; }
inline sql::Value to_value(bool flag) { return std::int64_t{flag ? 1 : 0}; }
inline sql::Value to_value(Fen amount) { return amount.count(); }
inline sql::Value to_value(MicroYuan price) { return price.count(); }
inline sql::Value to_value(Instant at) { return to_millis(at); }
inline sql::Value to_value(CivilDay day) { return to_value_text(day); }
template <class Tag>
sql::Value to_value(const Id<Tag>& id) {
    return id.text();
}
template <class T>
sql::Value to_value(const std::optional<T>& value) {
    return value ? to_value(*value) : sql::Value{};
}

/// What a row's member is made of; takes the text with it.
inline void from_value(sql::Value&& value, std::string& out) {
    static_cast<void>(as_text(value));
    out = std::get<std::string>(std::move(value));
}
inline void from_value(sql::Value&& value, std::int64_t& out) { out = as_int(value); }
inline void from_value(sql::Value&& value, int& out) { out = static_cast<int>(as_int(value)); }
inline void from_value(sql::Value&& value, bool& out) { out = as_int(value) != 0; }
inline void from_value(sql::Value&& value, Fen& out) { out = Fen{as_int(value)}; }
inline void from_value(sql::Value&& value, MicroYuan& out) { out = MicroYuan{as_int(value)}; }
inline void from_value(sql::Value&& value, Instant& out) { out = from_millis(as_int(value)); }
inline void from_value(sql::Value&& value, CivilDay& out) {
    const auto& text = as_text(value);
    if (text.empty()) {
        out = CivilDay{};
        return;
    }
    const auto day = parse_day(text);
    if (!day) throw std::logic_error("a database column is not the civil day it should be");
    out = *day;
}
template <class Tag>
void from_value(sql::Value&& value, Id<Tag>& out) {
    std::string text;
    from_value(std::move(value), text);
    out = Id<Tag>{std::move(text)};
}
template <class T>
void from_value(sql::Value&& value, std::optional<T>& out) {
    if (is_null(value)) {
        out.reset();
        return;
    }
    T inner{};
    from_value(std::move(value), inner);
    out = std::move(inner);
}

}  // namespace wefee::storage
