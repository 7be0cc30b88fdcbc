// One complete month of three companies, step by step over the API: WeChat deduction, Alipay deduction, and
// one whose balance is not enough and that a person pays.
#pragma once

#include <string>

#include "server/demo/steps.hpp"

namespace wefee::server::demo {

struct Month {
    Company wechat;
    Company alipay;
    Company unlucky;  // balance not enough, then a person pays by QR code
    std::string ingest_key;
    std::string price_list_id;
};

/// Throws std::runtime_error naming the step that did not happen.
Month run_month(World& world, const Narrator& tell);

/// Invoice lines, the provider's books beside ours, the invariants. Throws when they do not agree.
void show_books(World& world, const Month& month, const Narrator& tell);

}  // namespace wefee::server::demo
