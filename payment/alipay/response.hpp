// The gateway's answers: the signed node is cut out of the raw bytes and verified before anything is read.
// Source: Alipay Open Platform, "synchronous response verification" (common/02mse7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/crypto.hpp"
#include "io/encoding.hpp"

namespace wefee::payment::alipay {

/// Where the parts of an answer lie in its raw text.
struct Cut {
    std::string_view node;     // exact bytes of the node's value, from '{' to '}' (or a quoted string)
    bool error_node = false;   // the node's name was error_response
    std::string_view sign;     // value with its quotes, empty when absent
    std::string_view cert_sn;  // alipay_cert_sn beside the node with its quotes, empty when absent
};

/// Finds the node of `method` (or error_response) by scanning the JSON text once: any member order, white
/// space and nested "sign" members. nullopt when the text is not one JSON object, an object anywhere in it
/// has a name twice or an escaped name, nesting is deeper than 16, or the node is missing or not unique.
std::optional<Cut> cut_response(std::string_view raw, std::string_view method);

enum class Trust {
    signed_as_is,      // the signature covers the node's bytes
    signed_unescaped,  // it covers them with every "\/" written as "/"
    unsigned_error,    // no sign: an unauthenticated error, never an outcome
    bad_signature,
    unreadable  // not an answer of the gateway: HTML, empty, cut off, undecryptable
};
std::string_view trust_name(Trust trust);

/// One answer. Fields may be read whatever the trust, but only a trusted answer proves anything.
struct Answer {
    Trust trust = Trust::unreadable;
    bool error_node = false;
    std::string node;     // JSON text of the node (decrypted)
    std::string cert_sn;  // as sent; differs from the configured one after a renewal
    io::Fields fields;    // the node's top-level strings and integers, as text
    std::string failure;  // why there is no answer at all: "timed_out", "http_502", ...

    bool trusted() const { return trust == Trust::signed_as_is || trust == Trust::signed_unescaped; }
    /// The field's text, empty when absent.
    std::string_view field(std::string_view name) const;
    std::string_view code() const { return field("code"); }
    std::string_view sub_code() const { return field("sub_code"); }
};

/// Cuts, verifies and, when the node is a string, decrypts. Never throws.
Answer read_response(std::string_view raw, std::string_view method, const io::PublicKey& alipay_key,
                     const std::optional<std::string>& aes_key);

/// For simulators and tests: an answer with `node` (JSON text, used as it is) signed by `alipay_key`. With an
/// `aes_key` the node is sent encrypted; a `cert_sn` is put before the signature.
std::string write_response(std::string_view method, std::string_view node, const io::PrivateKey& alipay_key,
                           std::string_view cert_sn = {},
                           const std::optional<std::string>& aes_key = std::nullopt);

}  // namespace wefee::payment::alipay
