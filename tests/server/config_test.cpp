// The configuration: every mistake at once, each with its key and a reason, and what may serve as a secret.
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "server/config/config.hpp"
#include "server/config/keys.hpp"
#include "server/config/secrets.hpp"
#include "tests/server/rig.hpp"

namespace wefee::server::tests {
namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;
using Mistakes = std::map<std::string, std::string>;  // the first reason of a key

Mistakes mistakes_of(const std::string& toml, const Environment& environment = {}) {
    Mistakes mistakes;
    for (const auto& one : parse_config(toml, environment).mistakes) mistakes.emplace(one.key, one.reason);
    return mistakes;
}

constexpr const char* testing = "environment = \"test\"\npublic_url = \"http://127.0.0.1:8443\"\n";
constexpr const char* production = "public_url = \"https://pay.example.com\"\n";

/// Random enough to be taken; different for each number.
std::string good_secret(int number) { return fmt::format("Kq7Zt2Lw9Xv4Rm8Yc1Nb6Hd3Kf5Gp0{:02}", number); }

/// A whole [wechatpay] section; `api_v3_key` and `api_v2_key` are the texts under test.
std::string wechat_section(const Folder& folder, const std::string& api_v3_key,
                           const std::string& api_v2_key) {
    return fmt::format(
        "[wechatpay]\nmchid = \"1900009191\"\nappid = \"wx1\"\nmerchant_serial = \"3775\"\nplatform_cert_dir "
        "= \"{}\"\n"
        "merchant_private_key_file = \"{}\"\napi_v3_key_file = \"{}\"\napi_v2_key_file = \"{}\"\n",
        folder.path().string(), folder.file("private.pem", data("wechat-pay/keys/merchant_private.pem")),
        folder.file("v3", api_v3_key), folder.file("v2", api_v2_key));
}

TEST(Config, SmallestUsableOneHasNoMistakes) {
    EXPECT_EQ(mistakes_of(testing), Mistakes{});
    EXPECT_EQ(mistakes_of(production), Mistakes{});
}

TEST(Config, AllMistakesAreToldAtOnce) {
    const auto mistakes = mistakes_of(
        "environment = \"staging\"\nlog_format = \"xml\"\nloops = 1\n"
        "[listen]\nloops = 65\ntls_cert_file = \"/absent.pem\"\n[store]\nurl = \"postgres://x\"\nreaders = "
        "0\n"
        "[wechatpay]\nbase_url = \"http://api.mch.weixin.qq.com\"\nv2_sign_type = "
        "\"SHA1\"\n[alipay]\n[wecom]\n[limits]\nrate_api = 0\n");
    for (const std::string key : {"environment",
                                  "log_format",
                                  "loops",
                                  "public_url",
                                  "listen.loops",
                                  "listen.tls_cert_file",
                                  "store.url",
                                  "store.readers",
                                  "wechatpay.base_url",
                                  "wechatpay.v2_sign_type",
                                  "wechatpay.mchid",
                                  "wechatpay.appid",
                                  "wechatpay.merchant_serial",
                                  "wechatpay.merchant_private_key_file",
                                  "wechatpay.api_v3_key_file",
                                  "wechatpay.api_v2_key_file",
                                  "wechatpay.platform_cert_dir",
                                  "alipay.app_id",
                                  "alipay.seller_id",
                                  "alipay.app_private_key_file",
                                  "alipay.alipay_public_key_file",
                                  "wecom.suite_id",
                                  "wecom.token_file",
                                  "wecom.encoding_aes_key_file",
                                  "limits.rate_api"})
        EXPECT_TRUE(mistakes.contains(key) && !mistakes.at(key).empty()) << key;
}

TEST(Config, AnUnknownKeyIsRefusedWithTheNearestName) {
    const auto mistakes =
        mistakes_of(std::string{testing} + "[wechatpya]\nmchid = \"1\"\n[limits]\nrate_apo = 7\n");
    EXPECT_EQ(mistakes.at("limits.rate_apo"), "is not a known key; the nearest is \"limits.rate_api\"");
    EXPECT_EQ(mistakes.at("wechatpya.mchid"), "is not a known key; the nearest is \"wechatpay.mchid\"");
}

TEST(Config, AWrongKindIsNamedForEveryKindOfKey) {
    const std::map<std::string, std::string> wrong{
        {"listen.address = 7", "must be a text"},
        {"limits.rate_api = \"7\"", "must be an integer"},
        {"limits.rate_api = 7.5", "must be an integer"},
        {"store.group_commit = \"yes\"", "must be true or false"},
        {"billing.close_grace = \"soon\"", "must be a duration like \"24h\", \"7d\" or \"30m\""},
        {"billing.close_grace = 24", "must be a duration like \"24h\", \"7d\" or \"30m\""},
        {"wechatpay.notice_count = \"two\"", "must be an integer"},
        {"test.now = \"2026-02-30\"", "must be an RFC 3339 instant"},
        {"listen.proxies = \"10.0.0.1\"", "must be a list of texts"},
        {"notice.lead_days = [\"five\"]", "must be a list of integers"}};
    for (const auto& [line, reason] : wrong) {
        const auto key = line.substr(0, line.find(' '));
        EXPECT_EQ(mistakes_of(testing + line + "\n")[key], reason) << line;
    }
}

TEST(Config, AFileThatIsNoTomlIsOneMistakeWithItsLine) {
    const auto mistakes = mistakes_of("environment = \"test\"\nlisten = = 3\n");
    ASSERT_EQ(mistakes.size(), 1U);
    EXPECT_TRUE(mistakes.at("(file)").starts_with("line 2: ")) << mistakes.at("(file)");
}

TEST(Config, AMissingFileIsOneMistake) {
    const auto loaded = load_config("/absent/wefee.toml");
    ASSERT_EQ(loaded.mistakes.size(), 1U);
    EXPECT_EQ(loaded.mistakes[0].reason, "cannot read /absent/wefee.toml");
}

TEST(Config, TheEnvironmentOverridesTheFile) {
    const auto loaded =
        parse_config(std::string{testing} + "[limits]\nrate_api = 7\n[billing]\nclose_grace = \"1h\"\n",
                     {{"WEFEE_LIMITS__RATE_API", "9"},
                      {"WEFEE_BILLING__CLOSE_GRACE", "2d"},
                      {"WEFEE_NOTICE__LEAD_DAYS", "7,2"},
                      {"WEFEE_STORE__GROUP_COMMIT", "false"},
                      {"PATH", "/bin"}});
    EXPECT_TRUE(loaded.mistakes.empty());
    EXPECT_EQ(loaded.config.limits.rate_api, 9);
    EXPECT_EQ(loaded.config.billing.close_grace, std::chrono::hours{48});
    EXPECT_EQ(loaded.config.notice.lead_days, (std::vector<std::int64_t>{7, 2}));
    EXPECT_FALSE(loaded.config.store.group_commit);
}

TEST(Config, AMistakenEnvironmentVariableIsRefusedLikeAKey) {
    const auto mistakes =
        mistakes_of(testing, {{"WEFEE_LIMITS__RATE_APO", "9"}, {"WEFEE_LIMITS__RATE_API", "nine"}});
    EXPECT_EQ(mistakes.at("WEFEE_LIMITS__RATE_APO"),
              "is not a known key; the nearest is \"limits.rate_api\"");
    EXPECT_EQ(mistakes.at("limits.rate_api"), "must be an integer");
}

TEST(Config, ProductionRefusesWhatOnlyTestsMayHave) {
    const auto mistakes = mistakes_of(
        "public_url = \"http://127.0.0.1:8443\"\n[test]\nclock = \"manual\"\nnow = \"2026-01-01T00:00:00Z\"\n"
        "[wechatpay]\nbase_url = \"http://127.0.0.1:9000\"\n");
    EXPECT_EQ(mistakes.at("public_url"), "must be an https:// URL");
    EXPECT_EQ(mistakes.at("test.clock"), "exists only with environment = \"test\"");
    EXPECT_EQ(mistakes.at("wechatpay.base_url"), "must be an https:// URL");
}

TEST(Config, ATestServerCallsPlainHttpOnLoopbackOnly) {
    EXPECT_TRUE(mistakes_of(std::string{testing} + "[wechatpay]\nbase_url = \"http://10.0.0.1\"\n")
                    .contains("wechatpay.base_url"));
    EXPECT_FALSE(mistakes_of(std::string{testing} + "[wechatpay]\nbase_url = \"http://127.0.0.1:1\"\n")
                     .contains("wechatpay.base_url"));
}

struct WeakSecret {
    std::string text;
    std::string reason;
    bool allowed_in_test;
};

TEST(Config, WeakSecretsAreRefusedInProduction) {
    const std::vector<WeakSecret> weak{
        {"", "is empty", false},
        {"\n", "is empty", false},
        {"your_api_v2_key_of_32_characters", "is a placeholder, not a secret", false},
        {"CHANGEME-CHANGEME-CHANGEME-CHANG", "is a placeholder, not a secret", false},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "is a placeholder, not a secret", false},
        {"00000000000000000000000000000000", "is a placeholder, not a secret", false},
        {"192006250b4c09247ec02edce69f6a2d", "is a published sample value", true},
        {"Kq7Zt2Lw9Xv4", "has 12 characters, at least 32 are needed", true}};
    for (const auto& one : weak) {
        SCOPED_TRACE(one.text);
        const Folder folder;
        const auto section = wechat_section(folder, good_secret(1), one.text);
        EXPECT_EQ(mistakes_of(production + section)["wechatpay.api_v2_key_file"], one.reason);
        EXPECT_EQ(mistakes_of(testing + section).contains("wechatpay.api_v2_key_file"), !one.allowed_in_test);
    }
}

