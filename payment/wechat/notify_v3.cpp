// Checks in the order of their cost: headers, time, serial, signature over the raw bytes, then the envelope.
#include "payment/wechat/notify_v3.hpp"

#include <stdexcept>

#include "payment/wechat/envelope.hpp"
#include "payment/wechat/facts.hpp"
#include "payment/wechat/sign.hpp"

namespace wefee::payment::wechat {

namespace {

Refusal refuse(int status, std::string_view reason) {
    return {.status = status, .reason = std::string(reason)};
}

std::string evidence_of(const SignedHeaders& headers) {
    std::string lines;
    lines.append("Wechatpay-Timestamp: ").append(headers.timestamp);
    lines.append("\nWechatpay-Nonce: ").append(headers.nonce);
    lines.append("\nWechatpay-Serial: ").append(headers.serial);
    lines.append("\nWechatpay-Signature: ").append(headers.signature);
    return lines.append("\n");
}

}  // namespace

V3Door::V3Door(const Settings& settings, const KeyRing& keys, KeyKeeper* keeper)
    : settings_(settings), keys_(keys), keeper_(keeper) {}

Verdict V3Door::verify(const io::Request& request, Instant now) const {
    SignedHeaders headers;
    const auto collected = collect_signature(request, headers);
    if (collected != SignatureCheck::good) return refuse(401, signature_check_name(collected));
    if (request.body.size() > notification_bytes_max) return refuse(400, "size");
    const auto check = check_signature(headers, request.body, keys_, now);
    if (check != SignatureCheck::good) {
        Refusal refusal = refuse(401, signature_check_name(check));
        refusal.try_newer_keys =
            check == SignatureCheck::serial && keeper_ != nullptr && keeper_->may_help(headers.serial);
        return refusal;
    }
    auto envelope = open_envelope(request.body, settings_.api_v3_key);
    if (!envelope)
        return envelope.error() == EnvelopeFault::decrypt ? refuse(500, "decrypt") : refuse(400, "malformed");
    return Receipt{
        .source = "wechatpay", .dedup_key = std::move(envelope->id), .evidence = evidence_of(headers)};
}

ProviderFact V3Door::decode(std::string_view raw) const {
    const auto envelope = open_envelope(raw, settings_.api_v3_key);
    if (!envelope)
        throw std::runtime_error(envelope.error() == EnvelopeFault::decrypt
                                     ? "the resource does not decrypt"
                                     : "not a notification's envelope");
    return fact_of(*envelope);
}

io::Response V3Door::success() const {
    return {.status = 200,
            .content_type = "application/json",
            .body = R"({"code":"SUCCESS","message":"成功"})",
            .headers = {}};
}

io::Response V3Door::failure(int status) const {
    return {.status = status,
            .content_type = "application/json",
            .body = R"({"code":"FAIL","message":"失败"})",
            .headers = {}};
}

io::awaitable<bool> V3Door::refresh_keys() {
    if (keeper_ == nullptr) co_return false;
    co_return co_await keeper_->refresh() == KeyKeeper::Outcome::changed;
}

}  // namespace wefee::payment::wechat
