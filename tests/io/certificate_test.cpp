// Certificates as providers hand them out: bundles with foreign algorithms, names, serials.
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <fstream>
#include <iterator>

#include "io/crypto.hpp"

namespace wefee::io {
namespace {

std::string read_data(const std::string& name) {
    std::ifstream file(WEFEE_TEST_DATA "/" + name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Alipay's serial number of a certificate, which rests on issuer text and decimal serial.
std::string alipay_sn(const Certificate& certificate) {
    return md5_hex(certificate.issuer_rfc2253() + certificate.serial_decimal());
}

TEST(CertificateBundle, KeepsRootsWithSm2AndSha1) {
    const auto roots = Certificate::parse_all(read_data("alipayRootCert_public_production_bundle.crt"));
    ASSERT_EQ(roots.size(), 4U);
    EXPECT_FALSE(roots[0].signature_is_rsa());  // SM2
    EXPECT_TRUE(roots[1].signature_is_rsa());
    EXPECT_FALSE(roots[2].signature_is_rsa());  // ECDSA
    EXPECT_TRUE(roots[3].signature_is_rsa());   // RSA with SHA-1
    EXPECT_EQ(alipay_sn(roots[1]) + "_" + alipay_sn(roots[3]),
              "687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6");
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(CertificateBundle, FirstOfSeveralIsTheLeafAndTheSecondIssuedIt) {
    const auto text = read_data("alipayCertPublicKey_RSA2_TEST.crt");
    const auto leaf = Certificate::parse(text);
    EXPECT_EQ(alipay_sn(leaf), "7f94d09f9c650a5849416e1b3a1b4583");
    const auto all = Certificate::parse_all(text);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all[0].issued_by(all[1]));
    EXPECT_FALSE(all[1].issued_by(all[0]));
    EXPECT_EQ(alipay_sn(Certificate::parse(read_data("class1_intermediate_TEST.crt"))),
              "646d8031fa09be543d465c4e0ff26183");
}

TEST(CertificateBundle, BrokenMemberRefusesTheWhole) {
    const auto text = read_data("alipayCertPublicKey_RSA2_TEST.crt");
    EXPECT_THROW(Certificate::parse_all(text.substr(0, text.size() - 100)), std::invalid_argument);
    EXPECT_THROW(Certificate::parse(""), std::invalid_argument);
    EXPECT_THROW(Certificate::parse("neither PEM nor DER"), std::invalid_argument);
    EXPECT_TRUE(Certificate::parse_all("").empty());
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(SelfSigned, CarriesWhatItWasMadeOf) {
    const auto key = PrivateKey::generate_ec_p256();
    const auto made =
        Certificate::self_signed(key, "微信 sandbox", "0A00BC0123456789ABCDEF0123456789ABCDEF01",
                                 1'700'000'000, 2'600'000'000, {"localhost", "127.0.0.1"});
    const auto read = Certificate::parse(made.to_pem());
    EXPECT_EQ(read.serial_hex(), "0A00BC0123456789ABCDEF0123456789ABCDEF01");
    EXPECT_EQ(read.issuer_rfc2253(), "CN=微信 sandbox");
    EXPECT_EQ(read.not_before(), 1'700'000'000);
    EXPECT_EQ(read.not_after(), 2'600'000'000);  // beyond 2049: the other time format of X.509
    EXPECT_EQ(read.public_key().der(), key.public_key().der());
    EXPECT_EQ(PublicKey::parse(made.to_pem()).der(), key.public_key().der());
    EXPECT_TRUE(read.issued_by(read));
    EXPECT_FALSE(read.signature_is_rsa());
    EXPECT_EQ(Certificate::self_signed(key, "x", "FF", 0, 1).serial_decimal(), "255");
    for (const auto* serial : {"", "xyz", "-1", "0123456789012345678901234567890123456789a"})
        EXPECT_THROW(Certificate::self_signed(key, "x", serial, 0, 1), std::invalid_argument) << serial;
}

}  // namespace
}  // namespace wefee::io
