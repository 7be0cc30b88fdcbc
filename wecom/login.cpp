// WeChat's code2Session and open data ("开放数据校验与解密"), WeCom's paytool and JS-SDK signatures.
#include "wecom/login.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "wecom/json.hpp"
#include "wecom/transport.hpp"

namespace wefee::wecom {
namespace {

constexpr std::size_t aes_block = 16;

/// nullopt when the padding does not hold: the key was another session's.
std::optional<std::string> without_pkcs7(std::string plain) {
    if (plain.empty()) return std::nullopt;
    const auto pad = static_cast<unsigned char>(plain.back());
    if (pad < 1 || pad > aes_block || pad > plain.size()) return std::nullopt;
    unsigned char difference = 0;
    for (const char c : std::string_view{plain}.substr(plain.size() - pad))
        difference = static_cast<unsigned char>(difference | (static_cast<unsigned char>(c) ^ pad));
    if (difference != 0) return std::nullopt;
    plain.resize(plain.size() - pad);
    return plain;
}

/// Container names are dropped; list items repeat the names of their leaves.
void collect_leaves(const nlohmann::json& value, const std::string& name, std::vector<std::string>& out) {
    if (value.is_object()) {
        for (const auto& [key, member] : value.items()) collect_leaves(member, key, out);
    } else if (value.is_array()) {
        for (const auto& item : value) collect_leaves(item, name, out);
    } else if (!value.is_null()) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        if (!text.empty() && name != "sig") out.push_back(name + "=" + text);
    }
}

}  // namespace

std::expected<std::string, SessionDataError> decrypt_session_data(std::string_view session_key,
                                                                  std::string_view iv,
                                                                  std::string_view encrypted_data,
                                                                  std::string_view appid) {
    const auto key = io::base64_decode(session_key);
    const auto start = io::base64_decode(iv);
    const auto cipher = io::base64_decode(encrypted_data);
    if (!key || !start || !cipher || key->size() != aes_block || start->size() != aes_block ||
        cipher->empty() || cipher->size() % aes_block != 0)
        return std::unexpected(SessionDataError::decrypt);
    auto plain = without_pkcs7(io::cbc_decrypt(*key, *start, *cipher));
    const auto object = plain ? parse_json_object(*plain) : std::nullopt;
    if (!object) return std::unexpected(SessionDataError::decrypt);
    if (appid.empty() || json_text(json_list(*object, "watermark"), "appid") != appid)
        return std::unexpected(SessionDataError::watermark);
    return std::move(*plain);
}

bool raw_data_signature_holds(std::string_view raw_data, std::string_view session_key,
                              std::string_view signature) {
    return io::equal_constant_time(io::sha1_hex(std::string{raw_data}.append(session_key)), signature);
}

std::string paytool_string_to_sign(std::string_view params_json) {
    const auto params = parse_json_object(params_json);
    if (!params) throw std::invalid_argument("paytool parameters are not a JSON object");
    std::vector<std::string> leaves;
    collect_leaves(*params, "", leaves);
    std::ranges::sort(leaves);
    return fmt::format("{}", fmt::join(leaves, "&"));
}

std::string paytool_signature(std::string_view secret, std::string_view params_json) {
    return io::base64_encode(io::hmac_sha256(secret, paytool_string_to_sign(params_json)));
}

std::string jsapi_signature(std::string_view ticket, std::string_view nonce, std::int64_t timestamp,
                            std::string_view url) {
    return io::sha1_hex(fmt::format("jsapi_ticket={}&noncestr={}&timestamp={}&url={}", ticket, nonce,
                                    timestamp, url.substr(0, url.find('#'))));
}

class MiniProgramLogin::Impl {
public:
    Impl(std::string base_url, std::string appid_in, std::string secret_in, io::HttpClient& http,
         const io::Clock& clock, std::chrono::milliseconds limit)
        : transport(http, clock, std::move(base_url), limit),
          appid(std::move(appid_in)),
          secret(std::move(secret_in)) {}
    Transport transport;
    std::string appid;
    std::string secret;
};

MiniProgramLogin::MiniProgramLogin(std::string base_url, std::string appid, std::string secret,
                                   io::HttpClient& http, const io::Clock& clock,
                                   std::chrono::milliseconds limit)
    : impl_(std::make_unique<Impl>(std::move(base_url), std::move(appid), std::move(secret), http, clock,
                                   limit)) {}
MiniProgramLogin::~MiniProgramLogin() = default;

io::awaitable<Result<WechatSession>> MiniProgramLogin::exchange(std::string js_code) {
    ApiRequest request;
    request.method = "GET";
    request.path = "/sns/jscode2session";
    request.query = query_part("appid", impl_->appid) + "&" + query_part("secret", impl_->secret) + "&" +
                    query_part("js_code", js_code) + "&grant_type=authorization_code";
    request.needed = "openid";
    const auto answer = co_await impl_->transport.exchange(std::move(request));
    if (!answer) co_return std::unexpected(answer.error());
    co_return WechatSession{json_text(*answer, "openid"), json_text(*answer, "session_key"),
                            json_text(*answer, "unionid")};
}

}  // namespace wefee::wecom
