// Runs the jobs of one batch inside the transaction that is open on a connection.
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

class Batch {
public:
    /// `careful`: one job at a time, so that an error has an owner.
    Batch(sql::Connection& db, ShapeTexts& texts, std::span<Job> jobs, bool careful);

    /// Writes all jobs that have not failed. Throws sql::Error, or JobFailed when one job is to blame.
    void run();
    /// An op_id that this batch wrote into op_log, to look for when the commit's result is unknown. Empty when the
    /// batch holds receipts and refused requests only: those are looked for by their keys.
    const std::string& marker() const { return marker_; }

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
    std::string marker_;
};

}  // namespace wefee::storage
