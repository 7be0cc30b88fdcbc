// One waiting write, and the batch that takes many of them through one transaction.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/store.hpp"
#include "storage/writer/prepare.hpp"

namespace wefee::storage {

/// A batch of usage events of one caller.
struct UsageWrite {
    std::vector<UsageFact> facts;
    std::vector<RowValues> checks;  // tasks, once any fact is new
    std::vector<Ingested> answers;  // one a fact
};

struct Job {
    enum class Kind { receipt, quarantine, changes, usage, small };
    Kind kind = Kind::small;
    RowValues row;  // receipt, quarantine
    PreparedChanges changes;
    std::shared_ptr<CommitResult> result;  // changes
    std::shared_ptr<UsageWrite> usage;
    std::function<void(sql::Connection&)> small;  // may run again: the transaction before did not commit
    std::move_only_function<void(std::exception_ptr)> done;

    // While the batch runs:
    std::exception_ptr failure;    // of this job alone; it is left out from then on
    bool maybe_committed = false;  // an earlier try may have been committed: `already` means applied
};

}  // namespace wefee::storage