TEST(Config, OneSecretServesOnePurpose) {
    const Folder folder;
    const auto section = wechat_section(folder, good_secret(1), good_secret(1));
    for (const std::string environment : {production, testing})
        EXPECT_EQ(
            mistakes_of(environment + section),
            (Mistakes{{"wechatpay.api_v2_key_file", "is the same secret as wechatpay.api_v3_key_file"}}));
    EXPECT_EQ(mistakes_of(production + wechat_section(folder, good_secret(1), good_secret(2))), Mistakes{});
}

TEST(Config, ASecretThatOthersMayReadIsRefusedInProduction) {
    const Folder folder;
    const auto section = wechat_section(folder, good_secret(1), good_secret(2));
    std::filesystem::permissions(folder.path() / "v2", std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    EXPECT_TRUE(mistakes_of(production + section)
                    .at("wechatpay.api_v2_key_file")
                    .ends_with("may be read by others: chmod 600"));
    EXPECT_EQ(mistakes_of(testing + section), Mistakes{});
}

TEST(Config, AKeyOfTheWrongLengthIsRefused) {
    const Folder folder;
    EXPECT_EQ(mistakes_of(production + wechat_section(folder, good_secret(1) + "x",
                                                      good_secret(2)))["wechatpay.api_v3_key_file"],
              "has 33 bytes, must have 32");
}

TEST(Config, AbsentSecretFilesAreNamed) {
    const Folder folder;
    auto section = wechat_section(folder, good_secret(1), good_secret(2));
    std::filesystem::remove(folder.path() / "v3");
    EXPECT_TRUE(mistakes_of(production + section)["wechatpay.api_v3_key_file"].starts_with("cannot read "));
}

TEST(Config, RandomSecretsAreNeverTakenForPlaceholdersByChance) {
    // Four letters in any case stand in one of a few hundred random keys: only the start of a short one tells
    // a placeholder.
    EXPECT_EQ(secret_weakness("Kq7ZtODo2Lw9Xv4Rm8Yc1Nb6Hd3Kf5Gp", 32, false), std::nullopt);
    EXPECT_EQ(secret_weakness("Kq7ZxXxX2Lw9Xv4Rm8Yc1Nb6Hd3Kf5Gp", 32, false), std::nullopt);
    EXPECT_EQ(secret_weakness("-----BEGIN PRIVATE KEY-----\nMIIEvQsampleIBAD\n-----END PRIVATE KEY-----\n",
                              32, false),
              std::nullopt);
    EXPECT_EQ(secret_weakness("TODO: the key of the merchant..............", 32, false),
              "is a placeholder, not a secret");
    EXPECT_EQ(secret_weakness("xxxxyyyyzzzzxxxxyyyyzzzzxxxxyyyy", 32, false),
              "is a placeholder, not a secret");
}

TEST(Config, ShowNamesEveryKeyAndNoSecret) {
    const Folder folder;
    const auto loaded = parse_config(production + wechat_section(folder, good_secret(1), good_secret(2)), {});
    const auto shown = show_config(loaded.config);
    Config any;
    for (const auto& key : config_keys(any))
        EXPECT_NE(shown.find(key.name + " = "), std::string::npos) << key.name;
    EXPECT_EQ(shown.find(good_secret(1)), std::string::npos);
    EXPECT_EQ(shown.find(good_secret(2)), std::string::npos);
}

TEST(Config, TheReferenceGivesEveryKeyWithItsDefault) {
    std::ifstream file{WEFEE_CONFIG_REFERENCE};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    std::istringstream shown{show_config(Config{})};
    std::map<std::string, std::string> defaults;
    for (std::string line; std::getline(shown, line);)
        if (const auto equals = line.find(" = "); equals != std::string::npos)
            defaults[line.substr(0, equals)] = line.substr(equals + 3);
    Config any;
    for (const auto& key : config_keys(any)) {
        const auto& value = defaults.at(key.name);
        const bool unset = value.empty() || value == "\"\"" || value == "[]" || value == "(not set)";
        const auto row = "| `" + key.name + "` | " + (unset ? "" : "`" + value + "`") + " |";
        EXPECT_NE(text.find(row), std::string::npos) << row;
    }
}

}  // namespace
}  // namespace wefee::server::tests
