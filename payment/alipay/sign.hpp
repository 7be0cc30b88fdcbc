// Requests to Alipay's v2 gateway: the string to sign, the signature, and the shapes a signed request takes
// (server POST, browser URL, browser form, app order string, deep link). Pure.
// Source: Alipay Open Platform, "common request parameters" and "signing by yourself" (common/057k53,
// common/02mse3).
#pragma once

#include <string>
#include <string_view>

#include "billing/time.hpp"
#include "io/encoding.hpp"
#include "io/http.hpp"
#include "payment/alipay/certs.hpp"

namespace wefee::payment::alipay {

/// One call before it is signed. Empty texts are not sent.
struct Call {
    std::string method;       // alipay.trade.pay
    std::string biz_content;  // JSON text; the bytes signed are the bytes sent
    std::string notify_url = "";
    std::string return_url = "";
    std::string app_auth_token = "";
    std::string alipay_sdk = "";
    bool encrypted = false;  // biz_content as AES text; needs Identity::aes_key
};

/// The signed parameters: the public ones (`sign` last) for the URL query, the rest for the body.
struct SignedCall {
    io::Fields query;
    io::Fields body;
};

/// String to sign of a request: all parameters but `sign` and empty ones, sorted by name, undecorated values,
/// joined as name=value with '&'. `sign_type` takes part.
std::string request_text(const io::Fields& params);

/// Signs with the application key, RSA2, time stamp in GMT+8. Throws std::invalid_argument when `encrypted`
/// is asked for without a key.
SignedCall sign_call(const Identity& identity, const Call& call, Instant now);

/// name=value with '&', every value encoded once, '+' for a space.
std::string encode_form(const io::Fields& fields);

/// Server to server: public parameters in the query, the rest as form body.
io::ClientRequest post_request(std::string_view gateway_url, const SignedCall& call);
/// For a browser: one GET address with everything in its query.
std::string page_url(std::string_view gateway_url, const SignedCall& call);
/// For a browser: HTML form that posts itself; values are HTML-escaped.
std::string page_form(std::string_view gateway_url, const SignedCall& call);
/// For the mobile SDK: parameters with `sign` last, values percent-encoded (%20).
std::string order_string(const SignedCall& call);
/// Opens the signing page inside Alipay: the query of a signed agreement URL, encoded once more as a whole.
std::string signing_deep_link(std::string_view signed_url);

/// True when `params` (query and body of a request together) carries our application's RSA2 signature. For
/// the side that receives requests: simulators and tests.
bool request_signature_holds(const io::Fields& params, const io::PublicKey& app_key);

/// AES-128-CBC, IV of zeros, PKCS#7, base64 (content encryption). `open_content` is nullopt on anything else.
std::string seal_content(std::string_view key16, std::string_view plain);
std::optional<std::string> open_content(std::string_view key16, std::string_view base64_text);

}  // namespace wefee::payment::alipay
