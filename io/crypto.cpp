// Digests, MACs, random bytes and AES. Algorithms are fetched once, contexts are kept per thread.
#include "io/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "io/encoding.hpp"
#include "io/openssl.hpp"

namespace wefee::io {
namespace {

using namespace openssl;

constexpr std::size_t tag_size = 16, block_size = 16, nonce_size = 12, gcm_key_size = 32;

const EVP_MD* fetch_digest(const char* name) { return check(EVP_MD_fetch(nullptr, name, nullptr), name); }
const EVP_CIPHER* fetch_cipher(const char* name) {
    return check(EVP_CIPHER_fetch(nullptr, name, nullptr), name);
}

/// Returns the digest's size; `out` has room for EVP_MAX_MD_SIZE.
std::size_t digest(const EVP_MD* algorithm, std::string_view data, unsigned char* out) {
    thread_local const DigestContext context(check(EVP_MD_CTX_new(), "EVP_MD_CTX_new"));
    unsigned int size = 0;
    check(EVP_DigestInit_ex2(context.get(), algorithm, nullptr), "EVP_DigestInit_ex2");
    check(EVP_DigestUpdate(context.get(), data.data(), data.size()), "EVP_DigestUpdate");
    check(EVP_DigestFinal_ex(context.get(), out, &size), "EVP_DigestFinal_ex");
    return size;
}

std::string digest_hex(const EVP_MD* algorithm, std::string_view data) {
    unsigned char out[EVP_MAX_MD_SIZE];
    const auto size = digest(algorithm, data, out);
    return hex_lower({reinterpret_cast<const char*>(out), size});
}

MacContext make_hmac() {
    static EVP_MAC* const hmac = check(EVP_MAC_fetch(nullptr, "HMAC", nullptr), "EVP_MAC_fetch");
    MacContext context(check(EVP_MAC_CTX_new(hmac), "EVP_MAC_CTX_new"));
    char name[] = "SHA2-256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
    check(EVP_MAC_CTX_set_params(context.get(), parameters), "EVP_MAC_CTX_set_params");
    return context;
}

const EVP_CIPHER* gcm_cipher() {
    static const EVP_CIPHER* const cipher = fetch_cipher("AES-256-GCM");
    return cipher;
}

EVP_CIPHER_CTX* cipher_context() {
    thread_local const CipherContext context(check(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new"));
    return context.get();
}

/// GCM alone in its context: that stays set up for the cipher, so a message costs only key and nonce.
EVP_CIPHER_CTX* gcm_context() {
    thread_local const CipherContext context(check(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new"));
    return context.get();
}

void require_gcm_key(std::string_view key) {
    if (key.size() != gcm_key_size) throw std::invalid_argument("an AES-256-GCM key has 32 bytes");
}

const EVP_CIPHER* cbc_cipher(std::string_view key) {
    static const EVP_CIPHER* const aes128 = fetch_cipher("AES-128-CBC");
    static const EVP_CIPHER* const aes256 = fetch_cipher("AES-256-CBC");
    if (key.size() == 16) return aes128;
    if (key.size() == 32) return aes256;
    throw std::invalid_argument("an AES key here has 16 or 32 bytes");
}

const EVP_CIPHER* ecb_cipher(std::string_view key) {
    static const EVP_CIPHER* const aes128 = fetch_cipher("AES-128-ECB");
    static const EVP_CIPHER* const aes256 = fetch_cipher("AES-256-ECB");
    if (key.size() == 16) return aes128;
    if (key.size() == 32) return aes256;
    throw std::invalid_argument("an AES key here has 16 or 32 bytes");
}

/// CBC and ECB. nullopt when the final block's padding does not hold (only when `padded` and decrypting).
std::optional<std::string> run_cipher(const EVP_CIPHER* cipher, std::string_view key, const unsigned char* iv,
                                      std::string_view input, bool encrypt, bool padded) {
    auto* context = cipher_context();
    check(EVP_CipherInit_ex2(context, cipher, bytes(key), iv, encrypt ? 1 : 0, nullptr),
          "EVP_CipherInit_ex2");
    check(EVP_CIPHER_CTX_set_padding(context, padded ? 1 : 0), "EVP_CIPHER_CTX_set_padding");
    std::string output(input.size() + block_size, '\0');
    int size = 0, rest = 0;
    check(EVP_CipherUpdate(context, bytes(output), &size, bytes(input), length(input)), "EVP_CipherUpdate");
    if (EVP_CipherFinal_ex(context, bytes(output) + size, &rest) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    output.resize(static_cast<std::size_t>(size + rest));
    return output;
}

std::string run_cbc(std::string_view key, std::string_view iv, std::string_view input, bool encrypt) {
    if (iv.size() != block_size) throw std::invalid_argument("an AES-CBC initial vector has 16 bytes");
    if (input.size() % block_size != 0)
        throw std::invalid_argument("AES-CBC without padding takes whole blocks");
    auto output = run_cipher(cbc_cipher(key), key, bytes(iv), input, encrypt, false);
    if (!output) throw std::runtime_error("AES-CBC did not finish");
    return std::move(*output);
}

}  // namespace

Sha256 sha256(std::string_view data) {
    unsigned char out[EVP_MAX_MD_SIZE];
    digest(sha256_digest(), data, out);
    Sha256 result;
    std::copy_n(out, result.size(), result.begin());
    return result;
}

std::string sha256_hex(std::string_view data) { return digest_hex(sha256_digest(), data); }

std::string sha1_hex(std::string_view data) {
    static const EVP_MD* const algorithm = fetch_digest("SHA1");
    return digest_hex(algorithm, data);
}

std::string md5_hex(std::string_view data) {
    static const EVP_MD* const algorithm = fetch_digest("MD5");
    return digest_hex(algorithm, data);
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    thread_local const MacContext context = make_hmac();
    std::string mac(Sha256{}.size(), '\0');
    std::size_t size = 0;
    // A null key would mean "the key of last time": an empty key must stay an empty key.
    const auto* key_bytes = key.empty() ? bytes(std::string_view("")) : bytes(key);
    check(EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr), "EVP_MAC_init");
    check(EVP_MAC_update(context.get(), bytes(data), data.size()), "EVP_MAC_update");
    check(EVP_MAC_final(context.get(), bytes(mac), &size, mac.size()), "EVP_MAC_final");
    return mac;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
    std::string data(count, '\0');
    check(RAND_bytes(bytes(data), length(data)), "RAND_bytes");
    return data;
}

std::string random_alphanumeric(std::size_t count) {
    static constexpr std::string_view alphabet =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr unsigned fair =
        256 / alphabet.size() * alphabet.size();  // above it, the first letters would win
    std::string text;
    text.reserve(count);
    while (text.size() < count) {
        for (const char c : random_bytes(count - text.size() + 8)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < fair && text.size() < count) text.push_back(alphabet[byte % alphabet.size()]);
        }
    }
    return text;
}

std::optional<std::string> gcm_open(std::string_view key, std::string_view nonce, std::string_view aad,
                                    std::string_view cipher_and_tag) {
    require_gcm_key(key);
    if (nonce.size() != nonce_size || cipher_and_tag.size() < tag_size) return std::nullopt;
    const auto cipher = cipher_and_tag.substr(0, cipher_and_tag.size() - tag_size);
    std::string tag(cipher_and_tag.substr(cipher.size())), plain(cipher.size(), '\0');
    auto* context = gcm_context();
    int size = 0;
    check(EVP_DecryptInit_ex2(context, gcm_cipher(), bytes(key), bytes(nonce), nullptr),
          "EVP_DecryptInit_ex2");
    if (!aad.empty())
        check(EVP_DecryptUpdate(context, nullptr, &size, bytes(aad), length(aad)), "EVP_DecryptUpdate");
    if (!cipher.empty())
        check(EVP_DecryptUpdate(context, bytes(plain), &size, bytes(cipher), length(cipher)),
              "EVP_DecryptUpdate");
    check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()), "EVP_CTRL_GCM_SET_TAG");
    unsigned char nothing[block_size];  // GCM's last step puts out no bytes, it only compares the tag
    if (EVP_DecryptFinal_ex(context, nothing, &size) != 1) {
        OPENSSL_cleanse(plain.data(), plain.size());
        ERR_clear_error();
        return std::nullopt;
    }
    return plain;
}

std::string gcm_seal(std::string_view key, std::string_view nonce, std::string_view aad,
                     std::string_view plain) {
    require_gcm_key(key);
    if (nonce.size() != nonce_size) throw std::invalid_argument("an AES-GCM nonce has 12 bytes");
    std::string sealed(plain.size() + tag_size, '\0');
    auto* context = gcm_context();
    int size = 0;
    check(EVP_EncryptInit_ex2(context, gcm_cipher(), bytes(key), bytes(nonce), nullptr),
          "EVP_EncryptInit_ex2");
    if (!aad.empty())
        check(EVP_EncryptUpdate(context, nullptr, &size, bytes(aad), length(aad)), "EVP_EncryptUpdate");
    if (!plain.empty())
        check(EVP_EncryptUpdate(context, bytes(sealed), &size, bytes(plain), length(plain)),
              "EVP_EncryptUpdate");
    auto* tag = sealed.data() + plain.size();
    unsigned char nothing[block_size];
    check(EVP_EncryptFinal_ex(context, nothing, &size), "EVP_EncryptFinal_ex");
    check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, tag_size, tag), "EVP_CTRL_GCM_GET_TAG");
    return sealed;
}

std::string cbc_encrypt(std::string_view key, std::string_view iv, std::string_view plain) {
    return run_cbc(key, iv, plain, true);
}

std::string cbc_decrypt(std::string_view key, std::string_view iv, std::string_view cipher) {
    return run_cbc(key, iv, cipher, false);
}

std::string ecb_encrypt(std::string_view key, std::string_view plain) {
    auto cipher = run_cipher(ecb_cipher(key), key, nullptr, plain, true, true);
    if (!cipher) throw std::runtime_error("AES-ECB did not finish");
    return std::move(*cipher);
}

std::optional<std::string> ecb_decrypt(std::string_view key, std::string_view cipher) {
    const auto* algorithm = ecb_cipher(key);
    if (cipher.empty() || cipher.size() % block_size != 0) return std::nullopt;
    return run_cipher(algorithm, key, nullptr, cipher, false, true);
}

}  // namespace wefee::io
