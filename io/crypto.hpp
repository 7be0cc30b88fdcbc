// Cryptography over OpenSSL EVP: keys are parsed once, every return code is checked, the error queue is
// left empty. Nothing here knows a provider.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

typedef struct evp_pkey_st EVP_PKEY;
typedef struct x509_st X509;

namespace wefee::io {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view data);
std::string sha256_hex(std::string_view data);
std::string sha1_hex(std::string_view data);                           // lower-case
std::string md5_hex(std::string_view data);                            // lower-case
std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 raw bytes
bool equal_constant_time(std::string_view a, std::string_view b);
std::string random_bytes(std::size_t count);
/// `count` characters of [0-9A-Za-z], uniformly drawn from the system's random source.
std::string random_alphanumeric(std::size_t count);

/// An RSA or EC public key, parsed once, immutable, shared between threads.
class PublicKey {
public:
    /// PEM ("PUBLIC KEY" or "CERTIFICATE"), or one line of base64 DER. Throws std::invalid_argument.
    static PublicKey parse(std::string_view text);
    explicit PublicKey(std::shared_ptr<EVP_PKEY> key);
    /// RSASSA-PKCS1-v1_5 with SHA-256 over `data`. `signature` is raw bytes. Never throws on a bad signature.
    bool verify_sha256(std::string_view data, std::string_view signature) const;
    /// RSAES-OAEP, SHA-1, MGF1-SHA-1 (WeChat Pay sensitive fields). Raw bytes out.
    std::string encrypt_oaep_sha1(std::string_view plain) const;
    /// DER SubjectPublicKeyInfo; equal for equal keys (own-key check at start-up).
    std::string der() const;

private:
    std::shared_ptr<EVP_PKEY> key_;
};

class PrivateKey {
public:
    /// PKCS#8 or PKCS#1 PEM, or one line of base64 of either. Throws std::invalid_argument without the key in
    /// it.
    static PrivateKey parse(std::string_view text);
    static PrivateKey generate_rsa(int bits = 2048);
    static PrivateKey generate_ec_p256();
    std::string sign_sha256(std::string_view data) const;          // raw bytes; about 250 us for RSA-2048
    std::string decrypt_oaep_sha1(std::string_view cipher) const;  // throws std::runtime_error
    PublicKey public_key() const;
    std::string to_pem() const;  // PKCS#8

private:
    friend class Certificate;
    explicit PrivateKey(std::shared_ptr<EVP_PKEY> key);
    std::shared_ptr<EVP_PKEY> key_;
};

/// One X.509 certificate.
class Certificate {
public:
    static Certificate parse(std::string_view pem_or_der);  // the first one when there are several
    static std::vector<Certificate> parse_all(
        std::string_view pem);  // in file order; unknown algorithms are kept
    PublicKey public_key() const;
    std::string serial_hex() const;  // upper-case, as WeChat Pay names it
    std::string serial_decimal() const;
    std::string issuer_rfc2253() const;  // UTF-8 unescaped, "CN=..,OU=..,O=..,C=.."
    bool signature_is_rsa() const;       // OID under 1.2.840.113549.1.1
    std::int64_t not_before() const;     // Unix seconds
    std::int64_t not_after() const;
    std::string to_pem() const;
    bool issued_by(const Certificate& issuer) const;  // signature verifies with the issuer's key

    /// Self-signed, for the sandbox and tests. `serial_hex` at most 40 digits. `hosts`: names and addresses
    /// that a TLS client may know the owner by.
    static Certificate self_signed(const PrivateKey& key, std::string_view common_name,
                                   std::string_view serial_hex, std::int64_t not_before,
                                   std::int64_t not_after, const std::vector<std::string>& hosts = {});

private:
    explicit Certificate(std::shared_ptr<X509> certificate);
    std::shared_ptr<X509> certificate_;
};

/// AES-256-GCM, 12-byte nonce, tag of 16 bytes at the end. nullopt when the tag does not hold.
std::optional<std::string> gcm_open(std::string_view key32, std::string_view nonce12, std::string_view aad,
                                    std::string_view cipher_and_tag);
std::string gcm_seal(std::string_view key32, std::string_view nonce12, std::string_view aad,
                     std::string_view plain);

/// AES-CBC without padding (callers pad); the key's length (16 or 32) chooses the cipher. Length must be a
/// multiple of 16, else std::invalid_argument.
std::string cbc_encrypt(std::string_view key, std::string_view iv16, std::string_view plain);
std::string cbc_decrypt(std::string_view key, std::string_view iv16, std::string_view cipher);
/// AES-ECB with PKCS#7 (WeChat Pay v2 refund notice). nullopt on bad padding.
std::string ecb_encrypt(std::string_view key, std::string_view plain);
std::optional<std::string> ecb_decrypt(std::string_view key, std::string_view cipher);

}  // namespace wefee::io
