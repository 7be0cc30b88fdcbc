// WeChat Pay APIv3 signatures: the exact bytes that are signed, the Authorization header, and the check of
// what the provider signs ("signature generation", "signature verification"). Pure; used by both sides of the
// wire.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "billing/time.hpp"
#include "io/crypto.hpp"
#include "io/http.hpp"
#include "payment/wechat/keys.hpp"

namespace wefee::payment::wechat {

inline constexpr std::string_view signature_scheme = "WECHATPAY2-SHA256-RSA2048";
inline constexpr std::string_view probe_prefix = "WECHATPAY/SIGNTEST/";
/// A message exactly this old or this far ahead is still taken.
inline constexpr std::chrono::seconds clock_tolerance{300};

/// Five lines for a request. `target`: path and query as on the request line; `body`: the bytes sent.
std::string request_message(std::string_view method, std::string_view target, std::string_view timestamp,
                            std::string_view nonce, std::string_view body);
/// Three lines for a response or a notification, over the raw body.
std::string provider_message(std::string_view timestamp, std::string_view nonce, std::string_view body);
/// Four lines that a client's payment is signed with. `package`: "prepay_id=wx..." (JSAPI, mini-program) or
/// the bare prepay id (app).
std::string pay_message(std::string_view appid, std::string_view timestamp, std::string_view nonce,
                        std::string_view package);

/// RSA-SHA256, base64. About 250 us.
std::string sign_base64(const io::PrivateKey& key, std::string_view message);

struct Authorization {
    std::string mchid = {};
    std::string nonce = {};
    std::string timestamp = {};
    std::string serial = {};
    std::string signature = {};  // base64
};
std::string write_authorization(const Authorization& parts);
/// Pairs in any order, each exactly once; nullopt otherwise.
std::optional<Authorization> parse_authorization(std::string_view header);

/// The provider's side: the Wechatpay-* headers over `body`.
io::Headers signature_headers(const io::PrivateKey& key, std::string_view serial, Instant now,
                              std::string_view nonce, std::string_view body);

/// The Wechatpay-* headers of one message, each present exactly once and not empty.
struct SignedHeaders {
    std::string_view timestamp;
    std::string_view nonce;
    std::string_view serial;
    std::string_view signature;
};

enum class SignatureCheck { good, headers, signature_type, timestamp, serial, probe, signature };
std::string_view signature_check_name(SignatureCheck check);  // stable words for log and metrics

/// good with the headers in `out`, else `headers` or `signature_type`. The views live as long as the message.
SignatureCheck collect_signature(const io::Request& request, SignedHeaders& out);
SignatureCheck collect_signature(const io::Headers& headers, SignedHeaders& out);

/// Time window, key by serial, signature over the raw bytes, in this order. A signature that starts with the
/// probe's prefix is verified like any other and only named differently when it fails.
SignatureCheck check_signature(const SignedHeaders& headers, std::string_view body, const KeyRing& keys,
                               Instant now);

}  // namespace wefee::payment::wechat
