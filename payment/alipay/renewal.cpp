// Renewed Alipay certificates.
#include "payment/alipay/renewal.hpp"

#include <utility>

#include "io/encoding.hpp"

namespace wefee::payment::alipay {

std::optional<io::PublicKey> downloaded_key(std::string_view content, std::string_view cert_sn,
                                            const std::vector<io::Certificate>& roots, Instant now) {
    const auto pem = io::base64_decode(content);
    if (!pem) return std::nullopt;
    try {
        const auto chain = io::Certificate::parse_all(*pem);
        if (chain.empty() || certificate_sn(chain.front()) != cert_sn) return std::nullopt;
        if (!chain_leads_to(chain, roots, to_millis(now) / 1000)) return std::nullopt;
        return chain.front().public_key();
    } catch (const std::exception&) {
        return std::nullopt;  // not certificates
    }
}

Call certificate_download_call(std::string_view cert_sn) {
    // An SN is lower-case hex; anything else never reaches a request.
    for (const char c : cert_sn)
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return {.method = "", .biz_content = ""};
    return {.method = "alipay.open.app.alipaycert.download",
            .biz_content = "{\"alipay_cert_sn\":\"" + std::string(cert_sn) + "\"}"};
}

std::optional<io::PublicKey> RenewedKeys::find(std::string_view cert_sn) const {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(cert_sn);
    if (found == keys_.end()) return std::nullopt;
    return found->second;
}

void RenewedKeys::add(std::string_view cert_sn, io::PublicKey key) {
    const std::lock_guard lock(mutex_);
    keys_.insert_or_assign(std::string(cert_sn), std::move(key));
}

bool RenewedKeys::may_download(Instant now) {
    const std::lock_guard lock(mutex_);
    constexpr std::chrono::minutes pause{10};
    if (last_try_ && now >= *last_try_ && now - *last_try_ < pause) return false;
    last_try_ = now;
    return true;
}

}  // namespace wefee::payment::alipay
