// What one WeChat Pay merchant number is configured with: plain values, read once at start.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/crypto.hpp"
#include "payment/wechat/v2.hpp"

namespace wefee::payment::wechat {

/// A "WeChat Pay public key": its id (PUB_KEY_ID_...) and the key. It has no expiry and no download.
struct NamedKey {
    std::string id;
    io::PublicKey key;
};

struct Settings {
    std::string base_url =
        "https://api.mch.weixin.qq.com";  // no trailing slash; a path prefix is signed along
    std::string mchid = {};
    std::string appid = {};               // the one that mandates and QR orders use
    std::string mini_program_appid = {};  // for mini-program orders; empty: the same
    std::string merchant_serial = {};     // of the merchant API certificate, upper-case hex
    io::PrivateKey merchant_key;
    std::string api_v3_key = {};  // 32 bytes, used as is
    std::string api_v2_key = {};  // 32 characters
    v2::SignType v2_sign_type = v2::SignType::md5;
    /// Notices were seen signed with MD5 though HMAC was set: the other known algorithm is tried, and
    /// counted.
    bool v2_accept_other_algorithm = true;
    std::vector<NamedKey> public_keys = {};        // the first one is named in our requests
    std::filesystem::path platform_cert_dir = {};  // empty: no certificate mode, nothing is downloaded
    std::string plan_id = {};                      // template of the deduction contracts
    int deduct_mode = 2;                           // 1: executed 24 h after apply; 2: notice first
    std::optional<int> deduct_days = {};  // deduct_duration.count, 1-3; absent: the provider's default
    std::string server_ip = "127.0.0.1";  // spbill_create_ip of deductions
    std::string user_agent = "wefee/0.1";

    bool certificate_mode() const { return !platform_cert_dir.empty(); }
};

/// Every mistake in the settings, one sentence each that starts with the setting's name. `production` also
/// refuses published sample secrets and plain http. Never contains a secret.
std::vector<std::string> mistakes(const Settings& settings, bool production);

}  // namespace wefee::payment::wechat
