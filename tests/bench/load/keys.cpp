// Key files and the configuration fragment that names them.
#include "tests/bench/load/keys.hpp"

#include <fmt/format.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>

namespace wefee::bench {

namespace {

namespace fs = std::filesystem;

void write_private(const fs::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path.string());
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string kept(const fs::path& path, const std::function<std::string()>& make) {
    if (!fs::exists(path)) write_private(path, make());
    return read(path);
}

Key kept_key(const fs::path& folder, const std::string& name) {
    const auto key =
        read_private_pem(kept(folder / (name + "_private.pem"), [] { return private_pem(new_rsa_key()); }));
    kept(folder / (name + "_public.pem"), [&] { return public_pem(key); });
    return key;
}

/// `base_url` names a port where nothing listens: a measured server has nobody to call.
std::string server_sections(const Identity& us, const std::string& folder) {
    return fmt::format(R"([wechatpay]
base_url = "http://127.0.0.1:9"
mchid = "{}"
appid = "{}"
merchant_serial = "{}"
merchant_private_key_file = "{}/merchant_private.pem"
api_v3_key_file = "{}/api_v3_key.txt"
api_v2_key_file = "{}/api_v2_key.txt"
public_key_id = "{}"
public_key_file = "{}/wechat_public.pem"
plan_id = "1000001"
deduct_mode = 2

[alipay]
gateway_url = "http://127.0.0.1:9/gateway.do"
app_id = "{}"
seller_id = "{}"
app_private_key_file = "{}/application_private.pem"
alipay_public_key_file = "{}/alipay_public.pem"

[wecom]
base_url = "http://127.0.0.1:9"
suite_id = "{}"
suite_secret_file = "{}/suite_secret.txt"
provider_corp_id = "{}"
token_file = "{}/wecom_token.txt"
encoding_aes_key_file = "{}/wecom_aes_key.txt"
)",
                       us.mchid, us.appid, us.merchant_serial, folder, folder, folder, us.public_key_id,
                       folder, us.alipay_app_id, us.seller_id, folder, folder, us.suite_id, folder,
                       us.provider_corp_id, folder, folder);
}

}  // namespace

KeySet open_keys(const fs::path& folder) {
    fs::create_directories(folder);
    KeySet keys;
    keys.wechat = kept_key(folder, "wechat");
    keys.alipay = kept_key(folder, "alipay");
    kept_key(folder, "merchant");
    kept_key(folder, "application");
    const auto secret = [] { return random_text(32); };
    keys.api_v3_key = kept(folder / "api_v3_key.txt", secret);
    kept(folder / "api_v2_key.txt", secret);
    kept(folder / "suite_secret.txt", secret);
    keys.wecom_token = kept(folder / "wecom_token.txt", secret);
    keys.wecom_aes_key_text = kept(folder / "wecom_aes_key.txt", [] { return random_text(43); });
    keys.wecom_aes_key = base64_decode(keys.wecom_aes_key_text + "=");
    write_private(folder / "wefee.toml", server_sections(keys.identity, fs::absolute(folder).string()));
    return keys;
}

}  // namespace wefee::bench
