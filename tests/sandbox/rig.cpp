#include "rig.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace wefee::sandbox::test {
namespace {

constexpr auto limit = 10s;

Options options_for(std::string_view start, const std::string& merchant,
                    const std::function<void(Options&)>& change) {
    Options options;
    options.start = local_time(start);
    options.point_at(merchant);
    if (change) change(options);
    return options;
}

payment::wechat::Settings wechat_settings_for(const Options& options, const std::string& base) {
    const auto& keys = test_keys();
    payment::wechat::Settings settings{.merchant_key = io::PrivateKey::parse(keys.merchant_private_key)};
    settings.base_url = base;
    settings.mchid = options.wechat_mchid;
    settings.appid = options.wechat_appid;
    settings.merchant_serial = keys.merchant_serial;
    settings.api_v3_key = keys.api_v3_key;
    settings.api_v2_key = keys.api_v2_key;
    settings.public_keys = {{keys.wechat_public_key_id, io::PublicKey::parse(keys.wechat_public_key)}};
    settings.plan_id = options.wechat_plan_id;
    settings.deduct_mode = options.wechat_deduct_mode;
    return settings;
}

payment::wechat::KeyRing::Map wechat_key_map() {
    const auto& keys = test_keys();
    return {{keys.wechat_public_key_id, io::PublicKey::parse(keys.wechat_public_key)}};
}

payment::alipay::Settings alipay_settings_for(const Options& options, const std::string& base) {
    const auto& keys = test_keys();
    return {.gateway_url = base + "/gateway.do",
            .app_id = options.alipay_app_id,
            .seller_id = options.alipay_seller_id,
            .app_private_key = io::PrivateKey::parse(keys.alipay_app_private_key),
            .alipay_public_key = io::PublicKey::parse(keys.alipay_public_key)};
}

}  // namespace

