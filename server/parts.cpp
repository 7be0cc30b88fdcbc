#include "server/parts.hpp"

#include <stdexcept>

#include <unistd.h>

#include <fmt/format.h>

#include "io/crypto.hpp"
#include "io/http_client.hpp"
#include "io/loop.hpp"
#include "payment/alipay/gateway.hpp"
#include "payment/alipay/notify.hpp"
#include "payment/wechat/certificates.hpp"
#include "payment/wechat/gateway.hpp"
#include "payment/wechat/notify_v2.hpp"
#include "payment/wechat/notify_v3.hpp"
#include "server/config/secrets.hpp"
#include "server/flows/entitlements.hpp"
#include "server/flows/price_lists.hpp"
#include "server/manual_clock.hpp"
#include "server/workers/workers.hpp"
#include "wecom/callback.hpp"
#include "wecom/client.hpp"
#include "wecom/login.hpp"

namespace wefee::server {
namespace {

namespace wechat = payment::wechat;
namespace alipay = payment::alipay;

std::string secret(const std::string& path) {
    auto text = read_secret_file(path);
    if (!text) throw std::runtime_error("cannot read " + path);
    return std::move(*text);
}
std::string optional_secret(const std::string& path) { return path.empty() ? std::string{} : secret(path); }

[[noreturn]] void refuse(const std::string& section, const std::vector<std::string>& mistakes) {
    std::string text = "[" + section + "]";
    for (const auto& mistake : mistakes) text += " " + mistake + ";";
    throw std::invalid_argument(text);
}

/// Durable credentials of WeCom live in the store.
class StoredCredentials final : public wecom::CredentialSource {
public:
    StoredCredentials(storage::Store& store, std::string suite_id)
        : store_(store), suite_id_(std::move(suite_id)) {}

    io::awaitable<std::optional<std::string>> suite_ticket() override {
        const auto row = co_await store_.find_suite_ticket(suite_id_);
        if (!row) co_return std::nullopt;
        co_return row->ticket;
    }
    io::awaitable<std::optional<wecom::PermanentCode>> permanent_code(std::string corp_id) override {
        const auto row = co_await store_.find_authorisation_by_corp(suite_id_, corp_id);
        if (!row || (row->state != "ACTIVE" && row->state != "SUSPENDED")) co_return std::nullopt;
        co_return wecom::PermanentCode{row->permanent_code, row->agent_id};
    }

private:
    storage::Store& store_;
    std::string suite_id_;
};

struct WechatParts {
    WechatParts(wechat::Settings given, io::HttpClient& http, const io::Clock& clock)
        : settings(std::move(given)),
          keeper(settings, ring, http, clock),
          gateway(settings, ring, &keeper, http, clock),
          v3(settings, ring, &keeper),
          v2(settings) {}

    wechat::Settings settings;
    wechat::KeyRing ring;
    wechat::KeyKeeper keeper;
    wechat::WechatGateway gateway;
    wechat::V3Door v3;
    wechat::V2Door v2;
};

wechat::Settings wechat_settings(const WechatPayConfig& c, const std::string& miniprogram_appid) {
    wechat::Settings settings{.merchant_key = io::PrivateKey::parse(secret(c.merchant_private_key_file))};
    settings.base_url = c.base_url;
    settings.mchid = c.mchid;
    settings.appid = c.appid;
    settings.mini_program_appid = miniprogram_appid;
    settings.merchant_serial = c.merchant_serial;
    settings.api_v3_key = secret(c.api_v3_key_file);
    settings.api_v2_key = secret(c.api_v2_key_file);
    settings.v2_sign_type =
        c.v2_sign_type == "MD5" ? wechat::v2::SignType::md5 : wechat::v2::SignType::hmac_sha256;
    if (!c.public_key_id.empty())
        settings.public_keys.push_back({c.public_key_id, io::PublicKey::parse(secret(c.public_key_file))});
    settings.platform_cert_dir = c.platform_cert_dir;
    settings.plan_id = c.plan_id;
    settings.deduct_mode = static_cast<int>(c.deduct_mode);
    if (c.notice_count) settings.deduct_days = static_cast<int>(*c.notice_count);
    return settings;
}

alipay::Settings alipay_settings(const AlipayConfig& c) {
    alipay::Settings settings{.gateway_url = c.gateway_url,
                              .app_id = c.app_id,
                              .seller_id = c.seller_id,
                              .app_private_key = io::PrivateKey::parse(secret(c.app_private_key_file))};
    if (!c.alipay_public_key_file.empty())
        settings.alipay_public_key = io::PublicKey::parse(secret(c.alipay_public_key_file));
    settings.app_certificate = optional_secret(c.app_cert_file);
    settings.alipay_certificate = optional_secret(c.alipay_cert_file);
    settings.alipay_root_certificates = optional_secret(c.alipay_root_cert_file);
    settings.product_code = c.product_code;
    settings.personal_product_code = c.product_code + "_P";
    settings.sign_scene = c.sign_scene;
    return settings;
}

struct AlipayParts {
    AlipayParts(const alipay::Settings& settings, io::HttpClient& http, const io::Clock& clock)
        : gateway(settings, http, clock), door(notification_key(settings)) {}

