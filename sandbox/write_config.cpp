// The key files and wefee.toml that make a server talk to this sandbox.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "sandbox/options.hpp"

namespace wefee::sandbox {
namespace {

/// Only the owner may read it, from the first byte on.
void write_private(const std::filesystem::path& path, std::string_view text) {
    const auto fail = [&path] {
        throw std::runtime_error("cannot write " + path.string() + ": " +
                                 std::generic_category().message(errno));
    };
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) fail();
    while (!text.empty()) {
        const auto written = ::write(file, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            ::close(file);
            fail();
        }
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::close(file) != 0) fail();
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

class Toml {
public:
    explicit Toml(std::filesystem::path dir) : dir_(std::move(dir)) {}
    void section(std::string_view name) { text_ += "\n[" + std::string(name) + "]\n"; }
    void key(std::string_view name, std::string_view value) {
        text_ += std::string(name) + " = " + quoted(value) + "\n";
    }
    void number(std::string_view name, int value) {
        text_ += std::string(name) + " = " + std::to_string(value) + "\n";
    }
    /// Writes `content` beside the config and names that file.
    void secret(std::string_view name, const std::string& file, std::string_view content) {
        write_private(dir_ / file, content);
        key(name, (dir_ / file).string());
    }
    const std::string& text() const { return text_; }

private:
    std::filesystem::path dir_;
    std::string text_;
};

void wechat_section(Toml& toml, const Options& options, const Keys& keys, const std::string& base,
                    const std::filesystem::path& dir) {
    toml.section("wechatpay");
    toml.key("base_url", base);
    toml.key("mchid", options.wechat_mchid);
    toml.key("appid", options.wechat_appid);
    toml.key("merchant_serial", keys.merchant_serial);
    toml.secret("merchant_private_key_file", "wechat_merchant_private.pem", keys.merchant_private_key);
    toml.secret("api_v3_key_file", "wechat_api_v3.key", keys.api_v3_key);
    toml.secret("api_v2_key_file", "wechat_api_v2.key", keys.api_v2_key);
    if (options.wechat_key_mode != "certificate") {
        toml.key("public_key_id", keys.wechat_public_key_id);
        toml.secret("public_key_file", "wechat_public.pem", keys.wechat_public_key);
    }
    if (options.wechat_key_mode != "public_key") {
        std::filesystem::create_directories(dir / "wechat_certificates");
        toml.key("platform_cert_dir", (dir / "wechat_certificates").string());
    }
    toml.key("plan_id", options.wechat_plan_id);
    toml.number("deduct_mode", options.wechat_deduct_mode);
}

void wecom_section(Toml& toml, const Options& options, const Keys& keys, const std::string& base) {
    toml.section("wecom");
    toml.key("base_url", base);
    toml.key("suite_id", options.wecom_suite_id);
    toml.secret("suite_secret_file", "wecom_suite.secret", keys.suite_secret);
    toml.key("provider_corp_id", options.wecom_provider_corp_id);
    toml.secret("provider_secret_file", "wecom_provider.secret", keys.provider_secret);
    toml.secret("provider_token_file", "wecom_provider.token", keys.provider_token);
    toml.secret("provider_encoding_aes_key_file", "wecom_provider.aes", keys.provider_aes_key);
    toml.secret("token_file", "wecom_suite.token", keys.suite_token);
    toml.secret("encoding_aes_key_file", "wecom_suite.aes", keys.suite_aes_key);
}

}  // namespace

std::filesystem::path write_config(const std::filesystem::path& given_dir, const Options& options,
                                   const Keys& keys, const std::string& base, const ServerSettings& server) {
    const auto dir = std::filesystem::absolute(given_dir);
    std::filesystem::create_directories(dir);
    Toml toml(dir);
    toml.key("environment", "test");
    toml.key("public_url", server.public_url);
    toml.section("listen");
    toml.key("address", server.listen_address);
    if (!server.metrics_address.empty()) toml.key("metrics_address", server.metrics_address);
    toml.section("store");
    toml.key("url", server.store_url);
    if (!server.store_password_file.empty()) toml.key("password_file", server.store_password_file);
    wechat_section(toml, options, keys, base, dir);
    toml.section("alipay");
    toml.key("gateway_url", base + "/gateway.do");
    toml.key("app_id", options.alipay_app_id);
    toml.key("seller_id", options.alipay_seller_id);
    toml.secret("app_private_key_file", "alipay_app_private.pem", keys.alipay_app_private_key);
    toml.secret("alipay_public_key_file", "alipay_public.pem", keys.alipay_public_key);
    wecom_section(toml, options, keys, base);
    toml.section("miniprogram");
    toml.key("base_url", base);
    toml.key("appid", options.miniprogram_appid);
    toml.secret("secret_file", "miniprogram.secret", keys.miniprogram_secret);
    write_private(dir / "wefee.toml", toml.text());
    return dir / "wefee.toml";
}

}  // namespace wefee::sandbox
