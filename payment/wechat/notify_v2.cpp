// Guarded XML, then the sign (or the refund's decryption), then the key that repeats share.
#include "payment/wechat/notify_v2.hpp"

#include <stdexcept>

#include "payment/wechat/facts.hpp"

namespace wefee::payment::wechat {

namespace {

constexpr std::size_t dedup_key_bytes_max = 180;

Refusal refuse(int status, std::string_view reason) {
    return {.status = status, .reason = std::string(reason)};
}

std::string join(std::initializer_list<std::string_view> parts) {
    std::string key;
    for (const std::string_view part : parts) {
        if (!key.empty()) key += ':';
        key += part;
    }
    return key;
}

// nullopt when a field that the key needs is missing or the key is longer than any real one.
std::optional<Receipt> receipt(std::string_view kind, std::string_view required,
                               std::initializer_list<std::string_view> parts) {
    std::string key = join(parts);
    if (required.empty() || key.size() > dedup_key_bytes_max) return std::nullopt;
    return Receipt{
        .source = "wechatpay.v2." + std::string(kind), .dedup_key = std::move(key), .evidence = {}};
}

std::optional<Receipt> receipt_of(V2Kind kind, const v2::Fields& fields, const v2::Fields& refund) {
    using v2::value_of;
    switch (kind) {
        case V2Kind::contract:
            return receipt("contract", value_of(fields, "contract_id"),
                           {value_of(fields, "contract_id"), value_of(fields, "change_type")});
        case V2Kind::deduction:
            return receipt("deduction", value_of(fields, "out_trade_no"),
                           {value_of(fields, "out_trade_no"), value_of(fields, "transaction_id"),
                            value_of(fields, "result_code")});
        case V2Kind::refund:
            return receipt("refund", value_of(refund, "out_refund_no"),
                           {value_of(refund, "out_refund_no"), value_of(refund, "refund_status")});
    }
    return std::nullopt;
}

}  // namespace

V2Door::V2Door(const Settings& settings) : settings_(settings) {}

// The signing links know no other algorithm than MD5, so their notices may always come with it.
bool V2Door::signature_holds(const v2::Fields& fields, bool is_contract) const {
    const auto check = v2::check_sign(fields, settings_.api_v2_key, settings_.v2_sign_type,
                                      settings_.v2_accept_other_algorithm);
    if (check == v2::SignCheck::good) return true;
    const bool link_algorithm = is_contract && v2::check_sign(fields, settings_.api_v2_key, v2::SignType::md5,
                                                              false) == v2::SignCheck::good;
    if (check == v2::SignCheck::good_with_other_algorithm && !link_algorithm) ++other_algorithm_;
    return check == v2::SignCheck::good_with_other_algorithm || link_algorithm;
}

Verdict V2Door::verify(const io::Request& request, Instant) const {
    const auto fields = v2::read(request.body);
    if (!fields) return refuse(400, "malformed");
    if (v2::value_of(*fields, "return_code") != "SUCCESS") return refuse(400, "return_code");
    const auto kind = v2_kind(*fields);
    if (!kind) return refuse(400, "kind");
    v2::Fields refund;
    if (*kind == V2Kind::refund) {
        auto opened = open_v2_refund(*fields, settings_.api_v2_key);
        if (!opened) return refuse(401, "decrypt");
        refund = std::move(*opened);
    } else if (!signature_holds(*fields, *kind == V2Kind::contract)) {
        return refuse(401, "signature");
    }
    auto result = receipt_of(*kind, *fields, refund);
    if (!result) return refuse(400, "malformed");
    return std::move(*result);
}

ProviderFact V2Door::decode(std::string_view raw) const {
    const auto fields = v2::read(raw);
    if (!fields) throw std::runtime_error("not an APIv2 message");
    return fact_of(*fields, settings_.api_v2_key);
}

io::Response V2Door::success() const {
    return {.status = 200,
            .content_type = "text/xml; charset=UTF-8",
            .body = std::string(v2_acknowledgement),
            .headers = {}};
}

io::Response V2Door::failure(int status) const {
    return {.status = status,
            .content_type = "text/xml; charset=UTF-8",
            .body = v2::write({{"return_code", "FAIL"}, {"return_msg", "FAIL"}}),
            .headers = {}};
}

}  // namespace wefee::payment::wechat
