// A signed form as Alipay sends it (asynchronous notification, return_url query): decoded once, verified on
// its own bytes. Source: Alipay Open Platform, "asynchronous notification verification" (common/02mse7).
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/crypto.hpp"
#include "io/encoding.hpp"

namespace wefee::payment::alipay {

/// Parameters of one form, sorted by name. Names and values live in one buffer of its own; values are bytes
/// in the form's own charset.
class ReceivedForm {
public:
    struct Parameter {
        std::string_view name;
        std::string_view value;
    };

    /// Splits on '&' and the first '=', decodes '+' and %XX once. nullopt when it is not a form that Alipay
    /// writes: broken %XX, a name twice, a part without a name, more than `parameters_max` parts, nothing at
    /// all.
    static std::optional<ReceivedForm> parse(std::string_view raw);
    static constexpr std::size_t parameters_max = 128;

    /// The value, or empty when there is no such parameter.
    std::string_view value(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    const std::vector<Parameter>& parameters() const { return parameters_; }

private:
    const Parameter* find(std::string_view name) const;
    std::unique_ptr<char[]> decoded_;
    std::vector<Parameter> parameters_;
};

/// Which text the signature was over. Each is a signature by Alipay over the data; which one matched is
/// counted.
enum class SignRule {
    v1,             // without sign and sign_type
    drop_empty,     // the same without empty values
    keep_sign_type  // V2: without sign only
};
std::string_view sign_rule_name(SignRule rule);

/// The text to verify, in the form's own bytes. `alipay_cert_sn` (return_url only) is never signed.
std::string signed_text(const ReceivedForm& form, SignRule rule);

enum class FormFault {
    sign_missing,    // no sign, or an empty one
    sign_malformed,  // not canonical base64
    sign_type,       // an algorithm that is not configured (RSA, anything but RSA2)
    signature        // no rule verifies
};
std::string_view form_fault_name(FormFault fault);

/// Verifies with Alipay's key, RSA2 only; a missing sign_type counts as RSA2. The ordinary case is one RSA
/// verification; the other rules are tried only where their text differs.
std::expected<SignRule, FormFault> verify_form(const ReceivedForm& form, const io::PublicKey& alipay_key);

/// All parameters but sign, converted to UTF-8 by the form's `charset` (GBK family by GB18030). Bytes that
/// are not of that charset become U+FFFD: what is stored for people never decides.
io::Fields utf8_fields(const ReceivedForm& form);
/// Bytes of `charset` as UTF-8, with U+FFFD where they are not of it.
std::string to_utf8(std::string_view bytes, std::string_view charset);

/// Writes a form as Alipay does (space '+', '*' kept, '~' as %7E) with `sign` at the end, signed by
/// `alipay_key` under `rule` over the given bytes. For simulators and tests.
std::string write_signed_form(io::Fields params, const io::PrivateKey& alipay_key,
                              SignRule rule = SignRule::v1);

}  // namespace wefee::payment::alipay
