// Certificate SNs, the two modes, and the check that keeps a wrongly configured key from starting.
#include "payment/alipay/certs.hpp"

#include <gtest/gtest.h>

#include "alipay_testing.hpp"

namespace wefee::payment::alipay {
namespace {

using namespace testing;

bool names(const std::vector<std::string>& mistakes, std::string_view setting) {
    for (const auto& mistake : mistakes)
        if (mistake.starts_with(setting)) return true;
    return false;
}

TEST(AlipayCertificates, EveryFileHasTheSnThatTheOfficialSdkComputes) {
    int checked = 0;
    const auto numbers = json_data("cert/sn.json");
    for (const auto& [file, sn] : numbers.items()) {
        const auto pem = data("cert/" + file);
        const bool bundle = file.find("Root") != std::string::npos;
        EXPECT_EQ(bundle ? root_bundle_sn(io::Certificate::parse_all(pem))
                         : certificate_sn(io::Certificate::parse(pem)),
                  sn.get<std::string>())
            << file;
        ++checked;
    }
    EXPECT_EQ(checked, 6);
}

TEST(AlipayCertificates, KeyModeSendsNoSerialNumbers) {
    const auto identity = make_identity(key_mode());
    EXPECT_EQ(identity.app_cert_sn, "");
    EXPECT_EQ(identity.alipay_root_cert_sn, "");
    EXPECT_EQ(identity.alipay_key.der(), alipay_key().der());
}

TEST(AlipayCertificates, CertificateModeTakesKeyAndSerialNumbersFromTheFiles) {
    const auto identity = make_identity(certificate_mode());
    EXPECT_EQ(identity.app_cert_sn, "11563727d470aa1279ee9883667157b1");
    EXPECT_EQ(identity.alipay_cert_sn, "7f94d09f9c650a5849416e1b3a1b4583");
    EXPECT_EQ(identity.alipay_key.der(), alipay_key().der());
}

TEST(AlipaySelfCheck, RefusesOurOwnPublicKeyWhereAlipaysBelongs) {
    auto settings = key_mode();
    settings.alipay_public_key = app_key().public_key();
    EXPECT_TRUE(names(self_check(settings), "alipay.alipay_public_key_file"));
    EXPECT_THROW(make_identity(settings), std::invalid_argument);
}

TEST(AlipaySelfCheck, RefusesOurOwnCertificateWhereAlipaysBelongs) {
    auto settings = certificate_mode();
    settings.alipay_certificate = settings.app_certificate;
    EXPECT_TRUE(names(self_check(settings), "alipay.alipay_cert_file"));
}

TEST(AlipaySelfCheck, RefusesACertificateOfAnotherKey) {
    auto settings = certificate_mode();
    settings.app_private_key = wrong_private_key();
    EXPECT_TRUE(names(self_check(settings), "alipay.app_cert_file"));
}

TEST(AlipaySelfCheck, RefusesBothModesAtOnceAndNeither) {
    auto both = certificate_mode();
    both.alipay_public_key = alipay_key();
    EXPECT_TRUE(names(self_check(both), "alipay.alipay_public_key_file"));
    auto neither = key_mode();
    neither.alipay_public_key.reset();
    EXPECT_TRUE(names(self_check(neither), "alipay.alipay_public_key_file"));
}

TEST(AlipaySelfCheck, RefusesAKeyTooShortForRsa2) {
    auto settings = key_mode();
    settings.app_private_key = io::PrivateKey::generate_rsa(1024);
    EXPECT_TRUE(names(self_check(settings), "alipay.app_private_key_file"));
}

TEST(AlipaySelfCheck, NamesEveryMistakeAtOnce) {
    auto settings = key_mode();
    settings.app_id = "";
    settings.seller_id = "2088x";
    settings.gateway_url = "openapi.alipay.com";
    settings.aes_key = "c2hvcnQ=";
    settings.product_code = "GENERAL_WITHHOLDING";  // with the personal code of the other product
    settings.sign_scene = "DEFAULT|DEFAULT";
    settings.sign_channel = "POST";
    const auto mistakes = self_check(settings);
    for (const auto* setting : {"alipay.app_id", "alipay.seller_id", "alipay.gateway_url", "alipay.aes_key",
                                "alipay.personal_product_code", "alipay.sign_scene", "alipay.sign_channel"})
        EXPECT_TRUE(names(mistakes, setting)) << setting;
    EXPECT_EQ(mistakes.size(), 7u);
    EXPECT_TRUE(self_check(key_mode()).empty());
    EXPECT_TRUE(self_check(certificate_mode()).empty());
    EXPECT_TRUE(self_check(encrypted_mode()).empty());
}

}  // namespace
}  // namespace wefee::payment::alipay
