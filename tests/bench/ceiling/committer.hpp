// Group commit: everything that queued while a commit ran is the next transaction. No timer.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wefee::bench::ceiling {

/// One verified notification.
struct Payment {
    std::string source;
    std::string dedup_key;
    std::string raw;
    std::string out_trade_no;
    std::string transaction_id;
    std::int64_t amount_fen = 0;
};

/// One database connection; used by the committer's thread alone.
class PaymentStore {
public:
    virtual ~PaymentStore() = default;
    /// All or nothing: one inbox row and one paid charge each. A message that is there already, and a charge
    /// that is not due or has another amount, change nothing and are no error. Throws when the database
    /// refused.
    virtual void record(const std::vector<Payment>& batch) = 0;
};

std::unique_ptr<PaymentStore> open_sqlite(const std::string& path);
/// `socket`: of the server; user root without a password, as private test servers are.
std::unique_ptr<PaymentStore> open_mariadb(const std::string& socket, const std::string& database);

class Committer {
public:
    /// `open` runs on the committer's own thread. `batch_max` 1 turns group commit off.
    Committer(std::function<std::unique_ptr<PaymentStore>()> open, std::size_t batch_max);
    ~Committer();
    /// `done(committed)` runs on the committer's thread. False when the queue is full: `done` is not called
    /// then.
    bool submit(Payment payment, std::move_only_function<void(bool)> done);

private:
    void run(const std::function<std::unique_ptr<PaymentStore>()>& open);

    static constexpr std::size_t queue_max = 4096;
    std::size_t batch_max_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Payment> payments_;
    std::vector<std::move_only_function<void(bool)>> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace wefee::bench::ceiling
