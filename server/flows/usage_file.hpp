// A file of usage items: NDJSON, one item a line as the API takes it, or CSV with a header. Read row by row,
// so that a file may hold millions.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "server/flows/usage_reading.hpp"

namespace wefee::server {

struct UsageFileRow {
    std::int64_t line = 0;  // where it begins, from 1
    std::string text;       // as it stands in the file
    UsageReading reading;   // pointers are within the row
};

class UsageFile {
public:
    /// CSV columns: id, tenant, meter, quantity, occurred_at, sequence, corrects, deletes, properties (JSON),
    /// and properties.NAME for single ones; an empty cell is no field. Throws std::invalid_argument on
    /// another header.
    explicit UsageFile(std::istream& in);

    /// The next rows, at most `most`; none at the end. Blank lines are left out.
    std::vector<UsageFileRow> next(std::size_t most);

private:
    bool read_record(std::string& text);
    UsageReading read_json(const std::string& text) const;
    UsageReading read_csv(const std::string& text) const;

    std::istream& in_;
    bool csv_ = false;
    std::vector<std::string> columns_;
    std::int64_t line_ = 1;         // of what is read next
    std::int64_t record_line_ = 1;  // of the last record
};

/// The cells of one CSV record (RFC 4180).
std::vector<std::string> csv_cells(std::string_view record);

}  // namespace wefee::server
