// Civil days and instants as text: RFC 3339, and the two local forms that the payment providers use.
#include "billing/time.hpp"

#include <array>
#include <charconv>

namespace wefee {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void append_padded(std::string& text, long long value, std::size_t width) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const auto count = static_cast<std::size_t>(end - digits.data());
    if (count < width) text.append(width - count, '0');
    text.append(digits.data(), count);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes exactly `width` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
    if (text.size() < width) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        if (!is_digit(text[i])) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

bool take_any(std::string_view& text, std::string_view choices) {
    if (text.empty() || choices.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<CivilDay> take_day(std::string_view& text, std::string_view separator) {
    const auto y = take_number(text, 4);
    if (!y || !take(text, separator)) return std::nullopt;
    const auto m = take_number(text, 2);
    if (!m || !take(text, separator)) return std::nullopt;
    const auto d = take_number(text, 2);
    if (!d || *y < 1970 || *y > 2100) return std::nullopt;
    const CivilDay day{std::chrono::year{*y}, std::chrono::month{static_cast<unsigned>(*m)},
                       std::chrono::day{static_cast<unsigned>(*d)}};
    if (!day.ok()) return std::nullopt;
    return day;
}

std::optional<seconds> take_time(std::string_view& text, std::string_view separator) {
    const auto h = take_number(text, 2);
    if (!h || *h > 23 || !take(text, separator)) return std::nullopt;
    const auto m = take_number(text, 2);
    if (!m || *m > 59 || !take(text, separator)) return std::nullopt;
    const auto s = take_number(text, 2);
    if (!s || *s > 59) return std::nullopt;
    return hours{*h} + minutes{*m} + seconds{*s};
}

/// An optional ".123…": milliseconds, further digits cut. nullopt when a dot stands without a digit.
std::optional<milliseconds> take_fraction(std::string_view& text) {
    if (!take(text, ".")) return milliseconds{0};
    int value = 0;
    int places = 0;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++places)
        if (places < 3) value = value * 10 + (text.front() - '0');
    if (places == 0) return std::nullopt;
    for (int i = places; i < 3; ++i) value *= 10;
    return milliseconds{value};
}

std::optional<minutes> take_offset(std::string_view& text) {
    if (take_any(text, "Zz")) return minutes{0};
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto h = take_number(text, 2);
    if (!h || *h > 23 || !take(text, ":")) return std::nullopt;
    const auto m = take_number(text, 2);
    if (!m || *m > 59) return std::nullopt;
    return sign * (hours{*h} + minutes{*m});
}

std::string format_clock(Instant t, std::string_view separator) {
    const auto of_day = std::chrono::floor<seconds>(t - day_start(civil_day(t))).count();
    std::string text;
    append_padded(text, of_day / 3600, 2);
    text += separator;
    append_padded(text, of_day / 60 % 60, 2);
    text += separator;
    append_padded(text, of_day % 60, 2);
    return text;
}

std::string format_date(CivilDay day, std::string_view separator) {
    std::string text;
    append_padded(text, static_cast<int>(day.year()), 4);
    text += separator;
    append_padded(text, static_cast<unsigned>(day.month()), 2);
    text += separator;
    append_padded(text, static_cast<unsigned>(day.day()), 2);
    return text;
}

}  // namespace

std::string format_day(CivilDay day) { return format_date(day, "-"); }

std::optional<CivilDay> parse_day(std::string_view text) {
    const auto day = take_day(text, "-");
    if (!day || !text.empty()) return std::nullopt;
    return day;
}

std::string format_instant(Instant t) {
    return format_date(civil_day(t), "-") + "T" + format_clock(t, ":") + "+08:00";
}

std::optional<Instant> parse_instant(std::string_view text) {
    const auto day = take_day(text, "-");
    if (!day || !take_any(text, "Tt")) return std::nullopt;
    const auto time = take_time(text, ":");
    if (!time) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return Instant{std::chrono::sys_days{*day}} + *time + *fraction - *offset;
}

std::string format_local(Instant t) { return format_date(civil_day(t), "-") + " " + format_clock(t, ":"); }

std::optional<Instant> parse_local(std::string_view text) {
    const auto day = take_day(text, "-");
    if (!day || !take(text, " ")) return std::nullopt;
    const auto time = take_time(text, ":");
    if (!time || !take_fraction(text) || !text.empty()) return std::nullopt;
    return day_start(*day) + *time;
}

std::string format_compact(Instant t) { return format_date(civil_day(t), "") + format_clock(t, ""); }

std::optional<Instant> parse_compact(std::string_view text) {
    const auto day = take_day(text, "");
    if (!day) return std::nullopt;
    const auto time = take_time(text, "");
    if (!time || !text.empty()) return std::nullopt;
    return day_start(*day) + *time;
}

}  // namespace wefee
