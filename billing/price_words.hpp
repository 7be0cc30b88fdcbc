// Prices in words (zh-CN): one line for each thing that can cost money, as the public page and reviews show
// them.
#pragma once

#include <string>
#include <vector>

#include "billing/price_list.hpp"

namespace wefee {

/// What one fee is for and what it costs; shown text, not escaped for anything.
struct PriceWords {
    std::string what;
    std::string costs;
};

/// "月", "季度", "年", "2 个月", "周", "2 周".
std::string period_words(const Plan& plan);

/// Price, seats, trial, time of billing, minimum and cap of a plan, then every usage price with its tiers and
/// limits.
std::vector<PriceWords> plan_words(const PriceList& prices, const Plan& plan);

/// "¥120.00 / 期"; of a module that is not sold alone: that it is not.
std::string module_words(const Module& module);
std::string add_on_words(const PriceList& prices, const AddOnOffer& offer);
/// "¥500.00 / 次,下单时一次性收取".
std::string one_off_words(const OneOffOffer& offer);
/// "优惠 10%,用于 3 期".
std::string coupon_words(const CouponOffer& offer);
/// How a meter counts: "去重计数(按 customer),仅计 kind 为 a、b".
std::string meter_words(const Meter& meter);
/// Through what a feature can cost money; "不单独收费" when through nothing.
std::string feature_words(const PriceList& prices, const Feature& feature);

}  // namespace wefee
