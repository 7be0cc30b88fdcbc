// TLS contexts: 1.2 and 1.3, forward secrecy and AEAD only. Shared by all loops.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

typedef struct ssl_ctx_st SSL_CTX;

namespace wefee::io {

/// PEM texts: the certificate with its chain, leaf first, and its unencrypted key.
struct TlsIdentity {
    std::string certificate_chain;
    std::string private_key;
};

/// A server's context. `identities`: one a kind of key, ECDSA and RSA; clients that can get ECDSA, which
/// costs half. Session tickets are on. Throws std::invalid_argument when a certificate and its key do not
/// fit.
std::shared_ptr<SSL_CTX> make_tls_server(const std::vector<TlsIdentity>& identities);

/// A client's context: verifies the peer's chain against `ca_pem`, or the system's store when it is empty.
/// The host is checked by each connection. Throws std::invalid_argument.
std::shared_ptr<SSL_CTX> make_tls_client(std::string_view ca_pem = {});

}  // namespace wefee::io
