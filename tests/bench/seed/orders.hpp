// The list of orders that wefee-load made (orders.csv).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace wefee::bench {

struct SeedOrder {
    std::string provider;  // wechat, alipay
    std::string mchid;
    std::string out_trade_no;
    std::int64_t amount_fen = 0;
    std::string payer;
};

/// Columns: provider, mchid, out_trade_no, amount_fen, transaction_id, payer; the first line names them.
/// Throws std::runtime_error naming the line that is something else.
std::vector<SeedOrder> read_orders(const std::filesystem::path& path);

}  // namespace wefee::bench
