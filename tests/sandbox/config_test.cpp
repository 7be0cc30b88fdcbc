// The config that points a server at the sandbox: complete, private, and with keys that fit one another.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "io/crypto.hpp"
#include "rig.hpp"

namespace wefee::sandbox::test {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

struct Written {
    explicit Written(const std::string& key_mode) {
        auto name = (fs::temp_directory_path() / "wefee_sandbox_XXXXXX").string();
        dir = ::mkdtemp(name.data());
        Options options;
        options.wechat_key_mode = key_mode;
        ServerSettings server;
        server.public_url = "http://127.0.0.1:8080";
        server.store_url = "sqlite:///tmp/x.db";
        toml = read(write_config(dir / "conf", options, test_keys(), "http://127.0.0.1:9", server));
    }
    ~Written() { fs::remove_all(dir); }
    fs::path dir;
    std::string toml;
};

TEST(WriteConfig, NamesAllThatAServerNeedsAndKeepsSecretsInPrivateFiles) {
    const Written written("grey");
    for (const char* key : {"environment = \"test\"",
                            "public_url = \"http://127.0.0.1:8080\"",
                            "[listen]",
                            "[store]",
                            "[wechatpay]",
                            "base_url = \"http://127.0.0.1:9\"",
                            "gateway_url = \"http://127.0.0.1:9/gateway.do\"",
                            "api_v3_key_file",
                            "api_v2_key_file",
                            "merchant_private_key_file",
                            "public_key_id",
                            "platform_cert_dir",
                            "deduct_mode = 2",
                            "app_private_key_file",
                            "alipay_public_key_file",
                            "suite_secret_file",
                            "encoding_aes_key_file",
                            "provider_token_file",
                            "[miniprogram]",
                            "secret_file"})
        EXPECT_NE(written.toml.find(key), std::string::npos) << key;
    for (const auto& secret :
         {test_keys().api_v3_key, test_keys().suite_secret, test_keys().miniprogram_secret})
        EXPECT_EQ(written.toml.find(secret), std::string::npos);
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(written.dir / "conf")) {
        if (!entry.is_regular_file()) continue;
        ++files;
        EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all),
                  fs::perms::none)
            << entry.path();
    }
    EXPECT_EQ(files, 14);
}

TEST(WriteConfig, LeavesOutTheKeysOfTheOtherMode) {
    EXPECT_EQ(Written("certificate").toml.find("\npublic_key_file"), std::string::npos);
    EXPECT_EQ(Written("public_key").toml.find("platform_cert_dir"), std::string::npos);
}

TEST(Keys, FitOneAnotherAndTheProvidersRules) {
    const auto keys = Keys::generate();
    EXPECT_EQ(io::PublicKey::parse(keys.alipay_public_key).der(),
              io::PrivateKey::parse(keys.alipay_private_key).public_key().der());
    EXPECT_EQ(io::PublicKey::parse(keys.wechat_public_key).der(),
              io::PrivateKey::parse(keys.wechat_private_key).public_key().der());
    EXPECT_EQ(io::Certificate::parse(keys.platform_certificates[0]).serial_hex(), keys.platform_serials[0]);
    EXPECT_EQ(keys.platform_serials[0].size(), 40U);
    EXPECT_EQ(keys.merchant_serial.size(), 40U);
    EXPECT_EQ(keys.api_v3_key.size(), 32U);
    EXPECT_EQ(keys.api_v2_key.size(), 32U);
    EXPECT_EQ(keys.suite_aes_key.size(), 43U);
    EXPECT_LE(keys.suite_token.size(), 32U);
    EXPECT_TRUE(keys.wechat_public_key_id.starts_with("PUB_KEY_ID_"));
}

}  // namespace
}  // namespace wefee::sandbox::test
