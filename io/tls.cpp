// TLS contexts over OpenSSL 3. Suites and groups are ours; everything else is the library's default.
#include "io/tls.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <stdexcept>

#include "io/openssl.hpp"

namespace wefee::io {
namespace {

using namespace openssl;

using Certificate509 = Owner<X509, &X509_free>;

constexpr auto tls12_suites = "ECDHE+AESGCM:ECDHE+CHACHA20";  // TLS 1.3 has no others
constexpr auto groups = "X25519:P-256:P-384";
/// The server's order decides between two certificates: ECDSA before RSA.
constexpr auto signatures =
    "ECDSA+SHA256:ECDSA+SHA384:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:"
    "RSA+SHA512";

int refuse_password(char*, int, int, void*) { return -1; }

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
    const std::shared_ptr<SSL_CTX> context(check(SSL_CTX_new(method), "SSL_CTX_new"), &SSL_CTX_free);
    auto* raw = context.get();
    check(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION), "SSL_CTX_set_min_proto_version");
    check(SSL_CTX_set_cipher_list(raw, tls12_suites), "SSL_CTX_set_cipher_list");
    check(SSL_CTX_set1_groups_list(raw, groups), "SSL_CTX_set1_groups_list");
    check(SSL_CTX_set1_sigalgs_list(raw, signatures), "SSL_CTX_set1_sigalgs_list");
    SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);  // an idle connection holds no record buffers
    return context;
}

[[noreturn]] void refuse(const char* mistake) {
    ERR_clear_error();
    throw std::invalid_argument(mistake);
}

void use_identity(SSL_CTX* context, const TlsIdentity& identity) {
    const auto chain = read_bio(identity.certificate_chain), key_text = read_bio(identity.private_key);
    const Certificate509 leaf(PEM_read_bio_X509(chain.get(), nullptr, &refuse_password, nullptr));
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1)
        refuse("the TLS certificate cannot be used");
    while (auto* next = PEM_read_bio_X509(chain.get(), nullptr, &refuse_password, nullptr)) {
        const Certificate509 issuer(next);
        check(SSL_CTX_add1_chain_cert(context, issuer.get()), "SSL_CTX_add1_chain_cert");
    }
    ERR_clear_error();  // the end of the PEM text counts as an error there
    const Key key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, &refuse_password, nullptr));
    if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
        refuse("the TLS key is not that of the certificate, or is encrypted");
}

void trust(SSL_CTX* context, std::string_view ca_pem) {
    if (ca_pem.empty()) {
        check(SSL_CTX_set_default_verify_paths(context), "SSL_CTX_set_default_verify_paths");
        return;
    }
    const auto text = read_bio(ca_pem);
    int count = 0;
    while (auto* next = PEM_read_bio_X509(text.get(), nullptr, &refuse_password, nullptr)) {
        const Certificate509 authority(next);
        check(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()), "X509_STORE_add_cert");
        ++count;
    }
    ERR_clear_error();
    if (count == 0) refuse("no certificate in the file of trusted authorities");
}

}  // namespace

std::shared_ptr<SSL_CTX> make_tls_server(const std::vector<TlsIdentity>& identities) {
    if (identities.empty()) refuse("TLS needs a certificate");
    const auto context = make_context(TLS_server_method());
    SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // Tickets carry the session, so no loop needs another one's cache.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    static constexpr unsigned char name[] = "wefee";
    check(SSL_CTX_set_session_id_context(context.get(), name, sizeof name), "SSL_CTX_set_session_id_context");
    for (const auto& identity : identities) use_identity(context.get(), identity);
    return context;
}

std::shared_ptr<SSL_CTX> make_tls_client(std::string_view ca_pem) {
    const auto context = make_context(TLS_client_method());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    trust(context.get(), ca_pem);
    return context;
}

}  // namespace wefee::io
