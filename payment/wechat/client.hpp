// Outward calls: signs, sends once, and says how far the answer can be believed.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "billing/time.hpp"
#include "io/clock.hpp"
#include "io/http.hpp"
#include "payment/wechat/certificates.hpp"
#include "payment/wechat/keys.hpp"
#include "payment/wechat/settings.hpp"
#include "payment/wechat/v2.hpp"

namespace wefee::payment::wechat {

/// The signed APIv3 request as it goes out; `target` is path and query. The path prefix of base_url is signed
/// too.
io::ClientRequest make_v3_request(const Settings& settings, std::string_view method, std::string_view target,
                                  std::string body, Instant now, std::string_view nonce);
/// The signed APIv2 request. `with_nonce`: add nonce_str (contract queries know no such field).
io::ClientRequest make_v2_request(const Settings& settings, std::string_view path, v2::Fields fields,
                                  bool with_nonce);

struct V3Answer {
    enum class Kind {
        success,  // 200 or 204, signature verified
        error,    // 4xx or 5xx with a code; `verified` says whether it was signed
        unknown   // no answer, no believable answer
    };
    Kind kind = Kind::unknown;
    int status = 0;
    bool verified = false;
    std::string code = {};    // the provider's code, or our word for the failure
    std::string tail = {};    // digits after the last '-' of Request-ID
    std::string detail = {};  // provider's message and Request-ID, cut
    std::string body = {};
};

struct V2Answer {
    enum class Kind {
        success,  // return_code and result_code SUCCESS, sign verified
        error,    // result_code FAIL, sign verified
        unknown
    };
    Kind kind = Kind::unknown;
    std::string code = {};
    std::string detail = {};
    v2::Fields fields = {};  // with success and error
};

/// One answer of the wire, judged. Pure; the coroutines below only send.
V3Answer judge_v3(const io::ClientResponse& response, const KeyRing& keys, Instant now);
V2Answer judge_v2(const io::ClientResponse& response, const Settings& settings);

/// `settings`, `keys`, `keeper`, `http` and `clock` outlive it. `keeper` may be null.
class Client {
public:
    Client(const Settings& settings, const KeyRing& keys, KeyKeeper* keeper, io::HttpClient& http,
           const io::Clock& clock);

    /// Sends once. A transport failure is an unknown answer, not an exception.
    io::awaitable<V3Answer> v3(std::string method, std::string target, std::string body,
                               std::chrono::milliseconds limit);
    io::awaitable<V2Answer> v2(std::string path, v2::Fields fields, bool with_nonce,
                               std::chrono::milliseconds limit);

private:
    const Settings& settings_;
    const KeyRing& keys_;
    KeyKeeper* keeper_;
    io::HttpClient& http_;
    const io::Clock& clock_;
};

}  // namespace wefee::payment::wechat
