// Group commit's inside. Changes of a batch are merged into multi-row statements; when one of them conflicts
// the group is rolled back to its savepoint and halved until each stands alone.
#include "storage/writer/batch.hpp"

#include <unordered_set>

#include "storage/writer/usage.hpp"

namespace wefee::storage {

using sql::ErrorClass;

Batch::Batch(sql::Connection& db, ShapeTexts& texts, std::span<Job> jobs, bool careful, const Marker& own)
    : db_(db), texts_(texts), jobs_(jobs), careful_(careful), own_(own) {}

void Batch::run() {
    // Receipts come last: their locks on the newest keys are then held for the shortest time.
    write_changes();
    write_usage();
    write_small();
    write_rows(Job::Kind::receipt, shape::receipt);
    write_rows(Job::Kind::quarantine, shape::quarantine);
    write_marker();
}

bool Batch::commit_receipts() {
    std::vector<std::span<const sql::Value>> rows;
    for (const auto* job : of_kind(Job::Kind::receipt)) rows.emplace_back(job->row);
    return rows.size() == jobs_.size() && commit_shape(db_, texts_, shape::receipt, rows);
}

std::vector<Job*> Batch::of_kind(Job::Kind kind) {
    std::vector<Job*> found;
    for (auto& job : jobs_)
        if (job.kind == kind && !job.failure) found.push_back(&job);
    return found;
}

/// Only a job's own fault is blamed on it: what the whole transaction may survive or retry goes through.
template <class Work>
void Batch::blame(Job& job, Work&& work) {
    try {
        work();
    } catch (const sql::Error& error) {
        const auto of_the_job = error.error_class() == ErrorClass::broken ||
                                error.error_class() == ErrorClass::duplicate ||
                                error.error_class() == ErrorClass::guarded;
        if (of_the_job) throw JobFailed{&job, std::current_exception()};
        throw;
    } catch (const std::exception&) {
        throw JobFailed{&job, std::current_exception()};
    }
}

void Batch::write_rows(Job::Kind kind, std::size_t shape) {
    std::vector<std::span<const sql::Value>> rows;
    const auto found = of_kind(kind);
    for (auto* job : found) {
        rows.emplace_back(job->row);
        if (!careful_) continue;
        blame(*job, [&] { run_shape(db_, texts_, shape, rows); });
        rows.clear();
    }
    if (!rows.empty()) run_shape(db_, texts_, shape, rows);
    if (kind == Job::Kind::quarantine && !found.empty())
        db_.execute(
            "DELETE FROM quarantine WHERE id <= (SELECT m FROM "
            "(SELECT MAX(id) - 10000 AS m FROM quarantine) AS newest)");
}

void Batch::write_changes() {
    std::vector<Job*> together;
    std::vector<Job*> after;  // touch a row that an earlier one touches: one after the other
    std::unordered_set<std::uint64_t> touched;
    for (auto* job : of_kind(Job::Kind::changes)) {
        if (job->changes.impossible) {
            *job->result = CommitResult::conflict;
            continue;
        }
        bool free = true;
        for (const auto key : job->changes.touched) free = free && !touched.contains(key);
        touched.insert(job->changes.touched.begin(), job->changes.touched.end());
        (free ? together : after).push_back(job);
    }
    if (careful_) {
        for (auto*& job : together) write_group({&job, 1});
    } else if (!together.empty()) {
        write_group(together);
    }
    for (auto*& job : after) write_group({&job, 1});
}

void Batch::write_group(std::span<Job* const> group) {
    if (group.size() == 1) {
        blame(*group[0], [&] { try_group(group); });
        return;
    }
    if (try_group(group)) return;
    write_group(group.first(group.size() / 2));
    write_group(group.subspan(group.size() / 2));
}

/// True when all were written. A group of one always ends with its result told.
bool Batch::try_group(std::span<Job* const> group) {
    db_.savepoint();
    auto outcome = CommitResult::applied;
    std::vector<std::span<const sql::Value>> rows;
    std::vector<std::size_t> next(group.size(), 0);
    for (std::size_t shape = 0; shape < shape::receipt && outcome == CommitResult::applied; ++shape) {
        rows.clear();
        for (std::size_t i = 0; i < group.size(); ++i) {
            const auto& writes = group[i]->changes.writes;
            for (; next[i] < writes.size() && writes[next[i]].shape == shape; ++next[i])
                rows.emplace_back(writes[next[i]].values);
        }
        if (rows.empty()) continue;
        try {
            if (!run_shape(db_, texts_, shape, rows)) outcome = CommitResult::conflict;
        } catch (const sql::Error& error) {
            if (error.error_class() != ErrorClass::duplicate && error.error_class() != ErrorClass::guarded)
                throw;
            outcome = shape == shape::op_log ? CommitResult::already : CommitResult::conflict;
        }
    }
    if (outcome == CommitResult::applied) {
        db_.release_savepoint();
        marker_ = {group.front()->changes.op_id, 0};
    } else {
        db_.rollback_to_savepoint();
        if (group.size() > 1) return false;
    }
    for (auto* job : group)
        *job->result =
            outcome == CommitResult::already && job->maybe_committed ? CommitResult::applied : outcome;
    return true;
}

void Batch::write_usage() {
    const auto found = of_kind(Job::Kind::usage);
    if (found.empty()) return;
    if (!careful_) {
        std::vector<UsageWrite*> writes;
        for (auto* job : found) writes.push_back(job->usage.get());
        if (write_new_usage(db_, texts_, writes)) return;
    }
    for (auto* job : found) blame(*job, [&] { write_any_usage(db_, texts_, *job->usage); });
}

void Batch::write_small() {
    for (auto* job : of_kind(Job::Kind::small)) blame(*job, [&] { job->small(db_); });
}

void Batch::write_marker() {
    if (!marker_.empty()) return;
    if (of_kind(Job::Kind::usage).empty() && of_kind(Job::Kind::small).empty()) return;
    const RowValues row{own_.op_id, own_.at};
    std::vector<std::span<const sql::Value>> rows{row};
    run_shape(db_, texts_, shape::marker, rows);
    marker_ = own_;
}

}  // namespace wefee::storage
