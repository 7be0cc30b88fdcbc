// How notifications come in: verify raw bytes (before the answer), decode to a fact (after the commit).
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "billing/facts.hpp"
#include "billing/time.hpp"
#include "io/http.hpp"

namespace wefee::payment {

/// A verified notification: what the inbox keeps of it beside the raw body.
struct Receipt {
    std::string source = {};     // "wechatpay", "wechatpay.v2.deduction", "alipay", ...
    std::string dedup_key = {};  // unique within the source, for ever
    std::string evidence = {};   // headers that the signature covered, one a line; may be empty
};

struct Refusal {
    int status = 401;  // 400 malformed, 401 signature or key, 500 cannot decrypt with a valid signature
    std::string reason = {};      // a stable word for log and metrics: "signature", "timestamp", "probe", ...
    bool try_newer_keys = false;  // unknown serial: one rate-limited refresh may help
};

using Verdict = std::variant<Receipt, Refusal>;

/// One callback path of one provider.
class NotificationDoor {
public:
    virtual ~NotificationDoor() = default;
    /// No I/O, never throws on what the sender controls. `request.body` is the raw bytes.
    virtual Verdict verify(const io::Request& request, Instant now) const = 0;
    /// Decodes a body that `verify` accepted. Throws std::runtime_error when it is not the documented message
    /// (the worker counts tries and hands the row to a person).
    virtual ProviderFact decode(std::string_view raw) const = 0;
    virtual io::Response success() const = 0;
    virtual io::Response failure(int status) const = 0;
    /// Fetches newer verification keys; false when nothing changed or the rate limit holds it back.
    virtual io::awaitable<bool> refresh_keys() { co_return false; }
};

}  // namespace wefee::payment
