// The start-up check of a merchant's settings.
#include "payment/wechat/settings.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace wefee::payment::wechat {

namespace {

// Keys that were published as examples; whoever configures one has an open door.
constexpr std::array<std::string_view, 2> sample_secrets{"192006250b4c09247ec02edce69f6a2d",
                                                         "test-only-apiv3-key-32-bytes-000"};

class Report {
public:
    void require(bool fine, std::string sentence) {
        if (!fine) sentences_.push_back(std::move(sentence));
    }
    std::vector<std::string> take() { return std::move(sentences_); }

private:
    std::vector<std::string> sentences_;
};

bool is_sample(std::string_view secret) {
    if (std::ranges::find(sample_secrets, secret) != sample_secrets.end()) return true;
    return std::set<char>(secret.begin(), secret.end()).size() < 8;  // "0000...": no random key looks so
}

void check_secret(Report& report, std::string_view name, std::string_view secret, bool production) {
    report.require(secret.size() == 32, std::string(name) + ": must have 32 bytes");
    if (production && secret.size() == 32)
        report.require(!is_sample(secret), std::string(name) + ": is a published sample");
}

void check_keys(Report& report, const Settings& settings) {
    report.require(!settings.public_keys.empty() || settings.certificate_mode(),
                   "public_key_id: set it with public_key_file, or set platform_cert_dir");
    const std::string own = settings.merchant_key.public_key().der();
    std::set<std::string> ids;
    for (const NamedKey& named : settings.public_keys) {
        report.require(named.id.starts_with("PUB_KEY_ID_"), "public_key_id: must start with PUB_KEY_ID_");
        report.require(ids.insert(named.id).second, "public_key_id: is given twice");
        report.require(named.key.der() != own, "public_key_file: is our own merchant key, not WeChat Pay's");
    }
}

}  // namespace

std::vector<std::string> mistakes(const Settings& settings, bool production) {
    Report report;
    const bool https = settings.base_url.starts_with("https://");
    report.require(https || (!production && settings.base_url.starts_with("http://")),
                   "base_url: must start with https://");
    report.require(!settings.base_url.ends_with('/'), "base_url: must not end with a slash");
    report.require(!settings.mchid.empty(), "mchid: is empty");
    report.require(!settings.appid.empty(), "appid: is empty");
    report.require(settings.merchant_serial.size() == 40, "merchant_serial: must have 40 hex digits");
    check_secret(report, "api_v3_key", settings.api_v3_key, production);
    check_secret(report, "api_v2_key", settings.api_v2_key, production);
    report.require(settings.api_v3_key != settings.api_v2_key, "api_v2_key: is the same as api_v3_key");
    report.require(settings.deduct_mode == 1 || settings.deduct_mode == 2, "deduct_mode: must be 1 or 2");
    report.require(!settings.deduct_days || (*settings.deduct_days >= 1 && *settings.deduct_days <= 3),
                   "deduct_days: must be 1, 2 or 3");
    check_keys(report, settings);
    return report.take();
}

}  // namespace wefee::payment::wechat
