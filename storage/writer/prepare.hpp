// A Changes made ready on the caller's thread: rows bound to their shapes, audit hashes chained, heads filled
// in. The writer thread then only runs statements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/changes.hpp"
#include "storage/statements.hpp"

namespace wefee::storage {

struct PreparedWrite {
    std::size_t shape;
    RowValues values;
};

struct PreparedChanges {
    std::string op_id;
    std::vector<PreparedWrite> writes;   // in order of their shapes
    std::vector<std::uint64_t> touched;  // hashes of the rows that are saved or finished
    bool impossible = false;             // a guard fails already: conflict without a statement
};

/// Throws std::logic_error for bugs of the caller: no op_id, a Move whose row is not in the same Changes or
/// does not carry its state and seq, an inserted machine row without a Move, the same row twice, a save of a
/// row without version.
PreparedChanges prepare(Changes changes);

/// Where a task's fence begins: later than any that the same task had before it was finished and scheduled
/// again.
std::int64_t first_task_fence();

}  // namespace wefee::storage
