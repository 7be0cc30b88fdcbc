// A flood of genuine payment notifications for crash and load tests: distinct payments, each sent several
// times in a shuffled order, tried again until the receiver accepts.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "sandbox/alipay.hpp"
#include "sandbox/wechat.hpp"

namespace wefee::sandbox {

struct FloodPayment {
    std::string provider;
    std::string out_trade_no;
    std::int64_t amount_fen = 0;
};

struct FloodOrder {
    std::vector<FloodPayment> payments;
    std::string url;  // empty: the order's own, else the provider's callback path under the server's base
    int repeats = 0;
    int concurrency = 16;
    int tries = 50;
    std::chrono::milliseconds retry{100};  // real time
    std::uint64_t seed = 1;
};

class Flood {
public:
    Flood(World& world, WechatPay& wechat, Alipay& alipay, io::TaskGroup& tasks, io::Executor executor)
        : world_(world), wechat_(wechat), alipay_(alipay), tasks_(tasks), ended_(std::move(executor)) {}

    /// Books the payments and starts sending. Throws std::invalid_argument while another one runs, or for a
    /// number that is closed or has another amount.
    void start(const FloodOrder& order);
    io::awaitable<void> wait();
    bool running() const { return workers_ > 0; }
    std::size_t wanted() const { return wanted_; }
    std::size_t sends() const { return sends_; }
    std::size_t failed_sends() const { return failed_sends_; }
    std::size_t given_up() const { return given_up_; }
    const std::set<std::string>& accepted_ids() const { return accepted_ids_; }
    const std::set<std::string>& accepted_numbers() const { return accepted_numbers_; }

private:
    std::shared_ptr<Delivery> booked(const FloodPayment& payment, const std::string& url);
    io::awaitable<void> work(int tries, std::chrono::milliseconds retry);

    World& world_;
    WechatPay& wechat_;
    Alipay& alipay_;
    io::TaskGroup& tasks_;
    io::Signal ended_;
    std::vector<std::shared_ptr<Delivery>> waiting_;
    int workers_ = 0;
    std::size_t wanted_ = 0, sends_ = 0, failed_sends_ = 0, given_up_ = 0;
    std::set<std::string> accepted_ids_;
    std::set<std::string> accepted_numbers_;
};

}  // namespace wefee::sandbox