    static io::PublicKey notification_key(const alipay::Settings& settings) {
        if (settings.alipay_public_key) return *settings.alipay_public_key;
        return io::Certificate::parse(settings.alipay_certificate).public_key();
    }

    alipay::AlipayGateway gateway;
    alipay::AlipayDoor door;
};

wecom::ClientConfig client_config(const WecomConfig& c) {
    wecom::ClientConfig config;
    config.base_url = c.base_url;
    config.mode = c.corp_id.empty() ? wecom::AppMode::third_party : wecom::AppMode::self_built;
    config.suite_id = c.suite_id;
    config.suite_secret = optional_secret(c.suite_secret_file);
    config.provider_corp_id = c.provider_corp_id;
    config.provider_secret = optional_secret(c.provider_secret_file);
    config.corp_id = c.corp_id;
    config.corp_secret = optional_secret(c.corp_secret_file);
    config.agent_id = c.agent_id;
    return config;
}

wecom::Door wecom_door(const WecomConfig& c, wecom::DoorKind kind) {
    const bool system = kind == wecom::DoorKind::system;
    wecom::DoorConfig config;
    config.kind = kind;
    config.token = secret(system ? c.provider_token_file : c.token_file);
    config.encoding_aes_key = secret(system ? c.provider_encoding_aes_key_file : c.encoding_aes_key_file);
    config.suite_id = c.suite_id;
    config.provider_corp_id = c.provider_corp_id;
    config.corp_id = c.corp_id;
    config.agent_id = c.agent_id == 0 ? "" : std::to_string(c.agent_id);
    config.empty_receiveid = c.empty_receiveid;
    return wecom::Door{std::move(config)};
}

struct WecomParts {
    WecomParts(const WecomConfig& c, storage::Store& store, io::HttpClient& http, const io::Clock& clock)
        : credentials(store, c.suite_id), client(client_config(c), http, clock, credentials) {
        using enum wecom::DoorKind;
        if (!c.suite_id.empty()) {
            doors.emplace("/webhooks/wecom/command", wecom_door(c, command));
            doors.emplace("/webhooks/wecom/data", wecom_door(c, data));
        }
        if (!c.corp_id.empty()) doors.emplace("/webhooks/wecom/app", wecom_door(c, app));
        if (!c.provider_token_file.empty()) doors.emplace("/webhooks/wecom/system", wecom_door(c, system));
    }

    StoredCredentials credentials;
    wecom::Client client;
    std::map<std::string, wecom::Door> doors;
};

/// "https://pay.example.com:8443/x" is "pay.example.com".
std::string host_of(std::string_view url) {
    const auto start = url.find("://");
    if (start != std::string_view::npos) url.remove_prefix(start + 3);
    url = url.substr(0, url.find('/'));
    if (url.starts_with('[')) return std::string{url.substr(1, url.find(']') - 1)};
    return std::string{url.substr(0, url.find(':'))};
}

Rules rules_of(const Config& c) {
    Rules rules;
    rules.testing = c.testing();
    rules.public_url = c.public_url;
    while (rules.public_url.ends_with('/')) rules.public_url.pop_back();
    rules.notice = c.notice;
    rules.billing = c.billing;
    rules.collection = c.collection;
    rules.suite_id = c.wecom.suite_id;
    rules.provider_corp_id = c.wecom.provider_corp_id;
    rules.wechat_deduct_mode = c.wechatpay.deduct_mode;
    rules.wechat_deduct_days = c.wechatpay.deduct_days;
    rules.alipay_window_days = c.alipay.window_days;
    rules.tenant_rate = rate_of(c.limits.rate_tenant);
    rules.member_rate = rate_of(c.limits.rate_member);
    rules.quarantine_bytes = c.limits.quarantine_bytes;
    rules.miniprogram_appid = c.miniprogram.appid;
    if (!c.admin_key_file.empty()) rules.admin_key_hash = io::sha256_hex(secret(c.admin_key_file));
    return rules;
}

EntitlementsOptions entitlements_options(const EntitlementsConfig& c) {
    return {std::chrono::milliseconds{c.poll_ms}, static_cast<std::size_t>(c.tenants_max)};
}

std::unique_ptr<io::Clock> clock_of(const Config& c) {
    if (c.test.clock != "manual") return std::make_unique<io::SystemClock>();
    return std::make_unique<ManualClock>(c.test.now.value_or(io::SystemClock{}.now()));
}

}  // namespace

storage::StoreOptions store_options(const Config& config) {
    storage::StoreOptions options;
    options.url = config.store.url;
    options.password = optional_secret(config.store.password_file);
    options.readers = static_cast<std::size_t>(config.store.readers);
    options.writers = static_cast<std::size_t>(config.store.writers);
    options.queue_max = static_cast<std::size_t>(config.store.queue_max);
    options.batch_max = static_cast<std::size_t>(config.store.batch_max);
    options.group_commit = config.store.group_commit;
    options.owner = fmt::format("{:07}-", ::getpid()) + io::random_alphanumeric(8);
    return options;
}

struct Parts::Held {
    Held(const Config& config, bool migrate, bool read_only)
        : store(storage::Store::open(store_options(config), migrate, read_only)),
          clock(clock_of(config)),
          http(std::make_unique<io::NetHttpClient>(client_options(config))),
          app{.rules = rules_of(config), .store = *store, .clock = *clock, .http = *http} {
        app.manual_clock = dynamic_cast<ManualClock*>(clock.get());
        app.price_lists = &price_lists;
        app.calculations = &calculations;
        entitlements = std::make_unique<Entitlements>(app, entitlements_options(config.entitlements));
        app.entitlements = entitlements.get();
        workers = std::make_unique<Workers>(app);
        app.workers = workers.get();
        if (config.wechatpay.present) add_wechat(config);
        if (config.alipay.present) add_alipay(config);
        if (config.wecom.present) add_wecom(config);
        if (!config.miniprogram.appid.empty()) {
            mini_program = std::make_unique<wecom::MiniProgramLogin>(
                config.miniprogram.base_url, config.miniprogram.appid, secret(config.miniprogram.secret_file),
                *http, *clock);
            app.mini_program = mini_program.get();
        }
    }