const Keys& test_keys() {
    const auto read = [](const std::string& name) {
        std::ifstream file(WEFEE_TEST_DATA "/" + name, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    };
    static const Keys keys = Keys::with({.merchant = read("wechat-pay/keys/merchant_private.pem"),
                                         .platform_1 = read("wechat-pay/keys/platform_old_private.pem"),
                                         .platform_2 = read("wechat-pay/keys/platform_new_private.pem"),
                                         .wechat = read("wechat-pay/keys/wechatpay_pub_private.pem"),
                                         .alipay_app = read("alipay/keys/app_private_pkcs8.pem"),
                                         .alipay = read("alipay/keys/alipay_private_pkcs8.pem"),
                                         .foreign = read("alipay/keys/wrong_private_pkcs8.pem")});
    return keys;
}

Instant local_time(std::string_view text) { return parse_local(text).value(); }

io::Request Heard::request() const {
    io::Request request;
    request.method = method;
    request.target = path;
    request.path = path;
    request.query = query;
    for (const auto& [name, value] : headers) request.headers.emplace_back(name, value);
    request.body = body;
    return request;
}

Merchant::Merchant() : tasks_(loop_.executor()) {
    door_ = std::make_unique<Door>(
        loop_.executor(), tasks_, [this](const io::Request& request) { return take(request); }, [] {});
    door_->listen("127.0.0.1", 0);
    loop_.start("merchant");
}

Merchant::~Merchant() {
    loop_.run(tasks_.stop(0s));
    loop_.stop();
    loop_.join();
}

std::string Merchant::base_url() const { return "http://127.0.0.1:" + std::to_string(door_->port()); }

io::awaitable<Reply> Merchant::take(const io::Request& request) {
    const std::lock_guard lock(mutex_);
    Heard heard{std::string(request.method),
                std::string(request.path),
                std::string(request.query),
                std::string(request.body),
                {}};
    for (const auto& [name, value] : request.headers) heard.headers.emplace_back(name, value);
    heard_.push_back(std::move(heard));
    Reply reply;
    if (!scripted_.empty()) {
        reply.response = scripted_.front();
        scripted_.pop_front();
        co_return reply;
    }
    if (request.path.starts_with("/webhooks/wechatpay/v2")) {
        reply.response.body = payment::wechat::v2_acknowledgement;
    } else if (request.path.starts_with("/webhooks/alipay") || request.path == "/webhooks/wecom/command") {
        reply.response.body = "success";
    }
    co_return reply;
}

std::vector<Heard> Merchant::heard(const std::string& path_prefix) const {
    const std::lock_guard lock(mutex_);
    std::vector<Heard> found;
    for (const auto& one : heard_)
        if (one.path.starts_with(path_prefix)) found.push_back(one);
    return found;
}

void Merchant::forget() {
    const std::lock_guard lock(mutex_);
    heard_.clear();
}

void Merchant::answer_next(std::vector<io::Response> answers) {
    const std::lock_guard lock(mutex_);
    scripted_.insert(scripted_.end(), answers.begin(), answers.end());
}

Rig::Rig(std::string_view start, std::function<void(Options&)> change)
    : options(options_for(start, merchant.base_url(), change)),
      sandbox(options, test_keys()),
      clock((sandbox.start(), *options.start)),
      wechat_settings(wechat_settings_for(options, sandbox.base_url())),
      wechat_keys(wechat_key_map()),
      wechat(wechat_settings, wechat_keys, nullptr, http, clock),
      alipay(alipay_settings_for(options, sandbox.base_url()), http, clock) {}

Rig::~Rig() = default;

io::ClientResponse Rig::raw(const std::string& method, const std::string& path, io::Headers headers,
                            const std::string& body) {
    return run(http.send({method, sandbox.base_url() + path, std::move(headers), body}, 30s));
}

json Rig::get(const std::string& path) {
    const auto response = raw("GET", path);
    EXPECT_EQ(response.status, 200) << path << " " << response.body;
    return json::parse(response.body);
}

json Rig::post(const std::string& path, const json& body, int* status) {
    const auto response = raw("POST", path, {}, body.dump());
    if (status) {
        *status = response.status;
    } else {
        EXPECT_EQ(response.status, 200) << path << " " << response.body;
    }
    return json::parse(response.body);
}

void Rig::advance(std::chrono::seconds by) {
    const auto answer = post("/sandbox/clock", {{"advance_seconds", by.count()}});
    clock.set(from_millis(answer.at("now_ms").get<std::int64_t>()));
}

void Rig::go_to(std::string_view local) {
    const auto answer = post("/sandbox/clock", {{"to", format_instant(local_time(local))}});
    clock.set(from_millis(answer.at("now_ms").get<std::int64_t>()));
}

json Rig::order(const std::string& out_trade_no) {
    for (auto& one : get("/sandbox/books")["orders"])
        if (one["out_trade_no"] == out_trade_no) return one;
    return json::object();
}

int Rig::refused(const std::string& reason) {
    return get("/sandbox/books")["refused"]["by_reason"].value(reason, 0);
}

json Rig::new_user(std::int64_t wechat_fen, std::int64_t alipay_fen, const std::string& name) {
    return post("/sandbox/users",
                {{"user", name}, {"wechat_balance_fen", wechat_fen}, {"alipay_balance_fen", alipay_fen}});
}

std::string Rig::wechat_contract(const std::string& number, const std::string& user) {
    payment::MandateRequest request;
    request.our_number = number;
    request.serial = ++serial_;
    request.account_name = "企微助手";
    request.notify_url = notify_url("wechatpay/v2/contract");
    request.single_limit = Fen{500'000};
    const auto page = run(wechat.sign_page(request, limit));
    return post("/sandbox/mandates/sign", {{"user", user}, {"link", page.mini_program}})["contract_id"];
}

std::string Rig::alipay_agreement(const std::string& number, std::string_view first_day,
                                  const std::string& user) {
    payment::MandateRequest request;
    request.our_number = number;
    request.account_name = "企微助手";
    request.notify_url = notify_url("alipay");
    request.single_limit = Fen{10'000};
    request.total_limit = Fen{25'000};
    request.first_execute_day = parse_day(first_day).value();
    const auto page = run(alipay.sign_page(request, limit));
    return post("/sandbox/mandates/sign", {{"user", user}, {"link", page.url}})["contract_id"];
}

payment::OrderResult Rig::deduct(payment::Gateway& gateway, const std::string& number, std::int64_t fen,
                                 const std::string& contract) {
    const bool is_wechat = gateway.provider() == Provider::wechat;
    const auto fields = gateway.fields(
        payment::Deduction{.out_trade_no = number,
                           .amount = Fen{fen},
                           .contract_id = contract,
                           .description = "企微助手 月费",
                           .notify_url = notify_url(is_wechat ? "wechatpay/v2/deduction" : "alipay")});
    return run(gateway.deduct(fields, limit));
}

payment::OrderResult Rig::query(payment::Gateway& gateway, const std::string& number, std::int64_t fen,
                                bool deduction) {
    return run(gateway.query(number, Fen{fen}, deduction, limit));
}

}  // namespace wefee::sandbox::test
