// The configuration: one struct, read once in main (defaults < file < environment), all mistakes reported
// together. Other code takes the values it needs, never the Config.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/time.hpp"

namespace wefee::server {

struct ListenConfig {
    std::string address = "127.0.0.1:8443";
    std::string tls_cert_file;
    std::string tls_key_file;
    std::string tls_rsa_cert_file;  // served beside the first (ECDSA) one
    std::string tls_rsa_key_file;
    std::string metrics_address;               // empty: no metrics listener
    std::int64_t loops = 0;                    // 0: one a core
    std::vector<std::string> proxies;          // whose X-Forwarded-For counts
    std::vector<std::string> provider_ranges;  // their own pool of connections
};

struct StoreConfig {
    std::string url = "sqlite://wefee.db";
    std::string password_file;
    std::int64_t readers = 4;
    std::int64_t writers = 2;
    std::int64_t queue_max = 1024;
    std::int64_t batch_max = 128;
    bool group_commit = true;
};

struct WechatPayConfig {
    bool present = false;
    std::string base_url = "https://api.mch.weixin.qq.com";
    std::string mchid;
    std::string appid;
    std::string merchant_serial;
    std::string merchant_private_key_file;
    std::string api_v3_key_file;
    std::string api_v2_key_file;
    std::string v2_sign_type = "HMAC-SHA256";  // or MD5
    std::string public_key_id;
    std::string public_key_file;
    std::string platform_cert_dir;
    std::string plan_id;
    std::int64_t deduct_mode = 2;
    std::int64_t deduct_days = 7;              // chargeable days after the waiting day
    std::optional<std::int64_t> notice_count;  // sent as deduct_duration.count when set (1-3)
};

struct AlipayConfig {
    bool present = false;
    std::string gateway_url = "https://openapi.alipay.com/gateway.do";
    std::string app_id;
    std::string seller_id;
    std::string app_private_key_file;
    std::string alipay_public_key_file;
    std::string app_cert_file;
    std::string alipay_cert_file;
    std::string alipay_root_cert_file;
    std::string product_code = "CYCLE_PAY_AUTH";  // or GENERAL_WITHHOLDING
    std::string sign_scene = "INDUSTRY|DEFAULT_SCENE";
    std::int64_t window_days = 5;  // chargeable from D - 5 to D
};

struct WecomConfig {
    bool present = false;
    std::string base_url = "https://qyapi.weixin.qq.com";
    std::string suite_id;
    std::string suite_secret_file;
    std::string corp_id;
    std::int64_t agent_id = 0;
    std::string corp_secret_file;
    std::string provider_corp_id;
    std::string provider_secret_file;
    std::string provider_token_file;
    std::string provider_encoding_aes_key_file;
    std::string token_file;
    std::string encoding_aes_key_file;
    bool empty_receiveid = false;  // app of an individual developer: callbacks name no receiver
};

struct MiniProgramConfig {
    std::string base_url = "https://api.weixin.qq.com";
    std::string appid;
    std::string secret_file;
};

struct NoticeConfig {
    std::vector<std::int64_t> lead_days = {5, 1};
    std::string open_in = "h5";  // or miniprogram
    std::string source_name = "费用中心";
};

struct BillingConfig {
    std::chrono::minutes close_grace{24 * 60};
    std::chrono::minutes late_window{31 * 24 * 60};
};

struct EntitlementsConfig {
    std::int64_t poll_ms = 500;         // no answer is made from older rows
    std::int64_t tenants_max = 10'000;  // held in memory
};

struct CollectionConfig {
    std::chrono::minutes service_grace{7 * 24 * 60};
    std::int64_t dispute_days = 5;
    std::int64_t approval_limit_fen = 100'000;
    std::int64_t max_charge_fen_wechat = 50'000'000;
    std::int64_t max_charge_fen_alipay = 50'000'000;
    std::int64_t retries_wechat = 3;
    std::int64_t retries_alipay = 2;
    std::int64_t manual_order_minutes = 120;  // how long a QR code or prepay can be paid
    std::int64_t call_limit_ms = 15'000;      // one deadline for a money call
};

struct LimitsConfig {
    std::int64_t header_bytes = 8'192;
    std::int64_t header_lines = 64;
    std::int64_t target_bytes = 2'048;
    std::int64_t body_bytes_callback = 65'536;
    std::int64_t body_bytes_wecom = 262'144;
    std::int64_t body_bytes_api = 65'536;
    std::int64_t body_bytes_ingest = 1'048'576;
    std::int64_t body_bytes_upload = 2'097'152;
    std::int64_t deadline_callback_ms = 5'000;
    std::int64_t deadline_api_ms = 10'000;
    std::int64_t keep_alive_idle_ms = 15'000;
    std::int64_t write_ms = 5'000;
    std::int64_t handshake_ms = 5'000;
    std::int64_t requests_per_connection = 1'000;
    std::int64_t connections = 1'024;
    std::int64_t connections_per_address = 64;
    std::int64_t provider_connections = 256;
    std::int64_t rate_callback = 200;  // a second and source
    std::int64_t rate_api = 20;
    std::int64_t rate_entitlements = 5'000;  // a second and address
    std::int64_t rate_tenant = 50;
    std::int64_t rate_member = 5;
    std::int64_t rate_login = 5;  // a minute and address
    std::int64_t quarantine_bytes = 4'096;
    std::int64_t calls_in_flight = 16;
    std::int64_t rate_calls = 100;  // a second and host, outward: below what each provider allows
    std::int64_t shutdown_ms = 15'000;
};

/// Only in the test environment.
struct TestConfig {
    std::string clock;           // "system" (default), "manual" (advanced by /admin/v1/test-clock)
    std::optional<Instant> now;  // where a manual clock starts
};

struct Config {
    std::string environment = "production";  // or test
    std::string public_url;
    std::string ca_file;         // trusted authorities for outgoing TLS; empty: the system's
    std::string admin_key_file;  // operator API key made by the installer; more are rows in the store
    std::string log_format = "json";
    ListenConfig listen;
    StoreConfig store;
    WechatPayConfig wechatpay;
    AlipayConfig alipay;
    WecomConfig wecom;
    MiniProgramConfig miniprogram;
    NoticeConfig notice;
    BillingConfig billing;
    EntitlementsConfig entitlements;
    CollectionConfig collection;
    LimitsConfig limits;
    TestConfig test;

    bool testing() const { return environment == "test"; }
};

/// A mistake with the key it is about ("wechatpay.mchid") and the reason in words.
struct ConfigMistake {
    std::string key;
    std::string reason;
};

struct LoadedConfig {
    Config config;
    std::vector<ConfigMistake> mistakes;  // all of them; empty: usable
};

/// Reads file and environment and checks every key. `environ_lookup` gives WEFEE_SECTION__KEY values.
LoadedConfig load_config(const std::string& path);
/// The same from a text (tests).
LoadedConfig parse_config(std::string_view toml,
                          const std::vector<std::pair<std::string, std::string>>& environment);

/// Every key with its value, secrets' files by name only: `wefee config show`.
std::string show_config(const Config& config);

}  // namespace wefee::server
