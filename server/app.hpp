// What flows and routes work with: the parts that main wired, by reference. Lives as long as the process.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "billing/facts.hpp"
#include "io/clock.hpp"
#include "io/http.hpp"
#include "io/limits.hpp"
#include "payment/gateway.hpp"
#include "payment/notification.hpp"
#include "server/config/config.hpp"
#include "storage/store.hpp"

namespace wefee::io {
class BlockingPool;
}

namespace wefee::wecom {
class Client;
class Door;
class MiniProgramLogin;
}  // namespace wefee::wecom

namespace wefee::server {

class Workers;
class ManualClock;
class PriceLists;
class Entitlements;

/// So many a second on average, twice as many at once.
inline io::Rate rate_of(std::int64_t per_second) {
    return {.tokens = static_cast<unsigned>(per_second), .burst = static_cast<unsigned>(2 * per_second)};
}

/// The rules and addresses that flows read; plain values out of the configuration.
struct Rules {
    bool testing = false;
    std::string public_url;
    NoticeConfig notice;
    BillingConfig billing;
    CollectionConfig collection;
    std::string suite_id;  // "" for a self-built app
    std::string provider_corp_id;
    std::int64_t wechat_deduct_mode = 2;
    std::int64_t wechat_deduct_days = 7;
    std::int64_t alipay_window_days = 5;
    io::Rate tenant_rate, member_rate;  // of authenticated calls
    std::int64_t quarantine_bytes = 4'096;
    std::string miniprogram_appid;
    std::string admin_key_hash;  // SHA-256 hex; empty: none configured
};

struct App {
    Rules rules;
    storage::Store& store;
    const io::Clock& clock;
    ManualClock* manual_clock = nullptr;  // test environment only
    io::HttpClient& http;
    std::map<Provider, payment::Gateway*> gateways = {};
    std::map<std::string, payment::NotificationDoor*, std::less<>> doors = {};  // by callback path
    std::map<std::string, wecom::Door*, std::less<>> wecom_doors = {};
    wecom::Client* wecom = nullptr;
    wecom::MiniProgramLogin* mini_program = nullptr;
    PriceLists* price_lists = nullptr;
    io::BlockingPool* calculations = nullptr;  // beside the loops: what would keep others waiting
    Entitlements* entitlements = nullptr;
    Workers* workers = nullptr;
    io::RateLimiter rates = io::RateLimiter{};
    std::atomic<bool> draining{false};  // a stop was asked for: not ready any more

    /// Throws Error{unavailable} when that provider is not configured.
    payment::Gateway& gateway(Provider provider) const;
    payment::Gateway& gateway(std::string_view provider) const;
};

}  // namespace wefee::server
