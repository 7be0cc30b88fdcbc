// The queue before the transactions, and the threads that take from it.
#include "storage/writer/writer.hpp"

#include <algorithm>

#include "storage/writer/transaction.hpp"

namespace wefee::storage {
namespace {

constexpr std::size_t quarantined_max = 128;

void refuse(Job& job, const char* why) { job.done(std::make_exception_ptr(Unavailable(why))); }

}  // namespace

Writer::Writer(sql::Engine& engine, WriterOptions options) : engine_(engine), options_(options) {
    const auto threads = engine.dialect() == sql::Dialect::sqlite ? 1 : std::max<std::size_t>(options.threads, 1);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Writer::~Writer() { close(); }

void Writer::submit(Job job) {
    const char* refusal = nullptr;
    {
        const std::lock_guard lock(mutex_);
        const bool quarantine = job.kind == Job::Kind::quarantine;
        if (closed_) refusal = "the store is closed";
        else if (queue_.size() >= options_.queue_max || (quarantine && quarantined_ >= quarantined_max))
            refusal = "too many writes are waiting";
        else {
            if (quarantine) ++quarantined_;
            queue_.push_back(std::move(job));
        }
    }
    if (refusal != nullptr) refuse(job, refusal);
    else arrived_.notify_one();
}

void Writer::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    arrived_.notify_all();
    threads_.clear();  // joins
}

std::vector<Job> Writer::take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return closed_ || !queue_.empty(); });
    const auto count = std::min(queue_.size(), options_.group_commit ? options_.batch_max : std::size_t{1});
    std::vector<Job> jobs;
    jobs.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (queue_.front().kind == Job::Kind::quarantine) --quarantined_;
        jobs.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return jobs;
}

/// The database is away: whoever waits already is told at once instead of after as many time-outs.
void Writer::refuse_waiting() {
    std::deque<Job> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(queue_);
        quarantined_ = 0;
    }
    for (auto& job : waiting) refuse(job, "the database is away");
}

void Writer::work() {
    engine_.thread_begin();
    {
        Transactions transactions(engine_);
        for (auto jobs = take(); !jobs.empty(); jobs = take())
            if (!transactions.commit(std::move(jobs))) refuse_waiting();
    }
    engine_.thread_end();
}

}  // namespace wefee::storage