    static io::ClientOptions client_options(const Config& config);

    void add_wechat(const Config& config) {
        auto settings = wechat_settings(config.wechatpay, config.miniprogram.appid);
        if (const auto wrong = wechat::mistakes(settings, !config.testing()); !wrong.empty())
            refuse("wechatpay", wrong);
        wechat_parts = std::make_unique<WechatParts>(std::move(settings), *http, *clock);
        app.gateways[Provider::wechat] = &wechat_parts->gateway;
        app.doors["/webhooks/wechatpay"] = &wechat_parts->v3;
        for (const auto* path : {"/webhooks/wechatpay/v2/contract", "/webhooks/wechatpay/v2/deduction",
                                 "/webhooks/wechatpay/v2/refund"})
            app.doors[path] = &wechat_parts->v2;
    }
    void add_alipay(const Config& config) {
        alipay_parts = std::make_unique<AlipayParts>(alipay_settings(config.alipay), *http, *clock);
        app.gateways[Provider::alipay] = &alipay_parts->gateway;
        app.doors["/webhooks/alipay"] = app.doors["/webhooks/alipay/gateway"] = &alipay_parts->door;
    }
    void add_wecom(const Config& config) {
        wecom_parts = std::make_unique<WecomParts>(config.wecom, *store, *http, *clock);
        app.wecom = &wecom_parts->client;
        for (auto& [path, door] : wecom_parts->doors) app.wecom_doors[path] = &door;
    }

    std::unique_ptr<storage::Store> store;
    std::unique_ptr<io::Clock> clock;
    std::unique_ptr<io::HttpClient> http;
    PriceLists price_lists;
    io::BlockingPool calculations{{.name = "calculations"}};
    App app;
    std::unique_ptr<Entitlements> entitlements;
    std::unique_ptr<Workers> workers;
    std::unique_ptr<WechatParts> wechat_parts;
    std::unique_ptr<AlipayParts> alipay_parts;
    std::unique_ptr<WecomParts> wecom_parts;
    std::unique_ptr<wecom::MiniProgramLogin> mini_program;
};

/// Only the configured providers are ever called.
io::ClientOptions Parts::Held::client_options(const Config& config) {
    io::ClientOptions options;
    options.ca_pem = optional_secret(config.ca_file);
    options.allow_private = config.testing();
    options.in_flight_per_host = static_cast<std::size_t>(config.limits.calls_in_flight);
    options.rate = rate_of(config.limits.rate_calls);
    for (const auto& url : {config.wechatpay.base_url, config.alipay.gateway_url, config.wecom.base_url,
                            config.miniprogram.base_url})
        options.allowed_hosts.push_back(host_of(url));
    return options;
}

Parts::Parts(const Config& config, bool migrate, bool read_only)
    : held_(std::make_unique<Held>(config, migrate, read_only)) {}
Parts::~Parts() = default;
App& Parts::app() { return held_->app; }
void Parts::close() { held_->store->close(); }

}  // namespace wefee::server
