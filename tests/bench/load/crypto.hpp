// The cryptography that providers use to sign and encrypt, for the load generator. Its own thin layer over
// OpenSSL: what it makes must not share code with the server under measurement.
#pragma once

#include <memory>
#include <string>
#include <string_view>

typedef struct evp_pkey_st EVP_PKEY;

namespace wefee::bench {

using Key = std::shared_ptr<EVP_PKEY>;

Key new_rsa_key();
std::string private_pem(const Key& key);  // PKCS#8
std::string public_pem(const Key& key);   // SubjectPublicKeyInfo
Key read_private_pem(std::string_view pem);

/// RSASSA-PKCS1-v1_5 with SHA-256, base64 on one line. About 250 us.
std::string sign_base64(const Key& key, std::string_view data);
std::string base64(std::string_view data);
std::string base64_decode(std::string_view text);  // length must be a multiple of 4
std::string sha1_hex(std::string_view data);
/// AES-256-GCM: ciphertext and 16-byte tag.
std::string gcm_seal(std::string_view key32, std::string_view nonce12, std::string_view aad,
                     std::string_view plain);
/// AES-256-CBC without padding of its own.
std::string cbc_encrypt(std::string_view key32, std::string_view iv16, std::string_view plain);
std::string random_bytes(std::size_t count);
/// `count` characters of [0-9A-Za-z].
std::string random_text(std::size_t count);

}  // namespace wefee::bench
