// What companies of the demo do before their first invoice, over the API: the app installed, the plan chosen,
// the consent read and granted, the mandate signed.
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

/// Throws std::runtime_error naming what did not happen.
void require(bool happened, const std::string& what);
std::string yuan(const Json& fen);

/// The price list of the demo, as an operator would post it.
Json demo_price_list();

/// Drafts and publishes it; gives its id.
std::string publish(World& world, const Json& prices, const Narrator& tell);

/// The company's administrator installs the app and logs in: fills tenant_id and token.
void install(World& world, Company& company, const Narrator& tell);

/// Sessions end after 12 hours: a member logs in again whenever there is something to do.
void log_in_again(World& world, Company& company);

/// Plan pro with 30 seats, paid automatically, and the consent granted: fills subscription_id and consent_id.
void agree(World& world, const std::string& price_list_id, Company& company, const Narrator& tell);

/// The mandate is signed in the wallet: fills mandate_id.
void sign(World& world, Company& company, const Narrator& tell);

}  // namespace wefee::server::demo
