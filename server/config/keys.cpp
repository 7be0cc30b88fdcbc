#include "server/config/keys.hpp"

namespace wefee::server {
namespace {

std::vector<ConfigKey> general_keys(Config& c) {
    return {
        {"environment", &c.environment,
         "production, or test: http:// provider URLs on loopback, test clock, short secrets"},
        {"public_url", &c.public_url,
         "where the outside reaches this server; notification addresses derive from it"},
        {"admin_key_file", &c.admin_key_file,
         "first operator API key; further ones by POST /admin/v1/api-keys"},
        {"ca_file", &c.ca_file, "trusted authorities for outgoing TLS; without it the system's"},
        {"log_format", &c.log_format, "json or text"},
        {"listen.address", &c.listen.address, "host:port"},
        {"listen.tls_cert_file", &c.listen.tls_cert_file,
         "ECDSA certificate chain; without it plain HTTP behind a proxy"},
        {"listen.tls_key_file", &c.listen.tls_key_file, "its key"},
        {"listen.tls_rsa_cert_file", &c.listen.tls_rsa_cert_file, "RSA certificate for old clients"},
        {"listen.tls_rsa_key_file", &c.listen.tls_rsa_key_file, "its key"},
        {"listen.metrics_address", &c.listen.metrics_address, "Prometheus text on its own listener"},
        {"listen.loops", &c.listen.loops, "event loops; 0: one a core"},
        {"listen.proxies", &c.listen.proxies, "addresses whose X-Forwarded-For counts"},
        {"listen.provider_ranges", &c.listen.provider_ranges,
         "address ranges of the providers: own pool of connections"},
        {"store.url", &c.store.url,
         "sqlite:///path, mysql://user@host:3306/db, mysql://user@/db?socket=/path"},
        {"store.password_file", &c.store.password_file, "password of the MySQL account"},
        {"store.readers", &c.store.readers, "read connections"},
        {"store.writers", &c.store.writers,
         "writing connections for work; receipts have one of their own (MySQL)"},
        {"store.queue_max", &c.store.queue_max, "waiting receipts, and as much waiting work; beyond it 503"},
        {"store.batch_max", &c.store.batch_max, "writes in one group commit"},
        {"store.group_commit", &c.store.group_commit, "false: one transaction a write (for measuring)"},
        {"notice.lead_days", &c.notice.lead_days,
         "days before the planned deduction: first notice, reminder"},
        {"notice.open_in", &c.notice.open_in, "h5 or miniprogram"},
        {"notice.source_name", &c.notice.source_name, "name on the cards"},
        {"billing.close_grace", &c.billing.close_grace, "how long after its end a period still takes usage"},
        {"billing.late_window", &c.billing.late_window,
         "how old a usage event may be, also to be corrected; late ones are billed as differences"},
        {"entitlements.poll_ms", &c.entitlements.poll_ms, "no answer is made from rows older than this"},
        {"entitlements.tenants_max", &c.entitlements.tenants_max, "tenants held in memory"},
        {"test.clock", &c.test.clock, "system or manual (test environment only)"},
        {"test.now", &c.test.now, "where a manual clock starts"},
    };
}

std::vector<ConfigKey> provider_keys(Config& c) {
    return {
        {"wechatpay.base_url", &c.wechatpay.base_url, ""},
        {"wechatpay.mchid", &c.wechatpay.mchid, "merchant number"},
        {"wechatpay.appid", &c.wechatpay.appid, "mini-program or official account bound to it"},
        {"wechatpay.merchant_serial", &c.wechatpay.merchant_serial, "serial of the merchant API certificate"},
        {"wechatpay.merchant_private_key_file", &c.wechatpay.merchant_private_key_file, "signs our requests"},
        {"wechatpay.api_v3_key_file", &c.wechatpay.api_v3_key_file, "32 bytes: decrypts notifications"},
        {"wechatpay.api_v2_key_file", &c.wechatpay.api_v2_key_file, "32 characters: signs v2 messages"},
        {"wechatpay.v2_sign_type", &c.wechatpay.v2_sign_type, "HMAC-SHA256 or MD5"},
        {"wechatpay.public_key_id", &c.wechatpay.public_key_id, "PUB_KEY_ID_...: public-key mode"},
        {"wechatpay.public_key_file", &c.wechatpay.public_key_file, "its key"},
        {"wechatpay.platform_cert_dir", &c.wechatpay.platform_cert_dir,
         "certificate mode: trusted ones, and those downloaded"},
        {"wechatpay.plan_id", &c.wechatpay.plan_id, "template of the deduction contract"},
        {"wechatpay.deduct_mode", &c.wechatpay.deduct_mode, "1: executed 24 h after apply; 2: notice before"},
        {"wechatpay.deduct_days", &c.wechatpay.deduct_days, "chargeable days after a notice"},
        {"wechatpay.notice_count", &c.wechatpay.notice_count, "sent as deduct_duration.count when set"},
        {"alipay.gateway_url", &c.alipay.gateway_url, ""},
        {"alipay.app_id", &c.alipay.app_id, ""},
        {"alipay.seller_id", &c.alipay.seller_id, "our PID"},
        {"alipay.app_private_key_file", &c.alipay.app_private_key_file, "signs our requests"},
        {"alipay.alipay_public_key_file", &c.alipay.alipay_public_key_file, "key mode"},
        {"alipay.app_cert_file", &c.alipay.app_cert_file, "certificate mode"},
        {"alipay.alipay_cert_file", &c.alipay.alipay_cert_file, "certificate mode"},
        {"alipay.alipay_root_cert_file", &c.alipay.alipay_root_cert_file, "certificate mode"},
        {"alipay.product_code", &c.alipay.product_code, "CYCLE_PAY_AUTH or GENERAL_WITHHOLDING"},
        {"alipay.sign_scene", &c.alipay.sign_scene, "agreed with Alipay"},
        {"alipay.window_days", &c.alipay.window_days, "chargeable days before the planned date"},
        {"wecom.base_url", &c.wecom.base_url, ""},
        {"wecom.suite_id", &c.wecom.suite_id, "third-party app"},
        {"wecom.suite_secret_file", &c.wecom.suite_secret_file, ""},
        {"wecom.corp_id", &c.wecom.corp_id, "self-built app"},
        {"wecom.agent_id", &c.wecom.agent_id, "self-built app"},
        {"wecom.corp_secret_file", &c.wecom.corp_secret_file, "self-built app"},
        {"wecom.provider_corp_id", &c.wecom.provider_corp_id, ""},
        {"wecom.provider_secret_file", &c.wecom.provider_secret_file, ""},
        {"wecom.provider_token_file", &c.wecom.provider_token_file, "system events"},
        {"wecom.provider_encoding_aes_key_file", &c.wecom.provider_encoding_aes_key_file, "system events"},
        {"wecom.token_file", &c.wecom.token_file, "callbacks"},
        {"wecom.encoding_aes_key_file", &c.wecom.encoding_aes_key_file, "callbacks"},
        {"wecom.empty_receiveid", &c.wecom.empty_receiveid,
         "app of an individual developer: callbacks name no receiver"},
        {"miniprogram.base_url", &c.miniprogram.base_url, ""},
        {"miniprogram.appid", &c.miniprogram.appid, ""},
        {"miniprogram.secret_file", &c.miniprogram.secret_file, ""},
    };
}

std::vector<ConfigKey> rule_keys(Config& c) {
    auto& l = c.limits;
    return {
        {"collection.service_grace", &c.collection.service_grace,
         "service goes on that long after the last retry"},
        {"collection.dispute_days", &c.collection.dispute_days, "working days to answer a dispute"},
        {"collection.approval_limit_fen", &c.collection.approval_limit_fen,
         "credits, refunds and corrections from here need two persons"},
        {"collection.max_charge_fen_wechat", &c.collection.max_charge_fen_wechat,
         "above it: manual payment from the start"},
        {"collection.max_charge_fen_alipay", &c.collection.max_charge_fen_alipay,
         "above it: manual payment from the start"},
        {"collection.retries_wechat", &c.collection.retries_wechat, "after a failed deduction"},
        {"collection.retries_alipay", &c.collection.retries_alipay, "after a failed deduction"},
        {"collection.manual_order_minutes", &c.collection.manual_order_minutes,
         "life of a QR code or prepay"},
        {"collection.call_limit_ms", &c.collection.call_limit_ms, "one deadline for a money call"},
        {"limits.header_bytes", &l.header_bytes, "431"},
        {"limits.header_lines", &l.header_lines, "431"},
        {"limits.target_bytes", &l.target_bytes, "414"},
        {"limits.body_bytes_callback", &l.body_bytes_callback, "413"},
        {"limits.body_bytes_wecom", &l.body_bytes_wecom, "413"},
        {"limits.body_bytes_api", &l.body_bytes_api, "413"},
        {"limits.body_bytes_ingest", &l.body_bytes_ingest, "413"},
        {"limits.body_bytes_upload", &l.body_bytes_upload, "413; a price list"},
        {"limits.deadline_callback_ms", &l.deadline_callback_ms, "whole request, 408"},
        {"limits.deadline_api_ms", &l.deadline_api_ms, "whole request, 408"},
        {"limits.keep_alive_idle_ms", &l.keep_alive_idle_ms, ""},
        {"limits.write_ms", &l.write_ms, ""},
        {"limits.handshake_ms", &l.handshake_ms, ""},
        {"limits.requests_per_connection", &l.requests_per_connection, ""},
        {"limits.connections", &l.connections, "503"},
        {"limits.connections_per_address", &l.connections_per_address, "503"},
        {"limits.provider_connections", &l.provider_connections, "own pool of the providers' ranges"},
        {"limits.rate_callback", &l.rate_callback, "a second and source, 429"},
        {"limits.rate_api", &l.rate_api, "a second and address, 429"},
        {"limits.rate_entitlements", &l.rate_entitlements, "a second and address, 429"},
        {"limits.rate_tenant", &l.rate_tenant, "a second and tenant, 429"},
        {"limits.rate_member", &l.rate_member, "a second and member, 429"},
        {"limits.rate_login", &l.rate_login, "a minute and address, 429; each refused one waits longer"},
        {"limits.quarantine_bytes", &l.quarantine_bytes, "kept of a refused request"},
        {"limits.calls_in_flight", &l.calls_in_flight, "outward, per host"},
        {"limits.rate_calls", &l.rate_calls,
         "outward, a second and host, 2 x as burst; below what each provider allows"},
        {"limits.shutdown_ms", &l.shutdown_ms, "grace of a stop"},
    };
}

}  // namespace

std::vector<ConfigKey> config_keys(Config& config) {
    auto keys = general_keys(config);
    for (auto part : {provider_keys(config), rule_keys(config)})
        keys.insert(keys.end(), part.begin(), part.end());
    return keys;
}

}  // namespace wefee::server
