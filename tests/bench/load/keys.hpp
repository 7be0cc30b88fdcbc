// The providers' keys and our names at them, made once into a folder and read from there ever after.
#pragma once

#include <filesystem>
#include <string>

#include "tests/bench/load/crypto.hpp"

namespace wefee::bench {

/// Who we are at the providers; fixed, so that only secrets differ between two machines.
struct Identity {
    std::string mchid = "1900009191";
    std::string appid = "wxbench0000000001";
    std::string merchant_serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
    std::string public_key_id = "PUB_KEY_ID_0119000091912026010100000000000001";
    std::string alipay_app_id = "2021000000000001";
    std::string seller_id = "2088000000000001";
    std::string suite_id = "wwbenchsuite000001";
    std::string provider_corp_id = "wwbenchprovider001";
};

struct KeySet {
    Identity identity;
    Key wechat;              // signs as WeChat Pay does
    Key alipay;              // signs as Alipay does
    std::string api_v3_key;  // 32 characters
    std::string wecom_token;
    std::string wecom_aes_key_text;  // 43 characters, as the console shows it
    std::string wecom_aes_key;       // the 32 bytes of it
};

/// Makes what `folder` lacks: all keys, secrets and `wefee.toml`, the provider sections for the server's
/// configuration with absolute paths. Private keys of the providers stay beside them for later runs.
KeySet open_keys(const std::filesystem::path& folder);

}  // namespace wefee::bench
