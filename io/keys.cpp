// RSA and EC keys. Parsing a PEM costs as much as 15 signature checks, so a key is parsed once and shared.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "io/openssl.hpp"

namespace wefee::io {

std::string openssl::base64_line(std::string_view text) {
    std::string compact;
    compact.reserve(text.size());
    for (const char c : text)
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') compact.push_back(c);
    auto decoded = base64_decode(compact);
    OPENSSL_cleanse(compact.data(), compact.size());
    return decoded ? std::move(*decoded) : std::string();
}

namespace {

using namespace openssl;

/// Never asks on the terminal: an encrypted PEM is a mistake of configuration here.
int refuse_password(char*, int, int, void*) { return -1; }

bool is_rsa(EVP_PKEY* key) { return EVP_PKEY_is_a(key, "RSA") == 1; }

std::shared_ptr<EVP_PKEY> share(Key key) { return {key.release(), &EVP_PKEY_free}; }

std::shared_ptr<EVP_PKEY> require_known(Key key, const char* mistake) {
    ERR_clear_error();
    if (!key || !(is_rsa(key.get()) || EVP_PKEY_is_a(key.get(), "EC") == 1))
        throw std::invalid_argument(mistake);
    return share(std::move(key));
}

Key public_from_der(const std::string& der) {
    const auto* at = bytes(std::string_view(der));
    return Key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
}

/// A context that is ready to verify with one key. It holds a reference to the key, so an address in the
/// cache below cannot be taken by another key meanwhile.
struct Verifier {
    EVP_PKEY* key = nullptr;
    KeyContext context;
};

KeyContext make_verifier(EVP_PKEY* key) {
    KeyContext context(
        check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr), "EVP_PKEY_CTX_new_from_pkey"));
    check(EVP_PKEY_verify_init(context.get()), "EVP_PKEY_verify_init");
    if (is_rsa(key))
        check(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING), "EVP_PKEY_CTX_set_rsa_padding");
    check(EVP_PKEY_CTX_set_signature_md(context.get(), sha256_digest()), "EVP_PKEY_CTX_set_signature_md");
    return context;
}

/// Per thread, so no lock; a handful of provider keys is in use at a time, the rest takes turns.
EVP_PKEY_CTX* verifier_of(EVP_PKEY* key) {
    thread_local std::array<Verifier, 16> verifiers;
    thread_local std::size_t next = 0;
    for (auto& verifier : verifiers)
        if (verifier.key == key) return verifier.context.get();
    auto& slot = verifiers[next++ % verifiers.size()];
    slot.key = nullptr;
    slot.context = make_verifier(key);
    slot.key = key;
    return slot.context.get();
}

void set_oaep_sha1(EVP_PKEY_CTX* context) {
    check(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), "EVP_PKEY_CTX_set_rsa_padding");
    check(EVP_PKEY_CTX_set_rsa_oaep_md_name(context, "SHA1", nullptr), "EVP_PKEY_CTX_set_rsa_oaep_md_name");
    check(EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, "SHA1", nullptr), "EVP_PKEY_CTX_set_rsa_mgf1_md_name");
}

std::string public_der(EVP_PKEY* key) {
    unsigned char* data = nullptr;
    const int size = i2d_PUBKEY(key, &data);
    if (size <= 0) fail("i2d_PUBKEY");
    std::string der(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return der;
}

}  // namespace

PublicKey::PublicKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}

PublicKey PublicKey::parse(std::string_view text) {
    constexpr auto mistake = "not an RSA or EC public key (PEM, or base64 of DER)";
    if (text.contains("-----BEGIN CERTIFICATE-----")) return Certificate::parse(text).public_key();
    if (text.contains("-----BEGIN ")) {
        const auto bio = read_bio(text);
        return PublicKey(
            require_known(Key(PEM_read_bio_PUBKEY(bio.get(), nullptr, &refuse_password, nullptr)), mistake));
    }
    return PublicKey(require_known(public_from_der(base64_line(text)), mistake));
}

bool PublicKey::verify_sha256(std::string_view data, std::string_view signature) const {
    const auto digest = sha256(data);
    const int result = EVP_PKEY_verify(verifier_of(key_.get()), bytes(signature), signature.size(),
                                       digest.data(), digest.size());
    if (result != 1) ERR_clear_error();
    return result == 1;
}

std::string PublicKey::encrypt_oaep_sha1(std::string_view plain) const {
    const KeyContext context(
        check(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr), "EVP_PKEY_CTX_new_from_pkey"));
    check(EVP_PKEY_encrypt_init(context.get()), "EVP_PKEY_encrypt_init");
    set_oaep_sha1(context.get());
    std::string cipher(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    auto size = cipher.size();
    check(EVP_PKEY_encrypt(context.get(), bytes(cipher), &size, bytes(plain), plain.size()),
          "EVP_PKEY_encrypt");
    cipher.resize(size);
    return cipher;
}

std::string PublicKey::der() const { return public_der(key_.get()); }

PrivateKey::PrivateKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}

PrivateKey PrivateKey::parse(std::string_view text) {
    constexpr auto mistake = "not an unencrypted RSA or EC private key (PEM, or base64 of DER)";
    if (text.contains("-----BEGIN ")) {
        const auto bio = read_bio(text);
        return PrivateKey(require_known(
            Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &refuse_password, nullptr)), mistake));
    }
    auto der = base64_line(text);
    const auto* at = bytes(std::string_view(der));
    Key key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
    OPENSSL_cleanse(der.data(), der.size());
    return PrivateKey(require_known(std::move(key), mistake));
}

PrivateKey PrivateKey::generate_rsa(int bits) {
    return PrivateKey(share(Key(check(EVP_RSA_gen(static_cast<unsigned>(bits)), "EVP_RSA_gen"))));
}

PrivateKey PrivateKey::generate_ec_p256() {
    return PrivateKey(share(Key(check(EVP_EC_gen("P-256"), "EVP_EC_gen"))));
}

std::string PrivateKey::sign_sha256(std::string_view data) const {
    const DigestContext context(check(EVP_MD_CTX_new(), "EVP_MD_CTX_new"));
    check(EVP_DigestSignInit(context.get(), nullptr, sha256_digest(), nullptr, key_.get()),
          "EVP_DigestSignInit");
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    auto size = signature.size();
    check(EVP_DigestSign(context.get(), bytes(signature), &size, bytes(data), data.size()), "EVP_DigestSign");
    signature.resize(size);
    return signature;
}

std::string PrivateKey::decrypt_oaep_sha1(std::string_view cipher) const {
    const KeyContext context(
        check(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr), "EVP_PKEY_CTX_new_from_pkey"));
    check(EVP_PKEY_decrypt_init(context.get()), "EVP_PKEY_decrypt_init");
    set_oaep_sha1(context.get());
    std::string plain(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    auto size = plain.size();
    check(EVP_PKEY_decrypt(context.get(), bytes(plain), &size, bytes(cipher), cipher.size()),
          "EVP_PKEY_decrypt");
    plain.resize(size);
    return plain;
}

PublicKey PrivateKey::public_key() const {
    auto key = public_from_der(public_der(key_.get()));  // a key object of its own, without the private part
    return PublicKey(share(Key(check(key.release(), "d2i_PUBKEY"))));
}

std::string PrivateKey::to_pem() const {
    const Bio bio(check(BIO_new(BIO_s_secmem()), "BIO_new"));
    check(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr),
          "PEM_write_bio_PKCS8PrivateKey");
    return text_of(bio.get());
}

}  // namespace wefee::io
