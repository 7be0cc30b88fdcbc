#include "server/config/checks.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "server/config/secrets.hpp"

namespace wefee::server {
namespace {

class Checker {
public:
    Checker(const Config& config, std::vector<ConfigMistake>& mistakes)
        : config_(config), mistakes_(mistakes) {}

    void wrong(std::string key, std::string reason) {
        mistakes_.push_back({std::move(key), std::move(reason)});
    }

    void required(const std::string& key, const std::string& value) {
        if (value.empty()) wrong(key, "is required here");
    }
    void range(const std::string& key, std::int64_t value, std::int64_t low, std::int64_t high) {
        if (value < low || value > high)
            wrong(key, fmt::format("is {}, must be between {} and {}", value, low, high));
    }
    void one_of(const std::string& key, const std::string& value,
                std::initializer_list<std::string_view> allowed) {
        if (std::ranges::count(allowed, value) == 0)
            wrong(key, fmt::format("is \"{}\", must be one of: {}", value, fmt::join(allowed, ", ")));
    }
    void file(const std::string& key, const std::string& path) {
        if (!path.empty() && !std::filesystem::is_regular_file(path))
            wrong(key, fmt::format("cannot read {}", path));
    }
    /// https, or http to loopback in the test environment.
    void url(const std::string& key, const std::string& value) {
        if (value.starts_with("https://") && value.size() > 8) return;
        const bool loopback = value.starts_with("http://127.0.0.1") ||
                              value.starts_with("http://localhost") || value.starts_with("http://[::1]");
        if (config_.testing() && loopback) return;
        wrong(key, config_.testing() ? "must be an https:// URL, or http:// on loopback"
                                     : "must be an https:// URL");
    }
    /// A secret in a file: present, not weak, not shared with another key, not readable by others.
    void secret(const std::string& key, const std::string& path, std::size_t shortest) {
        if (path.empty()) return wrong(key, "is required here");
        const auto text = read_secret_file(path);
        if (!text) return wrong(key, fmt::format("cannot read {}", path));
        if (const auto weakness = secret_weakness(*text, shortest, config_.testing())) wrong(key, *weakness);
        if (!config_.testing() && readable_by_others(path))
            wrong(key, fmt::format("{} may be read by others: chmod 600", path));
        if (text->empty()) return;
        const auto [known, added] = secrets_.emplace(*text, key);
        if (!added && known->second != key)
            wrong(key, fmt::format("is the same secret as {}", known->second));
    }
    void exact_length(const std::string& key, const std::string& path, std::size_t length) {
        const auto text = path.empty() ? std::nullopt : read_secret_file(path);
        if (text && !text->empty() && text->size() != length)
            wrong(key, fmt::format("has {} bytes, must have {}", text->size(), length));
    }

private:
    const Config& config_;
    std::vector<ConfigMistake>& mistakes_;
    std::map<std::string, std::string> secrets_;
};

void check_general(const Config& c, Checker& check) {
    check.one_of("environment", c.environment, {"production", "test"});
    check.one_of("log_format", c.log_format, {"json", "text"});
    check.required("public_url", c.public_url);
    if (!c.public_url.empty()) check.url("public_url", c.public_url);
    if (!c.admin_key_file.empty()) check.secret("admin_key_file", c.admin_key_file, 32);
    check.file("ca_file", c.ca_file);
    check.required("listen.address", c.listen.address);
    if (c.listen.tls_cert_file.empty() != c.listen.tls_key_file.empty())
        check.wrong("listen.tls_cert_file", "and listen.tls_key_file must be set together");
    if (c.listen.tls_rsa_cert_file.empty() != c.listen.tls_rsa_key_file.empty())
        check.wrong("listen.tls_rsa_cert_file", "and listen.tls_rsa_key_file must be set together");
    check.file("listen.tls_cert_file", c.listen.tls_cert_file);
    check.file("listen.tls_key_file", c.listen.tls_key_file);
    check.file("listen.tls_rsa_cert_file", c.listen.tls_rsa_cert_file);
    check.file("listen.tls_rsa_key_file", c.listen.tls_rsa_key_file);
    check.range("listen.loops", c.listen.loops, 0, 64);
    if (!c.store.url.starts_with("sqlite://") && !c.store.url.starts_with("mysql://"))
        check.wrong("store.url", "must start with sqlite:// or mysql://");
    check.file("store.password_file", c.store.password_file);
    check.range("store.readers", c.store.readers, 1, 64);
    check.range("store.writers", c.store.writers, 1, 8);
    check.range("store.queue_max", c.store.queue_max, 512, 1'000'000);  // a month's close hands so much over
    check.range("store.batch_max", c.store.batch_max, 1, 900);
    check.one_of("notice.open_in", c.notice.open_in, {"h5", "miniprogram"});
    if (c.notice.lead_days.empty() || c.notice.lead_days.size() > 4 ||
        !std::ranges::is_sorted(c.notice.lead_days, std::greater{}) || c.notice.lead_days.front() < 2 ||
        c.notice.lead_days.back() < 1 || c.notice.lead_days.front() > 30)
        check.wrong("notice.lead_days", "must fall from 2-30 days to at least 1, like [5, 1]");
    check.one_of("test.clock", c.test.clock.empty() ? "system" : c.test.clock, {"system", "manual"});
    if (!c.testing() && (c.test.clock == "manual" || c.test.now))
        check.wrong("test.clock", "exists only with environment = \"test\"");
    if (c.test.now && c.test.clock != "manual") check.wrong("test.now", "needs test.clock = \"manual\"");
}

void check_wechatpay(const WechatPayConfig& c, Checker& check) {
    check.url("wechatpay.base_url", c.base_url);
    check.required("wechatpay.mchid", c.mchid);
    check.required("wechatpay.appid", c.appid);
    check.required("wechatpay.merchant_serial", c.merchant_serial);
    check.secret("wechatpay.merchant_private_key_file", c.merchant_private_key_file, 32);
    check.secret("wechatpay.api_v3_key_file", c.api_v3_key_file, 32);
    check.exact_length("wechatpay.api_v3_key_file", c.api_v3_key_file, 32);
    check.secret("wechatpay.api_v2_key_file", c.api_v2_key_file, 32);
    check.one_of("wechatpay.v2_sign_type", c.v2_sign_type, {"HMAC-SHA256", "MD5"});
    if (c.public_key_id.empty() != c.public_key_file.empty())
        check.wrong("wechatpay.public_key_id", "and wechatpay.public_key_file must be set together");
    if (!c.public_key_id.empty() && !c.public_key_id.starts_with("PUB_KEY_ID_"))
        check.wrong("wechatpay.public_key_id", "must start with PUB_KEY_ID_");
    check.file("wechatpay.public_key_file", c.public_key_file);
    if (c.public_key_id.empty() && c.platform_cert_dir.empty())
        check.wrong("wechatpay.platform_cert_dir", "is required when there is no wechatpay.public_key_id");
    check.range("wechatpay.deduct_mode", c.deduct_mode, 1, 2);
    check.range("wechatpay.deduct_days", c.deduct_days, 1, 7);
    if (c.notice_count) check.range("wechatpay.notice_count", *c.notice_count, 1, 3);
}

void check_alipay(const AlipayConfig& c, Checker& check) {
    check.url("alipay.gateway_url", c.gateway_url);
    check.required("alipay.app_id", c.app_id);
    check.required("alipay.seller_id", c.seller_id);
    check.secret("alipay.app_private_key_file", c.app_private_key_file, 32);
    const bool certificates =
        !c.app_cert_file.empty() || !c.alipay_cert_file.empty() || !c.alipay_root_cert_file.empty();
    if (certificates) {
        for (const auto& [key, path] : {std::pair{"alipay.app_cert_file", c.app_cert_file},
                                        {"alipay.alipay_cert_file", c.alipay_cert_file},
                                        {"alipay.alipay_root_cert_file", c.alipay_root_cert_file}}) {
            check.required(key, path);
            check.file(key, path);
        }
        if (!c.alipay_public_key_file.empty())
            check.wrong("alipay.alipay_public_key_file", "and certificates exclude each other");
    } else {
        check.required("alipay.alipay_public_key_file", c.alipay_public_key_file);
        check.file("alipay.alipay_public_key_file", c.alipay_public_key_file);
    }
    check.one_of("alipay.product_code", c.product_code, {"CYCLE_PAY_AUTH", "GENERAL_WITHHOLDING"});
    check.range("alipay.window_days", c.window_days, 0, 5);
}

void check_wecom(const WecomConfig& c, Checker& check) {
    check.url("wecom.base_url", c.base_url);
    if (c.suite_id.empty() == c.corp_id.empty())
        check.wrong("wecom.suite_id", "or wecom.corp_id: exactly one of the two kinds of app");
    if (!c.suite_id.empty()) {
        check.secret("wecom.suite_secret_file", c.suite_secret_file, 32);
        check.required("wecom.provider_corp_id", c.provider_corp_id);
    }
    if (!c.corp_id.empty()) {
        check.secret("wecom.corp_secret_file", c.corp_secret_file, 32);
        if (c.agent_id <= 0) check.wrong("wecom.agent_id", "is required with wecom.corp_id");
    }
    check.secret("wecom.token_file", c.token_file, 8);
    check.secret("wecom.encoding_aes_key_file", c.encoding_aes_key_file, 32);
    check.exact_length("wecom.encoding_aes_key_file", c.encoding_aes_key_file, 43);
    if (c.provider_token_file.empty() != c.provider_encoding_aes_key_file.empty())
        check.wrong("wecom.provider_token_file",
                    "and wecom.provider_encoding_aes_key_file must be set together");
    if (!c.provider_token_file.empty()) {
        check.secret("wecom.provider_token_file", c.provider_token_file, 8);
        check.secret("wecom.provider_encoding_aes_key_file", c.provider_encoding_aes_key_file, 32);
        check.exact_length("wecom.provider_encoding_aes_key_file", c.provider_encoding_aes_key_file, 43);
    }
    if (!c.provider_secret_file.empty())
        check.secret("wecom.provider_secret_file", c.provider_secret_file, 32);
}

void check_rules(const Config& c, Checker& check) {
    check.range("collection.dispute_days", c.collection.dispute_days, 1, 30);
    check.range("collection.approval_limit_fen", c.collection.approval_limit_fen, 1, 100'000'000'000);
    check.range("collection.retries_wechat", c.collection.retries_wechat, 0, 3);
    check.range("collection.retries_alipay", c.collection.retries_alipay, 0, 2);
    check.range("collection.manual_order_minutes", c.collection.manual_order_minutes, 5, 120);
    check.range("collection.call_limit_ms", c.collection.call_limit_ms, 1'000, 30'000);
    check.range("entitlements.poll_ms", c.entitlements.poll_ms, 20, 60'000);
    check.range("entitlements.tenants_max", c.entitlements.tenants_max, 1, 10'000'000);
    const auto& l = c.limits;
    check.range("limits.header_bytes", l.header_bytes, 1'024, 65'536);
    check.range("limits.header_lines", l.header_lines, 8, 256);
    check.range("limits.target_bytes", l.target_bytes, 256, 8'192);
    for (const auto& [key, value] : {std::pair{"limits.body_bytes_callback", l.body_bytes_callback},
                                     {"limits.body_bytes_wecom", l.body_bytes_wecom},
                                     {"limits.body_bytes_api", l.body_bytes_api},
                                     {"limits.body_bytes_ingest", l.body_bytes_ingest},
                                     {"limits.body_bytes_upload", l.body_bytes_upload}})
        check.range(key, value, 1'024, 8'388'608);
    for (const auto& [key, value] : {std::pair{"limits.deadline_callback_ms", l.deadline_callback_ms},
                                     {"limits.deadline_api_ms", l.deadline_api_ms},
                                     {"limits.keep_alive_idle_ms", l.keep_alive_idle_ms},
                                     {"limits.write_ms", l.write_ms},
                                     {"limits.handshake_ms", l.handshake_ms},
                                     {"limits.shutdown_ms", l.shutdown_ms}})
        check.range(key, value, 50, 600'000);
    for (const auto& [key, value] : {std::pair{"limits.requests_per_connection", l.requests_per_connection},
                                     {"limits.connections", l.connections},
                                     {"limits.connections_per_address", l.connections_per_address},
                                     {"limits.provider_connections", l.provider_connections},
                                     {"limits.rate_callback", l.rate_callback},
                                     {"limits.rate_api", l.rate_api},
                                     {"limits.rate_entitlements", l.rate_entitlements},
                                     {"limits.rate_tenant", l.rate_tenant},
                                     {"limits.rate_member", l.rate_member},
                                     {"limits.rate_login", l.rate_login},
                                     {"limits.calls_in_flight", l.calls_in_flight},
                                     {"limits.rate_calls", l.rate_calls}})
        check.range(key, value, 1, 1'000'000'000);
    check.range("limits.quarantine_bytes", l.quarantine_bytes, 0, 65'536);
}

}  // namespace

void check_config(const Config& config, std::vector<ConfigMistake>& mistakes) {
    Checker check{config, mistakes};
    check_general(config, check);
    if (config.wechatpay.present) check_wechatpay(config.wechatpay, check);
    if (config.alipay.present) check_alipay(config.alipay, check);
    if (config.wecom.present) check_wecom(config.wecom, check);
    if (!config.miniprogram.appid.empty()) {
        check.url("miniprogram.base_url", config.miniprogram.base_url);
        check.secret("miniprogram.secret_file", config.miniprogram.secret_file, 32);
    }
    check_rules(config, check);
}

}  // namespace wefee::server
