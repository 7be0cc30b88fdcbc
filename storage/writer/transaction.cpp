// Source of the rules: error classes in sql.hpp. A connection is dropped after any error; a commit whose
// result is unknown is looked up on a fresh one before anything is tried again.
#include "storage/writer/transaction.hpp"

#include <array>
#include <chrono>
#include <thread>

#include "io/crypto.hpp"
#include "storage/mapping.hpp"
#include "storage/resume.hpp"

namespace wefee::storage {
namespace {

using sql::ErrorClass;

constexpr int attempts_max = 5;
constexpr std::chrono::milliseconds first_pause{20};

}  // namespace

Transactions::Transactions(sql::Engine& engine)
    : engine_(engine),
      texts_(engine.dialect()),
      own_{"writer:" + io::random_alphanumeric(24), 0},
      random_(std::random_device{}()) {}

void Transactions::commit(std::vector<Job> jobs, const std::function<void()>& when_away) {
    std::exception_ptr failure;
    bool away = false;
    try {
        run(jobs);
    } catch (const Unavailable&) {
        failure = std::current_exception();
        away = true;
    } catch (...) {
        failure = std::current_exception();
    }
    if (away) when_away();  // before anybody is told: what comes after that is tried again
    const ResumesTogether all_at_once;
    for (auto& job : jobs) job.done(job.failure ? job.failure : failure);
}

/// Returns when the jobs that have not failed alone are committed; throws what all of them are to be told.
void Transactions::run(std::vector<Job>& jobs) {
    bool careful = false;
    for (int tried = 1;; ++tried) {
        try {
            attempt(jobs, careful, tried == 1);
            return;
        } catch (const JobFailed& failed) {
            failed.job->failure = failed.failure;
            db_.reset();
            tried = 0;  // ends: each time one job less
        } catch (const sql::Error& error) {
            db_.reset();
            switch (error.error_class()) {
                case ErrorClass::commit_unknown:
                    switch (look_up(jobs)) {
                        case Fate::committed:
                            return;
                        case Fate::not_committed:
                            break;
                        case Fate::unknown:
                            throw Unavailable(std::string("commit result unknown: ") + error.what());
                    }
                    for (auto& job : jobs)
                        if (job.result && *job.result == CommitResult::applied) job.maybe_committed = true;
                    break;
                case ErrorClass::rolled_back:
                    break;
                case ErrorClass::unavailable:
                    if (tried >= 2)
                        throw Unavailable(error.what());  // the first may be a connection gone stale
                    continue;
                case ErrorClass::duplicate:
                case ErrorClass::guarded:
                case ErrorClass::broken:
                    if (careful) throw;
                    careful = true;
                    continue;
            }
            if (tried >= attempts_max) throw Unavailable(error.what());
            back_off(tried);
        }
    }
}

void Transactions::attempt(std::vector<Job>& jobs, bool careful, bool first) {
    if (!db_) db_ = engine_.connect();
    marker_ = {};
    own_.at += 1;
    Batch batch(*db_, texts_, jobs, careful, own_);
    // What goes wrong there tells little: the next try is a transaction.
    if (first && !careful && batch.commit_receipts()) return;
    db_->begin();
    try {
        batch.run();
    } catch (...) {
        db_->rollback();
        throw;
    }
    marker_ = batch.marker();
    db_->commit();
}

Transactions::Fate Transactions::look_up(const std::vector<Job>& jobs) {
    for (int tried = 1; tried <= attempts_max; ++tried) {
        try {
            db_ = engine_.connect();
            db_->begin();
            const bool there = found(*db_, jobs);
            db_->rollback();
            return there ? Fate::committed : Fate::not_committed;
        } catch (const sql::Error&) {
            db_.reset();
            if (tried < attempts_max) back_off(tried);
        }
    }
    return Fate::unknown;
}

/// One transaction holds the whole batch, so one op_id of it tells of all. Reads take the row's lock: a
/// commit that is still under way is waited for.
bool Transactions::found(sql::Connection& db, const std::vector<Job>& jobs) {
    const std::string lock = db.dialect() == sql::Dialect::mysql ? " LOCK IN SHARE MODE" : "";
    bool there = false;
    const auto exists = [&](const std::string& sql, std::span<const sql::Value> parameters) {
        there = false;
        db.query(sql + lock, parameters, [&](auto) { there = true; });
        return there;
    };
    if (!marker_.empty())
        return exists("SELECT 1 FROM op_log WHERE op_id=? AND at>=?",
                      std::array<sql::Value, 2>{marker_.op_id, marker_.at});
    for (const auto& job : jobs) {
        if (job.kind != Job::Kind::receipt || job.failure) continue;
        if (!exists("SELECT 1 FROM inbox WHERE source=? AND dedup_key=?", std::span(job.row).first(2)))
            return false;
    }
    return true;
}

void Transactions::back_off(int attempt) {
    const auto pause = first_pause * (1 << (attempt - 1));
    std::uniform_int_distribution<std::int64_t> jitter(pause.count() / 2, pause.count());
    std::this_thread::sleep_for(std::chrono::milliseconds(jitter(random_)));
}

}  // namespace wefee::storage
