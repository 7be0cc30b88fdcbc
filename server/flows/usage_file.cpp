#include "server/flows/usage_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace wefee::server {
namespace {

using nlohmann::json;

constexpr std::size_t record_bytes_max = 64 * 1'024;
constexpr std::string_view single_property = "properties.";
constexpr std::array known_columns{"id",       "tenant",   "meter",   "quantity",  "occurred_at",
                                   "sequence", "corrects", "deletes", "properties"};

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

UsageReading unreadable(std::string why) {
    UsageReading reading;
    reading.mistake = Errc::bad_request;
    reading.problems.push_back({"", std::move(why)});
    return reading;
}

/// Whole numbers stay numbers, so that one reader checks both formats.
json number_or_text(const std::string& cell) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    return error == std::errc{} && end == cell.data() + cell.size() ? json(number) : json(cell);
}

}  // namespace

std::vector<std::string> csv_cells(std::string_view record) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < record.size(); ++i) {
        const char c = record[i];
        if (quoted && c == '"' && i + 1 < record.size() && record[i + 1] == '"')
            cells.back() += record[++i];
        else if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            cells.emplace_back();
        else
            cells.back() += c;
    }
    return cells;
}

UsageFile::UsageFile(std::istream& in) : in_(in) {
    if (in_.peek() == 0xEF) {  // a UTF-8 byte order mark
        char mark[3];
        in_.read(mark, 3);
    }
    csv_ = in_.peek() != '{' && in_.peek() != std::istream::traits_type::eof();
    if (!csv_) return;
    std::string header;
    read_record(header);
    columns_ = csv_cells(header);
    for (const auto& column : columns_)
        if (!column.starts_with(single_property) &&
            std::ranges::find(known_columns, column) == known_columns.end())
            throw std::invalid_argument("the file is neither NDJSON nor CSV of usage events: column \"" +
                                        column.substr(0, 40) + "\" is not known");
}

/// One line, or more where CSV quotes go on over their ends.
bool UsageFile::read_record(std::string& text) {
    text.clear();
    record_line_ = line_;
    bool quoted = false;
    for (int c = in_.get(); c != std::istream::traits_type::eof(); c = in_.get()) {
        if (c == '\n') ++line_;
        if (c == '\n' && !quoted) {
            if (text.ends_with('\r')) text.pop_back();
            return true;
        }
        if (csv_ && c == '"') quoted = !quoted;
        // Of a longer record the beginning is enough to refuse it.
        if (text.size() <= record_bytes_max) text += static_cast<char>(c);
    }
    if (in_.bad()) throw std::runtime_error("the file could not be read to its end");
    return !text.empty();
}

UsageReading UsageFile::read_json(const std::string& text) const {
    const auto item = json::parse(text, nullptr, false);
    if (item.is_discarded()) return unreadable("is not valid JSON");
    return read_usage(item, "");
}

UsageReading UsageFile::read_csv(const std::string& text) const {
    const auto cells = csv_cells(text);
    if (cells.size() != columns_.size()) return unreadable("has another number of cells than the header");
    json item = json::object();
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto& column = columns_[i];
        if (cells[i].empty()) continue;
        if (column.starts_with(single_property)) {
            item["properties"][column.substr(single_property.size())] = cells[i];
        } else if (column == "properties") {
            auto properties = json::parse(cells[i], nullptr, false);
            if (!properties.is_object()) return unreadable("properties are not a JSON object");
            item["properties"].update(properties);
        } else {
            item[column] = column == "sequence" ? number_or_text(cells[i]) : json(cells[i]);
        }
    }
    return read_usage(item, "");
}

std::vector<UsageFileRow> UsageFile::next(std::size_t most) {
    std::vector<UsageFileRow> rows;
    std::string text;
    while (rows.size() < most && read_record(text)) {
        if (is_blank(text)) continue;
        auto reading = text.size() > record_bytes_max ? unreadable("has more than 65536 bytes")
                       : csv_                         ? read_csv(text)
                                                      : read_json(text);
        rows.push_back({record_line_, text, std::move(reading)});
    }
    return rows;
}

}  // namespace wefee::server
