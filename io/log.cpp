// Log lines are built in a buffer of the thread and leave in one write, so lines of threads never mix.
#include "io/log.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>

namespace wefee::io {
namespace {

constexpr std::size_t value_bytes_max = 1024;
constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

std::atomic<Level> least_level = Level::info;
std::atomic<LogFormat> line_format = LogFormat::json;
std::atomic<int> target = 2;
std::atomic<std::uint64_t> lost = 0;

void append_number(std::string& line, std::int64_t number, std::size_t width = 1) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    for (auto size = static_cast<std::size_t>(end - digits); size < width; ++size) line.push_back('0');
    line.append(digits, end);
}

/// RFC 3339 in UTC with milliseconds.
void append_time(std::string& line, std::int64_t unix_ms) {
    const std::chrono::sys_time<std::chrono::milliseconds> instant{std::chrono::milliseconds(unix_ms)};
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{instant - day};
    append_number(line, static_cast<int>(date.year()), 4);
    line.push_back('-');
    append_number(line, static_cast<unsigned>(date.month()), 2);
    line.push_back('-');
    append_number(line, static_cast<unsigned>(date.day()), 2);
    line.push_back('T');
    append_number(line, time.hours().count(), 2);
    line.push_back(':');
    append_number(line, time.minutes().count(), 2);
    line.push_back(':');
    append_number(line, time.seconds().count(), 2);
    line.push_back('.');
    append_number(line, time.subseconds().count(), 3);
    line.push_back('Z');
}

/// Bytes of the well-formed UTF-8 character at the start of `text`; 0 when there is none.
std::size_t utf8_length(std::string_view text) {
    const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto first = at(0);
    const std::size_t size = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
    if (size == 0 || size > text.size()) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((at(i) & 0xC0) != 0x80) return 0;
    const bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
    const bool outside = (first == 0xED && at(1) > 0x9F) || (first == 0xF4 && at(1) > 0x8F);
    return overlong || outside ? 0 : size;
}

void append_control(std::string& line, unsigned char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '\n':
            line += "\\n";
            break;
        case '\r':
            line += "\\r";
            break;
        case '\t':
            line += "\\t";
            break;
        default:
            line += "\\u00";
            line.push_back(digits[c >> 4]);
            line.push_back(digits[c & 15]);
    }
}

void append_escaped(std::string& line, std::string_view text) {
    const bool cut = text.size() > value_bytes_max;
    if (cut) text = text.substr(0, value_bytes_max);
    while (!text.empty()) {
        const auto size = utf8_length(text);
        const auto c = static_cast<unsigned char>(text.front());
        // C1 controls (U+0080..U+009F) move a terminal's cursor as C0 ones do.
        const bool c1_control = size == 2 && c == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
        if (size == 0) {
            line += "\\ufffd";
        } else if (size == 1 && (c < 0x20 || c == 0x7F)) {
            append_control(line, c);
        } else if (c1_control) {
            append_control(line, static_cast<unsigned char>(text[1]));
        } else {
            if (c == '"' || c == '\\') line.push_back('\\');
            line.append(text.substr(0, size));
        }
        text.remove_prefix(size == 0 ? 1 : size);
    }
    if (cut) line += "…";
}

void append_value(std::string& line, const Field& field) {
    if (const auto* text = std::get_if<std::string_view>(&field.value())) {
        line.push_back('"');
        append_escaped(line, *text);
        line.push_back('"');
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value())) {
        append_number(line, *number);
    } else {
        line += std::get<bool>(field.value()) ? "true" : "false";
    }
}

void append_json(std::string& line, std::int64_t unix_ms, Level level, std::string_view event,
                 std::initializer_list<Field> fields) {
    line += R"({"ts":")";
    append_time(line, unix_ms);
    line += R"(","level":")";
    line += level_names[static_cast<std::size_t>(level)];
    line += R"(","event":")";
    append_escaped(line, event);
    line.push_back('"');
    for (const auto& field : fields) {
        line += ",\"";
        append_escaped(line, field.name());
        line += "\":";
        append_value(line, field);
    }
    line.push_back('}');
}

void append_text(std::string& line, std::int64_t unix_ms, Level level, std::string_view event,
                 std::initializer_list<Field> fields) {
    append_time(line, unix_ms);
    line.push_back(' ');
    const auto name = level_names[static_cast<std::size_t>(level)];
    line += name;
    line.append(8 - name.size(), ' ');
    append_escaped(line, event);
    for (const auto& field : fields) {
        line.push_back(' ');
        append_escaped(line, field.name());
        line.push_back('=');
        append_value(line, field);
    }
}

bool write_all(int file_descriptor, std::string_view line) {
    while (!line.empty()) {
        const auto written = ::write(file_descriptor, line.data(), line.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        line.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void append_line(std::string& line, LogFormat format, std::int64_t unix_ms, Level level,
                 std::string_view event, std::initializer_list<Field> fields) {
    if (format == LogFormat::json)
        append_json(line, unix_ms, level, event, fields);
    else
        append_text(line, unix_ms, level, event, fields);
}

}  // namespace

void configure_log(const LogSettings& settings) {
    least_level = settings.level;
    line_format = settings.format;
    target = settings.file_descriptor;
}

void log(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (level < least_level.load(std::memory_order_relaxed)) return;
    thread_local std::string line;
    line.clear();
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    append_line(line, line_format.load(std::memory_order_relaxed),
                std::chrono::floor<std::chrono::milliseconds>(now).count(), level, event, fields);
    line.push_back('\n');
    if (!write_all(target.load(std::memory_order_relaxed), line)) ++lost;
}

std::uint64_t lost_log_lines() { return lost; }

std::string mask_id(std::string_view id) {
    if (id.size() <= 10) return "****";
    return std::string(id.substr(0, 3)) + "****" + std::string(id.substr(id.size() - 4));
}

std::string format_log_line(LogFormat format, std::int64_t unix_ms, Level level, std::string_view event,
                            std::initializer_list<Field> fields) {
    std::string line;
    append_line(line, format, unix_ms, level, event, fields);
    return line;
}

}  // namespace wefee::io
