// Orders and HTTP framing that all three providers share.
#include "tests/bench/load/messages.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace wefee::bench {

namespace {

Order order_of(std::string provider, std::string mchid, const std::string& run, std::uint64_t number,
               std::string_view payer_prefix) {
    Order order;
    order.provider = std::move(provider);
    order.mchid = std::move(mchid);
    order.out_trade_no = fmt::format("{}{}{:07}", order.provider == "wechat" ? "W" : "A", run, number);
    order.amount_fen = 100 + static_cast<std::int64_t>(number * 7919 % 99'000);
    order.transaction_id =
        fmt::format("42{}{:0>10}{:012}", order.provider == "wechat" ? "00" : "01", run, number);
    order.payer = fmt::format("{}{:012}", payer_prefix, number % 1000);
    return order;
}

}  // namespace

Order wechat_order(const KeySet& keys, const std::string& run, std::uint64_t number) {
    return order_of("wechat", keys.identity.mchid, run, number, "oUpF8uMuAJO_M2px");
}

Order alipay_order(const KeySet& keys, const std::string& run, std::uint64_t number) {
    return order_of("alipay", keys.identity.seller_id, run, number, "2088");
}

std::string local_time(std::int64_t unix_seconds, char between, const char* zone) {
    const auto tm = fmt::gmtime(static_cast<std::time_t>(unix_seconds + 8 * 3600));
    return fmt::format("{:%Y-%m-%d}{}{:%H:%M:%S}{}", tm, between, tm, zone);
}

std::string post(std::string_view target, std::string_view content_type, std::string_view headers,
                 std::string_view body) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\nContent-Type: "
        "{}\r\n{}"
        "Content-Length: {}\r\n\r\n{}",
        target, content_type, headers, body.size(), body);
}

}  // namespace wefee::bench
