// The queue before the transactions, and the threads that take from it.
#include "storage/writer/writer.hpp"

#include <algorithm>
#include <iterator>

#include "io/loop.hpp"
#include "storage/writer/transaction.hpp"

namespace wefee::storage {
namespace {

constexpr std::size_t quarantined_max = 128;
/// Beside receipts that wait, one thread for both lanes takes so much work: short transactions answer soon.
constexpr std::size_t work_beside_receipts = 16;

/// Of more receipts, half wait for the next transaction: were all of a few connections' in one, the loops
/// would have nothing to do while the database works, and it nothing while they do.
constexpr std::size_t receipts_together = 32;

/// Of one transaction. A cluster certifies larger ones badly; SQLite writes a page once, however many rows of
/// a transaction it took.
std::size_t rows_max(sql::Dialect dialect) { return dialect == sql::Dialect::sqlite ? 4'000 : 1'000; }

std::size_t rows_of(const Job& job) {
    if (job.kind == Job::Kind::changes) return job.changes.writes.size();
    return job.kind == Job::Kind::usage ? job.usage->facts.size() : 1;
}

void refuse(Job& job, const char* why) { job.done(std::make_exception_ptr(Unavailable(why))); }

}  // namespace

Writer::Writer(sql::Engine& engine, WriterOptions options) : engine_(engine), options_(options) {
    if (engine.dialect() == sql::Dialect::sqlite) {
        work_.arrived = received_.arrived;  // its one thread waits for either
        threads_.emplace_back([this] { run(Serves::both); });
        return;
    }
    threads_.emplace_back([this] { run(Serves::received); });
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i)
        threads_.emplace_back([this] { run(Serves::work); });
}

Writer::~Writer() { close(); }

Writer::Lane& Writer::lane_of(Job::Kind kind) {
    return kind == Job::Kind::receipt || kind == Job::Kind::quarantine ? received_ : work_;
}

/// Why a job cannot wait here; nullptr: it can.
const char* Writer::refusal_of(const Job& job) {
    if (closed_) return "the store is closed";
    const bool crowded = job.kind == Job::Kind::quarantine && quarantined_ >= quarantined_max;
    if (crowded || lane_of(job.kind).queue.size() >= options_.queue_max) return "too many writes are waiting";
    return nullptr;
}

void Writer::submit(std::vector<Job> jobs) {
    std::vector<std::pair<Job, const char*>> refused;
    {
        const std::lock_guard lock(mutex_);
        for (auto& job : jobs) {
            if (const auto* why = refusal_of(job)) {
                refused.emplace_back(std::move(job), why);
                continue;
            }
            if (job.kind == Job::Kind::quarantine) ++quarantined_;
            auto& lane = lane_of(job.kind);
            lane.queue.push_back(std::move(job));
            lane.arrived->notify_one();
        }
    }
    for (auto& [job, why] : refused) refuse(job, why);
}

void Writer::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    received_.arrived->notify_all();
    work_.arrived->notify_all();
    threads_.clear();  // joins
}

void Writer::take_from(Lane& lane, std::size_t most, std::vector<Job>& jobs) {
    std::size_t rows = 0;
    for (; most > 0 && !lane.queue.empty(); --most) {
        rows += rows_of(lane.queue.front());
        if (rows > rows_max(engine_.dialect()) && !jobs.empty()) return;
        if (lane.queue.front().kind == Job::Kind::quarantine) --quarantined_;
        jobs.push_back(std::move(lane.queue.front()));
        lane.queue.pop_front();
    }
}

/// The next batch; empty: closed, and nothing waits any more.
std::vector<Job> Writer::take(Serves serves) {
    const bool received = serves != Serves::work, work = serves != Serves::received;
    std::unique_lock lock(mutex_);
    (received ? received_ : work_).arrived->wait(lock, [&] {
        return closed_ || (received && !received_.queue.empty()) || (work && !work_.queue.empty());
    });
    const auto batch = options_.group_commit ? options_.batch_max : std::size_t{1};
    std::vector<Job> jobs;
    jobs.reserve(std::min(batch, received_.queue.size() + work_.queue.size()));
    if (received)
        take_from(received_, std::min(batch, std::max(receipts_together, received_.queue.size() / 2)), jobs);
    if (work)
        take_from(work_, std::min(batch - jobs.size(), jobs.empty() ? batch : work_beside_receipts), jobs);
    return jobs;
}

/// The database is away: whoever waits already is told at once instead of after as many time-outs.
void Writer::refuse_waiting(Serves serves) {
    std::deque<Job> waiting;
    {
        const std::lock_guard lock(mutex_);
        for (auto* lane : {&received_, &work_}) {
            if (serves == (lane == &received_ ? Serves::work : Serves::received))
                continue;  // the other thread's
            std::ranges::move(lane->queue, std::back_inserter(waiting));
            lane->queue.clear();
            if (lane == &received_) quarantined_ = 0;
        }
    }
    for (auto& job : waiting) refuse(job, "the database is away");
}

void Writer::run(Serves serves) {
    if (serves == Serves::work) io::give_way();
    engine_.thread_begin();
    {
        Transactions transactions(engine_);
        for (auto jobs = take(serves); !jobs.empty(); jobs = take(serves))
            transactions.commit(std::move(jobs), [&] { refuse_waiting(serves); });
    }
    engine_.thread_end();
}

}  // namespace wefee::storage
