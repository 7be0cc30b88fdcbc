// WeChat Pay APIv3 at the wire: Authorization, signatures of answers, certificates, routes.
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "io/encoding.hpp"
#include "sandbox/json_fields.hpp"
#include "sandbox/wechat.hpp"

namespace wefee::sandbox {
namespace {

constexpr std::string_view scheme = "WECHATPAY2-SHA256-RSA2048 ";
constexpr std::int64_t clock_tolerance_s = 300;

std::int64_t unix_seconds(Instant t) {
    return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

/// key="value" pairs in any order; nullopt when one is malformed or comes twice.
std::optional<std::map<std::string, std::string>> authorization_pairs(std::string_view text) {
    if (!text.starts_with(scheme)) return std::nullopt;
    text.remove_prefix(scheme.size());
    std::map<std::string, std::string> pairs;
    while (!text.empty()) {
        const auto open = text.find("=\"");
        if (open == std::string_view::npos) return std::nullopt;
        const auto close = text.find('"', open + 2);
        if (close == std::string_view::npos) return std::nullopt;
        std::string name(text.substr(0, open));
        if (!pairs.emplace(std::move(name), std::string(text.substr(open + 2, close - open - 2))).second)
            return std::nullopt;
        text.remove_prefix(close + 1);
        if (!text.empty() && text.front() != ',') return std::nullopt;
        if (!text.empty()) text.remove_prefix(1);
    }
    return pairs;
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

ApiAnswer sign_error(const io::Request& request, std::string_view text, const std::string& message) {
    const nlohmann::ordered_json body{{"code", "SIGN_ERROR"},
                                      {"message", text},
                                      {"detail",
                                       {{"field", "signature"},
                                        {"location", "authorization"},
                                        {"detail", {{"issue", "sign not match"}}},
                                        {"sign_information",
                                         {{"method", request.method},
                                          {"url", request.target},
                                          {"truncated_sign_message", message.substr(0, 512)},
                                          {"sign_message_length", message.size()}}}}}};
    return {401, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), 268443699};
}

/// Header names come in varying case from the real one.
std::string cased(std::string name, std::size_t turn) {
    if (turn % 2 == 1)
        std::ranges::transform(name, name.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return name;
}

std::optional<std::string_view> between(std::string_view path, std::string_view prefix,
                                        std::string_view suffix) {
    if (!path.starts_with(prefix) || !path.ends_with(suffix) || path.size() <= prefix.size() + suffix.size())
        return std::nullopt;
    const auto middle = path.substr(prefix.size(), path.size() - prefix.size() - suffix.size());
    if (middle.find('/') != std::string_view::npos) return std::nullopt;
    return middle;
}

}  // namespace

ApiAnswer v3_error(int status, std::string_view code, std::string_view message, std::int64_t tail) {
    return {status, nlohmann::ordered_json{{"code", code}, {"message", message}}.dump(), tail};
}

WechatPay::WechatPay(World& world)
    : world_(world),
      merchant_key_(io::PrivateKey::parse(world.keys.merchant_private_key).public_key()),
      platform_{
          Signer{world.keys.platform_serials[0], io::PrivateKey::parse(world.keys.platform_private_keys[0])},
          Signer{world.keys.platform_serials[1], io::PrivateKey::parse(world.keys.platform_private_keys[1])}},
      public_key_{world.keys.wechat_public_key_id, io::PrivateKey::parse(world.keys.wechat_private_key)},
      foreign_key_(io::PrivateKey::parse(world.keys.foreign_private_key)),
      key_mode_(world.options.wechat_key_mode),
      public_key_percent_(50) {}

bool WechatPay::set_keys(const std::string& mode, int percent, int rotate_percent) {
    if (mode != "certificate" && mode != "grey" && mode != "public_key") return false;
    key_mode_ = mode;
    public_key_percent_ = percent;
    rotate_percent_ = rotate_percent;
    return true;
}

const WechatPay::Signer& WechatPay::certificate_signer() {
    return platform_[world_.faults.draw(rotate_percent_) ? 1 : 0];
}

const WechatPay::Signer& WechatPay::answer_signer(const io::Request& request) {
    if (key_mode_ == "public_key") return public_key_;
    // In the transition the request's header chooses; without it the certificate stays.
    if (key_mode_ == "grey" && request.header("Wechatpay-Serial") == public_key_.serial) return public_key_;
    return certificate_signer();
}

const WechatPay::Signer& WechatPay::notification_signer() {
    if (key_mode_ == "public_key") return public_key_;
    if (key_mode_ == "grey" && world_.faults.draw(public_key_percent_)) return public_key_;
    return certificate_signer();
}

std::optional<ApiAnswer> WechatPay::check_authorization(const io::Request& request) {
    const auto refused = [&](std::string_view reason, std::string_view text,
                             const std::string& message = "") {
        world_.refuse("wechat", request.path, reason, text);
        return sign_error(request, text, message);
    };
    const auto pairs = authorization_pairs(request.header("Authorization"));
    if (!pairs || pairs->size() != 5) return refused("wrong_signature", "Http头Authorization值格式错误");
    const auto value = [&pairs](const char* name) {
        const auto found = pairs->find(name);
        return found == pairs->end() ? std::string() : found->second;
    };
    if (value("mchid") != world_.options.wechat_mchid) return refused("unknown_merchant", "商户号不存在");
    if (value("serial_no") != world_.keys.merchant_serial)
        return refused("wrong_signature", "商户API证书序列号有误");
    const auto timestamp = number(value("timestamp"));
    if (!timestamp || std::abs(*timestamp - unix_seconds(world_.now())) > clock_tolerance_s)
        return refused("stale_timestamp", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟");
    const auto message = std::string(request.method) + "\n" + std::string(request.target) + "\n" +
                         value("timestamp") + "\n" + value("nonce_str") + "\n" + std::string(request.body) +
                         "\n";
    const auto signature = io::base64_decode(value("signature"));
    if (value("nonce_str").empty() || !signature || !merchant_key_.verify_sha256(message, *signature))
        return refused("wrong_signature", "签名错误", message);
    if (request.header("User-Agent").empty() || request.header("Accept").empty()) {
        world_.refuse("wechat", request.path, "bad_parameter", "User-Agent or Accept missing");
        return v3_error(400, "PARAM_ERROR", "Http头缺少Accept或User-Agent", 268435461);
    }
    return std::nullopt;
}

void WechatPay::sign_answer(const io::Request& request, io::Response& response, AnswerStyle style) {
    if (style == AnswerStyle::unsigned_answer) return;
    const auto& signer = answer_signer(request);
    const auto timestamp = std::to_string(unix_seconds(world_.now()));
    const auto nonce = io::random_alphanumeric(32);
    const auto message = timestamp + "\n" + nonce + "\n" + response.body + "\n";
    auto signature = io::base64_encode(
        (style == AnswerStyle::bad_signature ? foreign_key_ : signer.key).sign_sha256(message));
    if (style == AnswerStyle::probe)
        signature = "WECHATPAY/SIGNTEST/" + io::base64_encode(io::random_bytes(252));
    const auto turn = static_cast<std::size_t>(response.body.size());
    response.headers.emplace_back(cased("Wechatpay-Timestamp", turn), timestamp);
    response.headers.emplace_back(cased("Wechatpay-Nonce", turn), nonce);
    response.headers.emplace_back(cased("Wechatpay-Serial", turn), signer.serial);
    response.headers.emplace_back(cased("Wechatpay-Signature", turn), signature);
    response.headers.emplace_back(cased("Wechatpay-Signature-Type", turn), "WECHATPAY2-SHA256-RSA2048");
}

io::Response WechatPay::handle_v3(const io::Request& request, AnswerStyle style) {
    auto refused = check_authorization(request);
    auto answer = refused ? std::move(*refused) : route_v3(request);
    io::Response response;
    response.status = answer.status;
    response.body = std::move(answer.body);
    if (response.status != 204) response.content_type = "application/json; charset=utf-8";
    response.headers.emplace_back("Request-ID",
                                  io::hex_upper(io::random_bytes(16)) + "-" +
                                      std::to_string(answer.tail == 0 ? 268578704 : answer.tail));
    sign_answer(request, response, style);
    return response;
}

ApiAnswer WechatPay::route_v3(const io::Request& request) {
    const bool get = request.method == "GET";
    const bool post = request.method == "POST";
    const auto path = request.path;
    constexpr std::string_view by_number = "/v3/pay/transactions/out-trade-no/";
    const auto decoded = [](std::string_view text) { return io::percent_decode(text, false).value_or(""); };
    if (post && path == "/v3/pay/transactions/jsapi") return create_order(request, "jsapi");
    if (post && path == "/v3/pay/transactions/native") return create_order(request, "native");
    if (const auto no = between(path, by_number, "/close"); post && no)
        return close_order(request, decoded(*no));
    if (const auto no = between(path, by_number, ""); get && no)
        return query_order(request, decoded(*no), "");
    if (const auto id = between(path, "/v3/pay/transactions/id/", ""); get && id)
        return query_order(request, "", decoded(*id));
    if (const auto id = between(path, "/v3/papay/contracts/", "/notify"); post && id)
        return announce(request, decoded(*id), false);
    if (const auto id = between(path, "/v3/papay/contracts/", "/fail-notify"); post && id)
        return announce(request, decoded(*id), true);
    if (post && path == "/v3/refund/domestic/refunds") return create_refund(request);
    if (const auto no = between(path, "/v3/refund/domestic/refunds/", ""); get && no)
        return query_refund(decoded(*no));
    if (get && path == "/v3/certificates") return certificates();
    if (post && path == "/v3/security/echo") return echo(request);
    world_.refuse("wechat", path, "bad_parameter", "no such path or method");
    return v3_error(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在");
}

ApiAnswer WechatPay::certificates() {
    if (key_mode_ == "public_key")
        return v3_error(404, "RESOURCE_NOT_EXISTS",
                        "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥");
    auto list = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < platform_.size(); ++i) {
        const auto nonce = io::random_alphanumeric(12);
        const auto sealed =
            io::gcm_seal(world_.keys.api_v3_key, nonce, "certificate", world_.keys.platform_certificates[i]);
        const auto certificate = io::Certificate::parse(world_.keys.platform_certificates[i]);
        const auto time = [](std::int64_t seconds) {
            return format_instant(Instant{std::chrono::seconds{seconds}});
        };
        list.push_back({{"serial_no", platform_[i].serial},
                        {"effective_time", time(certificate.not_before())},
                        {"expire_time", time(certificate.not_after())},
                        {"encrypt_certificate",
                         {{"algorithm", "AEAD_AES_256_GCM"},
                          {"nonce", nonce},
                          {"associated_data", "certificate"},
                          {"ciphertext", io::base64_encode(sealed)}}}});
    }
    return {200, nlohmann::ordered_json{{"data", std::move(list)}}.dump(), 0};
}

ApiAnswer WechatPay::echo(const io::Request& request) {
    const auto body = parse_object(request.body);
    if (!body || text_at(*body, "echo_message").empty()) return v3_error(400, "PARAM_ERROR", "echo_message");
    if (const auto url = text_at(*body, "notify_url"); !url.empty()) {
        const auto plain = nlohmann::ordered_json{{"echo_message", text_at(*body, "echo_message")}}.dump();
        world_.courier.post(
            v3_parcel("SECURITY_ECHO.SUCCESS", "echo", url, "security", [plain](Twist) { return plain; }));
    }
    return {200, body->dump(), 0};
}

io::Response WechatPay::handle(const io::Request& request, AnswerStyle style) {
    return request.path.starts_with("/v3/") ? handle_v3(request, style) : handle_v2(request);
}

}  // namespace wefee::sandbox
