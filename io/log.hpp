// Structured log: one JSON object a line, one write(2) a line, from any thread. Bodies, tokens and full ids
// do not belong here: callers name the few fields that an event needs and mask ids.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace wefee::io {

enum class Level { debug, info, warning, error };
enum class LogFormat { json, text };

/// One named value of a log line. Views: a Field lives no longer than the call.
class Field {
public:
    Field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
    Field(std::string_view name, const char* value) : name_(name), value_(std::string_view(value)) {}
    Field(std::string_view name, const std::string& value) : name_(name), value_(std::string_view(value)) {}
    Field(std::string_view name, std::same_as<bool> auto value) : name_(name), value_(value) {}
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    Field(std::string_view name, T value) : name_(name), value_(static_cast<std::int64_t>(value)) {}

    std::string_view name() const { return name_; }
    const std::variant<std::string_view, std::int64_t, bool>& value() const { return value_; }

private:
    std::string_view name_;
    std::variant<std::string_view, std::int64_t, bool> value_;
};

struct LogSettings {
    Level level = Level::info;           // lines below it are not written
    LogFormat format = LogFormat::json;  // text: for people, same fields
    int file_descriptor = 2;             // 1 stdout, 2 stderr
};

/// Takes effect at once in all threads.
void configure_log(const LogSettings& settings);

/// Writes {"ts":…,"level":…,"event":…, fields…}. `event` is a constant snake_case name. Control characters
/// and bytes that are not UTF-8 are escaped; a value is cut after 1 KiB. Never throws for a line that cannot
/// be written: it is counted in lost_log_lines().
void log(Level level, std::string_view event, std::initializer_list<Field> fields = {});

/// Lines that could not be written since the start (disk full, closed pipe).
std::uint64_t lost_log_lines();

/// "138****1234": the first 3 and last 4 characters; ids of 10 characters and less are hidden whole.
std::string mask_id(std::string_view id);

/// The line that `log` writes, without its end; for tests and other sinks. `unix_ms` in UTC.
std::string format_log_line(LogFormat format, std::int64_t unix_ms, Level level, std::string_view event,
                            std::initializer_list<Field> fields);

}  // namespace wefee::io
