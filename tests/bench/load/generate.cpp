// Signing takes 250 us each, so it is spread over all cores.
#include "tests/bench/load/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/bench/load/messages.hpp"
#include "tests/bench/load/notification_file.hpp"

namespace wefee::bench {

namespace {

/// Milliseconds since 1970 in base 36: shorter than digits, and no other call has it.
std::string run_name() {
    auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count();
    std::string name;
    for (; rest > 0; rest /= 36) name.insert(0, 1, "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
    return name;
}

std::int64_t unix_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::vector<Notification> make_all(std::size_t count, const std::function<Notification(std::size_t)>& make) {
    std::vector<Notification> made(count);
    const std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> threads;
    for (std::size_t worker = 0; worker < workers; ++worker)
        threads.emplace_back([&, worker] {
            for (std::size_t i = worker; i < count; i += workers) made[i] = make(i);
        });
    threads.clear();  // joins
    return made;
}

void append_orders(std::ofstream& list, const std::vector<Order>& orders) {
    for (const auto& order : orders)
        list << fmt::format("{},{},{},{},{},{}\n", order.provider, order.mchid, order.out_trade_no,
                            order.amount_fen, order.transaction_id, order.payer);
}

}  // namespace

void generate(const GenerateOptions& options) {
    const auto keys = open_keys(options.keys);
    const auto run = run_name();
    std::filesystem::create_directories(options.out);
    std::ofstream list(options.out / "orders.csv");
    list << "provider,mchid,out_trade_no,amount_fen,transaction_id,payer\n";

    std::vector<Order> orders;
    for (std::size_t i = 0; i < options.wechat; ++i) orders.push_back(wechat_order(keys, run, i));
    append_orders(list, orders);
    if (options.wechat > 0)
        write_notifications(options.out / "wechat.bin", make_all(options.wechat, [&](std::size_t i) {
                                return wechat_notification(keys, orders[i], run, i, unix_now());
                            }));

    orders.clear();
    for (std::size_t i = 0; i < options.alipay; ++i) orders.push_back(alipay_order(keys, run, i));
    append_orders(list, orders);
    if (options.alipay > 0)
        write_notifications(options.out / "alipay.bin", make_all(options.alipay, [&](std::size_t i) {
                                return alipay_notification(keys, orders[i], unix_now());
                            }));

    if (options.wecom > 0)
        write_notifications(options.out / "wecom.bin", make_all(options.wecom, [&](std::size_t i) {
                                return wecom_notification(keys, run, i, unix_now());
                            }));
    list.close();
    if (!list) throw std::runtime_error("cannot write " + (options.out / "orders.csv").string());
}

}  // namespace wefee::bench
