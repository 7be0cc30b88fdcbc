// X.509 certificates: reading bundles as they are, and the names and numbers that providers build keys from.
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "io/crypto.hpp"
#include "io/openssl.hpp"

namespace wefee::io {
namespace {

using namespace openssl;

std::shared_ptr<X509> share(X509* certificate) { return {certificate, &X509_free}; }

Number serial_number(const X509* certificate) {
    return Number(
        check(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr), "ASN1_INTEGER_to_BN"));
}

std::string take(char* text, const char* call) {
    std::string copy(check(text, call));
    OPENSSL_free(text);
    return copy;
}

std::int64_t unix_seconds(const ASN1_TIME* time) {
    std::tm parts{};
    check(ASN1_TIME_to_tm(time, &parts), "ASN1_TIME_to_tm");
    return timegm(&parts);
}

void set_time(X509* certificate, int (*set)(X509*, const ASN1_TIME*), std::int64_t seconds) {
    const Owner<ASN1_TIME, &ASN1_TIME_free> time(check(ASN1_TIME_set(nullptr, seconds), "ASN1_TIME_set"));
    check(set(certificate, time.get()), "X509_set1_time");
}

void set_serial(X509* certificate, std::string_view serial_hex) {
    const std::string digits(serial_hex);
    BIGNUM* raw = nullptr;
    if (digits.empty() || digits.size() > 40 || digits.front() == '-' ||
        BN_hex2bn(&raw, digits.c_str()) != static_cast<int>(digits.size())) {
        BN_free(raw);
        throw std::invalid_argument("a certificate serial has 1 to 40 hexadecimal digits");
    }
    const Number number(raw);
    check(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)), "BN_to_ASN1_INTEGER");
}

void set_name(X509* certificate, std::string_view common_name) {
    auto* name = X509_get_subject_name(certificate);
    check(
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes(common_name), length(common_name), -1, 0),
        "X509_NAME_add_entry_by_txt");
    check(X509_set_issuer_name(certificate, name), "X509_set_issuer_name");
}

void add_extension(X509* certificate, int nid, const std::string& value) {
    const Owner<X509_EXTENSION, &X509_EXTENSION_free> extension(
        check(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()), "X509V3_EXT_conf_nid"));
    check(X509_add_ext(certificate, extension.get(), -1), "X509_add_ext");
}

/// What TLS clients compare hosts with: "DNS:a,IP:127.0.0.1".
std::string alternative_names(const std::vector<std::string>& hosts) {
    std::string list;
    for (const auto& host : hosts) {
        const Owner<ASN1_OCTET_STRING, &ASN1_OCTET_STRING_free> address(a2i_IPADDRESS(host.c_str()));
        list += (list.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + host;
    }
    ERR_clear_error();  // a2i_IPADDRESS complains about each name that is no address
    return list;
}

}  // namespace

Certificate::Certificate(std::shared_ptr<X509> certificate) : certificate_(std::move(certificate)) {}

Certificate Certificate::parse(std::string_view pem_or_der) {
    if (pem_or_der.contains("-----BEGIN ")) {
        auto all = parse_all(pem_or_der);
        if (all.empty()) throw std::invalid_argument("no certificate in this PEM text");
        return std::move(all.front());
    }
    const auto* at = bytes(pem_or_der);
    auto* certificate = d2i_X509(nullptr, &at, length(pem_or_der));
    ERR_clear_error();
    if (!certificate) throw std::invalid_argument("not an X.509 certificate (PEM or DER)");
    return Certificate(share(certificate));
}

std::vector<Certificate> Certificate::parse_all(std::string_view pem) {
    const auto bio = read_bio(pem);
    std::vector<Certificate> all;
    while (auto* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
        all.push_back(Certificate(share(certificate)));
    const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!ended)
        throw std::invalid_argument("certificate " + std::to_string(all.size() + 1) +
                                    " of this PEM text is broken");
    return all;
}

PublicKey Certificate::public_key() const {
    auto* key = X509_get_pubkey(certificate_.get());
    ERR_clear_error();
    if (!key) throw std::invalid_argument("the certificate's key has an algorithm that is not known here");
    return PublicKey(std::shared_ptr<EVP_PKEY>(key, &EVP_PKEY_free));
}

std::string Certificate::serial_hex() const {
    return take(BN_bn2hex(serial_number(certificate_.get()).get()), "BN_bn2hex");
}

std::string Certificate::serial_decimal() const {
    return take(BN_bn2dec(serial_number(certificate_.get()).get()), "BN_bn2dec");
}

std::string Certificate::issuer_rfc2253() const {
    const Bio bio(check(BIO_new(BIO_s_mem()), "BIO_new"));
    constexpr unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    if (X509_NAME_print_ex(bio.get(), X509_get_issuer_name(certificate_.get()), 0, flags) < 0)
        fail("X509_NAME_print_ex");
    return text_of(bio.get());
}

bool Certificate::signature_is_rsa() const {
    const X509_ALGOR* algorithm = nullptr;
    X509_get0_signature(nullptr, &algorithm, certificate_.get());
    char oid[80] = "";
    OBJ_obj2txt(oid, sizeof oid, algorithm->algorithm, 1);
    return std::string_view(oid).starts_with("1.2.840.113549.1.1.");
}

std::int64_t Certificate::not_before() const { return unix_seconds(X509_get0_notBefore(certificate_.get())); }
std::int64_t Certificate::not_after() const { return unix_seconds(X509_get0_notAfter(certificate_.get())); }

std::string Certificate::to_pem() const {
    const Bio bio(check(BIO_new(BIO_s_mem()), "BIO_new"));
    check(PEM_write_bio_X509(bio.get(), certificate_.get()), "PEM_write_bio_X509");
    return text_of(bio.get());
}

bool Certificate::issued_by(const Certificate& issuer) const {
    auto* key = X509_get0_pubkey(issuer.certificate_.get());
    const bool verified = key && X509_verify(certificate_.get(), key) == 1;
    ERR_clear_error();
    return verified;
}

Certificate Certificate::self_signed(const PrivateKey& key, std::string_view common_name,
                                     std::string_view serial_hex, std::int64_t not_before,
                                     std::int64_t not_after, const std::vector<std::string>& hosts) {
    const auto certificate = share(check(X509_new(), "X509_new"));
    auto* const raw = certificate.get();
    check(X509_set_version(raw, 2), "X509_set_version");  // 2 is version 3
    set_serial(raw, serial_hex);
    set_time(raw, &X509_set1_notBefore, not_before);
    set_time(raw, &X509_set1_notAfter, not_after);
    set_name(raw, common_name);
    if (!hosts.empty()) add_extension(raw, NID_subject_alt_name, alternative_names(hosts));
    check(X509_set_pubkey(raw, key.key_.get()), "X509_set_pubkey");
    if (X509_sign(raw, key.key_.get(), sha256_digest()) <= 0) fail("X509_sign");
    return Certificate(certificate);
}

}  // namespace wefee::io
