// WeChat Pay notifications: v3 (encrypted, signed afresh for each try) and v2 XML, each with its schedule.
#include <array>
#include <nlohmann/json.hpp>

#include "io/encoding.hpp"
#include "sandbox/wechat.hpp"

namespace wefee::sandbox {
namespace {

using std::chrono::seconds;

constexpr std::array<seconds, 15> v3_gaps{seconds{15},     seconds{15},     seconds{30},     seconds{180},
                                          seconds{600},    seconds{1'200},  seconds{1'800},  seconds{1'800},
                                          seconds{1'800},  seconds{3'600},  seconds{10'800}, seconds{10'800},
                                          seconds{10'800}, seconds{21'600}, seconds{21'600}};

constexpr auto contract_gaps = [] {
    std::array<seconds, 29> gaps{};
    for (std::size_t i = 0; i < gaps.size(); ++i) gaps[i] = seconds{i < 3 ? 10 : i < 6 ? 30 : 300};
    return gaps;
}();

constexpr std::array<seconds, 9> deduction_gaps{seconds{15},    seconds{15},    seconds{30},
                                                seconds{180},   seconds{1'800}, seconds{1'800},
                                                seconds{1'800}, seconds{1'800}, seconds{3'600}};

constexpr std::string_view v2_acknowledgement =
    "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>";

std::string uuid() {
    auto hex = io::hex_lower(io::random_bytes(16));
    for (const std::size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, "-");
    return hex;
}

/// One byte of the body is another one; the body stays parseable.
void spoil(std::string& body) {
    const auto at = body.find_last_of("0123456789");
    if (at != std::string::npos) body[at] = body[at] == '9' ? '8' : static_cast<char>(body[at] + 1);
}

}  // namespace

Parcel WechatPay::v3_parcel(std::string kind, std::string key, std::string url, std::string original_type,
                            std::function<std::string(Twist)> plain) {
    Parcel parcel;
    parcel.id = uuid();
    parcel.provider = "wechat";
    parcel.kind = kind;
    parcel.key = std::move(key);
    parcel.url = url;
    parcel.gaps = v3_gaps;
    parcel.accepted = [](const io::ClientResponse& response) {
        return response.status == 200 || response.status == 204;
    };
    parcel.make = [this, id = parcel.id, kind, url, original_type, plain = std::move(plain),
                   created = format_instant(world_.now())](Twist twist) {
        const auto nonce = io::random_alphanumeric(12);
        const auto sealed = io::gcm_seal(world_.keys.api_v3_key, nonce, original_type, plain(twist));
        auto body = nlohmann::ordered_json{
            {"id", id},
            {"create_time", created},
            {"resource_type", "encrypt-resource"},
            {"event_type", kind},
            {"summary", kind.ends_with("SUCCESS") ? "成功" : "变更"},
            {"resource",
             {{"original_type", original_type},
              {"algorithm", "AEAD_AES_256_GCM"},
              {"ciphertext", io::base64_encode(sealed)},
              {"associated_data", original_type},
              {"nonce",
               nonce}}}}.dump();
        const auto& signer = notification_signer();
        const auto timestamp =
            std::to_string(std::chrono::floor<seconds>(world_.now()).time_since_epoch().count());
        const auto stamp_nonce = io::random_alphanumeric(32);
        const auto message = timestamp + "\n" + stamp_nonce + "\n" + body + "\n";
        auto signature =
            io::base64_encode((twist == Twist::wrong_key ? foreign_key_ : signer.key).sign_sha256(message));
        if (twist == Twist::probe)
            signature = "WECHATPAY/SIGNTEST/" + io::base64_encode(io::random_bytes(252));
        if (twist == Twist::tamper) spoil(body);
        return io::ClientRequest{"POST",
                                 url,
                                 {{"Content-Type", "application/json"},
                                  {"User-Agent", "Mozilla/4.0"},
                                  {"Wechatpay-Timestamp", timestamp},
                                  {"Wechatpay-Nonce", stamp_nonce},
                                  {"Wechatpay-Serial", signer.serial},
                                  {"Wechatpay-Signature", signature},
                                  {"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"}},
                                 std::move(body)};
    };
    return parcel;
}

Parcel WechatPay::payment_parcel(const Order& order) {
    return v3_parcel("TRANSACTION.SUCCESS", order.out_trade_no, order.notify_url, "transaction",
                     [this, snapshot = order](Twist twist) {
                         return order_json(snapshot,
                                           snapshot.amount_fen + (twist == Twist::wrong_amount ? 1 : 0));
                     });
}

Parcel WechatPay::v2_parcel(std::string kind, std::string key, std::string url, std::span<const seconds> gaps,
                            std::string sign_type, V2Fields fields) {
    Parcel parcel;
    parcel.id = kind + ":" + key;
    parcel.provider = "wechat";
    parcel.kind = std::move(kind);
    parcel.key = std::move(key);
    parcel.url = url;
    parcel.gaps = gaps;
    parcel.accepted = [](const io::ClientResponse& response) {
        return response.status == 200 && response.body == v2_acknowledgement;
    };
    parcel.make = [this, url, sign_type = std::move(sign_type), fields = std::move(fields)](Twist twist) {
        auto sent = fields;
        if (twist == Twist::wrong_amount && sent.contains("total_fee"))
            sent["total_fee"] = std::to_string(std::stoll(sent["total_fee"]) + 1);
        if (!sign_type.empty()) sent["sign_type"] = sign_type;
        sent["sign"] = v2_sign(sent, sign_type);
        if (twist == Twist::wrong_key || twist == Twist::probe) sent["sign"] = io::md5_hex(sent["sign"]);
        if (twist == Twist::tamper)
            spoil(sent.contains("total_fee") ? sent["total_fee"] : sent["contract_id"]);
        std::string body = "<xml>";
        for (const auto& [name, content] : sent)
            body += "<" + name + "><![CDATA[" + content + "]]></" + name + ">\n";
        body += "</xml>";
        return io::ClientRequest{
            "POST", url, {{"Content-Type", "text/xml"}, {"User-Agent", "Mozilla/4.0"}}, std::move(body)};
    };
    return parcel;
}

void WechatPay::post_contract_notice(const Mandate& mandate, bool added) {
    V2Fields fields{{"return_code", "SUCCESS"},
                    {"result_code", "SUCCESS"},
                    {"return_msg", "OK"},
                    {"mch_id", world_.options.wechat_mchid},
                    {"contract_code", mandate.our_number},
                    {"plan_id", mandate.plan_id},
                    {"openid", world_.books.user(mandate.user).openid},
                    {"change_type", added ? "ADD" : "DELETE"},
                    {"operate_time", format_local(added ? *mandate.signed_at : *mandate.ended_at)},
                    {"contract_id", mandate.contract_id},
                    {"contract_expired_time", format_local(*mandate.expires_at)},
                    {"request_serial", mandate.request_serial}};
    if (!added) fields["contract_termination_mode"] = std::to_string(mandate.end_mode);
    world_.courier.post(v2_parcel("contract", mandate.our_number + (added ? ":ADD" : ":DELETE"),
                                  added ? mandate.notify_url : world_.options.contract_ended_url,
                                  contract_gaps, mandate.sign_type, std::move(fields)));
}

void WechatPay::post_deduction_notice(const Order& order, bool odd_failure_shape) {
    V2Fields fields{{"return_code", "SUCCESS"},
                    {"appid", order.appid},
                    {"mch_id", order.mchid},
                    {"nonce_str", io::random_alphanumeric(16)},
                    {"openid", world_.books.user(order.user).openid},
                    {"out_trade_no", order.out_trade_no},
                    {"contract_id", order.contract_id}};
    if (order.paid_at) {
        const V2Fields success{{"result_code", "SUCCESS"},
                               {"is_subscribe", "N"},
                               {"trade_type", "PAP"},
                               {"trade_state", "SUCCESS"},
                               {"bank_type", "OTHERS"},
                               {"total_fee", std::to_string(order.amount_fen)},
                               {"fee_type", "CNY"},
                               {"cash_fee", std::to_string(order.amount_fen)},
                               {"transaction_id", order.transaction_id},
                               {"attach", order.attach},
                               {"time_end", format_compact(*order.paid_at)}};
        fields.insert(success.begin(), success.end());
    } else {
        // Two shapes were published for a failure; decide by trade_state, not by result_code.
        fields["result_code"] = odd_failure_shape ? "SUCCESS" : "FAIL";
        fields["err_code"] = order.cause;
        fields["err_code_des"] = "扣款失败";
        fields["trade_state"] = "PAY_FAIL";
    }
    world_.courier.post(v2_parcel("deduction", order.out_trade_no, order.notify_url, deduction_gaps,
                                  order.sign_type, std::move(fields)));
}

}  // namespace wefee::sandbox
