// Makes distinct signed notifications and the list of orders that they pay.
#pragma once

#include <cstddef>
#include <filesystem>

namespace wefee::bench {

struct GenerateOptions {
    std::filesystem::path keys;  // made when missing
    std::filesystem::path out;
    std::size_t wechat = 0;
    std::size_t alipay = 0;
    std::size_t wecom = 0;
};

/// Writes OUT/wechat.bin, alipay.bin, wecom.bin for the counts above zero, and OUT/orders.csv (provider,
/// mchid, out_trade_no, amount_fen, transaction_id, payer). Numbers are distinct over all calls. WeChat's
/// time stamps are those of the call: a file is good for five minutes.
void generate(const GenerateOptions& options);

}  // namespace wefee::bench
