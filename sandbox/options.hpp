// What the simulated providers know of us, the keys of both sides, and the config that points a server at
// them. Everything here is made for tests: the keys are fresh for each run and open nothing outside.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "billing/time.hpp"

namespace wefee::sandbox {

struct Options {
    std::string address = "127.0.0.1";
    unsigned short port = 0;  // 0: any free one
    std::optional<Instant>
        start;  // set: the clock stands there until advanced; unset: system time plus advances

    std::string wechat_mchid = "1900009191";
    std::string wechat_appid = "wx8888888888888888";
    std::string wechat_plan_id = "12535";
    int wechat_deduct_mode = 2;                    // 1: apply, executed 24 h later; 2: pre-deduction notice
    std::int64_t wechat_plan_cap_fen = 5'000'000;  // template: most per deduction
    std::string wechat_key_mode = "public_key";    // "certificate", "grey" or "public_key"

    std::string alipay_app_id = "2021000000000001";
    std::string alipay_seller_id = "2088000000000001";
    int alipay_window_days = 5;  // a deduction may be made in [D - 5, D]

    std::string wecom_suite_id = "wwsuite0sandbox001";
    std::string wecom_provider_corp_id = "wwprovider00000001";
    std::chrono::seconds wecom_retry_gap{5};  // on the clock, between the tries of one callback
    std::string miniprogram_appid = "wx8888888888888888";

    std::string server_url;  // base of the server that point_at() named

    // Where the providers send what has no notify_url of its own. Empty: not sent.
    std::string contract_ended_url;  // WeChat: set at the template
    std::string alipay_gateway_url;  // Alipay: the application gateway
    std::string wecom_command_url;
    std::string wecom_data_url;
    std::string wecom_app_url;
    std::string wecom_system_url;

    /// Fills the addresses above with a server's callback paths. `base` without a trailing slash.
    void point_at(const std::string& base);
};

/// Key material of both sides. The merchant's private halves are here only for `write_config`.
struct Keys {
    std::string merchant_private_key;  // PEM
    std::string merchant_serial;       // of the merchant API certificate
    std::array<std::string, 2> platform_private_keys;
    std::array<std::string, 2> platform_certificates;  // PEM
    std::array<std::string, 2> platform_serials;
    std::string wechat_private_key;
    std::string wechat_public_key;  // PEM
    std::string wechat_public_key_id;
    std::string api_v3_key;
    std::string api_v2_key;

    std::string alipay_app_private_key;
    std::string alipay_private_key;
    std::string alipay_public_key;  // PEM

    std::string suite_secret;
    std::string provider_secret;
    std::string suite_token;
    std::string suite_aes_key;  // EncodingAESKey, 43 characters
    std::string provider_token;
    std::string provider_aes_key;
    std::string miniprogram_secret;

    std::string foreign_private_key;  // nobody's: for forged messages

    /// Draws everything anew (seven RSA-2048 keys, a second or two).
    static Keys generate();

    struct PrivateKeys {
        std::string merchant, platform_1, platform_2, wechat, alipay_app, alipay, foreign;  // PEM
    };
    /// Draws all but the RSA keys: for tests, which have published ones.
    static Keys with(const PrivateKeys& given);
};

/// What the server's config needs beside that.
struct ServerSettings {
    std::string listen_address = "127.0.0.1:8443";
    std::string metrics_address;      // empty: the key is left out
    std::string public_url;           // http://127.0.0.1:<server port>
    std::string store_url;            // sqlite:///... or mysql://...
    std::string store_password_file;  // empty: the key is left out
};

/// Writes the key files (mode 0600) and wefee.toml into `dir`, made when missing; the paths inside are
/// absolute. Returns the path of wefee.toml. Throws std::runtime_error when a file cannot be written.
std::filesystem::path write_config(const std::filesystem::path& dir, const Options& options, const Keys& keys,
                                   const std::string& sandbox_base_url, const ServerSettings& server);

}  // namespace wefee::sandbox
