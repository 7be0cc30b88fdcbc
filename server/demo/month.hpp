// One complete month of three companies, step by step over the API: WeChat deduction, Alipay deduction, and
// one whose balance is not enough and that a person pays.
#pragma once

#include <functional>
#include <string>

#include "server/demo/world.hpp"

namespace wefee::server::demo {

/// Told what happens, with real ids and amounts.
using Narrator = std::function<void(const std::string&)>;

struct Company {
    std::string corp_id;
    std::string name;
    std::string user;      // in WeCom
    std::string payer;     // in the wallet
    std::string provider;  // wechat, alipay
    std::string tenant_id = {};
    std::string token = {};  // of its administrator
    std::string subscription_id = {};
    std::string consent_id = {};
    std::string mandate_id = {};
    std::string invoice_id = {};
    std::string charge_id = {};
};

struct Month {
    Company wechat;
    Company alipay;
    Company unlucky;  // balance not enough, then a person pays by QR code
    std::string ingest_key;
    std::string price_list_id;
};

/// The price list of the demo, as an operator would post it.
Json demo_price_list();

/// Throws std::runtime_error naming the step that did not happen.
Month run_month(World& world, const Narrator& tell);

/// Invoice lines, the provider's books beside ours, the invariants. Throws when they do not agree.
void show_books(World& world, const Month& month, const Narrator& tell);

}  // namespace wefee::server::demo
