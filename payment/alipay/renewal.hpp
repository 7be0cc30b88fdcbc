// Certificate mode: which key verifies an answer that names a certificate we do not hold yet.
// Source: Alipay Open Platform, alipay.open.app.alipaycert.download.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/time.hpp"
#include "io/crypto.hpp"
#include "payment/alipay/sign.hpp"

namespace wefee::payment::alipay {

/// The key of a downloaded certificate, when it has the wanted SN, is valid at `now` and its chain leads to one of
/// `roots`. `content` is alipay_cert_content: base64 of PEM. The download itself is not verified: this check is.
std::optional<io::PublicKey> downloaded_key(std::string_view content, std::string_view cert_sn,
                                            const std::vector<io::Certificate>& roots, Instant now);

Call certificate_download_call(std::string_view cert_sn);

/// Keys of renewed certificates by SN. Shared by the loops; one download of a missing one per ten minutes.
class RenewedKeys {
public:
    std::optional<io::PublicKey> find(std::string_view cert_sn) const;
    void add(std::string_view cert_sn, io::PublicKey key);
    /// True when a download may be tried now; counts as the try.
    bool may_download(Instant now);

private:
    mutable std::mutex mutex_;
    std::map<std::string, io::PublicKey, std::less<>> keys_;
    std::optional<Instant> last_try_;
};

}  // namespace wefee::payment::alipay
