// The committer's loop.
#include "tests/bench/ceiling/committer.hpp"

#include <cstdio>
#include <iterator>
#include <utility>

namespace wefee::bench::ceiling {

namespace {

template <class T>
std::vector<T> take_front(std::vector<T>& all, std::size_t count) {
    if (all.size() <= count) return std::exchange(all, {});
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<T> front(std::move_iterator(all.begin()), std::move_iterator(end));
    all.erase(all.begin(), end);
    return front;
}

}  // namespace

Committer::Committer(std::function<std::unique_ptr<PaymentStore>()> open, std::size_t batch_max)
    : batch_max_(batch_max), thread_([this, open = std::move(open)] { run(open); }) {}

Committer::~Committer() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_one();
    thread_.join();
}

bool Committer::submit(Payment payment, std::move_only_function<void(bool)> done) {
    bool was_empty = false;
    {
        const std::scoped_lock lock(mutex_);
        if (payments_.size() >= queue_max) return false;
        was_empty = payments_.empty();
        payments_.push_back(std::move(payment));
        waiting_.push_back(std::move(done));
    }
    if (was_empty) arrived_.notify_one();
    return true;
}

void Committer::run(const std::function<std::unique_ptr<PaymentStore>()>& open) {
    const auto store = open();
    for (;;) {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return stopping_ || !payments_.empty(); });
        if (payments_.empty()) return;
        const auto batch = take_front(payments_, batch_max_);
        auto waiting = take_front(waiting_, batch_max_);
        lock.unlock();
        bool committed = true;
        try {
            store->record(batch);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "ceiling: not committed: %s\n", error.what());
            committed = false;
        }
        for (auto& done : waiting) done(committed);
    }
}

}  // namespace wefee::bench::ceiling
