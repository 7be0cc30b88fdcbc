// OpenSSL calls of crypto.hpp; every failure here is a broken machine, so it throws.
#include "tests/bench/load/crypto.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace wefee::bench {

namespace {

void require(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

}  // namespace

Key new_rsa_key() {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    require(key != nullptr, "EVP_RSA_gen");
    return Key(key, &EVP_PKEY_free);
}

std::string private_pem(const Key& key) {
    const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
    require(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "private key");
    return text_of(bio.get());
}

std::string public_pem(const Key& key) {
    const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
    require(PEM_write_bio_PUBKEY(bio.get(), key.get()) == 1, "public key");
    return text_of(bio.get());
}

Key read_private_pem(std::string_view pem) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr);
    require(key != nullptr, "reading a private key");
    return Key(key, &EVP_PKEY_free);
}

std::string sign_base64(const Key& key, std::string_view data) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1, "sign");
    std::string signature(512, '\0');
    auto size = signature.size();
    require(EVP_DigestSign(context.get(), bytes(signature), &size, bytes(data), data.size()) == 1, "sign");
    signature.resize(size);
    return base64(signature);
}

std::string base64(std::string_view data) {
    std::string text((data.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(bytes(text), bytes(data), static_cast<int>(data.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string base64_decode(std::string_view text) {
    std::string data(text.size() / 4 * 3 + 1, '\0');
    const int size = EVP_DecodeBlock(bytes(data), bytes(text), static_cast<int>(text.size()));
    require(size >= 0, "base64");
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    data.resize(static_cast<std::size_t>(size) - padding);
    return data;
}

std::string sha1_hex(std::string_view data) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    require(EVP_Digest(data.data(), data.size(), digest, &size, EVP_sha1(), nullptr) == 1, "sha1");
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += digits[digest[i] >> 4];
        hex += digits[digest[i] & 15];
    }
    return hex;
}

std::string gcm_seal(std::string_view key32, std::string_view nonce12, std::string_view aad,
                     std::string_view plain) {
    const Cipher context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    std::string sealed(plain.size() + 16, '\0');
    int size = 0;
    auto* out = bytes(sealed);
    require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key32), bytes(nonce12)) == 1,
            "gcm");
    require(EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(aad), static_cast<int>(aad.size())) == 1,
            "gcm");
    require(EVP_EncryptUpdate(context.get(), out, &size, bytes(plain), static_cast<int>(plain.size())) == 1,
            "gcm");
    require(EVP_EncryptFinal_ex(context.get(), out + size, &size) == 1, "gcm");
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, out + plain.size()) == 1,
            "gcm tag");
    return sealed;
}

std::string cbc_encrypt(std::string_view key32, std::string_view iv16, std::string_view plain) {
    const Cipher context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    std::string cipher(plain.size() + 16, '\0');
    int size = 0;
    require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, bytes(key32), bytes(iv16)) == 1,
            "cbc");
    require(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1, "cbc");
    require(EVP_EncryptUpdate(context.get(), bytes(cipher), &size, bytes(plain),
                              static_cast<int>(plain.size())) == 1,
            "cbc");
    cipher.resize(static_cast<std::size_t>(size));
    return cipher;
}

std::string random_bytes(std::size_t count) {
    std::string data(count, '\0');
    require(RAND_bytes(bytes(data), static_cast<int>(count)) == 1, "random");
    return data;
}

std::string random_text(std::size_t count) {
    static constexpr std::string_view alphabet =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string text;
    while (text.size() < count)
        for (const char c : random_bytes(count))
            if (const std::size_t value = static_cast<unsigned char>(c) & 63U;
                value < alphabet.size() && text.size() < count)
                text += alphabet[value];
    return text;
}

}  // namespace wefee::bench
