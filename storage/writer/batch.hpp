// Runs the jobs of one batch, most of them inside the transaction that is open on a connection.
#pragma once

#include <span>

#include "storage/writer/job.hpp"
#include "storage/writer/shapes.hpp"

namespace wefee::storage {

/// A job's own fault: the transaction is to be rolled back and run again without it.
struct JobFailed {
    Job* job;
    std::exception_ptr failure;
};

/// What tells, on another connection, whether a transaction was committed: a row of op_log.
struct Marker {
    std::string op_id;
    std::int64_t at = 0;  // the row holds this or more
    bool empty() const { return op_id.empty(); }
};

class Batch {
public:
    /// `careful`: one job at a time, so that an error has an owner. `own`: the row that this writer keeps for
    /// batches which have no op_id of their own.
    Batch(sql::Connection& db, ShapeTexts& texts, std::span<Job> jobs, bool careful, const Marker& own);

    /// Writes all jobs that have not failed. Throws sql::Error, or JobFailed when one job is to blame.
    void run();
    /// Receipts that one statement takes need no transaction around it: writes and commits them, outside of
    /// one. False: it is another batch, and nothing was done. Throws as Connection::commit_rows().
    bool commit_receipts();
    /// What to look for when the commit's result is unknown. Empty when the batch holds receipts and refused
    /// requests only: those are looked for by their keys.
    const Marker& marker() const { return marker_; }

private:
    void write_rows(Job::Kind kind, std::size_t shape);
    void write_changes();
    void write_group(std::span<Job* const> group);
    bool try_group(std::span<Job* const> group);
    void write_usage();
    void write_small();
    void write_marker();
    std::vector<Job*> of_kind(Job::Kind kind);
    template <class Work>
    void blame(Job& job, Work&& work);

    sql::Connection& db_;
    ShapeTexts& texts_;
    std::span<Job> jobs_;
    bool careful_;
    Marker own_;
    Marker marker_;
};

}  // namespace wefee::storage
