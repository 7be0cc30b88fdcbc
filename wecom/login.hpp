// Mini-program login: what a session_key is good for, the WeChat side's code exchange, and the signatures of
// the cash desk and the JS-SDK.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "io/async.hpp"
#include "io/clock.hpp"
#include "io/http.hpp"
#include "wecom/errors.hpp"

namespace wefee::wecom {

enum class SessionDataError {
    decrypt,   // not this session's data: log in again, once
    watermark  // made for another mini-program
};

/// Decrypts wx.getUserInfo-like data (AES-128-CBC, PKCS#7). All three texts are base64 as the client sent
/// them. Answers the JSON text, whose watermark.appid equals `appid`.
std::expected<std::string, SessionDataError> decrypt_session_data(std::string_view session_key,
                                                                  std::string_view iv,
                                                                  std::string_view encrypted_data,
                                                                  std::string_view appid);

/// signature == lower-case hex SHA-1 of raw_data + session_key (its base64 text). Constant time.
bool raw_data_signature_holds(std::string_view raw_data, std::string_view session_key,
                              std::string_view signature);

/// What a cash-desk (paytool) request signs: leaves of the JSON object as key=value, empty ones and "sig"
/// left out, sorted as bytes, joined by '&'. Throws std::invalid_argument when `params_json` is not a JSON
/// object.
std::string paytool_string_to_sign(std::string_view params_json);
/// base64 HMAC-SHA256 of it.
std::string paytool_signature(std::string_view secret, std::string_view params_json);

/// JS-SDK page signature; a fragment of `url` is left out.
std::string jsapi_signature(std::string_view ticket, std::string_view nonce, std::int64_t timestamp,
                            std::string_view url);

struct WechatSession {
    std::string openid;  // per mini-program: the payer of mini-program payments
    std::string session_key;
    std::string unionid;
};

/// The WeChat side of the mini-program: exchanges wx.login codes (sns/jscode2session). Needs no token.
class MiniProgramLogin {
public:
    MiniProgramLogin(std::string base_url, std::string appid, std::string secret, io::HttpClient& http,
                     const io::Clock& clock,
                     std::chrono::milliseconds limit = std::chrono::milliseconds{5000});
    ~MiniProgramLogin();
    /// One use; 40029 and 40163 are class user_again, 40226 is final.
    io::awaitable<Result<WechatSession>> exchange(std::string js_code);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wefee::wecom
