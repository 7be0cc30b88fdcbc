// Owners for OpenSSL objects and checked calls; for the .cpp files of this folder only.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wefee::io::openssl {

template <auto release>
struct Release {
    void operator()(auto* object) const { release(object); }
};
template <class T, auto release>
using Owner = std::unique_ptr<T, Release<release>>;

using Bio = Owner<BIO, &BIO_free_all>;
using Number = Owner<BIGNUM, &BN_free>;
using Key = Owner<EVP_PKEY, &EVP_PKEY_free>;
using KeyContext = Owner<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using DigestContext = Owner<EVP_MD_CTX, &EVP_MD_CTX_free>;
using CipherContext = Owner<EVP_CIPHER_CTX, &EVP_CIPHER_CTX_free>;
using MacContext = Owner<EVP_MAC_CTX, &EVP_MAC_CTX_free>;

/// A failure that is nobody's input: memory, a missing provider. Leaves the error queue empty.
[[noreturn]] inline void fail(const char* call) {
    char reason[128] = "no reason given";
    if (const auto code = ERR_peek_last_error()) ERR_error_string_n(code, reason, sizeof reason);
    ERR_clear_error();
    throw std::runtime_error(std::string(call) + ": " + reason);
}

inline void check(long result, const char* call) {
    if (result != 1) fail(call);
}

template <class T>
T* check(T* object, const char* call) {
    if (!object) fail(call);
    return object;
}

inline const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// A length for those OpenSSL calls that take int.
inline int length(std::string_view text) {
    if (text.size() > 0x3FFFFFFF) throw std::length_error("too long for one cryptographic call");
    return static_cast<int>(text.size());
}

inline Bio read_bio(std::string_view text) {
    return Bio(check(BIO_new_mem_buf(text.data(), length(text)), "BIO_new_mem_buf"));
}

inline std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

/// Fetched once for the process and never freed: a fetch takes a lock and a look-up by name.
inline const EVP_MD* sha256_digest() {
    static const EVP_MD* const digest = check(EVP_MD_fetch(nullptr, "SHA2-256", nullptr), "EVP_MD_fetch");
    return digest;
}

/// One line of base64, blanks and line ends ignored. Empty when it is something else.
std::string base64_line(std::string_view text);

}  // namespace wefee::io::openssl
