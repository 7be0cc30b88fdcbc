#include "sandbox/flood.hpp"

#include <algorithm>
#include <stdexcept>

namespace wefee::sandbox {

std::shared_ptr<Delivery> Flood::booked(const FloodPayment& payment, const std::string& url) {
    const bool wechat = payment.provider == "wechat";
    if (!wechat && payment.provider != "alipay") throw std::invalid_argument("provider: " + payment.provider);
    auto* order = world_.books.find_order(payment.provider, payment.out_trade_no);
    if (!order) {
        Order made;
        made.provider = payment.provider;
        made.mchid = wechat ? world_.options.wechat_mchid : world_.options.alipay_seller_id;
        made.out_trade_no = payment.out_trade_no;
        made.amount_fen = payment.amount_fen;
        made.kind = wechat ? "native" : "precreate";
        made.state = wechat ? "NOTPAY" : "WAIT_BUYER_PAY";
        made.description = "flood";
        made.appid = wechat ? world_.options.wechat_appid : world_.options.alipay_app_id;
        made.created = world_.now();
        order = &world_.books.add_order(std::move(made));
    }
    if (order->amount_fen != payment.amount_fen)
        throw std::invalid_argument("another amount under this number: " + payment.out_trade_no);
    if (order->taken_fen == 0) {
        if (order->state == "CLOSED" || order->state == "TRADE_CLOSED")
            throw std::invalid_argument("closed: " + payment.out_trade_no);
        if (order->user.empty()) order->user = "flood";
        auto& payer = world_.books.user(order->user);
        (wechat ? payer.wechat_fen : payer.alipay_fen) += order->amount_fen;
        if (const auto failure = world_.books.take(*order, world_.now()); !failure.empty())
            throw std::invalid_argument("the payer's wallet refuses: " + failure);
        order->state = wechat ? "SUCCESS" : "TRADE_SUCCESS";
    }
    auto delivery = std::make_shared<Delivery>();
    auto target = *order;
    target.notify_url =
        !url.empty() ? url
        : !order->notify_url.empty()
            ? order->notify_url
            : world_.options.server_url + (wechat ? "/webhooks/wechatpay" : "/webhooks/alipay");
    delivery->parcel = wechat ? wechat_.payment_parcel(target) : alipay_.payment_parcel(target);
    return delivery;
}

void Flood::start(const FloodOrder& order) {
    if (running()) throw std::invalid_argument("a flood is running");
    waiting_.clear();
    for (const auto& payment : order.payments) {
        const auto delivery = booked(payment, order.url);
        for (int sent = 0; sent <= order.repeats; ++sent) waiting_.push_back(delivery);
    }
    std::mt19937_64 random(order.seed);
    std::ranges::shuffle(waiting_, random);
    wanted_ = order.payments.size();
    sends_ = failed_sends_ = given_up_ = 0;
    accepted_ids_.clear();
    accepted_numbers_.clear();
    workers_ = std::max(1, order.concurrency);
    for (int worker = workers_; worker > 0; --worker)
        tasks_.start("sandbox_flood", work(order.tries, order.retry));
}

io::awaitable<void> Flood::work(int tries, std::chrono::milliseconds retry) {
    while (!waiting_.empty()) {
        const auto delivery = waiting_.back();
        waiting_.pop_back();
        bool accepted = false;
        for (int attempt = 0; attempt < tries && !accepted; ++attempt) {
            if (attempt > 0) co_await io::sleep_for(retry);
            ++sends_;
            accepted = co_await world_.courier.send(delivery, Twist::none);
            if (!accepted) ++failed_sends_;
        }
        if (!accepted) {
            ++given_up_;
            continue;
        }
        world_.courier.note_accepted(delivery->parcel.id);
        accepted_ids_.insert(delivery->parcel.id);
        accepted_numbers_.insert(delivery->parcel.key);
    }
    --workers_;
    ended_.notify_all();
}

io::awaitable<void> Flood::wait() {
    while (running()) co_await ended_.wait();
}

}  // namespace wefee::sandbox
